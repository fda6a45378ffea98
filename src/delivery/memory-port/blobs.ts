/**
 * Blobs in memory.
 */

import type { Ages, BlobAppend, BlobsPort } from "../port.ts";
import type { Sync } from "./sync.ts";

interface Blob {
  readonly owner: string;
  readonly bytes: Uint8Array;
  received: number;
  at: number;
}

type Answer = Awaited<ReturnType<BlobsPort["append"]>>;

export class MemoryBlobs implements Sync<BlobsPort> {
  readonly #blobs = new Map<string, Blob>();
  /** How much each owner has, in bytes. */
  readonly #owned = new Map<string, number>();

  append({ blob, owner, size, offset, bytes, at, quota }: BlobAppend): Answer {
    let found = this.#blobs.get(blob);
    if (found !== undefined && (found.owner !== owner || found.bytes.length !== size)) return { kind: "taken" };
    if (offset > (found?.received ?? 0)) return { kind: "gap" };
    if (found === undefined) {
      const owned = (this.#owned.get(owner) ?? 0) + size;
      if (owned > quota) return { kind: "full" };
      found = { owner, bytes: new Uint8Array(size), received: 0, at };
      this.#blobs.set(blob, found);
      this.#owned.set(owner, owned);
    }
    // What is there stays: a part that is sent again adds what is behind it.
    const fresh = bytes.subarray(found.received - offset);
    found.bytes.set(fresh, found.received);
    found.received += fresh.length;
    found.at = at;
    return { kind: "received", received: found.received };
  }

  read(blob: string, offset: number, length: number): Uint8Array | undefined {
    const found = this.#blobs.get(blob);
    if (found === undefined || found.received < found.bytes.length) return undefined;
    return found.bytes.slice(offset, offset + length);
  }

  collect({ blobs }: Ages): void {
    for (const [name, { owner, at, bytes }] of this.#blobs) {
      if (at >= blobs) continue;
      this.#blobs.delete(name);
      const left = (this.#owned.get(owner) ?? 0) - bytes.length;
      if (left > 0) this.#owned.set(owner, left);
      else this.#owned.delete(owner);
    }
  }
}
