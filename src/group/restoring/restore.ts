/**
 * From what was stored to a group: the state that goes on where the stored one was.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { Secret } from "../../bytes/secret.ts";
import { decode, encode, type Codec } from "../../codec/codec.ts";
import { unlimited } from "../../codec/limits.ts";
import { makeProposalRef } from "../../crypto/labels.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import { restoreExporterTree } from "../../schedule/exporter-tree.ts";
import { SecretTree } from "../../schedule/secret-tree.ts";
import { RatchetTree, type LeafLookup } from "../../tree/ratchet-tree.ts";
import type { NodePrivateKey } from "../../tree/treekem.ts";
import { Credential } from "../../wire/credential.ts";
import { AuthenticatedContent } from "../../wire/framing.ts";
import { GroupContext } from "../../wire/group-context.ts";
import { LeafNode } from "../../wire/leaf-node.ts";
import { MlsMessage } from "../../wire/message.ts";
import { Proposal } from "../../wire/proposal.ts";
import { commitEvent, nextPublicEpoch, planCommit, publicEpochOf } from "../../public-group/plan.ts";
import { ownLeaf, type Epoch, type LiveSecrets, type PastEpoch } from "../held/epoch.ts";
import type { Identity } from "../../public-group/identity.ts";
import { withOwnUpdate } from "../held/own-updates.ts";
import type { PendingCommit } from "../held/pending.ts";
import { storedProposal } from "../../public-group/proposals/proposal-store.ts";
import { openSenderData } from "../protection.ts";
import type { PublicEpoch } from "../../public-group/epoch.ts";
import { trustAnyCredential, type Settings } from "../../public-group/options/settings.ts";
import { heldBy, newState, wipeState, type GroupState } from "../state.ts";
import { asDamage } from "../../public-group/records/damaged.ts";
import { removalFromBytes } from "../records/removal.ts";
import { isWhole } from "../records/contexts.ts";
import { Ledger } from "../records/ledger.ts";
import { keptMessage } from "../held/sent.ts";
import { withStoredBeside } from "../../public-group/records/beside.ts";
import { sentName } from "../../public-group/records/names.ts";
import type { ReadGroup, ReadPast, ReadPending } from "../records/read.ts";
import type { StoredEpochSecrets, StoredProposalRecord } from "../records/values.ts";
import { storedReading } from "../../public-group/records/record.ts";

/** What a group is restored with. */
export interface RestoreInput {
  readonly stored: ReadGroup;
  /** Whether the store that `persist` writes to is where it comes from. */
  readonly isInStore: boolean;
  /** A pending commit from beside it. */
  readonly pending: ReadPending | undefined;
  readonly identity: Identity;
  /** Identities that Updates and a commit under way change to, and that one of them may have changed to since. */
  readonly nextIdentities: readonly Identity[];
  readonly skip: number;
  readonly settings: Settings;
}

/**
 * The state of a stored group. What the store doesn't have of it goes there with its next write.
 *
 * @throws CopseError "snapshot-damaged", "snapshot-identity"; "pending-stale" or "wrong-group" for a pending commit that is
 * not of the group's epoch, or not of the group.
 */
export async function restoreState(input: RestoreInput): Promise<GroupState> {
  const { stored, settings } = input;
  if (stored.epoch.suite !== input.identity.suite.id) throw new CopseError("snapshot-identity");
  identityOf(stored.epoch.signatureKey, input);
  const pending = input.pending ?? stored.pending;
  for (const [, { signatureKey }] of stored.proposals) if (signatureKey !== null) identityOf(signatureKey, input);
  if (pending !== undefined) identityOf(pending.signatureKey, input);
  let state: GroupState | undefined;
  try {
    state = await readState(input);
    if (settings.persist !== undefined) attachLedger(state, settings.persist, input);
    if (input.pending !== undefined) {
      state.pending = await restorePending(state, input.pending, input);
      rememberSent(state, state.pending);
    }
    if (!state.gone) skip(state, input.skip);
    return state;
  } catch (cause) {
    if (state !== undefined) wipeState(state);
    throw asDamage(cause);
  }
}

async function readState(input: RestoreInput): Promise<GroupState> {
  const { stored, settings } = input;
  const { suite } = input.identity;
  const { context, interimTranscriptHash, confirmationTag, reinit, gone, removal } = stored.epoch;
  const tree = RatchetTree.fromNodes(suite, stored.nodes, settings.authentication.clientKey);
  const publicEpoch: PublicEpoch = {
    suite,
    context: withStoredBeside(decode(GroupContext, context, storedReading), stored.beside, suite, settings.registry),
    tree,
    interimTranscriptHash,
    confirmationTag,
    reinit: reinit === null ? undefined : asReInit(read(Proposal, reinit, settings)),
  };
  const number = publicEpoch.context.epoch;
  const resumption = new Map(stored.resumption.map(([of, psk]) => [of, Secret.of("resumption_psk", psk)]));
  const current = gone ? Secret.of("resumption_psk", new Uint8Array(0)) : resumption.get(number);
  if (current === undefined) throw new CopseError("snapshot-damaged");
  // Records of several write sets, or of several groups, would not make a tree of this hash. A snapshot is of one moment, as its
  // checksum says: its tree is hashed when a commit asks for it, and not where one message is to be opened.
  const { treeHash } = publicEpoch.context;
  const hash = input.isInStore ? tree.hash() : treeHash;
  if (!bytesEqual(hash, treeHash)) throw new CopseError("snapshot-damaged");
  const epoch = restoreEpoch(
    publicEpoch,
    stored.epoch,
    { secretTree: stored.secretTree, resumptionPsk: current, applicationExportSecret: undefined },
    settings,
  );
  const state = newState(settings, identityOf(stored.epoch.signatureKey, input, ownLeaf(epoch)), epoch);
  state.gone = gone;
  state.removal = removal && removalFromBytes(removal);
  state.resumption = resumption;
  if (!gone) state.exporter = restoreExporterTree(suite, stored.exporter);
  state.past = restorePast(suite, stored.past, tree, settings);
  for (const [at, proposal] of stored.proposals) restoreProposal(state, at, proposal, input);
  for (const [at, { hash, what, epoch: of }] of stored.sent) {
    state.sent.keep(keptMessage(at, hash, { what, epoch: BigInt(of) }));
  }
  const { sent, encrypted } = stored.sending;
  // As many generations of ours are used up as messages were encrypted, at least: an older ratchet would use keys again.
  if (!gone && usedBy(stored.secretTree, epoch.leafIndex) < encrypted) throw new CopseError("snapshot-damaged");
  state.sent.next = sent;
  state.encrypted = encrypted;
  if (stored.pending !== undefined && input.pending === undefined) {
    state.pending = await restorePending(state, stored.pending, input);
  }
  return state;
}

/** How many generations a member has used up. */
function usedBy(tree: ReadGroup["secretTree"], leafIndex: number): number {
  const leaf = tree?.leaves.find(([index]) => index === leafIndex);
  if (leaf === undefined) return 0;
  const [, [handshakes], [messages]] = leaf;
  return handshakes + messages;
}

/**
 * From here on every change of the state is stored. Where the records come from the store, and are of this version, only what
 * changes is written; else all of the state with the first write.
 */
function attachLedger(state: GroupState, persist: NonNullable<Settings["persist"]>, input: RestoreInput): void {
  const { stored, isInStore } = input;
  const kept = new Set(Array.from(state.sent.values(), ({ number }) => number));
  const leftovers = stored.sent.filter(([number]) => !kept.has(number)).map(([number]) => sentName(number));
  const isKnown = isInStore && ![stored.epoch, ...stored.past].some(isWhole);
  state.ledger = isKnown ? Ledger.of(persist, heldBy(state), state.sent, leftovers) : new Ledger(persist);
}

/** The past epochs: the leaves of each are told by how they differ from those of the one after it. */
function restorePast(
  suite: CipherSuite,
  stored: readonly ReadPast[],
  tree: RatchetTree,
  settings: Settings,
): readonly PastEpoch[] {
  const past: PastEpoch[] = [];
  let next: LeafLookup = tree;
  for (const { leaves, leavesOf, context, senderData, secretTree, endedAt } of [...stored].reverse()) {
    const differences = Object.entries(leaves).map(
      ([leafIndex, leaf]) => [Number(leafIndex), leaf === null ? undefined : read(LeafNode, leaf, settings)] as const,
    );
    const lookup = (leavesOf === "next" ? next : tree).withLeaves(differences);
    past.unshift({
      context: decode(GroupContext, context, storedReading),
      tree: lookup,
      senderDataSecret: Secret.of("sender_data_secret", senderData),
      secretTree: SecretTree.restore(suite, secretTree, settings.window),
      endedAt,
    });
    next = lookup;
  }
  return past;
}

function restoreProposal(
  state: GroupState,
  number: number,
  { authenticated, privateKey, signatureKey, withdrawn }: StoredProposalRecord,
  input: RestoreInput,
): void {
  const { settings, epoch } = state;
  const reading = { ...settings.reading, ...storedReading };
  const entry = storedProposal(authenticated, makeProposalRef(epoch.suite, authenticated), reading);
  state.proposals = state.proposals.with(entry, number);
  if (withdrawn === true) {
    // What is proposed behind it takes no number of its record.
    state.proposals = state.proposals.without(entry.ref);
    state.withdrawn = { ...entry, number };
  }
  if (privateKey === null || signatureKey === null) return;
  const leaf = entry.proposal.type === "update" ? entry.proposal.leafNode : undefined;
  const own = {
    privateKey: Secret.of("node_private_key", privateKey),
    identity: identityOf(signatureKey, input, leaf),
  };
  state.ownUpdates = withOwnUpdate(state.ownUpdates, entry.ref, own);
}

/**
 * A pending commit from beside a snapshot was made after it: the snapshot does not know that it was sent, nor that it used up
 * a generation, which must not be used again.
 */
function rememberSent(state: GroupState, { message }: PendingCommit): void {
  const { epoch } = state;
  const { context, tree, secretTree, secrets, leafIndex } = epoch;
  if (state.sent.find(message) === undefined) state.sent.add(message, { what: "commit", epoch: context.epoch });
  const sent = read(MlsMessage, message, state.settings);
  if (sent.wireFormat !== "mls_private_message") return;
  const { generation } = openSenderData(
    { context, tree, senderDataSecret: secrets.senderDataSecret },
    sent.privateMessage,
  );
  state.encrypted += secretTree.skipPast(leafIndex, "handshake", generation);
}

/** Generations that may have been used by a copy that is lost. */
function skip({ epoch, pending }: GroupState, count: number): void {
  for (const { secretTree, leafIndex } of [epoch, ...(pending === undefined ? [] : [pending.next])]) {
    secretTree.skip(leafIndex, "application", count);
    secretTree.skip(leafIndex, "handshake", count);
  }
}

/**
 * A pending commit in its epoch: its tree is made again from what the commit says. The commit is ours and has been
 * checked: nobody is asked again.
 */
async function restorePending(state: GroupState, stored: ReadPending, input: RestoreInput): Promise<PendingCommit> {
  const { epoch } = state;
  const authenticated = read(AuthenticatedContent, stored.authenticated, input.settings);
  const { content, sender } = authenticated.content;
  const tag = authenticated.auth.confirmationTag;
  if (content.type !== "commit" || tag === undefined) {
    throw new CopseError("snapshot-damaged", { detail: "what is pending is no commit" });
  }
  if (!bytesEqual(stored.groupId, epoch.context.groupId)) throw new CopseError("wrong-group");
  if (authenticated.content.epoch !== epoch.context.epoch) throw new CopseError("pending-stale");
  const list = state.proposals.resolve(content.commit, sender);
  const trusting: Settings = {
    ...input.settings,
    limits: unlimited,
    authentication: { ...input.settings.authentication, validate: trustAnyCredential.validate },
    lifetime: { ...input.settings.lifetime, checkAdds: false, maximum: Infinity },
  };
  const plan = await planCommit(
    epoch,
    { commit: content.commit, list, sender, purpose: stored.purpose, hasCiphertexts: false },
    trusting,
  );
  if (plan.applied.added.length > 0 && stored.welcome === undefined) {
    throw new CopseError("snapshot-damaged", { detail: "there is no record of the welcome" });
  }
  const { confirmedTranscriptHash: confirmed } = stored;
  if (confirmed !== undefined && confirmed.length !== epoch.suite.hashLength) throw new CopseError("snapshot-damaged");
  const publicEpoch =
    confirmed === undefined
      ? nextPublicEpoch(epoch, plan, authenticated, tag)
      : publicEpochOf(epoch.suite, plan, confirmed, tag);
  const { purpose, secretTree, message, welcome, groupInfo, applicationExport } = stored;
  const secrets = {
    secretTree,
    resumptionPsk: Secret.of("resumption_psk", stored.resumptionPsk),
    applicationExportSecret: applicationExport && Secret.of("application_export_secret", applicationExport),
  };
  const next = restoreEpoch(publicEpoch, stored, secrets, input.settings, epoch);
  return {
    message,
    welcome,
    groupInfo,
    authenticated,
    list,
    purpose,
    next,
    change: commitEvent(epoch.tree, { ...plan, hasPath: plan.path !== undefined }, authenticated.content),
    identity: identityOf(stored.signatureKey, input, ownLeaf(next)),
  };
}

/** An epoch of its stored secrets. Private keys that the current epoch has, too, are shared with it. */
function restoreEpoch(
  publicEpoch: PublicEpoch,
  { secrets, privateKeys, leafIndex }: StoredEpochSecrets,
  others: Pick<ReadGroup, "secretTree"> & Pick<Epoch, "resumptionPsk" | "applicationExportSecret">,
  { window }: Settings,
  current?: Epoch,
): Epoch {
  const { suite, tree } = publicEpoch;
  const live: LiveSecrets = {
    senderDataSecret: Secret.of("sender_data_secret", secrets.senderData),
    exporterSecret: Secret.of("exporter_secret", secrets.exporter),
    externalSecret: Secret.of("external_secret", secrets.external),
    membershipKey: Secret.of("membership_key", secrets.membership),
    epochAuthenticator: Secret.of("epoch_authenticator", secrets.epochAuthenticator),
    initSecret: Secret.of("init_secret", secrets.init),
  };
  const keys = Object.entries(privateKeys).map(
    ([level, key]) => [Number(level), sharedKey(Number(level), key, current)] as const,
  );
  return {
    ...publicEpoch,
    leafIndex,
    secrets: live,
    resumptionPsk: others.resumptionPsk,
    applicationExportSecret: others.applicationExportSecret,
    secretTree:
      others.secretTree === undefined
        ? SecretTree.wiped(suite, tree.width, window)
        : SecretTree.restore(suite, others.secretTree, window),
    privateKeys: new Map(keys),
  };
}

function sharedKey(level: number, key: Uint8Array, current: Epoch | undefined): NodePrivateKey {
  const same = current?.privateKeys.get(level);
  if (same?.use((bytes) => bytesEqual(bytes, key)) === true) return same;
  return Secret.of("node_private_key", key);
}

/**
 * Which of the caller's identities has this signature key. Of several with one key, it is the one whose credential the leaf
 * presents.
 */
function identityOf(
  signatureKey: Uint8Array,
  { identity, nextIdentities }: Pick<RestoreInput, "identity" | "nextIdentities">,
  leaf?: LeafNode,
): Identity {
  const known = [identity, ...nextIdentities].filter((candidate) => bytesEqual(candidate.signatureKey, signatureKey));
  const [first] = known;
  if (first === undefined) {
    throw new CopseError("snapshot-identity", {
      detail: "the identity of the leaf, or of a change under way, is missing",
    });
  }
  if (leaf === undefined || known.length === 1) return first;
  const presented = encode(Credential, leaf.credential);
  return known.find(({ credential }) => bytesEqual(encode(Credential, credential), presented)) ?? first;
}

function read<T>(codec: Codec<T>, bytes: Uint8Array, { reading }: Settings): T {
  return decode(codec, bytes, { ...reading, ...storedReading });
}

function asReInit(proposal: Proposal): Extract<Proposal, { type: "reinit" }> {
  if (proposal.type !== "reinit") throw new CopseError("snapshot-damaged");
  return proposal;
}
