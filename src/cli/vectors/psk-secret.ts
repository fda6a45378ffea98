/**
 * Pre-Shared Keys: any number of them chained into one secret. RFC 9420 section 8.4.
 */

import { fromHex } from "../../bytes/text.ts";
import { pskSecret } from "../../schedule/psk.ts";
import { eachEntry, same, type Verify } from "./check.ts";

interface Entry {
  readonly cipher_suite: number;
  readonly psks: readonly { readonly psk_id: string; readonly psk: string; readonly psk_nonce: string }[];
  readonly psk_secret: string;
}

/** Hold an entry of psk_secret.json to the chain of external PSKs. */
export const verifyPskSecret: Verify = eachEntry<Entry>((entry, suiteFor) => {
  const psks = entry.psks.map(({ psk_id, psk, psk_nonce }) => ({
    id: { type: "external", pskId: fromHex(psk_id), pskNonce: fromHex(psk_nonce) } as const,
    psk: fromHex(psk),
  }));
  pskSecret(suiteFor(entry.cipher_suite), psks).use((bytes) => same("psk_secret", bytes, entry.psk_secret));
});
