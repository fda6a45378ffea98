/**
 * ML-KEM and ML-DSA by `node:crypto`, which has them from Node 24.7 with OpenSSL 3.5 on. Each parameter set is tried once,
 * when it is first asked for, against noble's: other runtimes have a part of the functions, or none.
 *
 * Keys are imported as DER: SubjectPublicKeyInfo, and PrivateKeyInfo with the seed alone (RFC 9935 section 6, RFC 9881
 * section 6). The algorithm's arc is the same for all of them, 2.16.840.1.101.3.4, and its last two numbers are below.
 */

import { Buffer } from "node:buffer";
import * as nodeCrypto from "node:crypto";
import { concat } from "../../bytes/concat.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { fromHex } from "../../bytes/text.ts";
import { KeyCache } from "../node/keys.ts";
import { signaturesBy } from "../node/signatures.ts";
import { plain } from "../plain.ts";
import { platformRandom } from "../random.ts";
import type { RawSignatures } from "../signatures.ts";
import {
  mlDsas,
  mlDsaSeedLength,
  mlKemMessageLength,
  mlKems,
  mlKemSeedLength,
  type MlDsaName,
  type MlKemName,
} from "./names.ts";
import type { MlKem, Primitives } from "./primitives.ts";

type KeyObject = nodeCrypto.KeyObject;

/** What newer versions have. */
interface KemFunctions {
  encapsulate(key: KeyObject): { readonly sharedKey: Uint8Array; readonly ciphertext: Uint8Array };
  decapsulate(key: KeyObject, ciphertext: Uint8Array): Uint8Array;
}
const functions = nodeCrypto as unknown as Partial<KemFunctions>;

/** The last two numbers of each algorithm's identifier. NIST's Computer Security Objects Register. */
const arcs: Readonly<Record<MlKemName | MlDsaName, readonly [number, number]>> = {
  "ML-KEM-512": [4, 1],
  "ML-KEM-768": [4, 2],
  "ML-KEM-1024": [4, 3],
  "ML-DSA-44": [3, 17],
  "ML-DSA-65": [3, 18],
  "ML-DSA-87": [3, 19],
};

/** How many public keys of signatures are known by their contents, in each scheme. */
const latestKeys = 64;

/** The runtime's implementation where it has one and has it right, and noble's where not. */
export function nativeOr(noble: Primitives): Primitives {
  return {
    mlKem(name) {
      const theirs = noble.mlKem(name);
      const chosen = once(() => {
        const ours = nativeMlKem(name, theirs);
        return ours !== undefined && works(() => mlKemWorks(ours, theirs)) ? ours : theirs;
      });
      return {
        publicKey: (seed) => chosen().publicKey(seed),
        encapsulate: (publicKey, random) => chosen().encapsulate(publicKey, random),
        decapsulate: (enc, seed) => chosen().decapsulate(enc, seed),
      };
    },
    mlDsa(name) {
      const theirs = noble.mlDsa(name);
      const chosen = once(() => {
        const ours = nativeMlDsa(name);
        return works(() => mlDsaWorks(ours, theirs)) ? ours : theirs;
      });
      return {
        publicKey: (seed) => chosen().publicKey(seed),
        signer: (seed) => chosen().signer(seed),
        verify: (verification) => chosen().verify(verification),
        verifyAll: (verifications) => chosen().verifyAll(verifications),
      };
    },
  };
}

/** What `make` gives, made when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function nativeMlKem(name: MlKemName, noble: MlKem): MlKem | undefined {
  const { encapsulate, decapsulate } = functions;
  if (typeof encapsulate !== "function" || typeof decapsulate !== "function") return undefined;
  return {
    publicKey: (seed) => publicBytes(privateKeyOf(name, seed), mlKems[name].publicKey),
    // OpenSSL takes its randomness where the platform's source has it from; another source's is noble's to use.
    encapsulate(publicKey, random) {
      if (random !== platformRandom) return noble.encapsulate(publicKey, random);
      const { ciphertext, sharedKey } = encapsulate(publicKeyOf(name, publicKey));
      return { enc: plain(ciphertext), sharedSecret: plain(sharedKey) };
    },
    decapsulate: (enc, seed) => plain(decapsulate(privateKeyOf(name, seed), enc)),
  };
}

/** Signatures are randomized by OpenSSL, FIPS 204 section 3.4. */
function nativeMlDsa(name: MlDsaName): RawSignatures {
  return signaturesBy({
    hash: null,
    publicKey: (seed) => publicBytes(privateKeyOf(name, seed), mlDsas[name].publicKey),
    privateKey: (seed) => privateKeyOf(name, seed),
    publicKeys: new KeyCache((publicKey) => publicKeyOf(name, publicKey), latestKeys),
  });
}

/** Whether it agrees with noble's about a key, a ciphertext, and a ciphertext that is none. */
function mlKemWorks(ours: MlKem, theirs: MlKem): boolean {
  const [seed, message] = [sample(mlKemSeedLength), sample(mlKemMessageLength)];
  const publicKey = now(theirs.publicKey(seed));
  const { enc, sharedSecret } = now(theirs.encapsulate(publicKey, () => message));
  const own = now(ours.encapsulate(publicKey, platformRandom));
  const damaged = enc.slice();
  damaged[0]! ^= 1;
  return (
    bytesEqual(now(ours.publicKey(seed)), publicKey) &&
    bytesEqual(now(ours.decapsulate(enc, seed)), sharedSecret) &&
    bytesEqual(now(theirs.decapsulate(own.enc, seed)), own.sharedSecret) &&
    bytesEqual(now(ours.decapsulate(damaged, seed)), now(theirs.decapsulate(damaged, seed)))
  );
}

/** Whether each takes the other's signature, and ours no other message's. */
function mlDsaWorks(ours: RawSignatures, theirs: RawSignatures): boolean {
  const [seed, message, other] = [sample(mlDsaSeedLength), sample(9), sample(10)];
  const publicKey = now(theirs.publicKey(seed));
  const signature = now(now(theirs.signer(seed)).sign(message));
  const own = now(now(ours.signer(seed)).sign(message));
  return (
    bytesEqual(now(ours.publicKey(seed)), publicKey) &&
    now(ours.verify({ publicKey, message, signature })) &&
    now(theirs.verify({ publicKey, message, signature: own })) &&
    !now(ours.verify({ publicKey, message: other, signature }))
  );
}

function works(test: () => boolean): boolean {
  try {
    return test();
  } catch {
    return false; // an algorithm that the runtime does not know
  }
}

/** A value of what is synchronous in both implementations. */
function now<T>(value: T | Promise<T>): T {
  if (value instanceof Promise) throw new TypeError("a post-quantum primitive gave a promise");
  return value;
}

function sample(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i + length);
}

/** The bytes of a public key are the end of its SubjectPublicKeyInfo. */
function publicBytes(privateKey: KeyObject, length: number): Uint8Array {
  const spki = nodeCrypto.createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return new Uint8Array(spki.subarray(spki.length - length));
}

function publicKeyOf(name: MlKemName | MlDsaName, publicKey: Uint8Array): KeyObject {
  // SEQUENCE { AlgorithmIdentifier, BIT STRING { no unused bits, key } }
  const key = concat(algorithm(name), sequence(0x03, publicKey.length + 1), Uint8Array.of(0), publicKey);
  return nodeCrypto.createPublicKey({
    key: buffer(concat(sequence(0x30, key.length), key)),
    format: "der",
    type: "spki",
  });
}

function privateKeyOf(name: MlKemName | MlDsaName, seed: Uint8Array): KeyObject {
  // SEQUENCE { version 0, AlgorithmIdentifier, OCTET STRING { [0] seed } }
  const head = concat(
    Uint8Array.of(0x02, 1, 0),
    algorithm(name),
    Uint8Array.of(0x04, seed.length + 2, 0x80, seed.length),
  );
  const key = concat(Uint8Array.of(0x30, head.length + seed.length), head, seed);
  try {
    return nodeCrypto.createPrivateKey({ key: buffer(key), format: "der", type: "pkcs8" });
  } finally {
    key.fill(0);
  }
}

/** SEQUENCE { OBJECT IDENTIFIER 2.16.840.1.101.3.4.x.y }, without parameters. */
function algorithm(name: MlKemName | MlDsaName): Uint8Array {
  return concat(fromHex("300b060960864801650304"), Uint8Array.from(arcs[name]));
}

/** A tag and a length of two bytes. */
function sequence(tag: number, length: number): Uint8Array {
  return Uint8Array.of(tag, 0x82, length >> 8, length & 0xff);
}

function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
