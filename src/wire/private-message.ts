/**
 * Messages that are authenticated and encrypted. RFC 9420 section 6.3.
 */

import { encode, fixed, opaque, struct, u32, u64, type Codec } from "../codec/codec.ts";
import { Reader, type ReadOptions } from "../codec/reader.ts";
import { Writer } from "../codec/writer.ts";
import { CopseError } from "../errors.ts";
import {
  contentBodies,
  ContentType,
  framedContentAuthData,
  type Content,
  type FramedContentAuthData,
} from "./framing.ts";

/** RFC 9420 section 6.3 */
export interface PrivateMessage {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly contentType: ContentType;
  readonly authenticatedData: Uint8Array;
  readonly encryptedSenderData: Uint8Array;
  readonly ciphertext: Uint8Array;
}
export const PrivateMessage: Codec<PrivateMessage> = struct<PrivateMessage>({
  groupId: opaque,
  epoch: u64,
  contentType: ContentType,
  authenticatedData: opaque,
  encryptedSenderData: opaque,
  ciphertext: opaque,
});

/** RFC 9420 section 6.3.2 */
export interface SenderData {
  readonly leafIndex: number;
  readonly generation: number;
  /** Four fresh random bytes. */
  readonly reuseGuard: Uint8Array;
}
export const SenderData: Codec<SenderData> = struct<SenderData>({
  leafIndex: u32,
  generation: u32,
  reuseGuard: fixed(4),
});

/** RFC 9420 section 6.3.1 */
export type PrivateContentAad = Pick<PrivateMessage, "groupId" | "epoch" | "contentType" | "authenticatedData">;
export const PrivateContentAad: Codec<PrivateContentAad> = struct<PrivateContentAad>({
  groupId: opaque,
  epoch: u64,
  contentType: ContentType,
  authenticatedData: opaque,
});

/** RFC 9420 section 6.3.2 */
export type SenderDataAad = Pick<PrivateMessage, "groupId" | "epoch" | "contentType">;
export const SenderDataAad: Codec<SenderDataAad> = struct<SenderDataAad>({
  groupId: opaque,
  epoch: u64,
  contentType: ContentType,
});

/** RFC 9420 section 6.3.1 */
export interface PrivateMessageContent {
  readonly content: Content;
  readonly auth: FramedContentAuthData;
}

/** The encoded PrivateMessageContent with `padding(length)` zero bytes behind it. The caller wipes the result. */
export function writePrivateMessageContent(
  { content, auth }: PrivateMessageContent,
  padding: (length: number) => number,
): Uint8Array {
  const out = new Writer();
  writeBody(out, content);
  framedContentAuthData(content.type).write(out, auth);
  out.zeros(padding(out.length));
  return out.finish();
}

/**
 * The PrivateMessageContent of a decrypted plaintext.
 *
 * valn1303, RFC 9420 section 6.3.1: "A receiver MUST verify that there are no non-zero bytes in the padding field".
 */
export function readPrivateMessageContent(
  type: ContentType,
  plaintext: Uint8Array,
  options?: ReadOptions,
): PrivateMessageContent {
  const input = new Reader(plaintext, options);
  const content = { type, ...contentBodies[type].read(input) } as Content;
  const auth = framedContentAuthData(type).read(input);
  let padding = 0;
  for (const byte of input.take(input.remaining)) padding |= byte;
  if (padding !== 0) throw new CopseError("decode-trailing", { rule: "valn1303", detail: "padding is not zero" });
  return { content, auth };
}

/** The AEAD's associated data for the content. */
export function privateContentAad(message: PrivateContentAad): Uint8Array {
  return encode(PrivateContentAad, message);
}

function writeBody(out: Writer, content: Content): void {
  switch (content.type) {
    case "application":
      contentBodies.application.write(out, content);
      return;
    case "proposal":
      contentBodies.proposal.write(out, content);
      return;
    case "commit":
      contentBodies.commit.write(out, content);
  }
}
