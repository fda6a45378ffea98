/**
 * What the bytes of a message say of themselves, for whoever is in no group: a server that routes by it, a client that sorts
 * by it. RFC 9420 section 6.
 *
 * Nothing is verified. Whoever made the bytes chose every field, and may have chosen those of somebody else's message: what
 * counts is what a member's `Group.receive`, or an `Observer`, says of it afterwards.
 */

import { copyBytes } from "../../bytes/copy.ts";
import type { ContentType, Sender } from "../../wire/framing.ts";
import type { MlsMessage } from "../../wire/message.ts";
import { extensionTypes } from "../../wire/registries.ts";
import { findExtension } from "../../rules/extensions.ts";
import type { LeafIndex } from "../events.ts";
import { keyPackageRef } from "./read-key-package.ts";
import { readUnverified, type UnverifiedOptions } from "./read.ts";

/** What a message says of itself. Nothing of it is verified. */
export type UnverifiedMessage = {
  /** The length of the whole message, in bytes. */
  readonly size: number;
} & (
  | {
      readonly kind: "public-message";
      readonly groupId: Uint8Array;
      readonly epoch: bigint;
      readonly contentType: ContentType;
      /** "new_member_commit" is an external join, "new_member_proposal" asks to be added. */
      readonly senderType: Sender["type"];
      readonly sender: Sender;
      readonly authenticatedData: Uint8Array;
    }
  | {
      /** Who sent it only members can see. */
      readonly kind: "private-message";
      readonly groupId: Uint8Array;
      readonly epoch: bigint;
      readonly contentType: ContentType;
      readonly authenticatedData: Uint8Array;
      /** The length of the ciphertext, padding and tag included, in bytes. */
      readonly ciphertextSize: number;
    }
  | {
      readonly kind: "welcome";
      /** The IANA number of the cipher suite. */
      readonly cipherSuite: number;
      /** Whom it is for: the KeyPackageRef of each new member's key package. */
      readonly keyPackageRefs: readonly Uint8Array[];
      /** The length of the encrypted GroupInfo, in bytes. */
      readonly groupInfoSize: number;
    }
  | {
      readonly kind: "group-info";
      readonly groupId: Uint8Array;
      readonly epoch: bigint;
      readonly cipherSuite: number;
      /** Who says that it signed it. */
      readonly signer: LeafIndex;
      /** The length of the ratchet tree in it, in bytes; 0 where it holds none. */
      readonly ratchetTreeSize: number;
    }
  | {
      readonly kind: "key-package";
      readonly cipherSuite: number;
      /** Its KeyPackageRef, which a Welcome names; undefined for a suite that is neither RFC 9420's nor `suite`. */
      readonly ref: Uint8Array | undefined;
    }
);

/**
 * What a message says of itself. Nothing of it is verified, and no key is needed: one reading of the bytes, which are left
 * as they are.
 *
 *     const message = inspectMessage(bytes);
 *     if (message.kind === "welcome") for (const ref of message.keyPackageRefs) queueOf(ref).push(bytes);
 *
 * @throws CopseError of a `decode-` code, "limit-exceeded", or "proposal-unknown-type" for a public message with a proposal
 * whose type neither RFC 9420 nor `registry` defines: where it ends nobody can tell.
 */
export function inspectMessage(bytes: Uint8Array, options?: UnverifiedOptions): UnverifiedMessage {
  const message = described(readUnverified(bytes, options), options);
  return { size: bytes.length, ...message };
}

type WithoutSize<T> = T extends unknown ? Omit<T, "size"> : never;

function described(message: MlsMessage, options: UnverifiedOptions | undefined): WithoutSize<UnverifiedMessage> {
  switch (message.wireFormat) {
    case "mls_public_message": {
      const { groupId, epoch, sender, authenticatedData, content } = message.publicMessage.content;
      return {
        kind: "public-message",
        groupId: copyBytes(groupId),
        epoch,
        contentType: content.type,
        senderType: sender.type,
        sender,
        authenticatedData: copyBytes(authenticatedData),
      };
    }
    case "mls_private_message": {
      const { groupId, epoch, contentType, authenticatedData, ciphertext } = message.privateMessage;
      return {
        kind: "private-message",
        groupId: copyBytes(groupId),
        epoch,
        contentType,
        authenticatedData: copyBytes(authenticatedData),
        ciphertextSize: ciphertext.length,
      };
    }
    case "mls_welcome": {
      const { cipherSuite, secrets, encryptedGroupInfo } = message.welcome;
      const keyPackageRefs = secrets.map(({ newMember }) => copyBytes(newMember));
      return { kind: "welcome", cipherSuite, keyPackageRefs, groupInfoSize: encryptedGroupInfo.length };
    }
    case "mls_group_info": {
      const { groupContext, extensions, signer } = message.groupInfo;
      const { groupId, epoch, cipherSuite } = groupContext;
      const ratchetTreeSize = findExtension(extensions, extensionTypes.ratchet_tree)?.length ?? 0;
      return { kind: "group-info", groupId: copyBytes(groupId), epoch, cipherSuite, signer, ratchetTreeSize };
    }
    case "mls_key_package": {
      const { keyPackage } = message;
      return { kind: "key-package", cipherSuite: keyPackage.cipherSuite, ref: keyPackageRef(keyPackage, options) };
    }
  }
}
