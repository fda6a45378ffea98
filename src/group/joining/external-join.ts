/**
 * Joining a group by an external commit. RFC 9420 section 12.4.3.2.
 */

import { checkUint } from "../../bytes/numbers.ts";
import { Secret } from "../../bytes/secret.ts";
import { externalInitSend } from "../../crypto/labels.ts";
import { CopseError } from "../../errors.ts";
import { checkEpoch } from "../../rules/commit.ts";
import {
  checkExternalCommitTypes,
  checkExternalPubIsThere,
  checkNoReferences,
  checkReferredSender,
} from "../../rules/external-commit.ts";
import { changedLeaf, checkNotYetChanged, type CommittedProposal } from "../../rules/proposal-list.ts";
import { checkGroupIsNew } from "../../rules/welcome.ts";
import { decodeMessage } from "../../wire/message.ts";
import type { PreSharedKeyId } from "../../wire/pre-shared-key.ts";
import type { CustomProposal, Proposal } from "../../wire/proposal.ts";
import { createCommit, type CreatedCommit } from "../sending/commit-create.ts";
import type { PublicEpoch } from "../../public-group/epoch.ts";
import { framedAuthenticatedData } from "../../public-group/content.ts";
import type { Member } from "../../public-group/events.ts";
import { handshakeFor, checkPublicSignature } from "../../public-group/gate.ts";
import { epochFromGroupInfo } from "../../public-group/group-info.ts";
import type { Identity } from "../../public-group/identity.ts";
import type { LeafContents } from "../../public-group/leaf.ts";
import { membersOf } from "../../public-group/member.ts";
import { proposalRef } from "../../public-group/proposals/proposal-store.ts";
import type { PskSource } from "../held/psks.ts";
import { type GroupInfoRequirements } from "../../public-group/requirements.ts";
import type { Settings } from "../../public-group/options/settings.ts";
import { checkProposal } from "../../public-group/validate.ts";

/** What an external join needs. */
export interface ExternalJoinInput {
  readonly identity: Identity;
  readonly leaf: LeafContents;
  readonly groupInfo: Uint8Array;
  readonly ratchetTree: Uint8Array | undefined;
  /** The leaf of an old appearance of this client, which the join removes (resync). */
  readonly replace: number | ((members: Iterable<Member>) => number | undefined) | undefined;
  readonly require: GroupInfoRequirements;
  /** MLSMessages with proposals to refer to. */
  readonly proposals: readonly Uint8Array[];
  readonly psks: readonly PreSharedKeyId[];
  readonly custom: readonly CustomProposal[];
  readonly pskSources: readonly PskSource[];
  readonly authenticatedData: Uint8Array | undefined;
  readonly settings: Settings;
}

/** An external commit, and the epoch that it begins once the group has accepted it. */
export async function createExternalCommit(
  input: ExternalJoinInput,
): Promise<CreatedCommit & { readonly previous: PublicEpoch; readonly leftOut: readonly LeftOut[] }> {
  const { identity, settings } = input;
  const { suite } = identity;
  const { epoch, externalPub: publicKey } = await epochFromGroupInfo(
    suite,
    input.groupInfo,
    input.ratchetTree,
    settings,
    input.require,
  );
  checkExternalPubIsThere(publicKey);
  const replace = typeof input.replace === "function" ? input.replace(membersOf(epoch.tree)) : input.replace;
  if (replace !== undefined) checkUint("replace", replace, 32);
  if (replace === undefined) await checkGroupIsNew(epoch.context.groupId, settings.hasGroup);
  // What the commit holds by value goes first: an ExternalInit, and perhaps a Remove.
  const own = 1 + (replace === undefined ? 0 : 1) + input.psks.length + input.custom.length;
  const room = settings.limits.proposals - own;
  const { referred, leftOut } = await referredProposals(input.proposals, epoch, settings, room);
  const leaving = new Set(referred.map((entry) => changedLeaf(entry, settings.registry)));
  const { kemOutput, initSecret } = await externalInitSend(suite, publicKey, settings.random);
  const secret = Secret.of("init_secret", initSecret);
  const proposals: Proposal[] = [{ type: "external_init", kemOutput }];
  if (replace !== undefined && !leaving.has(replace)) proposals.push({ type: "remove", removed: replace });
  for (const psk of input.psks) proposals.push({ type: "psk", psk });
  proposals.push(...input.custom);
  const list = proposals.map((proposal): CommittedProposal => ({ proposal, sender: { type: "new_member_commit" } }));
  try {
    list.push(...referred);
    const created = await createCommit(epoch, {
      list,
      committer: { type: "new_member_commit", initSecret: secret },
      identity,
      leaf: input.leaf,
      path: true,
      wireFormat: "mls_public_message",
      authenticatedData: framedAuthenticatedData(input.authenticatedData, epoch.context, settings.registry),
      groupInfo: {},
      purpose: "ordinary",
      psks: input.pskSources,
      settings,
    });
    return { ...created, previous: epoch, leftOut };
  } finally {
    secret.wipe();
  }
}

/** A proposal that an external commit was to refer to, and does not. */
export interface LeftOut {
  /** Its place in `proposals`. */
  readonly index: number;
  /** Why. */
  readonly error: CopseError;
}

/**
 * What an external commit refers to. Extensions draft, section 6.3: "The new joiner MUST validate the SelfRemove Proposal before
 * including it by reference": whoever has handed on another one keeps nobody out. The second of a member is left out as well.
 * extensions 6.3 (10)
 */
async function referredProposals(
  proposals: readonly Uint8Array[],
  epoch: PublicEpoch,
  settings: Settings,
  room: number,
): Promise<{ readonly referred: readonly CommittedProposal[]; readonly leftOut: readonly LeftOut[] }> {
  const referred: CommittedProposal[] = [];
  const leftOut: LeftOut[] = [];
  const changed = new Set<number>();
  for (const [index, bytes] of proposals.entries()) {
    try {
      const isFull = index >= settings.limits.proposals || referred.length >= room;
      if (isFull) throw new CopseError("limit-exceeded", { limit: "proposals" });
      const entry = await readMemberProposal(bytes, epoch, settings);
      const leafIndex = changedLeaf(entry, settings.registry) ?? -1;
      checkNotYetChanged(leafIndex, changed);
      if (leafIndex >= 0) changed.add(leafIndex);
      referred.push(entry);
    } catch (error) {
      if (!(error instanceof CopseError)) throw error;
      leftOut.push({ index, error });
    }
  }
  return { referred, leftOut };
}

/**
 * A member's proposal, as somebody outside can check it: all but its membership tag, and as an external commit may refer to it.
 */
async function readMemberProposal(
  bytes: Uint8Array,
  epoch: PublicEpoch,
  settings: Settings,
): Promise<CommittedProposal> {
  const message = decodeMessage(bytes, settings.reading);
  const content = message.wireFormat === "mls_public_message" ? message.publicMessage.content : undefined;
  if (message.wireFormat !== "mls_public_message" || content?.content.type !== "proposal") {
    throw new CopseError("not-a-group-message", { detail: "not a public proposal" });
  }
  const { sender } = content;
  const { proposal } = content.content;
  handshakeFor(content, epoch.context, settings); // a message of a later epoch is refused by the next line
  checkEpoch(content, epoch.context, "valn1307");
  checkReferredSender(sender);
  const { wireFormat } = message;
  const authenticated = { wireFormat, content, auth: message.publicMessage.auth };
  const entry: CommittedProposal = { proposal, sender, ref: proposalRef(epoch.suite, authenticated) };
  checkExternalCommitTypes([entry], settings.registry);
  checkNoReferences([entry], settings.registry);
  await checkPublicSignature(epoch, authenticated, settings);
  await checkProposal(proposal, sender, {
    epoch,
    settings,
    purpose: "ordinary",
    direction: "receiving",
    wireFormat,
  });
  return entry;
}
