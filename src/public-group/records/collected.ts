/**
 * Records as they come out of a store, in whatever order it gives them.
 */

import { copyBytes } from "../../bytes/copy.ts";
import { decode } from "../../codec/codec.ts";
import { CopseError } from "../../errors.ts";
import { Node, type RatchetTreeNodes } from "../../wire/ratchet-tree.ts";
import { bytesRecord, storedReading } from "./record.ts";

/** Records by name. */
export type Records = Iterable<readonly [name: string, value: Uint8Array]>;

/** Records as a store gives them: as an array or a Map, or one by one, as from a cursor. */
export type StoredRecords = Records | AsyncIterable<readonly [name: string, value: Uint8Array]>;

/** All records of a store, in copies. @throws TypeError where one is no pair of a name and bytes. */
export async function collect(records: StoredRecords): Promise<Records> {
  const all: [string, Uint8Array][] = [];
  for await (const [name, value] of records) {
    if (typeof name !== "string" || !((value as unknown) instanceof Uint8Array)) {
      throw new TypeError("a record is a name and a Uint8Array");
    }
    all.push([name, copyBytes(value)]);
  }
  return all;
}

/** No group has sixteen million leaves. */
export const mostLeaves: number = 2 ** 24;

/** The nodes by index as `ratchet_tree` lists them, of a tree of this width. */
export function nodesOf(records: ReadonlyMap<number, Uint8Array>, width: number): RatchetTreeNodes {
  const nodes: (Node | undefined)[] = [];
  let last = -1;
  for (const index of records.keys()) last = Math.max(last, index);
  if (last > 2 * Math.min(width, mostLeaves) - 2)
    throw new CopseError("snapshot-damaged", { detail: "a node index beyond any tree" });
  for (let index = 0; index <= last; index++) {
    const value = records.get(index);
    nodes.push(value && decode(Node, bytesRecord.read(value), storedReading));
  }
  return nodes;
}

/** By number. */
export function inOrder<K extends number | bigint, T>(map: ReadonlyMap<K, T>): readonly (readonly [K, T])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
