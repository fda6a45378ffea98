/**
 * What a message is, without consuming anything. What it says of its sender has not been verified, and is named so.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import type { ContentType, Sender } from "../../wire/framing.ts";
import { decodeMessage } from "../../wire/message.ts";
import type { WireFormat } from "../../wire/registries.ts";
import { openSenderData } from "../protection.ts";
import type { GroupState } from "../state.ts";

/** What can be said of a message before it is received. */
export interface MessageInfo {
  readonly wireFormat: WireFormat;
  readonly groupId?: Uint8Array;
  readonly epoch?: bigint;
  readonly contentType?: ContentType;
  /** Whether it belongs to this group's current epoch, to one before or after it, or to another group. */
  readonly relation: "current" | "past" | "later" | "other";
  /** Who it says it is from. Not verified. */
  readonly unverifiedSender?: Sender;
  /** The generation that a private message says it is of. Not verified. */
  readonly unverifiedGeneration?: number;
  /** Whether this member sent it. */
  readonly own: boolean;
}

/** @throws CopseError of a `decode-` code, or "limit-exceeded". */
export function inspectInGroup(state: GroupState, bytes: Uint8Array): MessageInfo {
  const message = decodeMessage(bytes, state.settings.reading);
  const { wireFormat } = message;
  const own = state.sent.find(bytes) !== undefined;
  if (message.wireFormat === "mls_public_message") {
    const { groupId, epoch, sender, content } = message.publicMessage.content;
    const relation = relationOf(state, groupId, epoch);
    return { wireFormat, groupId, epoch, contentType: content.type, relation, unverifiedSender: sender, own };
  }
  if (message.wireFormat === "mls_private_message") {
    const { groupId, epoch, contentType } = message.privateMessage;
    const relation = relationOf(state, groupId, epoch);
    const info: MessageInfo = { wireFormat, groupId, epoch, contentType, relation, own };
    if (state.gone || relation !== "current") return info;
    const { context, tree, secrets } = state.epoch;
    try {
      const { leafIndex, generation } = openSenderData(
        { context, tree, senderDataSecret: secrets.senderDataSecret },
        message.privateMessage,
      );
      return { ...info, unverifiedSender: { type: "member", leafIndex }, unverifiedGeneration: generation };
    } catch {
      return info; // it does not open: nobody is named
    }
  }
  if (message.wireFormat === "mls_group_info") {
    const { groupId, epoch } = message.groupInfo.groupContext;
    return { wireFormat, groupId, epoch, relation: relationOf(state, groupId, epoch), own };
  }
  return { wireFormat, relation: "other", own };
}

function relationOf({ epoch: { context } }: GroupState, groupId: Uint8Array, epoch: bigint): MessageInfo["relation"] {
  if (!bytesEqual(groupId, context.groupId)) return "other";
  return epoch === context.epoch ? "current" : epoch < context.epoch ? "past" : "later";
}
