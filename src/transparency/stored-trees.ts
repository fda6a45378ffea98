/**
 * The two trees of a log as a store keeps them: of RFC 9162's tree every full subtree, of the map every node by its path. A change is
 * collected and written in one batch.
 */

import { bytesEqual } from "../bytes/compare.ts";
import { decode, encode, fixed, select, enumeration, struct, u8, type Codec } from "../codec/codec.ts";
import type { StoreKey } from "../storage/key.ts";
import type { Store, StoreChange } from "../storage/store.ts";
import { hashLength, LogEntry } from "./formats.ts";
import { fullSubtrees, leafHash, nodeHash, rootOver, type LeafRange } from "./log.ts";
import { bitOf, mapBranch, mapLeaf, nowhere, type MapProof } from "./map.ts";

/** What a log needs of a store of copse/storage. */
export type TransparencyStore = Pick<Store, "get" | "getMany" | "batch">;

type MapNode =
  | { readonly kind: "leaf"; readonly entry: LogEntry }
  | { readonly kind: "branch"; readonly left: Uint8Array; readonly right: Uint8Array };
const MapNode: Codec<MapNode> = select<MapNode, "kind">("kind", enumeration(u8, { leaf: 0, branch: 1 }), {
  leaf: struct({ entry: LogEntry }),
  branch: struct({ left: fixed(hashLength), right: fixed(hashLength) }),
});

const logNode = (level: number, index: number): StoreKey => ["transparency", "node", String(level), BigInt(index)];
const mapNode = (path: string): StoreKey => ["transparency", "map", `p${path}`];

/** What a change will write, over what is there. */
export class Changes {
  readonly #store: TransparencyStore;
  readonly #puts = new Map<string, { readonly put: StoreKey; readonly value: Uint8Array }>();

  constructor(store: TransparencyStore) {
    this.#store = store;
  }

  async get(key: StoreKey): Promise<Uint8Array | undefined> {
    return this.#puts.get(key.join("/"))?.value ?? (await this.#store.get(key));
  }

  put(key: StoreKey, value: Uint8Array): void {
    this.#puts.set(key.join("/"), { put: key, value });
  }

  get list(): readonly StoreChange[] {
    return [...this.#puts.values()];
  }
}

type Reads = Pick<Changes, "get">;

/** Put a leaf behind `size` others. */
export async function appendLeaf(changes: Changes, size: number, entry: Uint8Array): Promise<void> {
  let [level, index, reached] = [0, size, leafHash(entry)];
  changes.put(logNode(level, index), reached);
  while (index % 2 === 1) {
    reached = nodeHash(await logHash(changes, level, index - 1), reached);
    [level, index] = [level + 1, (index - 1) / 2];
    changes.put(logNode(level, index), reached);
  }
}

/** The root over a range of leaves. */
export async function rangeRoot(reads: Reads, range: LeafRange): Promise<Uint8Array> {
  const hashes: Uint8Array[] = [];
  for (const { level, index } of fullSubtrees(range)) hashes.push(await logHash(reads, level, index));
  return rootOver(hashes);
}

async function logHash(reads: Reads, level: number, index: number): Promise<Uint8Array> {
  const hash = await reads.get(logNode(level, index));
  if (hash === undefined) throw new Error("the store of the log lacks a node: it was changed by somebody else");
  return hash;
}

/** Set what an index has; the map's new root. */
export async function putInMap(changes: Changes, entry: LogEntry): Promise<Uint8Array> {
  const beside: Uint8Array[] = [];
  const pathTo = (depth: number): string => pathOf(entry.index, depth);
  let node = await nodeAt(changes, "");
  while (node?.kind === "branch") {
    beside.push(bitOf(entry.index, beside.length) === 0 ? node.right : node.left);
    node = await nodeAt(changes, pathTo(beside.length));
  }
  if (node !== undefined && !bytesEqual(node.entry.index, entry.index)) {
    const { entry: other } = node;
    // Both go down to where they part; there is nothing beside them on the way.
    while (bitOf(other.index, beside.length) === bitOf(entry.index, beside.length)) beside.push(nowhere);
    beside.push(mapLeaf(other));
    changes.put(mapNode(pathOf(other.index, beside.length)), encode(MapNode, node));
  }
  changes.put(mapNode(pathTo(beside.length)), encode(MapNode, { kind: "leaf", entry }));
  let reached = mapLeaf(entry);
  for (let depth = beside.length - 1; depth >= 0; depth--) {
    const [left, right] = bitOf(entry.index, depth) === 0 ? [reached, beside[depth]!] : [beside[depth]!, reached];
    changes.put(mapNode(pathTo(depth)), encode(MapNode, { kind: "branch", left, right }));
    reached = mapBranch(left, right);
  }
  return reached;
}

/** What the map has of an index, and the proof of it. */
export async function findInMap(
  reads: Reads,
  index: Uint8Array,
): Promise<{ readonly entry: LogEntry | undefined; readonly proof: MapProof }> {
  const siblings: Uint8Array[] = [];
  let node = await nodeAt(reads, "");
  while (node?.kind === "branch") {
    siblings.push(bitOf(index, siblings.length) === 0 ? node.right : node.left);
    node = await nodeAt(reads, pathOf(index, siblings.length));
  }
  if (node === undefined) return { entry: undefined, proof: { siblings, other: undefined } };
  if (bytesEqual(node.entry.index, index)) return { entry: node.entry, proof: { siblings, other: undefined } };
  return { entry: undefined, proof: { siblings, other: node.entry } };
}

async function nodeAt(reads: Reads, path: string): Promise<MapNode | undefined> {
  const bytes = await reads.get(mapNode(path));
  return bytes === undefined ? undefined : decode(MapNode, bytes);
}

function pathOf(index: Uint8Array, depth: number): string {
  let path = "";
  for (let i = 0; i < depth; i++) path += String(bitOf(index, i));
  return path;
}
