/**
 * The errors of reports: one class, and one list of codes.
 */

/** What each code means, and what to do. */
export const reportErrorCodes = {
  "frank-missing":
    "the message has no franking tag or the hub has not franked it, in a room whose messages are: drop it",
  "frank-content": "the content names no salt, no sender or no room, so that nobody could report it: drop it",
  "frank-tag": "the franking tag is not that of the content: whoever sent it made it so; drop it",
  "frank-sender": "the content names another sender than the one whose message it came in: drop it",
  "frank-room": "the content names another room than the one that it came in: drop it",
  "frank-agent": "the room's franking agent is not its hub's, or its data does not decode: tell the person",
  "frank-suite": "the frank is of another cipher suite than the room's: drop the message",
  "frank-signature":
    "the hub's signature over the frank does not verify: somebody on the way has changed it; drop the message",
  "report-format": "the bytes are no abuse report, or a longer one than is taken",
} as const;

/** A literal code, stable within a major version. */
export type ReportErrorCode = keyof typeof reportErrorCodes;

/** Every failure of franking and reports that is not the caller's wrong argument, which is a TypeError. Branch on `code`. */
export class ReportError extends Error {
  override readonly name = "ReportError";
  readonly code: ReportErrorCode;

  constructor(code: ReportErrorCode, options: { readonly cause?: unknown } = {}) {
    super(`${code}: ${reportErrorCodes[code]}`, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
  }
}
