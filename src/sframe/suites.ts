/**
 * The SFrame cipher suites: which algorithms, and how many bytes of what. RFC 9605 sections 4.5 and 8.1.
 */

import { CopseError } from "../errors.ts";
import { checkCount } from "../bytes/numbers.ts";
import { checkOptions } from "./arguments.ts";

/** A cipher suite. Lengths are in bytes, under the names that RFC 9605 section 4.4 gives them. */
export interface SFrameSuite {
  /** The number that enters the key derivation: IANA's for 1 to 5. */
  readonly id: number;
  /** For example "AES_128_GCM_SHA256_128". */
  readonly name: string;
  /** The hash of HKDF, and of the tag where `aead` is "ctr-hmac". */
  readonly hash: "sha256" | "sha512";
  /** AES-GCM, or the AES-CTR with HMAC of section 4.5.1. */
  readonly aead: "gcm" | "ctr-hmac";
  /** Hash.Nh */
  readonly hashLength: number;
  /** AEAD.Nka: the AES key's length. For "gcm" it is the whole key's. */
  readonly encryptionKeyLength: number;
  /** AEAD.Nk */
  readonly keyLength: number;
  /** AEAD.Nn */
  readonly nonceLength: number;
  /** AEAD.Nt: what encryption adds besides the header. */
  readonly tagLength: number;
}

/** The tables of RFC 9605 section 4.5 come down to this: only the CTR suites choose the length of their tags. */
function suite(id: number, aesBits: 128 | 256, ctrTagLength?: number): SFrameSuite {
  const hash = aesBits === 128 ? "sha256" : "sha512";
  const hashLength = aesBits / 4;
  const encryptionKeyLength = aesBits / 8;
  const tagLength = ctrTagLength ?? 16;
  const isGcm = ctrTagLength === undefined;
  return {
    id,
    name: `AES_${aesBits}_${isGcm ? "GCM" : "CTR_HMAC"}_${hash.toUpperCase()}_${tagLength * 8}`,
    hash,
    aead: isGcm ? "gcm" : "ctr-hmac",
    hashLength,
    encryptionKeyLength,
    keyLength: isGcm ? encryptionKeyLength : encryptionKeyLength + hashLength,
    nonceLength: 12,
    tagLength,
  };
}

const all: readonly SFrameSuite[] = [
  suite(1, 128, 10),
  suite(2, 128, 8),
  suite(3, 128, 4),
  suite(4, 128),
  suite(5, 256),
  suite(6, 256, 10),
  suite(7, 256, 8),
  suite(8, 256, 4),
];

/** The suites of RFC 9605, in the order of their numbers: 1 to 5. */
export const sframeSuites: readonly SFrameSuite[] = all.slice(0, 5);

/**
 * The suite of this number.
 *
 * Suites 6 to 8 (AES_256_CTR_HMAC_SHA512_80, _64 and _32) came to the working group after the RFC and are not
 * registered: they must be asked for with `experimental: true`. Tags of 4 and 8 bytes (suites 2, 3, 7 and 8) can be
 * forged by guessing where an attacker may try often enough: read RFC 9605 section 7.5 before choosing one.
 *
 * @throws CopseError "suite-unsupported" where there is no such suite, or it is experimental and was not asked for so.
 * @throws TypeError where the number is not one of 16 bits.
 */
export function sframeSuite(id: number, options: { readonly experimental?: boolean } = {}): SFrameSuite {
  checkCount("id", id, [0, 0xffff]);
  checkOptions(options, "experimental");
  const { experimental = false } = options;
  const found = (experimental ? all : sframeSuites).find((candidate) => candidate.id === id);
  if (found === undefined) throw new CopseError("suite-unsupported");
  return found;
}

/** @throws TypeError where this is not one of the suites that `sframeSuite` gives. */
export function checkSuite(suite: SFrameSuite): void {
  if (!all.includes(suite)) throw new TypeError("suite must be of sframeSuite()");
}
