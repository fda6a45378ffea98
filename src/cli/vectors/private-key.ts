/**
 * Private keys as the vectors hold them. RFC 9180 section 7.1.2, RFC 9420 section 5.1.1.
 */

import { fromHex } from "../../bytes/text.ts";
import type { CipherSuite } from "../../crypto/provider.ts";

/** The length of a field element, by the HPKE number of the curve's KEM. The other curves' keys are no integers. */
const fieldElementLengths = new Map([
  [0x10, 32],
  [0x11, 48],
  [0x12, 66],
]);

/**
 * A private key of a suite, for signing or for its KEM. The vectors' document asks for field elements, which have a fixed
 * length; some of the published ones lack their leading zeros, and the engine takes none of those.
 */
export function privateKeyOf(suite: CipherSuite, published: string): Uint8Array {
  const length = fieldElementLengths.get(suite.hpke.kem);
  return fromHex(length === undefined ? published : published.padStart(2 * length, "0"));
}
