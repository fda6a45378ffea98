/**
 * Pre-shared keys, chained into one secret for the key schedule. RFC 9420 section 8.4.
 *
 *                      0                               0    = psk_secret_[0]
 *                      |                               |
 *                      V                               V
 *     psk_[0]   --> Extract --> ExpandWithLabel --> Extract = psk_secret_[1]
 *                                                      |
 *                      0                              ...
 *                      |                               |
 *                      V                               V
 *     psk_[n-1] --> Extract --> ExpandWithLabel --> Extract = psk_secret_[n]
 *
 * The text under the figure has the last Extract's arguments the other way round, as
 * `psk_secret_[i] = KDF.Extract(psk_input_[i-1], psk_secret_[i-1])`, and that is what everybody does.
 */

import { Secret } from "../bytes/secret.ts";
import { encode } from "../codec/codec.ts";
import { expandWithLabel } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { PskLabel, type PreSharedKeyId } from "../wire/pre-shared-key.ts";

/** A pre-shared key with the name under which it is injected. */
export interface NamedPsk {
  readonly id: PreSharedKeyId;
  readonly psk: Uint8Array;
}

/**
 * The psk_secret of these PSKs, in this order: that of the commit, or of the Welcome's GroupSecrets. Without any it is
 * all zeros. The PSKs stay the caller's.
 *
 * @throws TypeError for more PSKs than PSKLabel's uint16 can count.
 */
export function pskSecret(suite: CipherSuite, psks: readonly NamedPsk[]): Secret<"psk_secret"> {
  const count = psks.length;
  if (count > 0xffff) throw new TypeError("a commit injects at most 65535 PSKs");
  const zero = new Uint8Array(suite.hashLength);
  let secret: Uint8Array = new Uint8Array(suite.hashLength);
  for (const [index, { id, psk }] of psks.entries()) {
    const extracted = suite.extract(zero, psk);
    const label = encode(PskLabel, { id, index, count });
    const input = expandWithLabel(suite, extracted, "derived psk", label, suite.hashLength);
    const next = suite.extract(input, secret);
    for (const bytes of [extracted, input, secret]) bytes.fill(0);
    secret = next;
  }
  return Secret.of("psk_secret", secret);
}
