/**
 * Work that may be refused, where a refusal is an answer. Whatever else is thrown is a fault, and goes on to the caller.
 */

type ErrorKind = abstract new (...args: never[]) => Error;

/** What the work gives, or undefined where it throws an error of this kind. */
export function attempt<T>(kind: ErrorKind, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof kind) return undefined;
    throw error;
  }
}

/** Whether a check throws no error of this kind. */
export function isPassed(kind: ErrorKind, check: () => void): boolean {
  return (
    attempt(kind, () => {
      check();
      return true;
    }) === true
  );
}

/** What work gives that takes its time, or undefined where it throws an error of this kind. */
export async function attemptLong<T>(kind: ErrorKind, work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof kind) return undefined;
    throw error;
  }
}
