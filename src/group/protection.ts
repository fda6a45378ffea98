/**
 * From content to message and back: signing, the membership tag, encryption. RFC 9420 sections 6.1 to 6.3.
 */

import { decode, encode } from "../codec/codec.ts";
import type { Limits } from "../codec/limits.ts";
import type { Writer } from "../codec/writer.ts";
import type { Random } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import {
  checkMembershipTag,
  sendingLeafOf,
  checkMessageSignature,
  checkNotApplication,
  senderLeafOf,
} from "../rules/framing.ts";
import { membershipTag, openOnce, sealOnce, senderDataKeyAndNonce } from "../schedule/key-schedule.ts";
import type { RatchetType } from "../schedule/secret-tree-parts.ts";
import type { StagedKey } from "../schedule/secret-tree.ts";
import {
  framedContentTbs,
  writeFramedContentTbs,
  type AuthenticatedContent,
  type ContentType,
  type FramedContent,
} from "../wire/framing.ts";
import type { LeafNode } from "../wire/leaf-node.ts";
import {
  privateContentAad,
  readPrivateMessageContent,
  SenderData,
  SenderDataAad,
  writePrivateMessageContent,
  type PrivateMessage,
} from "../wire/private-message.ts";
import { authenticatedContentTbm, type PublicMessage } from "../wire/public-message.ts";
import type { Epoch, PastEpoch } from "./held/epoch.ts";
import { paddingLength, type Padding } from "../public-group/options/padding.ts";
import { checkPrivateLength } from "../public-group/options/sendable.ts";
import type { Settings } from "../public-group/options/settings.ts";

/**
 * Authenticated content as a PublicMessage, with a membership tag where a member sends. RFC 9420 section 6.2
 *
 * @throws CopseError "application-public": application data is always encrypted (section 6).
 */
export function protectPublic(epoch: Epoch, { content, auth }: AuthenticatedContent): PublicMessage {
  checkNotApplication(content.content);
  if (content.sender.type !== "member") return { content, auth };
  const tbs = framedContentTbs("mls_public_message", content, epoch.context);
  const tag = membershipTag(epoch.suite, epoch.secrets.membershipKey, authenticatedContentTbm(tbs, content, auth));
  return { content, auth, membershipTag: tag };
}

/**
 * Authenticated content as a PrivateMessage, under the next key of our own ratchet, which is used up by it. RFC 9420
 * section 6.3
 */
export function protectPrivate(
  epoch: Pick<Epoch, "suite" | "secretTree"> & { readonly secrets: Pick<Epoch["secrets"], "senderDataSecret"> },
  { content, auth }: AuthenticatedContent,
  { padding, random, limits }: { readonly padding: Padding; readonly random: Random; readonly limits?: Limits },
): PrivateMessage {
  const { suite } = epoch;
  const leafIndex = sendingLeafOf(content.sender);
  const contentType = content.content.type;
  const { groupId, epoch: epochNumber, authenticatedData } = content;
  const header = { groupId, epoch: epochNumber, contentType, authenticatedData };
  const plaintext = writePrivateMessageContent({ content: content.content, auth }, (length) =>
    paddingLength(padding, length),
  );
  const aad = privateContentAad(header);
  const senderDataAad = encode(SenderDataAad, header);
  // From here on nothing is refused: a generation is used up.
  if (limits !== undefined) {
    checkPrivateLength(header, [senderDataLength + tagLength, plaintext.length + tagLength], limits);
  }
  const reuseGuard = random(4);
  const { generation, key, nonce } = epoch.secretTree.next(leafIndex, ratchetOf(contentType));
  guard(nonce, reuseGuard);
  const ciphertext = sealOnce(suite, { key, nonce }, aad, plaintext);
  plaintext.fill(0);
  const senderData = encode(SenderData, { leafIndex, generation, reuseGuard });
  const senderDataKey = senderDataKeyAndNonce(suite, epoch.secrets.senderDataSecret, ciphertext);
  const encryptedSenderData = sealOnce(suite, senderDataKey, senderDataAad, senderData);
  return { groupId, epoch: epochNumber, contentType, authenticatedData, encryptedSenderData, ciphertext };
}

/** The membership tag of a member's PublicMessage. RFC 9420 section 6.2 @throws CopseError "membership-tag" */
export function checkMembership({ suite, secrets, context }: Epoch, message: PublicMessage): void {
  const { content, auth } = message;
  const tbm = authenticatedContentTbm(framedContentTbs("mls_public_message", content, context), content, auth);
  checkMembershipTag(membershipTag(suite, secrets.membershipKey, tbm), message.membershipTag);
}

/** A private message that has been opened, and the key that was used: it is consumed when the message is accepted. */
export interface Opened {
  readonly authenticated: AuthenticatedContent;
  readonly leafIndex: number;
  /** The sender's leaf in the message's epoch. */
  readonly leaf: LeafNode;
  /** The place of the message among those of its sender and kind. */
  readonly generation: number;
  readonly key: StagedKey;
}

/** What of an epoch, current or past, opens its messages. */
export type OpeningEpoch = Pick<PastEpoch, "context" | "tree" | "senderDataSecret" | "secretTree">;

/**
 * The content of a PrivateMessage, with its signature checked. Nothing has been consumed yet. RFC 9420 section 6.3
 *
 * @throws CopseError "private-message-open", whatever failed: the cause says what.
 */
export async function unprotectPrivate(
  epoch: OpeningEpoch,
  message: PrivateMessage,
  { clock, reading }: Pick<Settings, "clock" | "reading">,
): Promise<Opened> {
  const { suite } = epoch.tree;
  let key: StagedKey | undefined;
  let nonce: Uint8Array | undefined;
  try {
    const { leafIndex, generation, reuseGuard } = openSenderData(epoch, message);
    const leaf = senderLeafOf(epoch.tree, leafIndex);
    key = epoch.secretTree.stage(leafIndex, ratchetOf(message.contentType), generation, clock());
    nonce = key.nonce.slice();
    guard(nonce, reuseGuard);
    const plaintext = suite.open(key.key, nonce, privateContentAad(message), message.ciphertext);
    const { content, auth } = readPrivateMessageContent(message.contentType, plaintext, reading);
    const framed: FramedContent = {
      groupId: message.groupId,
      epoch: message.epoch,
      sender: { type: "member", leafIndex },
      authenticatedData: message.authenticatedData,
      content,
    };
    const tbs = (out: Writer): void => {
      writeFramedContentTbs(out, "mls_private_message", framed, epoch.context);
    };
    await checkMessageSignature(suite, { publicKey: leaf.signatureKey, tbs, signature: auth.signature });
    return {
      authenticated: { wireFormat: "mls_private_message", content: framed, auth },
      leafIndex,
      leaf,
      generation,
      key,
    };
  } catch (cause) {
    key?.discard();
    throw cause instanceof CopseError ? new CopseError("private-message-open", { cause }) : cause;
  } finally {
    nonce?.fill(0);
  }
}

/** Who sent a private message, as its sender data says: not verified by anything but a key that every member has. */
export function openSenderData(
  { context, tree, senderDataSecret }: Pick<OpeningEpoch, "context" | "tree" | "senderDataSecret">,
  message: PrivateMessage,
): SenderData {
  const { suite } = tree;
  const { contentType, epoch } = message;
  const aad = encode(SenderDataAad, { groupId: context.groupId, epoch, contentType });
  const senderDataKey = senderDataKeyAndNonce(suite, senderDataSecret, message.ciphertext);
  return decode(SenderData, openOnce(suite, senderDataKey, aad, message.encryptedSenderData));
}

/** Section 9.1: handshake and application messages have a ratchet each. */
function ratchetOf(type: ContentType): RatchetType {
  return type === "application" ? "application" : "handshake";
}

/** XOR the reuse guard into the first four bytes of a nonce. RFC 9420 section 6.3.1 */
function guard(nonce: Uint8Array, reuseGuard: Uint8Array): void {
  for (let i = 0; i < 4; i++) nonce[i]! ^= reuseGuard[i]!;
}

/** Leaf index, generation, reuse guard. */
const senderDataLength = 12;
/** Of every AEAD of RFC 9420's suites. */
const tagLength = 16;
