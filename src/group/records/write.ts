/**
 * What an operation has to store: the records that are others after it than before. RFC 9420 sections 8.6, 9.2.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { nothing } from "../../bytes/nothing.ts";
import type { Secret } from "../../bytes/secret.ts";
import { encode } from "../../codec/codec.ts";
import { encodingOf } from "../../codec/retained.ts";
import { nodeDifferences } from "../../tree/difference.ts";
import type { LeafLookup } from "../../tree/ratchet-tree.ts";
import { AuthenticatedContent } from "../../wire/framing.ts";
import { LeafNode } from "../../wire/leaf-node.ts";
import { Proposal } from "../../wire/proposal.ts";
import { Node } from "../../wire/ratchet-tree.ts";
import type { Epoch, PastEpoch } from "../held/epoch.ts";
import type { PendingCommit } from "../held/pending.ts";
import type { KeptMessage } from "../held/sent.ts";
import type { Held } from "../held/held.ts";
import {
  epochName,
  exportName,
  nodeName,
  pastName,
  pendingMessageNames,
  pendingName,
  proposalName,
  pskName,
} from "../../public-group/records/names.ts";
import {
  epochRecord,
  pastRecord,
  pendingRecord,
  proposalRecord,
  secretRecord,
  type StoredEpochSecrets,
  type StoredSent,
} from "./values.ts";
import type { NumberedProposal } from "../../public-group/proposals/proposal-store.ts";
import { writeBeside } from "../../public-group/records/beside.ts";
import { bytesRecord } from "../../public-group/records/record.ts";
import { storeContext, writeExtensions } from "./contexts.ts";
import { removalToBytes } from "./removal.ts";
import { deleteParts, putParts } from "./write-parts.ts";
import { WriteSet } from "../../public-group/records/write-set.ts";
import { ownUpdateOf } from "../held/own-updates.ts";

/** The parts of what is held that have records of their own. Messages that were encrypted are counted beside them. */
const storedParts = [
  "epoch",
  "identity",
  "past",
  "resumption",
  "exporter",
  "proposals",
  "withdrawn",
  "ownUpdates",
  "pending",
  "gone",
] as const;

/**
 * The records that differ between two states of a group; where there was none before, all but its sent messages. Secret
 * trees that both states have are not compared: each of them notes what has changed in it.
 */
export function changesBetween(
  before: Held | undefined,
  after: Held,
  { nodes = true }: { readonly nodes?: boolean } = {},
): WriteSet {
  const set = new WriteSet();
  if (before !== undefined && storedParts.every((part) => before[part] === after[part])) return set;
  writeEpoch(set, before, after);
  if (nodes) writeNodes(set, before, after);
  writeSecretTrees(set, before, after);
  writePast(set, before, after);
  writeExtensions(set, before, after);
  writeResumption(set, before, after);
  writeExporter(set, before, after);
  writeProposals(set, before, after);
  writePending(set, before?.pending, after.pending);
  return set;
}

/** "epoch": of a group that is over for us the public half stays. */
function writeEpoch(set: WriteSet, before: Held | undefined, after: Held): void {
  const { epoch, identity, gone, removal } = after;
  if (before?.epoch !== epoch || before.identity !== identity || before.gone !== gone) {
    const { suite, context, interimTranscriptHash, confirmationTag, reinit } = epoch;
    const record = epochRecord.write({
      ...(gone ? { ...noSecrets, leafIndex: epoch.leafIndex } : storeSecrets(epoch)),
      suite: suite.id,
      signatureKey: identity.signatureKey,
      ...storeContext(suite, context),
      interimTranscriptHash,
      confirmationTag,
      reinit: reinit === undefined ? null : encode(Proposal, reinit),
      gone,
      ...(removal !== undefined && { removal: removalToBytes(removal) }),
    });
    set.put(epochName, record);
    writeBeside(set, [before?.epoch], [epoch]);
  }
}

/** "node" */
function writeNodes(set: WriteSet, before: Held | undefined, { epoch }: Held): void {
  for (const [nodeIndex, node] of nodeDifferences(epoch.tree.root, before?.epoch.tree.root)) {
    if (node === undefined) set.delete(nodeName(nodeIndex));
    else set.put(nodeName(nodeIndex), bytesRecord.write(encode(Node, node)));
  }
}

/** "secret", "ratchet" and "key" of the trees that only one of the states has. */
function writeSecretTrees(set: WriteSet, before: Held | undefined, after: Held): void {
  const [old, now] = [secretTreesOf(before), secretTreesOf(after)];
  for (const [number, tree] of old) if (now.get(number) !== tree) deleteParts(set, number, tree.storedNames());
  for (const [number, tree] of now) if (old.get(number) !== tree) putParts(set, number, tree.parts());
}

/** The secret trees of the current epoch and the past ones, by the epoch's number. */
function secretTreesOf(held: Held | undefined): ReadonlyMap<bigint, Epoch["secretTree"]> {
  if (held === undefined || held.gone) return new Map();
  return new Map([held.epoch, ...held.past].map(({ context, secretTree }) => [context.epoch, secretTree]));
}

/** "past": a past epoch's leaves are told by how they differ from those of the epoch that is kept after it. */
function writePast(set: WriteSet, before: Held | undefined, after: Held): void {
  const old = successorsOf(before);
  const now = successorsOf(after);
  for (const past of old.keys()) if (!now.has(past)) set.delete(pastName(past.context.epoch));
  for (const [past, next] of now) {
    if (old.get(past) === next) continue;
    const { context, senderDataSecret, secretTree, endedAt, tree } = past;
    const leaves = tree
      .differencesFrom(next)
      .map(([leafIndex, leaf]) => [leafIndex, leaf === undefined ? null : encodingOf(LeafNode, leaf)] as const);
    const record = pastRecord.write({
      ...storeContext(after.epoch.suite, context),
      senderData: bytesOf(senderDataSecret),
      leaves: Object.fromEntries(leaves),
      width: secretTree.width,
      endedAt,
    });
    set.put(pastName(context.epoch), record);
  }
}

/** Each past epoch with the tree of the one that is kept after it. */
function successorsOf(held: Held | undefined): ReadonlyMap<PastEpoch, LeafLookup> {
  if (held === undefined) return new Map();
  return new Map(held.past.map((past, i) => [past, held.past[i + 1]?.tree ?? held.epoch.tree]));
}

/** "psk" */
function writeResumption(set: WriteSet, before: Held | undefined, { resumption }: Held): void {
  for (const number of before?.resumption.keys() ?? []) if (!resumption.has(number)) set.delete(pskName(number));
  for (const [number, psk] of resumption) {
    if (before?.resumption.get(number) !== psk) set.put(pskName(number), secretRecord.write({ secret: bytesOf(psk) }));
  }
}

/** "export" */
function writeExporter(set: WriteSet, before: Held | undefined, { exporter }: Held): void {
  for (const nodeIndex of before?.exporter.keys() ?? []) {
    if (!exporter.has(nodeIndex)) set.delete(exportName(nodeIndex));
  }
  for (const [nodeIndex, secret] of exporter) {
    if (before?.exporter.get(nodeIndex) === secret) continue;
    set.put(exportName(nodeIndex), secretRecord.write({ secret: bytesOf(secret) }));
  }
}

/** "proposal" */
function writeProposals(set: WriteSet, before: Held | undefined, after: Held): void {
  const [old, now] = [keptOf(before), keptOf(after)];
  for (const number of old.keys()) if (!now.has(number)) set.delete(proposalName(number));
  for (const [number, { entry, withdrawn }] of now) {
    const stored = old.get(number);
    const { ref, encoded } = entry;
    if (stored?.withdrawn === withdrawn && bytesEqual(stored.entry.ref, ref)) continue;
    const own = ownUpdateOf(after.ownUpdates, ref);
    const record = proposalRecord.write({
      authenticated: encoded,
      privateKey: own === undefined ? null : bytesOf(own.privateKey),
      signatureKey: own?.identity.signatureKey ?? null,
      ...(withdrawn && { withdrawn }),
    });
    set.put(proposalName(number), record);
  }
}

interface KeptProposal {
  readonly entry: NumberedProposal;
  readonly withdrawn: boolean;
}

/** What is stored of proposals, by number. */
function keptOf(held: Held | undefined): ReadonlyMap<number, KeptProposal> {
  const kept = new Map<number, KeptProposal>();
  for (const entry of held?.proposals.values() ?? []) kept.set(entry.number, { entry, withdrawn: false });
  const withdrawn = held?.withdrawn;
  if (withdrawn !== undefined) kept.set(withdrawn.number, { entry: withdrawn, withdrawn: true });
  return kept;
}

/** "pending", with the secret tree of the epoch that it begins. */
export function writePending(set: WriteSet, before: PendingCommit | undefined, after: PendingCommit | undefined): void {
  if (before === after) return;
  if (before !== undefined) {
    set.delete(pendingName);
    for (const name of Object.values(pendingMessageNames)) set.delete(name);
    deleteParts(set, "next", before.next.secretTree.storedNames());
  }
  if (after === undefined) return;
  const { next, authenticated, purpose, identity, message, welcome, groupInfo } = after;
  const { applicationExportSecret } = next;
  const record = pendingRecord.write({
    ...storeSecrets(next),
    resumptionPsk: bytesOf(next.resumptionPsk),
    ...(applicationExportSecret !== undefined && { applicationExport: bytesOf(applicationExportSecret) }),
    groupId: next.context.groupId,
    authenticated: encode(AuthenticatedContent, withoutCiphertexts(authenticated)),
    confirmedTranscriptHash: next.context.confirmedTranscriptHash,
    purpose,
    signatureKey: identity.signatureKey,
  });
  set.put(pendingName, record);
  set.put(pendingMessageNames.message, bytesRecord.write(message));
  if (welcome !== undefined) set.put(pendingMessageNames.welcome, bytesRecord.write(welcome));
  if (groupInfo !== undefined) set.put(pendingMessageNames.groupInfo, bytesRecord.write(groupInfo));
  putParts(set, "next", next.secretTree.parts());
}

/** A commit as its sender needs it to make the next epoch's tree again: what its path encrypts is for others. */
function withoutCiphertexts({ content: framed, ...authenticated }: AuthenticatedContent): AuthenticatedContent {
  const { content } = framed;
  if (content.type !== "commit" || content.commit.path === undefined) return { ...authenticated, content: framed };
  const { path } = content.commit;
  const nodes = path.nodes.map(({ encryptionKey }) => ({ encryptionKey, encryptedPathSecret: [] }));
  const commit = { ...content.commit, path: { ...path, nodes } };
  return { ...authenticated, content: { ...framed, content: { type: "commit", commit } } };
}

/**
 * The value of a "sent" record: the half of the message's hash, which in memory is a string of characters, as bytes.
 */
export function sentValue({ key, what, epoch }: KeptMessage): StoredSent {
  const hash = new Uint8Array(key.length);
  for (let i = 0; i < key.length; i++) hash[i] = key.charCodeAt(i);
  return { hash, what, epoch: String(epoch) };
}

function storeSecrets({ secrets, secretTree, privateKeys, leafIndex }: Epoch): StoredEpochSecrets {
  return {
    secrets: {
      senderData: bytesOf(secrets.senderDataSecret),
      exporter: bytesOf(secrets.exporterSecret),
      external: bytesOf(secrets.externalSecret),
      membership: bytesOf(secrets.membershipKey),
      epochAuthenticator: bytesOf(secrets.epochAuthenticator),
      init: bytesOf(secrets.initSecret),
    },
    privateKeys: Object.fromEntries(Array.from(privateKeys, ([level, key]) => [level, bytesOf(key)])),
    leafIndex,
    width: secretTree.width,
  };
}

/** What stands for the secrets in the "epoch" record of a group that is over: they are empty. */
const noSecrets: Omit<StoredEpochSecrets, "leafIndex"> = {
  secrets: {
    senderData: nothing,
    exporter: nothing,
    external: nothing,
    membership: nothing,
    epochAuthenticator: nothing,
    init: nothing,
  },
  privateKeys: {},
  width: 1,
};

function bytesOf(secret: Secret<string>): Uint8Array {
  return secret.use((bytes) => bytes.slice());
}
