/**
 * What a message goes by, and whether it may be taken. draft-ietf-mimi-content sections 2.3 and 8.1.
 */

import { hash } from "#symmetric";
import type { Bytes } from "../bytes/bytes.ts";
import { concat } from "../bytes/concat.ts";
import { yesOrNo } from "../bytes/decision.ts";
import { checkCount } from "../bytes/numbers.ts";
import { hook, is, options, type Takes } from "../bytes/takes.ts";
import { utf8 } from "../bytes/text.ts";
import { decodeContent } from "./decode.ts";
import { ContentError } from "./errors.ts";
import { longestExpiry, takesLimits, type ContentLimits } from "./limits.ts";
import { saltLength, type MimiContent } from "./mimi.ts";

/** Whose message, and in which room. */
export interface Address {
  /** The URI of the user whose device sent it: of its credential, never of what the message says. */
  readonly senderUri: string;
  readonly roomUri: string;
}

/** What is known of a message beside its bytes. */
export interface Arrival extends Address {
  /** When the hub accepted it, in milliseconds since 1970: the same for every receiver, unlike the clocks that they have. */
  readonly acceptedAt: number;
  /** Whether a message with this id is known already. */
  readonly isKnown?: (id: Bytes) => boolean;
  readonly limits?: Partial<ContentLimits>;
}

/** A message that may be taken. */
export interface AcceptedContent {
  readonly id: Bytes;
  readonly content: MimiContent;
}

/**
 * The id of a message.
 *
 *     const id = messageId(encoded, { senderUri: "mimi://example.org/u/alice", roomUri: "mimi://example.org/r/hiking" });
 *
 * @throws ContentError "content-shape" where the bytes don't begin as MIMI content does.
 */
export function messageId(content: Uint8Array, address: Address): Bytes {
  if (!(content instanceof Uint8Array)) throw new TypeError("content must be a Uint8Array");
  takesAddress("address", address);
  return idOf(content, address);
}

function idOf(content: Uint8Array, address: Address): Bytes {
  // An array of seven, of which the first has 16 bytes: so the salt is found without reading the rest.
  if (content[0] !== 0x87 || content[1] !== 0x50 || content.length < 2 + saltLength) {
    throw new ContentError("content-shape", { detail: "salt" });
  }
  const sender = utf8(address.senderUri);
  const room = utf8(address.roomUri);
  // "senderUriLength, sender URI, roomUriLength, room URI, the entire MIMI message content (including the salt), and the salt
  // (again) are all concatenated, and then hashed"
  const salt = content.subarray(2, 2 + saltLength);
  const digest = hash("sha256", concat(length16(sender), sender, length16(room), room, content, salt));
  return concat(sha256, digest.subarray(0, 31));
}

/**
 * The message that came, with its id, where it may be taken.
 *
 *     const { id, content } = acceptContent(event.plaintext, { senderUri, roomUri, acceptedAt, isKnown: (id) => timeline.has(id) });
 *
 * @throws ContentError "content-sender" or "content-room" where it names others than it came from and in; "content-expiry";
 * "content-duplicate"; and what `decodeContent` throws.
 */
export function acceptContent(bytes: Uint8Array, arrival: Arrival): AcceptedContent {
  takesArrival("arrival", arrival);
  const { senderUri, roomUri, acceptedAt, isKnown, limits } = arrival;
  const content = decodeContent(bytes, limits);
  // Without these a message of one room could be shown in another, or as somebody else's. draft-ietf-mimi-protocol section 5.4.2
  if ((content.senderUri ?? senderUri) !== senderUri) throw new ContentError("content-sender");
  if ((content.roomUri ?? roomUri) !== roomUri) throw new ContentError("content-room");
  checkExpires(content, acceptedAt);
  const id = idOf(bytes, { senderUri, roomUri });
  // "message IDs ... which duplicate another message ID already encountered": to be discarded.
  if (isKnown !== undefined && yesOrNo("isKnown", isKnown(id))) throw new ContentError("content-duplicate");
  return { id, content };
}

/** "refers to a date more than a year in the past (only possible with absolute expiration)", or in the future. */
function checkExpires({ expires }: MimiContent, acceptedAt: number): void {
  if (expires === undefined || expires.relative) return;
  if (Math.abs(expires.time - acceptedAt / 1000) > longestExpiry) throw new ContentError("content-expiry");
}

const sha256 = /* @__PURE__ */ Uint8Array.of(1);

function length16({ length }: Uint8Array): Uint8Array {
  return Uint8Array.of(length >> 8, length & 0xff);
}

/** A URI's length goes into two bytes. */
const uri: Takes = /* @__PURE__ */ is(
  "a URI of at most 65,535 bytes",
  (value) => typeof value === "string" && (value.length <= 0x5555 || utf8(value).length <= 0xffff),
);
const takesAddress: Takes = /* @__PURE__ */ options({ senderUri: uri, roomUri: uri }, "senderUri", "roomUri");

const takesArrival: Takes = /* @__PURE__ */ options(
  {
    senderUri: uri,
    roomUri: uri,
    acceptedAt: (place, value) => {
      checkCount(place, value as number, [0, Number.MAX_SAFE_INTEGER]);
    },
    isKnown: hook,
    limits: takesLimits,
  },
  "senderUri",
  "roomUri",
  "acceptedAt",
);
