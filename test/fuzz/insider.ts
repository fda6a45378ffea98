/**
 * A member that fuzzes: it protects whatever it likes with its real keys, many thousand times, from one reading of its
 * snapshot (see test/group/insider.ts).
 */

import { Secret } from "../../src/bytes/secret.ts";
import { encode } from "../../src/codec/codec.ts";
import { CopseError } from "../../src/errors.ts";
import type { Group } from "../../src/group/group.ts";
import { signFramedContent } from "../../src/public-group/sign.ts";
import { membershipTag, senderDataKeyAndNonce } from "../../src/schedule/key-schedule.ts";
import { SecretTree } from "../../src/schedule/secret-tree.ts";
import {
  framedContentTbs,
  type ContentType,
  type FramedContent,
  type FramedContentAuthData,
  type FramingFormat,
} from "../../src/wire/framing.ts";
import { encodeMessage } from "../../src/wire/message.ts";
import { privateContentAad, SenderDataAad, writePrivateMessageContent } from "../../src/wire/private-message.ts";
import { authenticatedContentTbm } from "../../src/wire/public-message.ts";
import { storedOf } from "../group/insider.ts";

/** The sender data that a private message tells: as bytes, so that they can be anything. */
export interface Sealing {
  readonly leafIndex: number;
  readonly generation: number;
}

interface MessageKey {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

/** A member's keys at work. The group itself is only read. */
export class Insider {
  readonly group: Group;
  readonly #stored: ReturnType<typeof storedOf>;
  readonly #keys = new Map<string, MessageKey>();

  constructor(group: Group) {
    this.group = group;
    this.#stored = storedOf(group);
  }

  /** The signature of content as this member's. */
  sign(format: FramingFormat, content: FramedContent): Promise<Uint8Array> {
    return Promise.resolve(signFramedContent(this.group.identity, format, content, this.group.groupContext));
  }

  /** A PublicMessage with the right membership tag. */
  publicMessage(content: FramedContent, auth: FramedContentAuthData): Uint8Array {
    if (content.sender.type !== "member") {
      return encodeMessage({ wireFormat: "mls_public_message", publicMessage: { content, auth } });
    }
    const { suite, groupContext } = this.group;
    const tbs = framedContentTbs("mls_public_message", content, groupContext);
    const key = Secret.of("membership_key", this.#stored.secrets[3].slice());
    const tag = membershipTag(suite, key, authenticatedContentTbm(tbs, content, auth));
    key.wipe();
    return encodeMessage({
      wireFormat: "mls_public_message",
      publicMessage: { content, auth, membershipTag: tag },
    });
  }

  /** A PrivateMessage of this plaintext, under the key of the sender and generation that it tells. */
  privateMessage(
    contentType: ContentType,
    plaintext: Uint8Array,
    { leafIndex, generation }: Sealing,
    authenticatedData: Uint8Array = new Uint8Array(0),
  ): Uint8Array {
    const { suite, groupContext } = this.group;
    const { groupId, epoch } = groupContext;
    const header = { groupId, epoch, contentType, authenticatedData };
    const ciphertext = this.#seal(contentType, privateContentAad(header), plaintext, { leafIndex, generation });
    const secret = Secret.of("sender_data_secret", this.#stored.secrets[0].slice());
    const { key, nonce } = senderDataKeyAndNonce(suite, secret, ciphertext);
    secret.wipe();
    const senderData = new Uint8Array(12); // u32 leaf index, u32 generation, a reuse guard of zeros
    new DataView(senderData.buffer).setUint32(0, leafIndex);
    new DataView(senderData.buffer).setUint32(4, generation);
    const aad = encode(SenderDataAad, header);
    const encryptedSenderData = suite.seal(key, nonce, aad, senderData);
    return encodeMessage({
      wireFormat: "mls_private_message",
      privateMessage: { ...header, encryptedSenderData, ciphertext },
    });
  }

  /** The same for whole content. */
  privateContent({ content, authenticatedData }: FramedContent, auth: FramedContentAuthData, at: Sealing): Uint8Array {
    return this.privateMessage(
      content.type,
      writePrivateMessageContent({ content, auth }, () => 0),
      at,
      authenticatedData,
    );
  }

  #seal(type: ContentType, aad: Uint8Array, plaintext: Uint8Array, at: Sealing): Uint8Array {
    const name = `${type} ${at.leafIndex} ${at.generation}`;
    const known = this.#keys.get(name) ?? this.#messageKey(type, at);
    this.#keys.set(name, known);
    return this.group.suite.seal(known.key, known.nonce, aad, plaintext);
  }

  /** The key of a generation, or zeros where there is none: then the receiver must find out before. */
  #messageKey(type: ContentType, { leafIndex, generation }: Sealing): MessageKey {
    const { suite } = this.group;
    const tree = SecretTree.restore(suite, this.#stored.secretTree, {
      generationGap: 2_000,
      outOfOrderKeys: 4,
      outOfOrderAge: 1e9,
    });
    try {
      const staged = tree.stage(leafIndex, type === "application" ? "application" : "handshake", generation, 0);
      const key = { key: staged.key.slice(), nonce: staged.nonce.slice() };
      staged.discard();
      return key;
    } catch (error) {
      if (!(error instanceof CopseError) && !(error instanceof TypeError)) throw error;
      return { key: new Uint8Array(suite.keyLength), nonce: new Uint8Array(suite.nonceLength) };
    } finally {
      tree.wipe();
    }
  }
}
