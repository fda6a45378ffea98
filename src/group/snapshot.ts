/**
 * A group as bytes, and back: complete, so that what is restored behaves exactly as the group did.
 *
 * A snapshot holds every secret of the group: whoever reads it is the member. Restore each snapshot once, the newest only;
 * two groups from one snapshot would encrypt with the same keys.
 */

import { bytesEqual } from "../bytes/compare.ts";
import { Secret } from "../bytes/secret.ts";
import { decode, encode, type Codec } from "../codec/codec.ts";
import { encodingOf } from "../codec/retained.ts";
import { makeProposalRef } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { CopseError, type ErrorCode } from "../errors.ts";
import type { CommitPurpose } from "../rules/proposal.ts";
import { SecretTree } from "../schedule/secret-tree.ts";
import { RatchetTree } from "../tree/ratchet-tree.ts";
import type { NodePrivateKey } from "../tree/treekem.ts";
import { AuthenticatedContent } from "../wire/framing.ts";
import { GroupContext } from "../wire/group-context.ts";
import { LeafNode } from "../wire/leaf-node.ts";
import { MlsMessage } from "../wire/message.ts";
import { Proposal } from "../wire/proposal.ts";
import { RatchetTreeNodes } from "../wire/ratchet-tree.ts";
import { commitEvent, nextPublicEpoch, planCommit } from "./commit-plan.ts";
import type { Epoch, LiveSecrets, PastEpoch, PublicEpoch } from "./epoch.ts";
import type { Identity } from "./identity.ts";
import type { PendingCommit } from "./pending.ts";
import { openSenderData } from "./protection.ts";
import { storedProposal } from "./proposal-store.ts";
import { trustAnyCredential, type Settings } from "./settings.ts";
import { unwrap, wrap } from "./snapshot-envelope.ts";
import { endGroup, newState, type GroupState } from "./state.ts";
import {
  asStoredGroup,
  asStoredPending,
  snapshotVersion,
  storedLimits,
  type StoredEpochSecrets,
  type StoredGroup,
  type StoredPending,
  type StoredPendingProposal,
} from "./stored.ts";

/** The whole state as bytes. */
export function takeSnapshot(state: GroupState): Uint8Array {
  const { epoch, identity, pending } = state;
  const stored: StoredGroup = {
    ...storeSecrets(epoch),
    suite: epoch.suite.id,
    signatureKey: identity.signatureKey,
    context: encodingOf(GroupContext, epoch.context),
    tree: encode(RatchetTreeNodes, epoch.tree.toNodes(), 300 * epoch.tree.size),
    interimTranscriptHash: epoch.interimTranscriptHash,
    confirmationTag: epoch.confirmationTag,
    reinit: epoch.reinit === undefined ? null : encode(Proposal, epoch.reinit),
    resumption: Array.from(state.resumption)
      .filter(([number]) => number !== epoch.context.epoch)
      .map(([number, psk]) => [String(number), bytesOf(psk)]),
    past: state.past.map((past) => ({
      context: encodingOf(GroupContext, past.context),
      leaves: differences(past, epoch),
      senderData: bytesOf(past.senderDataSecret),
      secretTree: past.secretTree.state(),
      endedAt: past.endedAt,
    })),
    proposals: Array.from(state.proposals.values(), ({ encoded, own }): StoredPendingProposal => ({
      authenticated: encoded,
      privateKey: own === undefined ? null : bytesOf(own.privateKey),
      signatureKey: own?.identity.signatureKey ?? null,
    })),
    sent: state.sent.state().map(([hash, what, number]) => [hash, what, String(number)]),
    pending: pending === undefined ? null : storePending(pending),
    encrypted: state.encrypted,
  };
  return wrap("group", snapshotVersion, stored);
}

/** A pending commit as bytes. */
export function pendingToBytes(pending: PendingCommit): Uint8Array {
  return wrap("pending", snapshotVersion, storePending(pending));
}

/** What a group is restored with. */
export interface RestoreInput {
  readonly snapshot: Uint8Array;
  readonly pending: Uint8Array | undefined;
  readonly identity: Identity;
  /** The identity of an Update or commit that was under way, where that changes it. */
  readonly nextIdentity: Identity | undefined;
  readonly skip: number;
  readonly settings: Settings;
}

/**
 * The state of a snapshot.
 *
 * @throws CopseError "snapshot-damaged", "snapshot-version", "snapshot-identity"; "pending-stale" or "wrong-group" for a
 * pending commit that is not of the snapshot's epoch or group.
 */
export async function restoreSnapshot(input: RestoreInput): Promise<GroupState> {
  const { identity, settings } = input;
  const { suite } = identity;
  const stored = asStoredGroup(unwrap("group", snapshotVersion, input.snapshot).value);
  const pending =
    input.pending === undefined
      ? stored.pending
      : asStoredPending(unwrap("pending", snapshotVersion, input.pending).value);
  if (stored.suite !== suite.id || !bytesEqual(stored.signatureKey, identity.signatureKey)) {
    throw new CopseError("snapshot-identity");
  }
  for (const { signatureKey } of stored.proposals) if (signatureKey !== null) identityOf(signatureKey, input);
  if (pending !== null) identityOf(pending.signatureKey, input);
  let state: GroupState | undefined;
  try {
    state = restoreState(stored, input);
    if (pending !== null) {
      state.pending = await restorePending(state, pending, input);
      if (input.pending !== undefined) rememberSent(state, state.pending);
    }
    for (const { secretTree, leafIndex } of [
      state.epoch,
      ...(state.pending === undefined ? [] : [state.pending.next]),
    ]) {
      secretTree.skip(leafIndex, "application", input.skip);
      secretTree.skip(leafIndex, "handshake", input.skip);
    }
    return state;
  } catch (cause) {
    if (state !== undefined) endGroup(state);
    if (cause instanceof CopseError && passed.has(cause.code)) throw cause;
    throw new CopseError("snapshot-damaged", { cause });
  }

  function restoreState(from: StoredGroup, { settings: { authentication } }: RestoreInput): GroupState {
    const context = read(GroupContext, from.context);
    const nodes = read(RatchetTreeNodes, from.tree);
    const tree = RatchetTree.fromNodes(suite, nodes, authentication.clientKey?.bind(authentication));
    const publicEpoch: PublicEpoch = {
      suite,
      context,
      tree,
      interimTranscriptHash: from.interimTranscriptHash,
      confirmationTag: from.confirmationTag,
      reinit: from.reinit === null ? undefined : asReInit(read(Proposal, from.reinit)),
    };
    const state = newState(settings, identity, restoreEpoch(suite, publicEpoch, from, settings));
    const current = state.epoch.resumptionPsk;
    state.resumption.clear();
    for (const [number, psk] of from.resumption) state.resumption.set(BigInt(number), Secret.of("resumption_psk", psk));
    state.resumption.set(context.epoch, current);
    state.past = from.past.map((past): PastEpoch => ({
      context: read(GroupContext, past.context),
      tree: tree.withLeaves(
        past.leaves.map(([leafIndex, leaf]) => [leafIndex, leaf === null ? undefined : read(LeafNode, leaf)]),
      ),
      senderDataSecret: Secret.of("sender_data_secret", past.senderData),
      secretTree: SecretTree.restore(suite, past.secretTree, settings.window),
      endedAt: past.endedAt,
    }));
    for (const proposal of from.proposals) restoreProposal(state, proposal);
    state.sent.restore(from.sent.map(([hash, what, number]) => [hash, what, BigInt(number)]));
    state.encrypted = from.encrypted;
    return state;
  }

  function restoreProposal(
    state: GroupState,
    { authenticated: bytes, privateKey, signatureKey }: StoredPendingProposal,
  ): void {
    const entry = storedProposal(bytes, makeProposalRef(suite, bytes), settings.reading);
    if (privateKey === null || signatureKey === null) state.proposals.add(entry);
    else {
      const own = { privateKey: Secret.of("node_private_key", privateKey), identity: identityOf(signatureKey, input) };
      state.proposals.add({ ...entry, own });
    }
  }

  function read<T>(codec: Codec<T>, bytes: Uint8Array): T {
    return decode(codec, bytes, { ...settings.reading, limits: storedLimits });
  }
}

/** Errors that say enough by themselves; every other one means that the bytes are not what was stored. */
const passed: ReadonlySet<ErrorCode> = new Set([
  "snapshot-identity",
  "snapshot-damaged",
  "pending-stale",
  "wrong-group",
]);

/**
 * A pending commit from beside the snapshot was made after it: the snapshot does not know that it was sent, nor that it
 * used up a generation, which must not be used again.
 */
function rememberSent(state: GroupState, { message }: PendingCommit): void {
  const { epoch } = state;
  const { context, tree, secretTree, secrets, leafIndex } = epoch;
  state.sent.add(message, { what: "commit", epoch: context.epoch });
  const sent = decode(MlsMessage, message, { ...state.settings.reading, limits: storedLimits });
  if (sent.wireFormat !== "mls_private_message") return;
  const { generation } = openSenderData(
    { context, tree, senderDataSecret: secrets.senderDataSecret },
    sent.privateMessage,
  );
  state.encrypted += secretTree.skipPast(leafIndex, "handshake", generation);
}

/**
 * A pending commit in its epoch: its tree is made again from what the commit says. The commit is ours and has been
 * checked: nobody is asked again.
 */
async function restorePending(state: GroupState, stored: StoredPending, input: RestoreInput): Promise<PendingCommit> {
  const { epoch } = state;
  const { suite } = epoch;
  const authenticated = decode(AuthenticatedContent, stored.authenticated, {
    ...input.settings.reading,
    limits: storedLimits,
  });
  const { content, sender } = authenticated.content;
  const tag = authenticated.auth.confirmationTag;
  if (content.type !== "commit" || tag === undefined) throw new CopseError("snapshot-damaged");
  if (!bytesEqual(stored.groupId, epoch.context.groupId)) throw new CopseError("wrong-group");
  if (authenticated.content.epoch !== epoch.context.epoch) throw new CopseError("pending-stale");
  const list = state.proposals.resolve(content.commit, sender);
  const purpose = purposeOf(stored.purpose);
  const trusting: Settings = {
    ...input.settings,
    limits: storedLimits,
    authentication: { ...input.settings.authentication, validate: trustAnyCredential.validate },
    lifetime: { ...input.settings.lifetime, checkAdds: false, maximum: Infinity },
  };
  const plan = await planCommit(epoch, { commit: content.commit, list, sender, purpose }, trusting);
  const publicEpoch = nextPublicEpoch(epoch, plan, authenticated, tag);
  return {
    message: stored.message,
    welcome: stored.welcome ?? undefined,
    groupInfo: stored.groupInfo ?? undefined,
    authenticated,
    list,
    purpose,
    next: restoreEpoch(suite, publicEpoch, stored, input.settings, epoch),
    change: commitEvent(epoch.tree, { ...plan, hasPath: plan.path !== undefined }, authenticated.content),
    identity: identityOf(stored.signatureKey, input),
  };
}

function storePending(pending: PendingCommit): StoredPending {
  const { message, welcome, groupInfo, authenticated, purpose, next, identity } = pending;
  return {
    ...storeSecrets(next),
    groupId: next.context.groupId,
    message,
    welcome: welcome ?? null,
    groupInfo: groupInfo ?? null,
    authenticated: encode(AuthenticatedContent, authenticated),
    purpose,
    signatureKey: identity.signatureKey,
  };
}

function storeSecrets({ secrets, resumptionPsk, secretTree, privateKeys, leafIndex }: Epoch): StoredEpochSecrets {
  return {
    secrets: [
      bytesOf(secrets.senderDataSecret),
      bytesOf(secrets.exporterSecret),
      bytesOf(secrets.externalSecret),
      bytesOf(secrets.membershipKey),
      bytesOf(secrets.epochAuthenticator),
      bytesOf(secrets.initSecret),
    ],
    resumptionPsk: bytesOf(resumptionPsk),
    secretTree: secretTree.state(),
    privateKeys: Array.from(privateKeys, ([level, key]) => [level, bytesOf(key)]),
    leafIndex,
  };
}

/** An epoch of its stored secrets. Private keys that the current epoch has, too, are shared with it. */
function restoreEpoch(
  suite: CipherSuite,
  publicEpoch: PublicEpoch,
  stored: StoredEpochSecrets,
  { window }: Settings,
  current?: Epoch,
): Epoch {
  const [senderData, exporter, external, membership, epochAuthenticator, init] = stored.secrets;
  const secrets: LiveSecrets = {
    senderDataSecret: Secret.of("sender_data_secret", senderData),
    exporterSecret: Secret.of("exporter_secret", exporter),
    externalSecret: Secret.of("external_secret", external),
    membershipKey: Secret.of("membership_key", membership),
    epochAuthenticator: Secret.of("epoch_authenticator", epochAuthenticator),
    initSecret: Secret.of("init_secret", init),
  };
  const { leafIndex } = stored;
  if (publicEpoch.tree.leaf(leafIndex) === undefined) throw new CopseError("snapshot-damaged");
  return {
    ...publicEpoch,
    leafIndex,
    secrets,
    resumptionPsk: Secret.of("resumption_psk", stored.resumptionPsk),
    secretTree: SecretTree.restore(suite, stored.secretTree, window),
    privateKeys: new Map(stored.privateKeys.map(([level, key]) => [level, sharedKey(level, key, current)])),
  };
}

function sharedKey(level: number, key: Uint8Array, current: Epoch | undefined): NodePrivateKey {
  const same = current?.privateKeys.get(level);
  if (same?.use((bytes) => bytesEqual(bytes, key)) === true) return same;
  return Secret.of("node_private_key", key);
}

function differences({ tree }: PastEpoch, epoch: Epoch): readonly (readonly [number, Uint8Array | null])[] {
  return tree
    .differencesFrom(epoch.tree)
    .map(([leafIndex, leaf]) => [leafIndex, leaf === undefined ? null : encodingOf(LeafNode, leaf)]);
}

function identityOf(signatureKey: Uint8Array, { identity, nextIdentity }: RestoreInput): Identity {
  for (const candidate of [identity, nextIdentity]) {
    if (candidate !== undefined && bytesEqual(candidate.signatureKey, signatureKey)) return candidate;
  }
  throw new CopseError("snapshot-identity", { detail: "the identity of a change that was under way is missing" });
}

function asReInit(proposal: Proposal): Extract<Proposal, { type: "reinit" }> {
  if (proposal.type !== "reinit") throw new CopseError("snapshot-damaged");
  return proposal;
}

function purposeOf(purpose: string): CommitPurpose {
  if (purpose === "ordinary" || purpose === "reinit" || purpose === "branch") return purpose;
  throw new CopseError("snapshot-damaged");
}

function bytesOf(secret: Secret<string>): Uint8Array {
  return secret.use((bytes) => bytes.slice());
}
