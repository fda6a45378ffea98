/**
 * Where an attachment's bytes come from, and cutting them into chunks.
 */

import type { PlatformClass } from "../../bytes/platform.ts";
import { checkCount } from "../../bytes/numbers.ts";
import { isObject } from "../../bytes/takes.ts";
import { ContentError, type ContentErrorCode } from "../errors.ts";

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

/** Bytes that are asked for by their number, however they come. */
export class Chunks {
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #code: ContentErrorCode;
  #piece: Uint8Array = new Uint8Array(0);

  /** What comes too short or too long is an error of this code. */
  constructor(pieces: AsyncIterable<Uint8Array>, code: ContentErrorCode) {
    this.#pieces = pieces[Symbol.asyncIterator]();
    this.#code = code;
  }

  /** The next bytes, in memory of their own. @throws ContentError where there are fewer. */
  async take(length: number): Promise<Uint8Array> {
    const bytes = await this.upTo(length);
    if (bytes.length < length) throw new ContentError(this.#code);
    return bytes;
  }

  /** As many bytes, or those that are left. */
  async upTo(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length && (await this.#more())) {
      const piece = this.#piece.subarray(0, length - filled);
      bytes.set(piece, filled);
      filled += piece.length;
      this.#piece = this.#piece.subarray(piece.length);
    }
    return bytes.subarray(0, filled);
  }

  /** @throws ContentError where bytes are left. */
  async end(): Promise<void> {
    if (await this.#more()) throw new ContentError(this.#code);
  }

  /** Let go of where the bytes come from. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #more(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const next = await this.#pieces.next();
      if (next.done === true) return false;
      const piece: unknown = next.value;
      if (!(piece instanceof Uint8Array)) throw new TypeError("a source gives Uint8Arrays");
      this.#piece = piece;
    }
    return true;
  }
}
