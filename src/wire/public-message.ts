/**
 * Messages that are authenticated but not encrypted. RFC 9420 section 6.2.
 */

import type { Codec } from "../codec/codec.ts";
import { Writer } from "../codec/writer.ts";
import { FramedContent, framedContentAuthData, type FramedContentAuthData } from "./framing.ts";

/** RFC 9420 section 6.2. The membership tag is there where a member sends, and for no other sender. */
export interface PublicMessage {
  readonly content: FramedContent;
  readonly auth: FramedContentAuthData;
  readonly membershipTag?: Uint8Array;
}
export const PublicMessage: Codec<PublicMessage> = {
  write: (out, value) => {
    FramedContent.write(out, value.content);
    framedContentAuthData(value.content.content.type).write(out, value.auth);
    if (value.content.sender.type !== "member") return;
    if (value.membershipTag === undefined) throw new TypeError("a member's message has a membership tag");
    out.vectorBytes(value.membershipTag);
  },
  read: (input) => {
    const content = FramedContent.read(input);
    const auth = framedContentAuthData(content.content.type).read(input);
    return content.sender.type === "member" ? { content, auth, membershipTag: input.vectorBytes() } : { content, auth };
  },
};

/** The encoded AuthenticatedContentTBM, from the encoded FramedContentTBS. RFC 9420 section 6.2 */
export function authenticatedContentTbm(
  tbs: Uint8Array,
  content: FramedContent,
  auth: FramedContentAuthData,
): Uint8Array {
  const out = new Writer();
  out.raw(tbs);
  framedContentAuthData(content.content.type).write(out, auth);
  return out.finish();
}
