/**
 * A file that is on its way to the service: what is kept of it until its message is sent.
 */

import { fixed, opaque, optional, struct } from "../../codec/codec.ts";
import { hex } from "../../bytes/text.ts";
import type { StoreKey } from "../../storage/key.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import { entryKind, integer, text, type EntryKind } from "../store/entry.ts";

export interface UploadRecord {
  /** By which events name it. */
  readonly intent: Uint8Array;
  /** The name of the blob at the service. */
  readonly blob: Uint8Array;
  /** The message that is sent when the file is there: it holds the file's key. */
  readonly content: Uint8Array;
  readonly until: number | undefined;
  /** SHA-256 of each chunk: that nothing else is ever encrypted under the key. */
  readonly chunkHashes: Uint8Array;
  /** By which the application finds the file again; empty where it has given none. */
  readonly source: string;
}

export const uploadRecord: EntryKind<UploadRecord> = entryKind(
  struct<UploadRecord>({
    intent: fixed(16),
    blob: fixed(16),
    content: opaque,
    until: optional(integer),
    chunkHashes: opaque,
    source: text,
  }),
);

export function uploadKey(room: string, intent: Uint8Array): StoreKey {
  return ["upload", room, hex(intent)];
}

/** A chunk of a file that was downloaded and is kept. */
export function chunkKey(room: string, place: bigint, index: number, chunk: number): StoreKey {
  return ["file", room, String(place), String(index), BigInt(chunk)];
}

/** Changes that delete whatever is kept of a message's files. */
export async function forgettingFiles(store: Store, room: string, place: bigint): Promise<StoreChange[]> {
  const changes: StoreChange[] = [];
  for await (const { key } of store.range({ prefix: ["file", room, String(place)] })) changes.push({ delete: key });
  return changes;
}

const scheme = "copse-blob:";

/** Where a message says that a blob of the delivery service is. */
export function urlOfBlob(blob: Uint8Array): string {
  return `${scheme}${hex(blob)}`;
}

/** The blob of a URL, where it is one. */
export function blobOfUrl(url: string): Uint8Array | undefined {
  const name = url.startsWith(scheme) ? url.slice(scheme.length) : "";
  if (!/^[0-9a-f]{32}$/.test(name)) return undefined;
  return Uint8Array.from(name.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
