/**
 * What a server writes down: no content, no names of users, devices or rooms. An error is written as its name, its code and where it was
 * thrown, since its message may quote what somebody sent.
 */

/** Where it is written: a logger of `pino`, or anything that has its methods. */
export interface ServerLog {
  /** What an operator may want to know. */
  info(fields: object, message: string): void;
  /** What an operator may want to change. */
  warn(fields: object, message: string): void;
  /** What has failed at the server. */
  error(fields: object, message: string): void;
  /** What only a search for a fault wants to know. */
  debug(fields: object, message: string): void;
}

const nowhere = (): void => undefined;

/** Writes nothing. */
export const silentLog: ServerLog = { info: nowhere, warn: nowhere, error: nowhere, debug: nowhere };

/** An error without what it says. */
export function faultOf(error: unknown): object {
  if (!(error instanceof Error)) return { fault: typeof error };
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  const places = error.stack?.split("\n").filter((line) => /^ {4}at /.test(line)) ?? [];
  return {
    fault: error.name,
    ...code,
    at: places.slice(0, 8).map((line) => line.trim()),
    ...(error.cause === undefined ? {} : { cause: faultOf(error.cause) }),
  };
}
