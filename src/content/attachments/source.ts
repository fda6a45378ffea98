/**
 * Where an attachment's bytes come from.
 */

import type { PlatformClass } from "../../bytes/platform.ts";
import { checkCount } from "../../bytes/numbers.ts";
import { isObject } from "../../bytes/takes.ts";

/** A part of a file, as browsers' Blob and File are. */
export interface BlobLike {
  readonly size: number;
  /** The bytes from `start` on, up to `end` and without it. */
  slice(
    start: number,
    end: number,
  ): {
    /** Read them. */
    arrayBuffer(): Promise<ArrayBuffer>;
  };
}

/**
 * A file that can be read more than once, from any place on: bytes, a Blob or File, or a function.
 *
 *     const file = (from: number) => createReadStream(path, { start: from });
 */
export type AttachmentSource = Uint8Array | BlobLike | ((from: number) => AsyncIterable<Uint8Array>);

/** How far a long operation is, in bytes of the ciphertext. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** What every long operation takes. */
export interface LongOptions {
  readonly signal?: PlatformClass<"AbortSignal">;
  /** Told how far it is, now and then. */
  readonly onProgress?: (progress: Progress) => void;
}

/** @throws TypeError where a source is none. */
export function checkSource(source: AttachmentSource): void {
  if (typeof source === "function" || source instanceof Uint8Array) return;
  if (!isObject(source) || typeof source["slice"] !== "function") {
    throw new TypeError("source must be a Uint8Array, a Blob or a function");
  }
  checkCount("source.size", source["size"], [0, Number.MAX_SAFE_INTEGER]);
}

/** The bytes of a source from a place on. */
export async function* bytesFrom(source: AttachmentSource, from: number): AsyncGenerator<Uint8Array> {
  if (typeof source === "function") yield* source(from);
  else if (source instanceof Uint8Array) {
    if (from < source.length) yield source.subarray(from);
  } else {
    for (let at = from; at < source.size; at += blobPart) {
      yield new Uint8Array(await source.slice(at, Math.min(at + blobPart, source.size)).arrayBuffer());
    }
  }
}

const blobPart = 2 ** 20;
