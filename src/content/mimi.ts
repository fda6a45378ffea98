/**
 * MIMI content: what a message consists of, whatever it says. draft-ietf-mimi-content section 3, in its words.
 */

import type { CborValue } from "./cbor.ts";

/** The id of a message: 0x01 and the first 31 bytes of a SHA-256 hash. See `messageId`. */
export type MessageId = Uint8Array;

/** When a message is to be forgotten. */
export interface Expiration {
  /** Whether the time counts from when the receiver reads the message, or is a time of the clock. */
  readonly relative: boolean;
  /** Seconds: from the reading, or since 1970. */
  readonly time: number;
}

/** A message. */
export interface MimiContent {
  /** 16 random bytes, so that two messages with the same words have two ids. */
  readonly salt: Uint8Array;
  /** The first version of the message that this one takes the place of. */
  readonly replaces?: MessageId;
  /** Messages with the same topic belong together. Default: none. */
  readonly topicId?: Uint8Array;
  readonly expires?: Expiration;
  readonly inReplyTo?: MessageId;
  /** The user whose message it is, as its hub's frank will name them. */
  readonly senderUri?: string;
  /** The room that it was written for. */
  readonly roomUri?: string;
  /** Every other extension. Integers above 2 are the IETF's; negative ones and text are anybody's. */
  readonly extensions?: ReadonlyMap<number | string, CborValue>;
  readonly nestedPart: Part;
}

/** What a part is there for. A number is one that has no name yet, and is treated as "render". */
export type Disposition =
  "unspecified" | "render" | "reaction" | "profile" | "inline" | "icon" | "attachment" | "session" | "preview" | number;

/** What every part has. */
export interface PartHead {
  readonly disposition: Disposition;
  /** Language tags of RFC 5646, with commas between them. Default: none. */
  readonly language?: string;
}

/** A part without content: what it replaces is taken back. */
export interface NullPart extends PartHead {
  readonly cardinality: "null";
}

/** A part with its content in it. */
export interface SinglePart extends PartHead {
  readonly cardinality: "single";
  readonly contentType: string;
  readonly content: Uint8Array;
}

/** A part whose content is fetched from elsewhere. */
export interface ExternalPart extends PartHead {
  readonly cardinality: "external";
  readonly contentType: string;
  readonly url: string;
  /** When the content is no longer there, in seconds since 1970. 0: never. */
  readonly expires: number;
  /** The length of what the URL gives, in bytes. 0: not told. */
  readonly size: number;
  /** An AEAD of IANA's registry, one of copse's (see `attachmentAlgorithm`), or 0 for none. */
  readonly encAlg: number;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly aad: Uint8Array;
  /** A hash of IANA's Named Information registry: 1 for SHA-256, 0 for none. */
  readonly hashAlg: number;
  /** The hash of what the URL gives. */
  readonly contentHash: Uint8Array;
  readonly description: string;
  readonly filename: string;
}

/** What is to be done with the parts of a part. */
export type PartSemantics = "chooseOne" | "singleUnit" | "processAll";

/** A part of parts: two at the least. */
export interface MultiPart extends PartHead {
  readonly cardinality: "multi";
  readonly partSemantics: PartSemantics;
  readonly parts: readonly Part[];
}

/** NestedPart */
export type Part = NullPart | SinglePart | ExternalPart | MultiPart;

/** Names of dispositions, each at its number. */
export const dispositions = [
  "unspecified",
  "render",
  "reaction",
  "profile",
  "inline",
  "icon",
  "attachment",
  "session",
  "preview",
] as const;

/** Names of cardinalities, each at its number. */
export const cardinalities = ["null", "single", "external", "multi"] as const;

/** Names of part semantics, each at its number. */
export const partSemantics = ["chooseOne", "singleUnit", "processAll"] as const;

/** Keys of the extensions map that the draft gives. */
export const extensionKeys = { senderUri: 1, roomUri: 2 } as const;

/** The bytes of a salt. */
export const saltLength = 16;

/** The bytes of a message id. */
export const messageIdLength = 32;
