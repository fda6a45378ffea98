/**
 * What is asked of a database about blobs.
 */

import type { Ages } from "./writes.ts";

/** A part for a blob. Bytes that are there already stay as they are. */
export interface BlobAppend {
  /** In hex. */
  readonly blob: string;
  readonly owner: string;
  readonly size: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly at: number;
  /** The most that the owner may have: in bytes, and blobs. */
  readonly quota: number;
  readonly most: number;
}

/** Blobs: encrypted files, each with an owner. */
export interface BlobsPort {
  /**
   * "taken" where another's or of another size, "gap" where it begins behind what is there, "full" beyond the quota. Nothing is kept of a
   * blob before its first byte.
   */
  append(
    part: BlobAppend,
  ): Promise<{ readonly kind: "received"; readonly received: number } | { readonly kind: "taken" | "gap" | "full" }>;
  /** Of a blob that is complete. */
  read(blob: string, offset: number, length: number): Promise<Uint8Array | undefined>;
  /** Blobs to which nothing was added for too long go, complete or not. */
  collect(ages: Ages): Promise<void>;
}
