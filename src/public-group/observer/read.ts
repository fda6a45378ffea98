/**
 * From an observer's records to what it holds.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { decode, type Codec } from "../../codec/codec.ts";
import { makeProposalRef } from "../../crypto/labels.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import type { NodeDifference } from "../../tree/difference.ts";
import { RatchetTree } from "../../tree/ratchet-tree.ts";
import { GroupContext } from "../../wire/group-context.ts";
import { Proposal } from "../../wire/proposal.ts";
import { Node, type RatchetTreeNodes } from "../../wire/ratchet-tree.ts";
import type { Followed, FollowedEpoch } from "./followed.ts";
import { ProposalStore, storedProposal } from "../proposals/proposal-store.ts";
import type { Settings } from "../options/settings.ts";
import { asDamage, readStored } from "../records/damaged.ts";
import { beforeName, beforePrefix, parseName } from "../records/names.ts";
import { inOrder, mostLeaves, nodesOf, type Records } from "../records/collected.ts";
import { publicEpochRecord, publicProposalRecord, type StoredPublicEpoch } from "./values.ts";
import { withStoredBeside, type StoredBeside } from "../records/beside.ts";
import { bytesRecord, storedReading } from "../records/record.ts";

/** An epoch as it was stored. */
interface ReadEpoch extends StoredPublicEpoch {
  /** In the order of their arrival. */
  readonly proposals: readonly (readonly [number: number, authenticated: Uint8Array])[];
}

/** Everything of an observer. */
export interface ReadFollowed {
  readonly epoch: ReadEpoch;
  readonly nodes: RatchetTreeNodes;
  readonly beside: readonly StoredBeside[];
  /** The epoch that can be rolled back to: its tree by how it differs. */
  readonly before: { readonly epoch: ReadEpoch; readonly nodes: readonly NodeDifference[] } | undefined;
}

/** The records of one epoch. */
class Sorted {
  epoch: Uint8Array | undefined;
  readonly nodes = new Map<number, Uint8Array>();
  readonly proposals = new Map<number, Uint8Array>();
  readonly beside: StoredBeside[] = [];

  add(name: string, value: Uint8Array): void {
    const parsed = parseName(name);
    if (parsed.kind === "epoch") this.epoch = value;
    else if (parsed.kind === "node") this.nodes.set(parsed.number, value);
    else if (parsed.kind === "proposal") this.proposals.set(parsed.number, value);
    else if (parsed.kind === "beside") this.beside.push({ ...parsed, value });
    else throw new CopseError("snapshot-damaged", { detail: "a record of a member" });
  }

  get size(): number {
    return this.nodes.size + this.proposals.size;
  }

  read(): ReadEpoch | undefined {
    if (this.epoch === undefined) return undefined;
    const proposals = inOrder(this.proposals).map(
      ([number, value]) => [number, publicProposalRecord.read(value).authenticated] as const,
    );
    return { ...publicEpochRecord.read(this.epoch), proposals };
  }
}

/**
 * Put an observer's records in order.
 *
 * @throws CopseError "snapshot-damaged" where one is missing or is not what was written; "snapshot-version" for one that a
 * newer version of this library wrote.
 */
export function readFollowed(records: Records): ReadFollowed {
  const [current, old] = [new Sorted(), new Sorted()];
  const names = new Set<string>();
  for (const [name, value] of records) {
    if (names.has(name)) throw new CopseError("snapshot-damaged", { detail: "two records of one name" });
    names.add(name);
    if (name === beforeName) old.epoch = value;
    else if (name.startsWith(beforePrefix)) old.add(name.slice(beforePrefix.length), value);
    else current.add(name, value);
  }
  const epoch = current.read();
  if (epoch === undefined) throw new CopseError("snapshot-damaged", { detail: "there is no record of the epoch" });
  const before = old.read();
  if (before === undefined && old.size > 0) throw new CopseError("snapshot-damaged", { detail: "nodes of no epoch" });
  return readStored(() => ({
    epoch,
    nodes: nodesOf(current.nodes, epoch.width),
    beside: current.beside,
    before: before && { epoch: before, nodes: inOrder(old.nodes).map((entry) => nodeDifference(entry, epoch, before)) },
  }));
}

function nodeDifference(
  [index, value]: readonly [number, Uint8Array],
  ...epochs: readonly StoredPublicEpoch[]
): NodeDifference {
  const width = Math.min(mostLeaves, Math.max(...epochs.map((epoch) => epoch.width)));
  if (index > 2 * (width - 1)) throw new CopseError("snapshot-damaged", { detail: "a node index beyond any tree" });
  const content = bytesRecord.read(value);
  return [index, content.length === 0 ? undefined : decode(Node, content, storedReading)];
}

/**
 * What an observer holds, from what was stored.
 *
 * @throws CopseError "snapshot-identity" where it is of another cipher suite, "snapshot-damaged".
 */
export function restoreFollowed(stored: ReadFollowed, suite: CipherSuite, settings: Settings): Followed {
  const { epoch, before, nodes } = stored;
  if (epoch.suite !== suite.id) throw new CopseError("snapshot-identity");
  const { authentication } = settings;
  const clientKey = authentication.clientKey?.bind(authentication);
  try {
    if (before === undefined) {
      const tree = RatchetTree.fromNodes(suite, nodes, clientKey);
      return { ...restoreEpoch(epoch, tree, stored.beside, settings), before: undefined, stopped: epoch.stopped };
    }
    // As they were when the commit was taken in: the current tree is a fork of the one before, and shares its nodes.
    const older = RatchetTree.fromNodes(suite, withDifferences(nodes, before.nodes), clientKey);
    const tree = older.withNodes(before.nodes.map(([index]) => [index, nodes[index]] as const));
    return {
      ...restoreEpoch(epoch, tree, stored.beside, settings),
      before: restoreEpoch(before.epoch, older, stored.beside, settings),
      stopped: epoch.stopped,
    };
  } catch (cause) {
    throw asDamage(cause);
  }
}

function withDifferences(nodes: RatchetTreeNodes, differences: readonly NodeDifference[]): RatchetTreeNodes {
  const all = [...nodes];
  for (const [index, node] of differences) {
    while (all.length <= index) all.push(undefined);
    all[index] = node;
  }
  while (all.length > 0 && all[all.length - 1] === undefined) all.pop();
  return all;
}

function restoreEpoch(
  stored: ReadEpoch,
  tree: RatchetTree,
  beside: readonly StoredBeside[],
  settings: Settings,
): FollowedEpoch {
  const { suite } = tree;
  const reading = { ...settings.reading, ...storedReading };
  const { interimTranscriptHash, confirmationTag } = stored;
  const read = <T>(codec: Codec<T>, bytes: Uint8Array): T => decode(codec, bytes, reading);
  const context = withStoredBeside(read(GroupContext, stored.context), beside, suite, settings.registry);
  // Records of several write sets, or of several groups, would not make a tree of this hash.
  if (!bytesEqual(tree.hash(), context.treeHash)) throw new CopseError("snapshot-damaged");
  const reinit = stored.reinit === null ? undefined : read(Proposal, stored.reinit);
  if (reinit !== undefined && reinit.type !== "reinit") throw new CopseError("snapshot-damaged");
  let proposals = new ProposalStore(settings.limits);
  for (const [number, bytes] of stored.proposals) {
    proposals = proposals.with(storedProposal(bytes, makeProposalRef(suite, bytes), reading), number);
  }
  return { epoch: { suite, context, tree, interimTranscriptHash, confirmationTag, reinit }, proposals };
}
