/**
 * A small ratchet tree as a picture: the root on top, the members along the bottom. RFC 9420 sections 4.1, 7.1.
 *
 *                ◉
 *          ┌─────┴─────┐
 *          ◉           ○
 *       ┌──┴──┐     ┌──┴──┐
 *       ◉     ●     ●     ○
 *     Alice  Bob  Carol
 */

import { hex, utf8Decode } from "../../bytes/text.ts";
import { decode } from "../../codec/codec.ts";
import { RatchetTreeNodes, type Node } from "../../wire/ratchet-tree.ts";

/** What the picture's signs mean. */
export const legend = "◉ a key made in this epoch   ● a key from before   ○ no key";

/** What is drawn at one place of the tree. */
interface Place {
  /** The middle of the place, in columns. */
  readonly column: number;
  readonly sign: string;
}

/**
 * The lines of the picture.
 *
 * @param ratchetTree a tree as `Group.ratchetTree` gives it
 * @param before the tree of the epoch before: its keys are the old ones
 */
export function treePicture(ratchetTree: Uint8Array, before?: Uint8Array): readonly string[] {
  const nodes = decode(RatchetTreeNodes, ratchetTree);
  const old = new Set(before && decode(RatchetTreeNodes, before).map(keyOf));
  const leaves = leafCount(nodes);
  const names = Array.from({ length: leaves }, (_, i) => nameOf(nodes[2 * i]));
  const cell = Math.max(...names.map((name) => name.length)) + 2;

  // From the leaves up: the nodes of level k are at the indexes 2^k - 1, and then every 2^(k+1).
  let level = Array.from({ length: leaves }, (_, i): Place => {
    return { column: i * cell + (cell >> 1), sign: signOf(nodes[2 * i], old) };
  });
  let lines = [rowOf(level), namesRow(names, level)];
  for (let step = 2; level.length > 1; step *= 2) {
    const parents = pairs(level).map(([left, right], i): Place => {
      return { column: (left.column + right.column) >> 1, sign: signOf(nodes[step - 1 + 2 * step * i], old) };
    });
    lines = [rowOf(parents), branchesRow(level, parents), ...lines];
    level = parents;
  }
  return lines;
}

function rowOf(places: readonly Place[]): string {
  return written(places.map(({ column, sign }) => [column, sign]));
}

function branchesRow(children: readonly Place[], parents: readonly Place[]): string {
  return written(
    pairs(children).map(([left, right], i) => {
      const middle = parents[i]!.column;
      const arms = ["─".repeat(middle - left.column - 1), "─".repeat(right.column - middle - 1)];
      return [left.column, `┌${arms.join("┴")}┐`];
    }),
  );
}

function namesRow(names: readonly string[], places: readonly Place[]): string {
  return written(names.map((name, i) => [places[i]!.column - (name.length >> 1), name]));
}

/** Texts at their columns, in one line. */
function written(texts: readonly (readonly [column: number, text: string])[]): string {
  return texts.reduce((line, [column, text]) => line.padEnd(column) + text, "").trimEnd();
}

function pairs<T>(items: readonly T[]): readonly (readonly [T, T])[] {
  return Array.from({ length: items.length / 2 }, (_, i) => [items[2 * i]!, items[2 * i + 1]!]);
}

function signOf(node: Node | undefined, old: ReadonlySet<string | undefined>): string {
  if (node === undefined) return "○";
  return old.has(keyOf(node)) ? "●" : "◉";
}

function keyOf(node: Node | undefined): string | undefined {
  return node && hex((node.type === "leaf" ? node.leafNode : node.parentNode).encryptionKey);
}

function nameOf(node: Node | undefined): string {
  const credential = node?.type === "leaf" ? node.leafNode.credential : undefined;
  return (credential?.type === "basic" ? utf8Decode(credential.identity) : undefined) ?? "";
}

/** The leaves of the whole tree: the encoding leaves out the blank nodes at its end. */
function leafCount(nodes: RatchetTreeNodes): number {
  let leaves = 1;
  while (2 * leaves - 1 < nodes.length) leaves *= 2;
  return leaves;
}
