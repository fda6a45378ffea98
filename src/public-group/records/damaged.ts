/**
 * What is wrong with stored bytes that don't decode: they are not what was stored, whatever the decoder says of them.
 */

import { CopseError, type ErrorCode } from "../../errors.ts";

/** Errors that say enough by themselves. */
const passed: ReadonlySet<ErrorCode> = new Set([
  "snapshot-identity",
  "snapshot-damaged",
  "snapshot-version",
  "pending-stale",
  "wrong-group",
]);

/** The error that a failure to read what was stored is told as. */
export function asDamage(cause: unknown): CopseError {
  return cause instanceof CopseError && passed.has(cause.code) ? cause : new CopseError("snapshot-damaged", { cause });
}

/** Read something. @throws CopseError "snapshot-damaged" where it does not decode. */
export function readStored<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw asDamage(cause);
  }
}
