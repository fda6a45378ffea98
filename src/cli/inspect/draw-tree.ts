/**
 * A ratchet tree as text: the root to the left, each level one step to the right. RFC 9420 sections 4.2, 7.1.
 */

import { hex } from "../../bytes/text.ts";
import type { Node, RatchetTreeNodes } from "../../wire/ratchet-tree.ts";
import { count, credentialText } from "./words.ts";

/**
 * The lines of a tree, the root's first. Nodes are named by their index in the array representation, leaves by their
 * leaf index too; a blank node is `_`.
 */
export function drawTree(nodes: RatchetTreeNodes): readonly string[] {
  const lines: string[] = [];
  const draw = (from: number, to: number, before: string, branch: string): void => {
    const middle = (from + to) >> 1;
    lines.push(`${before}${branch}${nodeText(nodes[middle], middle)}`);
    if (from === middle) return;
    const below = before + (branch === "" ? "" : branch === "└─ " ? "   " : "│  ");
    draw(from, middle - 1, below, "├─ ");
    draw(middle + 1, to, below, "└─ ");
  };
  const leaves = leafCount(nodes);
  if (leaves > 0) draw(0, 2 * leaves - 2, "", "");
  return lines;
}

/** A tree in one line: its members, its width and its levels. */
export function treeSummary(nodes: RatchetTreeNodes): string {
  const leaves = leafCount(nodes);
  const filled = (parity: number): number =>
    nodes.filter((node, index) => index % 2 === parity && node !== undefined).length;
  const parents = Math.max(leaves - 1, 0);
  const levels = leaves === 0 ? 0 : Math.log2(leaves) + 1;
  return [
    `${count(filled(0), "member")} in ${count(leaves, "leaf", "leaves")}`,
    count(levels, "level"),
    ...(parents === 0 ? [] : [`${parents - filled(1)} of ${count(parents, "parent")} blank`]),
  ].join(", ");
}

/** The leaves of the whole tree: the encoding leaves out the blank nodes at its end. */
export function leafCount(nodes: RatchetTreeNodes): number {
  if (nodes.length === 0) return 0;
  let leaves = 1;
  while (2 * leaves - 1 < nodes.length) leaves *= 2;
  return leaves;
}

function nodeText(node: Node | undefined, index: number): string {
  const leafIndex = index % 2 === 0 ? `leaf ${index / 2}: ` : `${index}: `;
  if (node === undefined) return `${leafIndex}_`;
  if (node.type === "leaf") return `${leafIndex}${credentialText(node.leafNode.credential)}`;
  const { encryptionKey, unmergedLeaves } = node.parentNode;
  const unmerged = unmergedLeaves.length === 0 ? "" : `, unmerged ${unmergedLeaves.join(" ")}`;
  return `${leafIndex}key ${hex(encryptionKey.subarray(0, 4))}…${unmerged}`;
}
