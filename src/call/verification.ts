/**
 * Verification codes: what participants compare, by voice or by camera, to know that nobody is between them. They come
 * from the epoch authenticator (RFC 9420 section 8.7), so they change with every epoch and are everybody's at once.
 */

import { constantTimeEqual } from "../bytes/compare.ts";
import { checkBytes } from "../sframe/arguments.ts";

/** The code of one epoch. */
export interface Verification {
  readonly epoch: bigint;
  /** 30 digits to read aloud, in six groups of five, with a space between. Everybody has the same. */
  readonly digits: string;
  /** The whole epoch authenticator, for a QR code. Compare what was scanned with `isSameVerification`. */
  readonly bytes: Uint8Array;
}

const groups = 6;
const bytesOfGroup = 5;

/**
 * The code of an epoch. Each group of digits is five bytes as a big-endian integer modulo 100,000, as in Discord's DAVE
 * protocol.
 *
 * @param epochAuthenticator At least 30 bytes.
 * @throws TypeError where it is shorter.
 */
export function verificationOf(epoch: bigint, epochAuthenticator: Uint8Array): Verification {
  checkBytes("epochAuthenticator", epochAuthenticator, [groups * bytesOfGroup, 1024]);
  const digits = Array.from({ length: groups }, (_, group) => {
    const part = epochAuthenticator.subarray(group * bytesOfGroup, (group + 1) * bytesOfGroup);
    const value = part.reduce((sum, byte) => sum * 256 + byte, 0); // at most 2^40 - 1: exact
    return String(value % 100_000).padStart(5, "0");
  });
  return { epoch, digits: digits.join(" "), bytes: new Uint8Array(epochAuthenticator) };
}

/** Whether two codes' bytes are the same, in constant time. */
export function isSameVerification(ours: Uint8Array, scanned: Uint8Array): boolean {
  return constantTimeEqual(ours, scanned);
}
