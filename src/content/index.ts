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
export type { Random } from "../crypto/provider.ts";
export {
  attachmentLayout,
  checkAttachment,
  decryptAttachment,
  readRange,
  type AttachmentLayout,
  type DecryptOptions,
  type RangeOptions,
} from "./attachments/decrypt.ts";
export {
  encryptAttachment,
  externalFile,
  prepareAttachment,
  type EncryptOptions,
  type FileWords,
  type PreparedAttachment,
  type PrepareOptions,
} from "./attachments/encrypt.ts";
export { attachmentAlgorithm, type EncryptedFile } from "./attachments/format.ts";
export type { AttachmentSource, BlobLike, LongOptions, Progress } from "./attachments/source.ts";
export { decryptWhole } from "./attachments/whole.ts";
export type { CborFloat, CborKey, CborTag, CborValue } from "./cbor.ts";
export { decodeContent } from "./decode.ts";
export { encodeContent } from "./encode.ts";
export {
  decodeEphemeral,
  encodeEphemeral,
  type Ephemeral,
  type Presence,
  type Signal,
  type Typing,
  type UnknownEphemeral,
} from "./ephemeral.ts";
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
export type { CallNotice } from "./messages/call.ts";
export { messagePadding } from "./padding.ts";
export { isRinging } from "./messages/ringing.ts";
export {
  edited,
  judge,
  type Circumstances,
  type ContentCapability,
  type KnownMessage,
  type Refusal,
  type Ruling,
} from "./messages/judge.ts";
export type { Attachment, ExternalFile, InlineFile, Picture } from "./messages/media.ts";
export { mediaTypes } from "./messages/media-types.ts";
export { escapeMarkdown, mention, mentionsIn, type Mention } from "./messages/mentions.ts";
export type {
  CallMessage,
  ContactMessage,
  Edit,
  LinkPreview,
  LocationMessage,
  Media,
  Message,
  Pin,
  PollEnd,
  PollMessage,
  Reaction,
  Said,
  Session,
  StatusReport,
  Surroundings,
  Text,
  Unknown,
  Unsend,
  Vote,
} from "./messages/message.ts";
export { readMessage, wordsOf, type ReadOptions } from "./messages/read.ts";
export type { Contact, Location, Poll, Status } from "./messages/records.ts";
export { nextStatus, tally, type CountedVote, type Tally } from "./messages/tally.ts";
export { forwarded, writeMessage, type WriteOptions, type WrittenMessage } from "./messages/write.ts";
