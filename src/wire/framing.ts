/**
 * Message framing: who says what in which epoch, and how it is authenticated. RFC 9420 sections 6, 6.1.
 */

import { empty, enumeration, opaque, select, struct, u32, u64, u8, type Codec } from "../codec/codec.ts";
import { retained } from "../codec/retained.ts";
import { Writer } from "../codec/writer.ts";
import { Commit } from "./commit.ts";
import { GroupContext } from "./group-context.ts";
import { Proposal } from "./proposal.ts";
import { mls10, wireFormats } from "./registries.ts";

/** RFC 9420 section 6 */
export type ContentType = "application" | "proposal" | "commit";
export const ContentType: Codec<ContentType> = enumeration(u8, { application: 1, proposal: 2, commit: 3 });

/** RFC 9420 section 6 */
export type Sender =
  | { readonly type: "member"; readonly leafIndex: number }
  | { readonly type: "external"; readonly senderIndex: number }
  | { readonly type: "new_member_proposal" }
  | { readonly type: "new_member_commit" };
export const Sender: Codec<Sender> = select<Sender, "type">(
  "type",
  enumeration(u8, { member: 1, external: 2, new_member_proposal: 3, new_member_commit: 4 }),
  {
    member: struct<{ leafIndex: number }>({ leafIndex: u32 }),
    external: struct<{ senderIndex: number }>({ senderIndex: u32 }),
    new_member_proposal: empty,
    new_member_commit: empty,
  },
);

/** The `select` of FramedContent. RFC 9420 section 6 */
export type Content =
  | { readonly type: "application"; readonly applicationData: Uint8Array }
  | { readonly type: "proposal"; readonly proposal: Proposal }
  | { readonly type: "commit"; readonly commit: Commit };

/** What changes the group: a proposal or a commit. */
export type HandshakeContent = Exclude<Content, { readonly type: "application" }>;

/** The content alone: in PrivateMessageContent its type is known from outside. RFC 9420 section 6.3.1 */
export const contentBodies: { readonly [T in ContentType]: Codec<Omit<Extract<Content, { type: T }>, "type">> } = {
  application: struct<{ applicationData: Uint8Array }>({ applicationData: opaque }),
  proposal: struct<{ proposal: Proposal }>({ proposal: Proposal }),
  commit: struct<{ commit: Commit }>({ commit: Commit }),
};
const Content: Codec<Content> = select<Content, "type">("type", ContentType, contentBodies);

/** RFC 9420 section 6 */
export interface FramedContent {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly sender: Sender;
  readonly authenticatedData: Uint8Array;
  readonly content: Content;
}
const framedContent: Codec<FramedContent> = struct<FramedContent>({
  groupId: opaque,
  epoch: u64,
  sender: Sender,
  authenticatedData: opaque,
  content: Content,
});
export const FramedContent: Codec<FramedContent> = retained(framedContent);

/** RFC 9420 section 6.1. The confirmation tag is there for commits, and for nothing else. */
export interface FramedContentAuthData {
  /** SignWithLabel(., "FramedContentTBS", FramedContentTBS) */
  readonly signature: Uint8Array;
  /** MAC(confirmation_key, GroupContext.confirmed_transcript_hash) */
  readonly confirmationTag?: Uint8Array;
}

/** FramedContentAuthData for content of this type. RFC 9420 section 6.1 */
export function framedContentAuthData(type: ContentType): Codec<FramedContentAuthData> {
  return {
    write: (out, value) => {
      out.vectorBytes(value.signature);
      if (type !== "commit") return;
      if (value.confirmationTag === undefined) throw new TypeError("a commit has a confirmation tag");
      out.vectorBytes(value.confirmationTag);
    },
    read: (input) => {
      const signature = input.vectorBytes();
      return type === "commit" ? { signature, confirmationTag: input.vectorBytes() } : { signature };
    },
  };
}

/** The two wire formats that frame content. */
export type FramingFormat = "mls_public_message" | "mls_private_message";

/** RFC 9420 section 6 */
export interface AuthenticatedContent {
  readonly wireFormat: FramingFormat;
  readonly content: FramedContent;
  readonly auth: FramedContentAuthData;
}
const Format: Codec<FramingFormat> = {
  write: (out, value) => {
    out.u16(wireFormats[value]);
  },
  read: (input) => {
    const number = input.u16();
    if (number === wireFormats.mls_public_message) return "mls_public_message";
    if (number === wireFormats.mls_private_message) return "mls_private_message";
    throw input.fail("decode-value");
  },
};
export const AuthenticatedContent: Codec<AuthenticatedContent> = {
  write: (out, value) => {
    Format.write(out, value.wireFormat);
    FramedContent.write(out, value.content);
    framedContentAuthData(value.content.content.type).write(out, value.auth);
  },
  read: (input) => {
    const wireFormat = Format.read(input);
    const content = FramedContent.read(input);
    return { wireFormat, content, auth: framedContentAuthData(content.content.type).read(input) };
  },
};

/**
 * The encoded FramedContentTBS. RFC 9420 section 6.1: "If the sender's sender_type is member, the content also covers
 * the GroupContext", and so it does for `new_member_commit`.
 */
export function framedContentTbs(wireFormat: FramingFormat, content: FramedContent, context: GroupContext): Uint8Array {
  const out = new Writer();
  writeFramedContentTbs(out, wireFormat, content, context);
  return out.finish();
}

/** The same, where it is written to. */
export function writeFramedContentTbs(
  out: Writer,
  wireFormat: FramingFormat,
  content: FramedContent,
  context: GroupContext,
): void {
  out.u16(mls10);
  Format.write(out, wireFormat);
  // Application data is signed or verified once, and its encoding needed for nothing else: remembering it costs more.
  const codec = content.content.type === "application" ? framedContent : FramedContent;
  codec.write(out, content);
  const { type } = content.sender;
  if (type === "member" || type === "new_member_commit") GroupContext.write(out, context);
}
