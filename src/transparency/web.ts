/**
 * Where a service gives its log to auditors, by HTTP GET: `account-log/head`, the newest signed head, and `account-log/entries?from=0&below=1000`,
 * entries of 72 bytes, from one on and below another, as many as there are. Both are public.
 */

export const accountLogPath = "account-log";
/** The most entries that are given at once. */
export const accountLogPart = 1_000;
