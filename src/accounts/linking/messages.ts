/**
 * What two devices say to each other to link one of them, in this order:
 *
 *     new device -> existing one   offer     its commitment; as a QR code, or in any other way
 *     existing -> new              answer    a key and a nonce
 *     new -> existing              reveal    what the commitment was made of: a key, a nonce, and the device
 *     both show six digits, and a person compares them
 *     existing -> new              hand-over the account, sealed
 *     new -> existing              done
 *
 * Nobody can choose anything after having seen the other's: who is between them and replaces keys makes two different codes, but for
 * one time in a million, and can try once each time that a person compares.
 */

import { copyBytes } from "../../bytes/copy.ts";
import { decode, encode, fixed, opaque, struct, u16, u8, type Codec } from "../../codec/codec.ts";
import { AccountError, type AccountErrorCode } from "../errors.ts";

/** The device that is to be linked, as it names itself. */
export interface LinkedDevice {
  /** The last part of its URI: the account's user is not known yet. */
  readonly name: Uint8Array;
  readonly cipherSuite: number;
  readonly signatureKey: Uint8Array;
}
const LinkedDevice: Codec<LinkedDevice> = struct<LinkedDevice>({
  name: opaque,
  cipherSuite: u16,
  signatureKey: opaque,
});

/** Bytes of each nonce. */
export const nonceLength = 32;

/** What the new device commits to, and reveals later. */
export interface Committed {
  readonly kemKey: Uint8Array;
  readonly nonce: Uint8Array;
  readonly device: LinkedDevice;
}
export const Committed: Codec<Committed> = struct<Committed>({
  kemKey: opaque,
  nonce: fixed(nonceLength),
  device: LinkedDevice,
});

interface Typed {
  readonly version: number;
  readonly type: number;
}

export interface Offer extends Typed {
  /** Of all keys of the linking. */
  readonly cipherSuite: number;
  readonly commitment: Uint8Array;
  /** Where answers go, as the application says. */
  readonly address: Uint8Array;
}
const Offer: Codec<Offer> = struct<Offer>({
  version: u8,
  type: u8,
  cipherSuite: u16,
  commitment: opaque,
  address: opaque,
});

export interface Answer extends Typed {
  /** The hash of the offer. */
  readonly session: Uint8Array;
  readonly kemKey: Uint8Array;
  readonly nonce: Uint8Array;
  /** Whose account it is: mimi://host/u/name */
  readonly user: Uint8Array;
}
const Answer: Codec<Answer> = struct<Answer>({
  version: u8,
  type: u8,
  session: opaque,
  kemKey: opaque,
  nonce: fixed(nonceLength),
  user: opaque,
});

export interface Reveal extends Typed {
  readonly session: Uint8Array;
  readonly committed: Committed;
  /** A secret for the existing device's key. It is no part of what the code is made of: it was not committed to. */
  readonly kemOutput: Uint8Array;
  /** By the new device's leaf key, over the transcript: it has that key. */
  readonly signature: Uint8Array;
}
const Reveal: Codec<Reveal> = struct<Reveal>({
  version: u8,
  type: u8,
  session: opaque,
  committed: Committed,
  kemOutput: opaque,
  signature: opaque,
});

export interface HandOver extends Typed {
  readonly session: Uint8Array;
  readonly kemOutput: Uint8Array;
  /** A `HandedOver`, under the key that only the two have. */
  readonly ciphertext: Uint8Array;
}
const HandOver: Codec<HandOver> = struct<HandOver>({
  version: u8,
  type: u8,
  session: opaque,
  kemOutput: opaque,
  ciphertext: opaque,
});

export interface HandedOver {
  /** As `writeAccountKey` gives it. */
  readonly accountKey: Uint8Array;
  /** The list on which the new device is. */
  readonly statement: Uint8Array;
  /** Whatever else the application gives. */
  readonly data: Uint8Array;
}
export const HandedOver: Codec<HandedOver> = struct<HandedOver>({
  accountKey: opaque,
  statement: opaque,
  data: opaque,
});

export interface Done extends Typed {
  readonly session: Uint8Array;
  readonly tag: Uint8Array;
}
const Done: Codec<Done> = struct<Done>({ version: u8, type: u8, session: opaque, tag: opaque });

/** The messages by their types: none is taken for one of the other direction, or of another place in the order. */
const messages = {
  offer: { type: 1, codec: Offer, most: 2_048 },
  answer: { type: 2, codec: Answer, most: 32_768 },
  reveal: { type: 3, codec: Reveal, most: 65_536 },
  handOver: { type: 4, codec: HandOver, most: 4 * 1024 * 1024 },
  done: { type: 5, codec: Done, most: 1_024 },
} as const;

interface Messages {
  readonly offer: Offer;
  readonly answer: Answer;
  readonly reveal: Reveal;
  readonly handOver: HandOver;
  readonly done: Done;
}

const version = 1;

/** The bytes of a message. @throws TypeError where it would be longer than the other side reads. */
export function writeMessage<Name extends keyof Messages>(
  name: Name,
  body: Omit<Messages[Name], keyof Typed>,
): ReturnType<typeof encode> {
  const { type, codec, most } = messages[name];
  const bytes = encode(codec as Codec<unknown>, { version, type, ...body });
  if (bytes.length > most) throw new TypeError(`${name} must have at most ${String(most)} bytes`);
  return bytes;
}

/** A message of this type. @throws AccountError of this code for everything else. */
export function readMessage<Name extends keyof Messages>(
  name: Name,
  bytes: Uint8Array,
  code: AccountErrorCode = "link-message",
): Messages[Name] {
  const { type, codec, most } = messages[name];
  if (bytes.length > most || bytes[0] !== version || bytes[1] !== type) throw new AccountError(code);
  try {
    return decode(codec as Codec<unknown>, copyBytes(bytes)) as Messages[Name];
  } catch (cause) {
    throw new AccountError(code, { cause });
  }
}
