/**
 * What an operation of an observer has to store. Its records:
 *
 *     epoch, node/INDEX, proposal/NUMBER     the current epoch: its context, its tree, and the proposals that wait in it
 *     beside/TYPE/HASH                       what an extension of either epoch's context names by its hash
 *     before                                 the epoch that can be rolled back to
 *     before/node/INDEX                      a node of its tree that is another in the current one; without content, blank
 *     before/proposal/NUMBER                 a proposal that waited in it
 *
 * They hold no secrets.
 */

import { encode } from "../../codec/codec.ts";
import { encodingOf } from "../../codec/retained.ts";
import { nodeDifferences, type NodeDifference } from "../../tree/difference.ts";
import { GroupContext } from "../../wire/group-context.ts";
import { Proposal } from "../../wire/proposal.ts";
import { Node } from "../../wire/ratchet-tree.ts";
import { writeBeside } from "../records/beside.ts";
import type { Followed } from "./followed.ts";
import type { ProposalStore } from "../proposals/proposal-store.ts";
import type { PublicEpoch } from "../epoch.ts";
import { beforeName, beforePrefix, epochName, nodeName, proposalName } from "../records/names.ts";
import { publicEpochRecord, publicProposalRecord, type StoredPublicEpoch } from "./values.ts";
import { bytesRecord } from "../records/record.ts";
import { WriteSet } from "../records/write-set.ts";

/** The records that differ between two states of an observer; from nothing, all of them. */
export function followedChanges(
  before: Followed | undefined,
  after: Followed,
  { nodes = true }: { readonly nodes?: boolean } = {},
): WriteSet {
  const set = new WriteSet();
  if (before?.epoch !== after.epoch || before.stopped !== after.stopped) {
    set.put(epochName, publicEpochRecord.write(storedEpoch(after.epoch, after.stopped)));
  }
  if (nodes) {
    for (const [nodeIndex, node] of nodeDifferences(after.epoch.tree.root, before?.epoch.tree.root)) {
      if (node === undefined) set.delete(nodeName(nodeIndex));
      else set.put(nodeName(nodeIndex), bytesRecord.write(encode(Node, node)));
    }
  }
  writeBeside(set, [before?.epoch, before?.before?.epoch], [after.epoch, after.before?.epoch]);
  writeProposals(set, "", before?.proposals, after.proposals);
  if (before?.before !== after.before || before?.epoch !== after.epoch) writeBefore(set, before, after);
  return set;
}

/** "before" and what is below it: nothing, where the epoch is confirmed. */
function writeBefore(set: WriteSet, was: Followed | undefined, now: Followed): void {
  if (was?.before !== undefined) {
    set.delete(beforeName);
    for (const [nodeIndex] of rollbackNodes(was)) set.delete(beforePrefix + nodeName(nodeIndex));
  }
  if (now.before !== undefined) {
    set.put(beforeName, publicEpochRecord.write(storedEpoch(now.before.epoch, false)));
    for (const [nodeIndex, node] of rollbackNodes(now)) {
      const content = node === undefined ? new Uint8Array(0) : encode(Node, node);
      set.put(beforePrefix + nodeName(nodeIndex), bytesRecord.write(content));
    }
  }
  writeProposals(set, beforePrefix, was?.before?.proposals, now.before?.proposals);
}

/** The nodes that a rollback brings back. */
function rollbackNodes({ epoch, before }: Followed): readonly NodeDifference[] {
  return before === undefined ? [] : nodeDifferences(before.epoch.tree.root, epoch.tree.root);
}

function writeProposals(
  set: WriteSet,
  prefix: string,
  before: ProposalStore | undefined,
  after: ProposalStore | undefined,
): void {
  for (const { number, ref } of before?.values() ?? []) {
    if (after?.has(ref) !== true) set.delete(prefix + proposalName(number));
  }
  for (const { number, ref, encoded: authenticated } of after?.values() ?? []) {
    if (before?.has(ref) === true) continue;
    set.put(prefix + proposalName(number), publicProposalRecord.write({ authenticated }));
  }
}

function storedEpoch(epoch: PublicEpoch, stopped: boolean): StoredPublicEpoch {
  const { suite, context, tree, interimTranscriptHash, confirmationTag, reinit } = epoch;
  return {
    suite: suite.id,
    context: encodingOf(GroupContext, context),
    interimTranscriptHash,
    confirmationTag,
    reinit: reinit === undefined ? null : encode(Proposal, reinit),
    width: tree.width,
    stopped,
  };
}
