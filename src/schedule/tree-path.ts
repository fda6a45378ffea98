/**
 * From the root of a tree of secrets to one leaf: the path that the secret tree and the exporter tree derive on demand.
 * RFC 9420 section 9.
 *
 *     tree_node_[N]_secret
 *             |
 *             +--> ExpandWithLabel(., "tree", "left", KDF.Nh)  = tree_node_[left(N)]_secret
 *             |
 *             +--> ExpandWithLabel(., "tree", "right", KDF.Nh) = tree_node_[right(N)]_secret
 */

import { Secret } from "../bytes/secret.ts";
import { utf8 } from "../bytes/text.ts";
import { expandWithLabel } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";

/** A leaf's secret derived ahead of its tree, with the node secrets that remain beside its path. */
export interface TreePath {
  /** The node whose secret all of this came from. It is consumed with the leaf (section 9.2). */
  readonly consumed: number;
  readonly nodes: readonly (readonly [nodeIndex: number, secret: Secret<"tree_node_secret">])[];
  /** tree_node_[leaf]_secret: the caller's, to wipe. */
  readonly secret: Uint8Array;
}

/**
 * Derive a leaf from the lowest node above it that has a secret, and change nothing. Undefined where none of them has: the
 * leaf has been used, or the tree is over.
 *
 * @param width the number of leaves, a power of two
 */
export function derivePath(
  suite: CipherSuite,
  secrets: ReadonlyMap<number, Secret<string>>,
  width: number,
  leafIndex: number,
): TreePath | undefined {
  let [node, span] = [width - 1, width];
  while (span > 1 && !secrets.has(node)) [node, span] = childTowards(node, span, leafIndex);
  const consumed = node;
  const start = secrets.get(consumed);
  if (start === undefined) return undefined;
  const nodes: (readonly [number, Secret<"tree_node_secret">])[] = [];
  let secret: Uint8Array = start.use((bytes) => bytes.slice());
  while (span > 1) {
    const [child, half] = childTowards(node, span, leafIndex);
    const [mine, others] = child < node ? [left, right] : [right, left];
    const sibling = expandWithLabel(suite, secret, "tree", others, suite.hashLength);
    nodes.push([2 * node - child, Secret.of("tree_node_secret", sibling)]);
    const next = expandWithLabel(suite, secret, "tree", mine, suite.hashLength);
    secret.fill(0);
    [node, span, secret] = [child, half, next];
  }
  return { consumed, nodes, secret };
}

/** The leaves under a node: the first, and how many. */
export function leavesUnder(nodeIndex: number): readonly [first: number, span: number] {
  // Two to the number of ones that the index ends with.
  let span = 1;
  for (let rest = nodeIndex; rest % 2 === 1; rest = (rest - 1) / 2) span *= 2;
  return [(nodeIndex + 1 - span) / 2, span];
}

const left = utf8("left");
const right = utf8("right");

/** The child of a node with this many leaves that a leaf is under, and how many leaves the child has. */
function childTowards(node: number, span: number, leafIndex: number): [node: number, span: number] {
  const half = span / 2;
  return [2 * leafIndex < node ? node - half : node + half, half];
}
