/**
 * Blobs in memory.
 */

import type { Ages, BlobAppend, BlobsPort } from "../port.ts";
import type { Sync } from "./sync.ts";

interface Blob {
  readonly owner: string;
  readonly size: number;
  /** What has come. It grows with what comes: who only says a size has no memory. */
  bytes: Uint8Array;
  received: number;
  at: number;
}

type Answer = Awaited<ReturnType<BlobsPort["append"]>>;

export class MemoryBlobs implements Sync<BlobsPort> {
  readonly #blobs = new Map<string, Blob>();
  /** How much each owner has, in bytes and blobs. */
  readonly #owned = new Map<string, { readonly bytes: number; readonly count: number }>();

  append({ blob, owner, size, offset, bytes, at, quota, most }: BlobAppend): Answer {
    let found = this.#blobs.get(blob);
    if (found !== undefined && (found.owner !== owner || found.size !== size)) return { kind: "taken" };
    if (offset > (found?.received ?? 0)) return { kind: "gap" };
    if (found === undefined) {
      if (bytes.length === 0) return { kind: "received", received: 0 };
      const owned = this.#owned.get(owner) ?? { bytes: 0, count: 0 };
      if (owned.bytes + size > quota || owned.count >= most) return { kind: "full" };
      found = { owner, size, bytes: new Uint8Array(0), received: 0, at };
      this.#blobs.set(blob, found);
      this.#owned.set(owner, { bytes: owned.bytes + size, count: owned.count + 1 });
    }
    // What is there stays: a part that is sent again adds what is behind it.
    const fresh = bytes.subarray(found.received - offset);
    found.bytes = withRoom(found.bytes, found.received + fresh.length, size);
    found.bytes.set(fresh, found.received);
    found.received += fresh.length;
    found.at = at;
    return { kind: "received", received: found.received };
  }

  read(blob: string, offset: number, length: number): Uint8Array | undefined {
    const found = this.#blobs.get(blob);
    if (found === undefined || found.received < found.size) return undefined;
    return found.bytes.slice(offset, offset + length);
  }

  collect({ blobs }: Ages): void {
    for (const [name, { owner, at, size }] of this.#blobs) {
      if (at >= blobs) continue;
      this.#blobs.delete(name);
      const owned = this.#owned.get(owner);
      if (owned === undefined || owned.count === 1) this.#owned.delete(owner);
      else this.#owned.set(owner, { bytes: owned.bytes - size, count: owned.count - 1 });
    }
  }
}

/** The same bytes, with room for so many: twice as many as before, and never more than there will be. */
function withRoom(bytes: Uint8Array, needed: number, most: number): Uint8Array {
  if (bytes.length >= needed) return bytes;
  const larger = new Uint8Array(Math.min(most, Math.max(needed, bytes.length * 2)));
  larger.set(bytes);
  return larger;
}
