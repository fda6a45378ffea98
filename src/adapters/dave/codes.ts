/**
 * What people compare, to know that nobody is between them ("Displayable Codes", "Verification Fingerprint").
 */

import { scrypt } from "../../crypto/scrypt.ts";
import { concat } from "../../bytes/concat.ts";
import type { Bytes } from "../../bytes/bytes.ts";
import { bytes as someBytes, options as optionsOf, uint64, type Takes } from "../../bytes/takes.ts";
import { bigEndian } from "./user-id.ts";

/** A user and the key that it shows: the signature key of its leaf. */
export interface DaveUser {
  readonly userId: bigint;
  readonly signatureKey: Uint8Array;
}

const aUser: Takes = /* @__PURE__ */ optionsOf({ userId: uint64, signatureKey: someBytes }, "userId", "signatureKey");

/** Fixed by the protocol: the fingerprint must be slow to find, and the same for everybody. */
const salt: Uint8Array = /* @__PURE__ */ Uint8Array.of(
  ...[0x24, 0xca, 0xb1, 0x7a, 0x7a, 0xf8, 0xec, 0x2b, 0x82, 0xb4, 0x12, 0xb9, 0x2d, 0xab, 0x19, 0x2e],
);
const cost = { N: 16_384, r: 8, p: 2, dkLen: 64 } as const;

/**
 * Digits to read aloud: of each group of so many bytes, as a big-endian number, the last so many digits.
 *
 * @param digits how many in all
 * @param groupSize how many a group has, 1 to 7, of which `digits` is a multiple
 * @throws TypeError where there are fewer bytes than digits, or the numbers are none of these.
 */
export function displayableCode(bytes: Uint8Array, digits: number, groupSize: number): string {
  someBytes("bytes", bytes);
  const isGroup = Number.isInteger(groupSize) && groupSize > 0 && groupSize < 8;
  if (!isGroup || digits <= 0 || digits % groupSize !== 0 || bytes.length < digits) {
    throw new TypeError("groupSize must be 1 to 7, digits a multiple of it, and no more than there are bytes");
  }
  let code = "";
  for (let start = 0; start < digits; start += groupSize) {
    const group = bytes.subarray(start, start + groupSize).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    code += String(group % 10n ** BigInt(groupSize)).padStart(groupSize, "0");
  }
  return code;
}

/** The 30 digits of an epoch, from its authenticator: everybody in the call has the same. */
export function voicePrivacyCode(epochAuthenticator: Uint8Array): string {
  return displayableCode(epochAuthenticator, 30, 5);
}

/**
 * The fingerprint of two users, 64 bytes: the same for both, whichever comes first. It takes a tenth of a second or more.
 *
 * @throws TypeError where a user is none.
 */
export async function pairwiseFingerprint(one: DaveUser, other: DaveUser): Promise<Bytes> {
  const [first, second] = [one, other].map((user) => {
    aUser("user", user);
    return concat(Uint8Array.of(0, 0), user.signatureKey, bigEndian(user.userId)); // version 0
  }) as [Uint8Array, Uint8Array];
  const [lower, higher] = precedes(first, second) ? [first, second] : [second, first];
  return new Uint8Array(await scrypt(concat(lower, higher), salt, cost));
}

/** The 45 digits of two users: what a person compares of their fingerprint. */
export async function pairwiseCode(one: DaveUser, other: DaveUser): Promise<string> {
  return displayableCode(await pairwiseFingerprint(one, other), 45, 5);
}

/** Whether one string of bytes stands before another. They are public. */
function precedes(one: Uint8Array, other: Uint8Array): boolean {
  const place = one.findIndex((byte, i) => byte !== other[i]);
  return place < 0 || one[place]! < (other[place] ?? -1);
}
