/**
 * Commits that break one rule and no other: every tag and signature in them is right, made with the committer's real keys,
 * and a group that did not know the rule would follow them.
 */

import { Secret } from "../../src/bytes/secret.ts";
import { encode } from "../../src/codec/codec.ts";
import { externalInitSend } from "../../src/crypto/labels.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import {
  applyProposals,
  newLeaves,
  type AddedLeaf,
  type AppliedProposals,
} from "../../src/public-group/proposals/apply-proposals.ts";
import { provisionalContext } from "../../src/public-group/plan.ts";
import { epochFromGroupInfo } from "../../src/public-group/group-info.ts";
import type { Group } from "../../src/group/group.ts";
import type { Identity } from "../../src/public-group/identity.ts";
import { leafContents } from "../../src/public-group/leaf.ts";
import { proposalRef } from "../../src/public-group/proposals/proposal-store.ts";
import { signFramedContent } from "../../src/public-group/sign.ts";
import type { PublicEpoch } from "../../src/public-group/epoch.ts";
import { settingsOf } from "../../src/public-group/options/settings-of.ts";
import type { CommittedProposal } from "../../src/rules/proposal-list.ts";
import { prepareRegistry, type ExtensionRegistry, type Registry } from "../../src/rules/registry.ts";
import { confirmationTag, deriveEpoch, deriveJoinerSecret, zeroSecret } from "../../src/schedule/key-schedule.ts";
import { pskSecret, type NamedPsk } from "../../src/schedule/psk.ts";
import { confirmedTranscriptHash } from "../../src/schedule/transcript.ts";
import { derivePath, encryptPath } from "../../src/tree/treekem.ts";
import type { ProposalOrRef } from "../../src/wire/commit.ts";
import type { AuthenticatedContent, FramedContent, FramingFormat, Sender } from "../../src/wire/framing.ts";
import { GroupContext } from "../../src/wire/group-context.ts";
import { decodeMessage, encodeMessage } from "../../src/wire/message.ts";
import type { PreSharedKeyId } from "../../src/wire/pre-shared-key.ts";
import type { Proposal } from "../../src/wire/proposal.ts";
import type { UpdatePath } from "../../src/wire/update-path.ts";
import { forge as forgeMessage, protect, saidBy, storedOf } from "../group/insider.ts";
import { trusting } from "../group/world.ts";
import { signed, treeOf, type LeafChange } from "./leaves.ts";

/** What a forger decides; the rest is as it should be. */
export interface Forgery {
  /** By value, or by reference where a `ref` is given. */
  readonly proposals?: readonly (Proposal | CommittedProposal)[];
  /** Whether there is a path. Default true. */
  readonly path?: boolean;
  /** The committer's new leaf, before it is signed. */
  readonly leaf?: LeafChange;
  /** The public keys of the path, before parent hashes are made of them. */
  readonly keys?: (keys: readonly Uint8Array[]) => readonly Uint8Array[];
  /** The whole path, after everything. */
  readonly update?: (path: UpdatePath) => UpdatePath;
  /** Leaves that are sealed to though they are new, or the reverse. */
  readonly excluded?: (added: readonly number[]) => readonly number[];
  readonly format?: FramingFormat;
  /** Fields of the framed content. */
  readonly content?: Partial<Omit<FramedContent, "content">>;
  /** Who signs the message. Default: the committer. */
  readonly signer?: Identity;
  /** The identity that the new leaf presents. Default: the committer's. */
  readonly identity?: Identity;
  /** The key of each PSK among the proposals. */
  readonly psk?: (id: PreSharedKeyId) => Uint8Array;
  readonly registry?: ExtensionRegistry;
  readonly tag?: (tag: Uint8Array) => Uint8Array;
}

interface Committer {
  readonly epoch: PublicEpoch;
  readonly initSecret: Uint8Array;
  readonly sender: Sender;
  readonly identity: Identity;
  protect(authenticated: AuthenticatedContent): Uint8Array;
}

/** A commit of a member. */
export function forgeCommit(group: Group, forgery: Forgery = {}): Promise<Uint8Array> {
  const stored = storedOf(group);
  const sender = { type: "member", leafIndex: group.self.leafIndex } as const;
  const committer: Committer = {
    epoch: publicEpochOf(group),
    initSecret: stored.secrets[5],
    sender,
    identity: group.identity,
    protect: (authenticated) => protect(group, authenticated),
  };
  return forge(committer, forgery);
}

/** A commit of somebody outside, with the ExternalInit first among its proposals unless `init` is false. */
export async function forgeExternalCommit(
  groupInfo: Uint8Array,
  identity: Identity,
  { init = true, ...forgery }: Forgery & { readonly init?: boolean } = {},
): Promise<Uint8Array> {
  const { suite } = identity;
  const { epoch, externalPub } = await epochFromGroupInfo(
    suite,
    groupInfo,
    undefined,
    settingsOf({ ...trusting, ...(forgery.registry === undefined ? {} : { registry: forgery.registry }) }),
  );
  if (externalPub === undefined) throw new TypeError("a GroupInfo for external joins was expected");
  const { kemOutput, initSecret } = await externalInitSend(suite, externalPub, platformRandom);
  const proposals: readonly (Proposal | CommittedProposal)[] = [
    ...(init ? [{ type: "external_init", kemOutput } as const] : []),
    ...(forgery.proposals ?? []),
  ];
  const committer: Committer = {
    epoch,
    initSecret,
    sender: { type: "new_member_commit" },
    identity,
    protect: ({ content, auth }) =>
      encodeMessage({ wireFormat: "mls_public_message", publicMessage: { content, auth } }),
  };
  return forge(committer, { ...forgery, proposals });
}

/** A proposal of a member that everybody has received: by reference, for a commit. */
export async function proposed(group: Group, proposal: Proposal, others: readonly Group[]): Promise<CommittedProposal> {
  const message = await forgeMessage(group, { type: "proposal", proposal }, { format: "mls_public_message" });
  for (const other of others) await other.receive(message);
  return byReference(group.suite, message);
}

/** What a commit refers to of a public message with a proposal. */
function byReference(suite: CipherSuite, message: Uint8Array): CommittedProposal & { readonly ref: Uint8Array } {
  const decoded = decodeMessage(message);
  if (decoded.wireFormat !== "mls_public_message") throw new TypeError("a public message was expected");
  const { wireFormat, publicMessage } = decoded;
  const { content, auth } = publicMessage;
  if (content.content.type !== "proposal") throw new TypeError("a proposal was expected");
  const ref = proposalRef(suite, { wireFormat, content, auth });
  return { proposal: content.content.proposal, sender: content.sender, ref };
}

/** What of a member's epoch everybody knows. */
function publicEpochOf(group: Group): PublicEpoch {
  const { interimTranscriptHash, confirmationTag: tag } = storedOf(group);
  return {
    suite: group.suite,
    context: group.groupContext,
    tree: treeOf(group),
    interimTranscriptHash,
    confirmationTag: tag,
    reinit: undefined,
  };
}

async function forge(committer: Committer, forgery: Forgery): Promise<Uint8Array> {
  const { epoch, identity } = committer;
  const { suite, context } = epoch;
  const { format = "mls_public_message" } = forgery;
  const sender = forgery.content?.sender ?? committer.sender;
  const list = (forgery.proposals ?? []).map((entry) =>
    "proposal" in entry ? entry : { proposal: entry, sender: committer.sender },
  );
  const registry = prepareRegistry(forgery.registry);
  const applied = applyAll(epoch, list, registry);
  const { tree } = applied;
  const leafIndex = committer.sender.type === "member" ? committer.sender.leafIndex : tree.reserve();
  const contents = tree.leaf(leafIndex) ?? leafContents({}, suite, { registry, grease: undefined });

  let update: UpdatePath | undefined;
  let commitSecret = zeroSecret("commit_secret", suite);
  let merged = applied;
  if (forgery.path ?? true) {
    const steps = tree.filteredDirectPath(leafIndex);
    const fresh = await derivePath(suite, steps, Secret.of("path_secret", platformRandom(suite.hashLength)));
    commitSecret = fresh.commitSecret;
    const own = fresh.nodes.map(({ publicKey }) => publicKey);
    const keys = forgery.keys?.(own) ?? own;
    const planned = tree.planPath(steps, keys);
    const leafKeys = await suite.deriveKeyPair(platformRandom(suite.hashLength));
    const { signatureKey, credential } = forgery.identity ?? identity;
    const leafNode = await signed(
      forgery.identity ?? identity,
      {
        encryptionKey: leafKeys.publicKey,
        signatureKey,
        credential,
        capabilities: contents.capabilities,
        extensions: contents.extensions,
        leafNodeSource: { type: "commit", parentHash: planned.parentHash },
      },
      { groupId: context.groupId, leafIndex },
      forgery.leaf,
    );
    tree.mergePath(leafIndex, leafNode, planned);
    merged = { ...applied, tree };
    const groupContext = encode(GroupContext, provisionalContext(context, merged));
    const excluded = forgery.excluded ?? ((added: readonly number[]) => added);
    const nodes = await encryptPath(
      { suite, path: steps, newLeaves: excluded(newLeaves(applied)), groupContext },
      { ...fresh, nodes: fresh.nodes.map((node, i) => ({ ...node, publicKey: keys[i] ?? node.publicKey })) },
      platformRandom,
    );
    update = forgery.update?.({ leafNode, nodes }) ?? { leafNode, nodes };
  }

  const content: FramedContent = {
    groupId: context.groupId,
    epoch: context.epoch,
    authenticatedData: saidBy(context),
    ...forgery.content,
    sender,
    content: { type: "commit", commit: { proposals: list.map(proposalOrRef), path: update } },
  };
  const signature = await signFramedContent(forgery.signer ?? identity, format, content, context);
  const unconfirmed: AuthenticatedContent = { wireFormat: format, content, auth: { signature } };
  const confirmed = confirmedTranscriptHash(suite, epoch.interimTranscriptHash, unconfirmed);
  const groupContext = encode(GroupContext, {
    ...provisionalContext(context, merged),
    confirmedTranscriptHash: confirmed,
  });
  const joinerSecret = deriveJoinerSecret(suite, {
    initSecret: Secret.of("init_secret", committer.initSecret.slice()),
    commitSecret,
    groupContext,
  });
  const psks = applied.psks.map((id): NamedPsk => ({ id, psk: forgery.psk?.(id) ?? new Uint8Array(32) }));
  const { epochSecrets } = deriveEpoch(suite, { joinerSecret, pskSecret: pskSecret(suite, psks), groupContext });
  const tag = confirmationTag(suite, epochSecrets.confirmationKey, confirmed);
  return committer.protect({ ...unconfirmed, auth: { signature, confirmationTag: forgery.tag?.(tag) ?? tag } });
}

/** As `applyProposals`, but whoever is added is added, also who is there already. */
function applyAll(
  { tree, context: { extensions } }: PublicEpoch,
  list: readonly CommittedProposal[],
  registry: Registry,
): AppliedProposals {
  const others = list.filter(({ proposal }) => proposal.type !== "add");
  const applied = applyProposals({ tree, extensions }, others, registry);
  const added = list.flatMap(({ proposal, ref }): AddedLeaf[] => {
    if (proposal.type !== "add") return [];
    const { keyPackage } = proposal;
    return [{ leafIndex: applied.tree.add(keyPackage.leafNode), keyPackage, checked: ref !== undefined }];
  });
  return { ...applied, added };
}

function proposalOrRef({ proposal, ref }: CommittedProposal): ProposalOrRef {
  return ref === undefined ? { type: "proposal", proposal } : { type: "reference", reference: ref };
}
