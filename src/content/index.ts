/**
 * copse/content: what a chat message says, on MIMI content (draft-ietf-mimi-content). It needs the package `cborg`, which is an
 * optional peer: `npm install cborg`.
 *
 *     const bytes = encodeContent({ salt, senderUri, roomUri, nestedPart: { ... } });
 *     const { id, content } = acceptContent(event.plaintext, { senderUri, roomUri, acceptedAt });
 *
 * @module
 */

export type { Bytes } from "../bytes/bytes.ts";
export type { CborFloat, CborKey, CborTag, CborValue } from "./cbor.ts";
export { decodeContent } from "./decode.ts";
export { encodeContent } from "./encode.ts";
export { ContentError, contentErrorCodes, type ContentErrorCode, type ContentErrorDetail } from "./errors.ts";
export { defaultContentLimits, type ContentLimits } from "./limits.ts";
export { acceptContent, messageId, type AcceptedContent, type Address, type Arrival } from "./message-id.ts";
export type {
  Disposition,
  Expiration,
  ExternalPart,
  MessageId,
  MimiContent,
  MultiPart,
  NullPart,
  Part,
  PartHead,
  PartSemantics,
  SinglePart,
} from "./mimi.ts";
