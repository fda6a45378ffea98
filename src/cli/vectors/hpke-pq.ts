/**
 * HPKE with post-quantum algorithms, in the format of RFC 9180 appendix A: as far as a cipher suite has the algorithms of
 * an entry. The others are skipped, by their names.
 */

import { fromHex, hex } from "../../bytes/text.ts";
import { cipherSuites } from "../../crypto/cipher-suites.ts";
import { hpkeExportReceive, hpkeOpen } from "../../crypto/hpke.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { outcome, same, type Outcome, type Verify } from "./check.ts";

interface Entry {
  readonly mode: number;
  readonly kem_id: number;
  readonly kdf_id: number;
  readonly aead_id: number;
  readonly info: string;
  readonly ikmR: string;
  readonly skRm: string;
  readonly pkRm: string;
  readonly enc: string;
  readonly shared_secret: string;
  readonly key: string;
  readonly base_nonce: string;
  readonly encryptions: readonly {
    readonly aad: string;
    readonly ct: string;
    readonly nonce: string;
    readonly pt: string;
  }[];
  readonly exports: readonly {
    readonly exporter_context: string;
    readonly L: number;
    readonly exported_value: string;
  }[];
}

/** RFC 9180 section 7, and draft-ietf-hpke-pq for what is new. */
const names = {
  kem: {
    0x10: "DHKEM(P-256)",
    0x11: "DHKEM(P-384)",
    0x12: "DHKEM(P-521)",
    0x20: "DHKEM(X25519)",
    0x21: "DHKEM(X448)",
    0x40: "ML-KEM-512",
    0x41: "ML-KEM-768",
    0x42: "ML-KEM-1024",
    0x50: "MLKEM768-P256",
    0x51: "MLKEM1024-P384",
    0x647a: "X-Wing",
  },
  kdf: {
    1: "HKDF-SHA256",
    2: "HKDF-SHA384",
    3: "HKDF-SHA512",
    0x10: "SHAKE128",
    0x11: "SHAKE256",
    0x12: "TurboSHAKE128",
    0x13: "TurboSHAKE256",
  },
  aead: { 1: "AES-128-GCM", 2: "AES-256-GCM", 3: "ChaCha20-Poly1305" },
} as const satisfies Record<string, Readonly<Record<number, string>>>;

/** Hold the entries to the HPKE of the cipher suites. */
export const verifyHpkePq: Verify = async function* (suiteFor, files): AsyncIterable<Outcome> {
  for (const [index, entry] of (files as readonly (readonly Entry[])[]).flat().entries()) {
    const name = `entry ${index}`;
    const known = cipherSuites.find(({ hpke }) => {
      return hpke.kem === entry.kem_id && hpke.kdf === entry.kdf_id && hpke.aead === entry.aead_id;
    });
    if (known === undefined) yield { entry: name, skipped: `no cipher suite has ${algorithmsOf(entry)}` };
    else if (entry.mode !== 0) yield { entry: name, skipped: `MLS has no use for mode ${entry.mode}` };
    else yield await outcome(name, () => check(suiteFor(known.id), entry));
  }
};

function algorithmsOf({ kem_id, kdf_id, aead_id }: Entry): string {
  const named = (table: Readonly<Record<number, string>>, id: number): string => table[id] ?? `algorithm ${id}`;
  return [named(names.kem, kem_id), named(names.kdf, kdf_id), named(names.aead, aead_id)].join(" with ");
}

async function check(suite: CipherSuite, entry: Entry): Promise<void> {
  const pair = await suite.deriveKeyPair(fromHex(entry.ikmR));
  same("skRm", pair.privateKey, entry.skRm);
  same("pkRm", pair.publicKey, entry.pkRm);
  const enc = fromHex(entry.enc);
  same("shared_secret", await suite.decap(enc, pair.privateKey), entry.shared_secret);

  const received = { privateKey: pair.privateKey, enc, info: fromHex(entry.info) };
  for (const [index, { aad, ct, nonce, pt }] of entry.encryptions.entries()) {
    const sealed = { associatedData: fromHex(aad), ciphertext: fromHex(ct) };
    // The first encryption has the base nonce itself; the later ones show nothing more of the key schedule.
    const opened =
      nonce === entry.base_nonce
        ? await hpkeOpen(suite, { ...received, ...sealed })
        : suite.open(fromHex(entry.key), fromHex(nonce), sealed.associatedData, sealed.ciphertext);
    same(`encryptions[${index}]`, opened, pt);
  }
  for (const [index, { exporter_context, L, exported_value }] of entry.exports.entries()) {
    const asked = { exporterContext: fromHex(exporter_context), length: L };
    same(`exports[${index}]`, hex(await hpkeExportReceive(suite, { ...received, ...asked })), exported_value);
  }
}
