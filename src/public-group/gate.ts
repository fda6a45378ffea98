/**
 * The gate for public messages: what a member, an observer and a joiner from outside all check of one before anything is made
 * of what it says. RFC 9420 sections 6, 6.1, 12.1.8.
 */

import { CopseError } from "../errors.ts";
import { checkEpoch, checkGroupId } from "../rules/commit.ts";
import { externalPathOf } from "../rules/external-commit.ts";
import { externalSenders } from "../rules/extensions.ts";
import {
  externalSenderAt,
  checkExternalSenderProposal,
  newMemberAddOf,
  wrongContent,
} from "../rules/external-proposal.ts";
import { checkMessageSignature, checkNotApplication, senderLeafOf } from "../rules/framing.ts";
import { askRules, customTypeOf } from "../rules/registry.ts";
import {
  framedContentTbs,
  type AuthenticatedContent,
  type FramedContent,
  type HandshakeContent,
} from "../wire/framing.ts";
import type { GroupContext } from "../wire/group-context.ts";
import type { LaterEvent } from "./events.ts";
import type { PublicEpoch } from "./epoch.ts";
import type { Settings } from "./options/settings.ts";

/**
 * What of a public message is for this epoch. Nothing has been verified yet.
 *
 * @returns its proposal or commit; what to tell of a message of a later epoch
 * @throws CopseError "wrong-group", "application-public", "handshake-policy", "wrong-epoch", "proposal-epoch".
 */
export function handshakeFor(
  content: FramedContent,
  context: GroupContext,
  { acceptHandshake, registry }: Pick<Settings, "acceptHandshake" | "registry">,
): HandshakeContent | LaterEvent {
  checkGroupId(content, context);
  const handshake = content.content;
  checkNotApplication(handshake);
  // Whoever is no member can send no private message: the policy is for members, and not for what must be public.
  const isPublicType = handshake.type === "proposal" && customTypeOf(handshake.proposal, registry)?.wireFormat;
  if (content.sender.type === "member" && acceptHandshake === "private" && !isPublicType) {
    throw new CopseError("handshake-policy");
  }
  if (content.epoch > context.epoch) return { kind: "later", epoch: content.epoch };
  checkEpoch(content, context, handshake.type === "commit" ? "valn1201" : "valn1307");
  askRules(registry, "checkAuthenticatedData", content.authenticatedData, context.extensions);
  return handshake;
}

/**
 * The signature of a public message, with the key that section 6.1 names for its sender. A member's membership tag is not
 * looked at: only members can. valn0407, valn1301, valn1306, valn1502, valn1504
 *
 * @throws CopseError "message-signature", "sender-blank", "sender-content", or of the rule that the sender breaks.
 */
export async function checkPublicSignature(
  { suite, context, tree }: PublicEpoch,
  { wireFormat, content, auth }: AuthenticatedContent,
  { registry }: Pick<Settings, "registry">,
): Promise<void> {
  const { sender } = content;
  const publicKey =
    sender.type === "member"
      ? senderLeafOf(tree, sender.leafIndex).signatureKey
      : outsiderKey(content, context.extensions, registry);
  const tbs = framedContentTbs(wireFormat, content, context);
  await checkMessageSignature(suite, { publicKey, tbs, signature: auth.signature });
}

function outsiderKey(
  { sender, content }: FramedContent,
  extensions: GroupContext["extensions"],
  registry: Settings["registry"],
): Uint8Array {
  if (sender.type === "external" && content.type === "proposal") {
    checkExternalSenderProposal(content.proposal, registry);
    return externalSenderAt(externalSenders(extensions), sender.senderIndex).signatureKey;
  }
  if (sender.type === "new_member_proposal" && content.type === "proposal") {
    return newMemberAddOf(content.proposal).keyPackage.leafNode.signatureKey;
  }
  if (sender.type === "new_member_commit" && content.type === "commit") {
    return externalPathOf(content.commit).leafNode.signatureKey;
  }
  throw wrongContent(sender);
}
