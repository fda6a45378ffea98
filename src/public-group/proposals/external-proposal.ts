/**
 * Proposals from outside the group, by a sender that the group has listed. RFC 9420 section 12.1.8.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { nothing } from "../../bytes/nothing.ts";
import { bytes, hook, options as optionsOf, uint32, uint64, type Shape } from "../../bytes/takes.ts";
import { platformRandom } from "../../crypto/random.ts";
import type { Random } from "../../crypto/provider.ts";
import { checkExternalSenderProposal } from "../../rules/external-proposal.ts";
import type { LifetimePolicy } from "../../rules/leaf-node.ts";
import { prepareRegistry, registryTakes, type ExtensionRegistry } from "../../rules/registry.ts";
import type { FramedContent, Sender } from "../../wire/framing.ts";
import type { GroupContext } from "../../wire/group-context.ts";
import { encodeMessage } from "../../wire/message.ts";
import type { Proposal } from "../../wire/proposal.ts";
import { mls10 } from "../../wire/registries.ts";
import { plainChangeTakes, proposalOf, type PlainChange } from "./changes.ts";
import { checkedClock, type Clock } from "../../bytes/clock.ts";
import type { Identity } from "../identity.ts";
import { signFramedContent } from "../sign.ts";
import { trustAnyCredential } from "../options/settings.ts";
import { settingsOf } from "../options/settings-of.ts";
import { identity as anIdentity, lifetime as lifetimeTakes } from "../options/takes.ts";
import { checkSentKeyPackage } from "../validate.ts";

/** The epoch of a group, as somebody outside knows it. */
export interface OutsideView {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  /** Not encrypted, but authenticated. Default: empty. */
  readonly authenticatedData?: Uint8Array;
}

/** What an external sender proposes. An Update is not among it: only members have a leaf. */
export interface ExternalProposalOptions extends OutsideView {
  /** The key of the external sender, of the group's cipher suite. */
  readonly identity: Identity;
  /** Its index in the group's external_senders extension. */
  readonly senderIndex: number;
  readonly change: PlainChange;
  readonly registry?: ExtensionRegistry;
  /** Of an Add: how its key package's lifetime is taken, as the group's members take it. */
  readonly lifetime?: Partial<LifetimePolicy>;
  readonly clock?: Clock;
  readonly random?: Random;
}

export const viewShape: Shape<OutsideView> = { groupId: bytes, epoch: uint64, authenticatedData: bytes };
const shape: Shape<ExternalProposalOptions> = {
  ...viewShape,
  identity: anIdentity,
  senderIndex: uint32,
  change: plainChangeTakes,
  registry: registryTakes,
  lifetime: lifetimeTakes,
  clock: hook,
  random: hook,
};
const takenOptions = /* @__PURE__ */ optionsOf(shape, "groupId", "epoch", "identity", "senderIndex", "change");

/**
 * A proposal of an external sender: the MLSMessage for the group. RFC 9420 section 12.1.8
 *
 * @throws CopseError "external-sender-proposal" for a custom type that external senders may not send; that of the rule which
 * a key package breaks. Whom its credential stands for is yours to judge.
 */
export async function proposeAsExternalSender(options: ExternalProposalOptions): Promise<Bytes> {
  takenOptions("proposeAsExternalSender", options);
  const { identity, senderIndex, change, random = platformRandom } = options;
  const { registry, lifetime } = options;
  const given = { ...(registry && { registry }), ...(lifetime && { lifetime }) };
  const clock = checkedClock(options.clock);
  const settings = settingsOf({ authentication: trustAnyCredential, random, clock, ...given });
  const proposal = proposalOf(change, identity.suite, settings);
  checkExternalSenderProposal(proposal, prepareRegistry(options.registry));
  if (proposal.type === "add") await checkSentKeyPackage(identity.suite, proposal.keyPackage, settings);
  return proposeFromOutside(options, identity, { type: "external", senderIndex }, proposal);
}

/** A proposal as a public message of whoever is not in the group. */
export async function proposeFromOutside(
  view: OutsideView,
  identity: Identity,
  sender: Sender,
  proposal: Proposal,
): Promise<Bytes> {
  const content: FramedContent = {
    groupId: copyBytes(view.groupId),
    epoch: view.epoch,
    sender,
    authenticatedData: copyBytes(view.authenticatedData ?? nothing),
    content: { type: "proposal", proposal },
  };
  const signature = await signFramedContent(identity, "mls_public_message", content, unsignedContext(view, identity));
  return encodeMessage({ wireFormat: "mls_public_message", publicMessage: { content, auth: { signature } } });
}

/** Section 6.1: the signature of a sender outside does not cover the group context; nothing of this is signed. */
function unsignedContext({ groupId, epoch }: OutsideView, { suite }: Identity): GroupContext {
  return {
    version: mls10,
    cipherSuite: suite.id,
    groupId,
    epoch,
    treeHash: nothing,
    confirmedTranscriptHash: nothing,
    extensions: [],
  };
}
