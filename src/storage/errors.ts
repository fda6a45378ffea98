/**
 * The errors of stores: one class, and one list of codes. They are not among CopseError's, so that nobody who keeps no store carries
 * their sentences.
 */

/** What each code means, and what to do. */
export const storeErrorCodes = {
  "store-locked": "another process or tab has the store: wait until it lets go, or take it over where that is offered",
  "store-lost": "another process or tab has taken the store over: open it again to go on",
  "store-closed": "the store was closed",
  "store-not-written": "a batch could not be written, and nothing of it was",
  "store-failed": "the database failed, and nobody knows what was written: close the store and open it again",
  "store-version": "the store was made by a newer version of copse",
  "store-key": "the store was encrypted under another key",
  "store-damaged": "an entry of an encrypted store does not open, or was never encrypted: restore a backup",
  "store-package": "an optional package is not installed",
} as const;

/** A literal code, stable within a major version. */
export type StoreErrorCode = keyof typeof storeErrorCodes;

/** What may be said beside the code. */
export interface StoreErrorDetail {
  /** In words that hold no secret and nothing of what is stored. */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** Every failure of a store that is not the caller's wrong argument, which is a TypeError. Branch on `code`. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, { detail, cause }: StoreErrorDetail = {}) {
    super(
      `${code}: ${storeErrorCodes[code]}${detail === undefined ? "" : `: ${detail}`}`,
      cause === undefined ? {} : { cause },
    );
    this.code = code;
  }
}
