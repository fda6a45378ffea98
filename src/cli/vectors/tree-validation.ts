/**
 * Tree Validation: what a joiner checks of a tree. RFC 9420 sections 4.1.2, 7.3, 7.8, 7.9.2.
 */

import { fromHex } from "../../bytes/text.ts";
import { decode, encode } from "../../codec/codec.ts";
import { leafSignature } from "../../rules/leaf-node.ts";
import type { TreeNode } from "../../tree/node.ts";
import { isParentHashValid } from "../../tree/parent-hash.ts";
import { RatchetTree } from "../../tree/ratchet-tree.ts";
import { resolution } from "../../tree/resolution.ts";
import { RatchetTreeNodes } from "../../wire/ratchet-tree.ts";
import { eachEntry, holds, same, type Verify } from "./check.ts";

interface Entry {
  readonly cipher_suite: number;
  readonly tree: string;
  readonly group_id: string;
  readonly resolutions: readonly (readonly number[])[];
  readonly tree_hashes: readonly string[];
}

/** Hold an entry of tree-validation.json to the ratchet tree: every node, then the tree as a whole. */
export const verifyTreeValidation: Verify = eachEntry<Entry>(async (entry, suiteFor) => {
  const suite = suiteFor(entry.cipher_suite);
  const tree = RatchetTree.fromNodes(suite, decode(RatchetTreeNodes, fromHex(entry.tree)));
  same("tree", encode(RatchetTreeNodes, tree.toNodes()), entry.tree);
  same("the number of resolutions", 2 * tree.width - 1, entry.resolutions.length);
  same("the number of tree_hashes", 2 * tree.width - 1, entry.tree_hashes.length);
  for (const node of nodesOf(tree.root)) {
    const index = indexOf(node);
    same(`resolutions[${index}]`, Array.from(resolution(node), indexOf), entry.resolutions[index]);
    same(`tree_hashes[${index}]`, node.hash(suite), entry.tree_hashes[index]);
  }
  holds("a parent hash does not verify", isParentHashValid(suite, tree.root));

  const groupId = fromHex(entry.group_id);
  const leaves = [...tree.leaves()];
  const verified = await suite.verifyAll(
    leaves.map(([leafIndex, leaf]) => leafSignature(leaf, { groupId, leafIndex }).verification),
  );
  for (const [place, [leafIndex]] of leaves.entries()) {
    holds(`the signature of leaf ${leafIndex} does not verify`, verified[place] === true);
  }
});

function* nodesOf(node: TreeNode): Iterable<TreeNode> {
  yield node;
  if (node.isLeaf) return;
  yield* nodesOf(node.left);
  yield* nodesOf(node.right);
}

/** The place of a node in the array representation. RFC 9420 appendix C */
function indexOf({ firstLeaf, level }: { readonly firstLeaf: number; readonly level: number }): number {
  return 2 * firstLeaf + 2 ** level - 1;
}
