/**
 * Tree Operations: what an Add, an Update or a Remove makes of a tree. RFC 9420 sections 12.1.1 to 12.1.3.
 */

import { fromHex } from "../../bytes/text.ts";
import { decode, encode } from "../../codec/codec.ts";
import { RatchetTree } from "../../tree/ratchet-tree.ts";
import { Proposal } from "../../wire/proposal.ts";
import { RatchetTreeNodes } from "../../wire/ratchet-tree.ts";
import { Difference, eachEntry, same, type Verify } from "./check.ts";

interface Entry {
  readonly cipher_suite: number;
  readonly tree_before: string;
  readonly proposal: string;
  readonly proposal_sender: number;
  readonly tree_hash_before: string;
  readonly tree_after: string;
  readonly tree_hash_after: string;
}

/** Hold an entry of tree-operations.json to the ratchet tree. */
export const verifyTreeOperations: Verify = eachEntry<Entry>((entry, suiteFor) => {
  const suite = suiteFor(entry.cipher_suite);
  const before = RatchetTree.fromNodes(suite, decode(RatchetTreeNodes, fromHex(entry.tree_before)));
  same("tree_before", encode(RatchetTreeNodes, before.toNodes()), entry.tree_before);
  same("tree_hash_before", before.hash(), entry.tree_hash_before);

  const after = before.fork();
  apply(after, decode(Proposal, fromHex(entry.proposal)), entry.proposal_sender);
  same("tree_after", encode(RatchetTreeNodes, after.toNodes()), entry.tree_after);
  same("tree_hash_after", after.hash(), entry.tree_hash_after);
  same("tree_hash_before, after the operation", before.hash(), entry.tree_hash_before);
});

function apply(tree: RatchetTree, proposal: Proposal, sender: number): void {
  switch (proposal.type) {
    case "add":
      tree.add(proposal.keyPackage.leafNode);
      return;
    case "update":
      tree.update(sender, proposal.leafNode);
      return;
    case "remove":
      tree.remove(proposal.removed);
      tree.truncate();
      return;
    default:
      throw new Difference(`a proposal of type ${proposal.type} changes no tree`);
  }
}
