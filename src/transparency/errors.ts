/**
 * The errors of key transparency: one class, and one list of codes.
 */

/** What each code means, and what to do. */
export const transparencyErrorCodes = {
  "transparency-format": "the bytes are no head, look-up, proof, log or evidence: drop them and ask again",
  "transparency-version": "the bytes were made by a newer version of copse: update this side",
  "vrf-proof": "the proof is not that of this user under the log's VRF key: the service lies, or it is another log's",
  "map-proof": "the proof does not lead to the root that the head signs: the service lies",
  "head-signature": "the log has not signed the head: drop it",
  "head-back": "the head is older than one that is known: the service withholds something",
  "head-fork": "the log has signed two heads of one size: publish the evidence that the error holds",
  "consistency-proof":
    "nothing shows that the log has only grown: ask for the proof, and have both heads audited where none comes",
  "evidence-invalid": "the evidence proves nothing against this log: it is of another log, or made up",
} as const;

/** A literal code, stable within a major version. */
export type TransparencyErrorCode = keyof typeof transparencyErrorCodes;

/** Every failure of key transparency that is not the caller's wrong argument, which is a TypeError. Branch on `code`. */
export class TransparencyError extends Error {
  override readonly name = "TransparencyError";
  readonly code: TransparencyErrorCode;
  /** Of "head-fork": what `verifyEvidence` verifies, wherever it is shown. */
  readonly evidence: Uint8Array | undefined;

  constructor(code: TransparencyErrorCode, options: { readonly cause?: unknown; readonly evidence?: Uint8Array } = {}) {
    super(`${code}: ${transparencyErrorCodes[code]}`, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.evidence = options.evidence;
  }
}
