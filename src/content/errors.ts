/**
 * The errors of content: one class, and one list of codes. They are not among CopseError's, so that nobody who reads no content carries
 * their sentences.
 */

/** What each code means, and what to do. */
export const contentErrorCodes = {
  "content-cbor": "the bytes are not one CBOR item in its deterministic encoding: drop the message",
  "content-shape": "the CBOR is not what its format says: drop the message",
  "content-limit": "the content is longer, deeper or has more parts than the limits allow: drop the message",
  "content-expiry": "the message expires more than a year away from when it was accepted: drop it",
  "content-sender":
    "the content names another sender than the one whose message it came in: drop it and report its sender",
  "content-room": "the content names another room than the one that it came in: drop it and report its sender",
  "content-duplicate": "a message with this id is known already: drop the second one",
  "attachment-unsupported": "the attachment is encrypted or hashed in a way that copse does not know",
  "attachment-limit": "the attachment is larger than the limits allow",
  "attachment-damaged":
    "the encrypted attachment is not the one that was sent: bytes were changed, cut off, added or moved; fetch it again",
  "attachment-mismatch":
    "the attachment does not have the key or the plaintext that its message names: whoever sent it made it so; report it",
  "attachment-changed": "the file is not the one that was prepared for sending: prepare it again, under a new key",
} as const;

/** A literal code, stable within a major version. */
export type ContentErrorCode = keyof typeof contentErrorCodes;

/** What may be said beside the code. */
export interface ContentErrorDetail {
  /** In words that hold nothing of what the content says. */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** Every failure of content that is not the caller's wrong argument, which is a TypeError. Branch on `code`. */
export class ContentError extends Error {
  override readonly name = "ContentError";
  readonly code: ContentErrorCode;

  constructor(code: ContentErrorCode, { detail, cause }: ContentErrorDetail = {}) {
    super(
      `${code}: ${contentErrorCodes[code]}${detail === undefined ? "" : `: ${detail}`}`,
      cause === undefined ? {} : { cause },
    );
    this.code = code;
  }
}
