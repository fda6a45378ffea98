/**
 * HPKE with post-quantum algorithms, in the format of RFC 9180 appendix A: the parts of cipher suites that an entry names
 * are put together. What no part has is skipped, by its name.
 */

import { fromHex, hex } from "../../bytes/text.ts";
import { cipherSuites, type CipherSuiteParameters } from "../../crypto/suites/cipher-suites.ts";
import { hpkeExportReceive, hpkeOpen } from "../../crypto/hpke/hpke.ts";
import type { PostQuantumKemName } from "../../crypto/pq/names.ts";
import { postQuantum, type PostQuantum } from "../../crypto/pq/post-quantum.ts";
import { isSingleStage, singleStageSchedule } from "../../crypto/pq/single-stage.ts";
import type { Awaitable, CipherSuite, Provider, Random } from "../../crypto/provider.ts";
import { outcome, same, type Outcome, type Verify } from "./check.ts";

interface Entry {
  readonly mode: number;
  readonly kem_id: number;
  readonly kdf_id: number;
  readonly aead_id: number;
  readonly info: string;
  /** The randomness of the encapsulation; examples of RFC 9180 call something else so. */
  readonly ikmE?: string;
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

/** Hold the entries to the HPKE of the cipher suites, and of the post-quantum KEMs where their package is installed. */
export const verifyHpkePq: Verify = async function* (_suiteFor, files, provider): AsyncIterable<Outcome> {
  let pq: PostQuantum | undefined;
  try {
    pq = await postQuantum(provider);
  } catch {
    // Its entries are skipped, and say why.
  }
  for (const [index, entry] of (files as readonly (readonly Entry[])[]).flat().entries()) {
    const name = `entry ${index}`;
    const suite = suiteOf(provider, pq, entry);
    if (typeof suite === "string") yield { entry: name, skipped: suite };
    else if (entry.mode !== 0) yield { entry: name, skipped: `MLS has no use for mode ${entry.mode}` };
    else yield await outcome(name, () => check(suite, entry));
  }
};

/** What an entry's KEM is asked for. */
type EntryKem = Pick<CipherSuite, "deriveKeyPair" | "encap" | "decap">;

const postQuantumKems: Readonly<Record<number, PostQuantumKemName>> = {
  0x40: "ML-KEM-512",
  0x41: "ML-KEM-768",
  0x42: "ML-KEM-1024",
  0x50: "MLKEM768-P256",
  0x51: "MLKEM1024-P384",
  0x647a: "MLKEM768-X25519",
};

/** The parts of cipher suites that an entry names, put together; or why there is none. */
function suiteOf(provider: Provider, pq: PostQuantum | undefined, entry: Entry): CipherSuite | string {
  const having = (has: (suite: CipherSuiteParameters) => boolean): CipherSuite | undefined => {
    const found = cipherSuites.find(has);
    return found && provider.cipherSuite(found.id);
  };
  const { kem_id: kem, kdf_id: kdf, aead_id: aead } = entry;
  const name = postQuantumKems[kem];
  if (name !== undefined && pq === undefined) return "@noble/post-quantum is not installed";
  const encapsulating: EntryKem | undefined =
    name === undefined ? having(({ hpke }) => hpke.kem === kem) : pq?.kem(name);
  const sealing = having(({ hpke }) => hpke.aead === aead);
  const hashing = isSingleStage(kdf) ? sealing : having(({ hpke }) => hpke.kdf === kdf); // a single-stage KDF has no hash
  if (encapsulating === undefined || sealing === undefined || hashing === undefined) {
    return `no cipher suite has ${algorithmsOf(entry)}`;
  }
  const { deriveKeyPair, encap, decap } = encapsulating;
  const { keyLength, seal, open } = sealing;
  return { ...hashing, keyLength, seal, open, deriveKeyPair, encap, decap, hpke: { kem, kdf, aead } };
}

function algorithmsOf({ kem_id, kdf_id, aead_id }: Entry): string {
  const named = (table: Readonly<Record<number, string>>, id: number): string => table[id] ?? `algorithm ${id}`;
  return [named(names.kem, kem_id), named(names.kdf, kdf_id), named(names.aead, aead_id)].join(" with ");
}

async function check(suite: CipherSuite, entry: Entry): Promise<void> {
  const pair = await suite.deriveKeyPair(fromHex(entry.ikmR));
  same("skRm", clamped(entry.kem_id, pair.privateKey), clamped(entry.kem_id, fromHex(entry.skRm)));
  same("pkRm", pair.publicKey, entry.pkRm);
  const enc = fromHex(entry.enc);
  same("shared_secret", await suite.decap(enc, pair.privateKey), entry.shared_secret);
  if (entry.ikmE !== undefined) {
    const sent = await suite.encap(pair.publicKey, source(fromHex(entry.ikmE)));
    same("enc of ikmE", sent.enc, entry.enc);
    same("shared_secret of ikmE", sent.sharedSecret, entry.shared_secret);
  }

  const { open, exported } = isSingleStage(entry.kdf_id)
    ? singleStage(suite, entry)
    : twoStage(suite, { privateKey: pair.privateKey, enc, info: fromHex(entry.info) });
  for (const [index, { aad, ct, nonce, pt }] of entry.encryptions.entries()) {
    const sealed = { associatedData: fromHex(aad), ciphertext: fromHex(ct) };
    // The first encryption has the base nonce itself; the later ones show nothing more of the key schedule.
    if (index === 0) same("encryptions[0].nonce", nonce, entry.base_nonce);
    const opened =
      index === 0
        ? await open(sealed)
        : suite.open(fromHex(entry.key), fromHex(nonce), sealed.associatedData, sealed.ciphertext);
    same(`encryptions[${index}]`, opened, pt);
  }
  for (const [index, { exporter_context, L, exported_value }] of entry.exports.entries()) {
    same(`exports[${index}]`, hex(await exported(fromHex(exporter_context), L)), exported_value);
  }
}

/**
 * A private key as it is used: some publishers write X25519 and X448 keys down clamped (RFC 9180 section 7.1.2), some as
 * they are derived. RFC 7748 section 5, decodeScalar.
 */
function clamped(kem: number, privateKey: Uint8Array): string {
  const key = privateKey.slice();
  const last = key.length - 1;
  if (kem === 0x20) {
    key[0]! &= 248;
    key[last] = (key[last]! & 127) | 64;
  } else if (kem === 0x21) {
    key[0]! &= 252;
    key[last]! |= 128;
  }
  return hex(key);
}

/** A random source that gives these bytes, and zeros after them: the vectors have as many as are used. */
function source(bytes: Uint8Array): Random {
  let at = 0;
  return (length) => {
    const drawn = new Uint8Array(length);
    drawn.set(bytes.subarray(at, at + length));
    at += length;
    return drawn;
  };
}

/** A receiver's context. */
interface Context {
  open(sealed: { readonly associatedData: Uint8Array; readonly ciphertext: Uint8Array }): Awaitable<Uint8Array>;
  exported(exporterContext: Uint8Array, length: number): Awaitable<Uint8Array>;
}

function twoStage(
  suite: CipherSuite,
  received: { readonly privateKey: Uint8Array; readonly enc: Uint8Array; readonly info: Uint8Array },
): Context {
  return {
    open: (sealed) => hpkeOpen(suite, { ...received, ...sealed }),
    exported: (exporterContext, length) => hpkeExportReceive(suite, { ...received, exporterContext, length }),
  };
}

function singleStage(suite: CipherSuite, entry: Entry): Context {
  const { key, baseNonce, exportSecret } = singleStageSchedule(suite.hpke, {
    sharedSecret: fromHex(entry.shared_secret),
    info: fromHex(entry.info),
    keyLength: suite.keyLength,
    nonceLength: suite.nonceLength,
  });
  same("key", key, entry.key);
  same("base_nonce", baseNonce, entry.base_nonce);
  return {
    open: ({ associatedData, ciphertext }) => suite.open(key, baseNonce, associatedData, ciphertext),
    exported: exportSecret,
  };
}
