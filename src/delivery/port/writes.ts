/**
 * Writes that are known again, and what is too old: of all parts of a port.
 */

/** Who writes, under which id, and the SHA-256 of all that it says. An id is its device's own: nobody takes another's. */
export interface Once {
  readonly device: string;
  /** In hex. */
  readonly id: string;
  /** In hex. */
  readonly digest: string;
}

/** What became of a write: "known" was written before, "taken" is the id of another. */
export type Written<T> = { readonly kind: "done"; readonly value: T } | WrittenBefore<T>;
/** What an id was used for: "known" is the same write, which is answered as it was, "taken" another one. */
export type WrittenBefore<T> = { readonly kind: "known"; readonly value: T } | { readonly kind: "taken" };

/** What is old, in milliseconds since 1970: what was before these times goes. */
export interface Ages {
  /** Items that not every device has acknowledged. */
  readonly items: number;
  /** Ids of writes, and answers to claims. */
  readonly ids: number;
  readonly welcomes: number;
  readonly queues: number;
  readonly blobs: number;
  /** Reports about which nobody has decided. */
  readonly undecided: number;
  /** What was decided about reports. */
  readonly decisions: number;
  readonly now: number;
}
