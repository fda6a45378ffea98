/**
 * The append-only Merkle tree of RFC 9162: hashes, which nodes a proof is of, and what a proof proves. Trees of up to 2^53 - 1 leaves.
 */

import { hash } from "#symmetric";
import { bytesEqual } from "../bytes/compare.ts";
import { concat } from "../bytes/concat.ts";

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

/** The hash of a leaf. RFC 9162 section 2.1.1. */
export function leafHash(entry: Uint8Array): Uint8Array {
  return hash("sha256", concat(leafPrefix, entry));
}

/** The hash of a node over two others. RFC 9162 section 2.1.1. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash("sha256", concat(nodePrefix, left, right));
}

/** MTH({}): the root of the tree without leaves. */
export function emptyRoot(): Uint8Array {
  return hash("sha256", new Uint8Array(0));
}

/** The leaves from one on and below another: a subtree of a log. */
export interface LeafRange {
  readonly from: number;
  readonly below: number;
}

/** A subtree whose leaves are all there: 2^level of them, from index * 2^level on. */
export interface FullSubtree {
  readonly level: number;
  readonly index: number;
}

/** The full subtrees that a subtree is made of, from the left. A range begins where a subtree of its size may. */
export function fullSubtrees({ from, below }: LeafRange): readonly FullSubtree[] {
  const subtrees: FullSubtree[] = [];
  for (let start = from; start < below;) {
    let level = 0;
    while (2 ** (level + 1) <= below - start) level++;
    subtrees.push({ level, index: start / 2 ** level });
    start += 2 ** level;
  }
  return subtrees;
}

/** The root over full subtrees, from the left. */
export function rootOver(subtrees: readonly Uint8Array[]): Uint8Array {
  let root = subtrees.at(-1);
  if (root === undefined) return emptyRoot();
  for (const subtree of subtrees.slice(0, -1).reverse()) root = nodeHash(subtree, root);
  return root;
}

/** The subtrees whose roots prove that a leaf is in a tree: PATH. RFC 9162 section 2.1.3.1. */
export function inclusionRanges(index: number, size: number): readonly LeafRange[] {
  const path: LeafRange[] = [];
  for (let { from, below }: LeafRange = { from: 0, below: size }; below - from > 1;) {
    const middle = from + splitOf(below - from);
    if (index < middle) {
      path.push({ from: middle, below });
      below = middle;
    } else {
      path.push({ from, below: middle });
      from = middle;
    }
  }
  return path.reverse();
}

/** The subtrees whose roots prove that a tree has grown from an earlier one: PROOF. RFC 9162 section 2.1.4.1. */
export function consistencyRanges(first: number, second: number): readonly LeafRange[] {
  if (first === 0 || first === second) return [];
  const path: LeafRange[] = [];
  let { from, below }: LeafRange = { from: 0, below: second };
  let isWhole = true;
  while (first !== below) {
    const middle = from + splitOf(below - from);
    if (first <= middle) {
      path.push({ from: middle, below });
      below = middle;
    } else {
      path.push({ from, below: middle });
      from = middle;
      isWhole = false;
    }
  }
  if (!isWhole) path.push({ from, below });
  return path.reverse();
}

/** "the largest power of two smaller than n" */
function splitOf(n: number): number {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

/** Whether a leaf is at a place of the tree that has this root. RFC 9162 section 2.1.3.2. */
export function isIncluded(
  { index, size, root }: { readonly index: number; readonly size: number; readonly root: Uint8Array },
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (index >= size) return false;
  let [fn, sn, r] = [index, size - 1, leaf];
  for (const p of proof) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      r = nodeHash(p, r);
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else r = nodeHash(r, p);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && bytesEqual(r, root);
}

/** A tree: how many leaves it has, and its root. */
export interface LogTree {
  readonly size: number;
  readonly root: Uint8Array;
}

/** Whether the second tree begins with all leaves of the first. RFC 9162 section 2.1.4.2. */
export function isConsistent(first: LogTree, second: LogTree, proof: readonly Uint8Array[]): boolean {
  if (first.size > second.size) return false;
  if (first.size === second.size) return proof.length === 0 && bytesEqual(first.root, second.root);
  if (first.size === 0) return proof.length === 0 && bytesEqual(first.root, emptyRoot());
  let [fn, sn] = [first.size - 1, second.size - 1];
  while (isOdd(fn)) [fn, sn] = [half(fn), half(sn)];
  // Where the first tree is a full subtree of the second, its root is known and left out of the proof.
  const [start, ...rest] = fn === 0 ? [first.root, ...proof] : proof;
  if (start === undefined) return false;
  let [fr, sr] = [start, start];
  for (const c of rest) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      [fr, sr] = [nodeHash(c, fr), nodeHash(c, sr)];
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else sr = nodeHash(sr, c);
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && bytesEqual(fr, first.root) && bytesEqual(sr, second.root);
}

function isOdd(n: number): boolean {
  return n % 2 === 1;
}

function half(n: number): number {
  return Math.floor(n / 2);
}
