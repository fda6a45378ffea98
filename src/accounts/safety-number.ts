/**
 * What people compare to know that nobody is between them. Safety numbers are of two accounts' roots, in Signal's form: they outlast
 * devices and account keys. Group codes are of an epoch's members: RFC 9420 section 8.7, the epoch authenticator.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { constantTimeEqual } from "../bytes/compare.ts";
import { concat } from "../bytes/concat.ts";
import { copyBytes } from "../bytes/copy.ts";
import { bytes, options as optionsOf, text, thing, uint16, type Shape } from "../bytes/takes.ts";
import { fixed, encode, decodeCopy, opaque, struct, u16, u8, type Codec } from "../codec/codec.ts";
import { isUri } from "../rooms/uri.ts";
import { hash } from "#symmetric";
import { utf8 } from "../bytes/text.ts";

/** An account as its safety number sees it: what of an `AccountView` outlasts devices. */
export interface RootedAccount {
  /** mimi://host/u/name */
  readonly user: string;
  readonly cipherSuite: number;
  readonly rootKey: Uint8Array;
}

/** A safety number: the same on both sides. */
export interface SafetyNumber {
  /** 60 digits to read aloud, in twelve groups of five: six a party. */
  readonly digits: string;
  /** For a QR code. The other side gives what it scans to `isSameSafetyNumber`. */
  readonly payload: Bytes;
}

/** A code of all members of a group in one epoch. */
export interface GroupCode {
  /** 30 digits to read aloud, in six groups of five. Every member has the same. */
  readonly digits: string;
  /** The whole authenticator, for a QR code. */
  readonly payload: Bytes;
}

const digitGroups = 6;
const bytesOfGroup = 5;

/** Of the fingerprint's form, and of the payload's. */
const version = 0;

/** How often the hash is taken, so that it costs an attacker as much to try keys whose number looks like another's. */
const rounds = 5_200;

/** Bytes of each fingerprint in a payload. */
const fingerprintLength = 32;

interface Payload {
  readonly version: number;
  readonly ours: Uint8Array;
  readonly theirs: Uint8Array;
}
const Payload: Codec<Payload> = struct<Payload>({
  version: u8,
  ours: fixed(fingerprintLength),
  theirs: fixed(fingerprintLength),
});

interface Key {
  readonly cipherSuite: number;
  readonly rootKey: Uint8Array;
}
const Key: Codec<Key> = struct<Key>({ cipherSuite: u16, rootKey: opaque });

const anAccount = /* @__PURE__ */ thing(
  "an account",
  { user: text, cipherSuite: uint16, rootKey: bytes } satisfies Shape<RootedAccount>,
  ["user", "cipherSuite", "rootKey"],
);
const pair = /* @__PURE__ */ optionsOf({ ours: anAccount, theirs: anAccount }, "ours", "theirs");

/**
 * The safety number of two accounts.
 *
 *     const { digits, payload } = safetyNumber({ ours: account, theirs: view });
 *
 * @throws TypeError for what is no account, or twice the same user.
 */
export function safetyNumber(accounts: { readonly ours: RootedAccount; readonly theirs: RootedAccount }): SafetyNumber {
  pair("safetyNumber", accounts);
  if (accounts.ours.user === accounts.theirs.user) throw new TypeError("a safety number is of two users");
  const ours = fingerprint(accounts.ours);
  const theirs = fingerprint(accounts.theirs);
  const numbers = [digitsOf(ours), digitsOf(theirs)].sort();
  return {
    digits: numbers.join(" "),
    payload: encode(Payload, {
      version,
      ours: ours.subarray(0, fingerprintLength),
      theirs: theirs.subarray(0, fingerprintLength),
    }),
  };
}

/**
 * Whether what was scanned from the other side's screen is the other half of our safety number. In constant time.
 *
 * @throws TypeError where either is no Uint8Array.
 */
export function isSameSafetyNumber(ours: SafetyNumber, scanned: Uint8Array): boolean {
  bytes("scanned", scanned);
  const mine = decodeCopy(Payload, ours.payload);
  return constantTimeEqual(encode(Payload, { version: mine.version, ours: mine.theirs, theirs: mine.ours }), scanned);
}

/**
 * The code of a group's epoch: `groupCode(group.epochAuthenticator)`. It changes with every epoch.
 *
 * @throws TypeError where it has fewer than 30 bytes.
 */
export function groupCode(epochAuthenticator: Uint8Array): GroupCode {
  bytes("epochAuthenticator", epochAuthenticator);
  if (epochAuthenticator.length < digitGroups * bytesOfGroup) {
    throw new TypeError("epochAuthenticator must have at least 30 bytes");
  }
  return { digits: digitsOf(epochAuthenticator), payload: copyBytes(epochAuthenticator) };
}

/** Whether what was scanned is the code of the same group and epoch. In constant time. */
export function isSameGroupCode(ours: GroupCode, scanned: Uint8Array): boolean {
  return constantTimeEqual(ours.payload, scanned);
}

/** hash(version || key || user), and 5,199 times more hash(... || key). */
function fingerprint({ user, cipherSuite, rootKey }: RootedAccount): Uint8Array {
  if (!isUri(user, "user")) throw new TypeError("user must be a URI such as mimi://example.org/u/alice");
  const key = encode(Key, { cipherSuite, rootKey });
  let value: Uint8Array = concat(new Uint8Array([0, version]), key, utf8(user));
  for (let round = 0; round < rounds; round++) value = hash("sha512", concat(value, key));
  return value;
}

/** Six groups of five digits: each is five bytes as a big-endian integer modulo 100,000. */
function digitsOf(value: Uint8Array): string {
  return Array.from({ length: digitGroups }, (_, group) => {
    const part = value.subarray(group * bytesOfGroup, (group + 1) * bytesOfGroup);
    const number = part.reduce((sum, byte) => sum * 256 + byte, 0); // at most 2^40 - 1: exact
    return String(number % 100_000).padStart(5, "0");
  }).join(" ");
}
