/**
 * Key encapsulation mechanisms: what a cipher suite asks of its KEM, and the checks around a KEM that a caller brings.
 * RFC 9180 section 4; RFC 9420 section 5.1.
 */

import { checkCount, checkUint } from "../../bytes/numbers.ts";
import { CopseError } from "../../errors.ts";
import type { Awaitable, Encapsulation, KeyPair, Random } from "../provider.ts";

/** The lengths of a KEM's values, in bytes. RFC 9180 section 4. */
export interface KemLengths {
  /** Npk. */
  readonly publicKey: number;
  /** Nsk. */
  readonly privateKey: number;
  /** Nenc. */
  readonly enc: number;
  /** Nsecret. */
  readonly sharedSecret: number;
}

/**
 * A KEM. Keys are bytes in the KEM's own format, as SerializePublicKey and SerializePrivateKey of RFC 9180 section 4 give
 * them. What comes in is lent for the call; what comes out is an array of its own.
 */
export interface Kem {
  /** The number in the registry of HPKE's KEMs, RFC 9180 section 7.1: a part of everything that HPKE derives. */
  readonly id: number;
  readonly lengths: KemLengths;
  /** GenerateKeyPair. */
  generateKeyPair(random: Random): Awaitable<KeyPair>;
  /** DeriveKeyPair: the same key pair for the same bytes, of which the suite's KDF gives Nh. */
  deriveKeyPair(ikm: Uint8Array): Awaitable<KeyPair>;
  /** The public key of a private key. @throws CopseError "key-invalid". */
  publicKey(privateKey: Uint8Array): Awaitable<Uint8Array>;
  /** Whether a public key is one that `encap` accepts: everybody must give the same answer. Never throws. */
  isPublicKey(publicKey: Uint8Array): boolean;
  /** Encap. @throws CopseError "key-invalid" for a public key that is none. */
  encap(publicKey: Uint8Array, random: Random): Awaitable<Encapsulation>;
  /**
   * Decap: the shared secret. The public key that belongs to the private one comes with it where it is known.
   *
   * @throws CopseError "decapsulation" for an `enc` that is none, "key-invalid" for a key of our own that is none.
   */
  decap(enc: Uint8Array, privateKey: Uint8Array, publicKey?: Uint8Array): Awaitable<Uint8Array>;
}

/**
 * A KEM that a caller brings, held to its word: the lengths of everything that goes in and comes out, and the two error
 * codes that the engine knows what to do with.
 *
 * @throws TypeError where its number or one of its lengths can't be one.
 */
export function strictKem(kem: Kem): Kem {
  const { id, lengths } = kem;
  checkUint("the id of a KEM", id, 16);
  for (const name of ["publicKey", "privateKey", "enc", "sharedSecret"] as const) {
    checkCount(`lengths.${name} of a KEM`, lengths[name], [1, 0xffff_ffff]);
  }
  const isPublicKey = (publicKey: Uint8Array): boolean => {
    const answer: unknown = publicKey.length === lengths.publicKey && kem.isPublicKey(publicKey);
    return answer === true;
  };
  const checkPrivateKey = (privateKey: Uint8Array): void => {
    if (privateKey.length !== lengths.privateKey) throw new CopseError("key-invalid");
  };
  const checkedPair = async (making: () => Awaitable<KeyPair>): Promise<KeyPair> => {
    const { privateKey, publicKey } = await failingAs("key-invalid", making);
    if (!isBytes(privateKey, lengths.privateKey) || !isBytes(publicKey, lengths.publicKey)) throw unfit();
    return { privateKey, publicKey };
  };

  return {
    id,
    lengths,
    generateKeyPair: (random) => checkedPair(() => kem.generateKeyPair(random)),
    deriveKeyPair: (ikm) => checkedPair(() => kem.deriveKeyPair(ikm)),

    async publicKey(privateKey) {
      checkPrivateKey(privateKey);
      const publicKey = await failingAs("key-invalid", () => kem.publicKey(privateKey));
      if (!isBytes(publicKey, lengths.publicKey)) throw unfit();
      return publicKey;
    },

    isPublicKey,

    async encap(publicKey, random) {
      if (!isPublicKey(publicKey)) throw new CopseError("key-invalid");
      const { enc, sharedSecret } = await failingAs("key-invalid", () => kem.encap(publicKey, random));
      if (!isBytes(enc, lengths.enc) || !isBytes(sharedSecret, lengths.sharedSecret)) throw unfit();
      return { enc, sharedSecret };
    },

    async decap(enc, privateKey, publicKey) {
      checkPrivateKey(privateKey);
      if (publicKey !== undefined && !isPublicKey(publicKey)) throw new CopseError("key-invalid");
      if (enc.length !== lengths.enc) throw new CopseError("decapsulation");
      const sharedSecret = await failingAs("decapsulation", () => kem.decap(enc, privateKey, publicKey));
      if (!isBytes(sharedSecret, lengths.sharedSecret)) throw unfit();
      return sharedSecret;
    },
  };
}

/** What the KEM gives; where it throws, that as an error with a code. */
async function failingAs<T>(code: "key-invalid" | "decapsulation", work: () => Awaitable<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof CopseError ? cause : new CopseError(code, { cause });
  }
}

function isBytes(value: unknown, length: number): boolean {
  return value instanceof Uint8Array && value.length === length;
}

function unfit(): TypeError {
  return new TypeError("the KEM gave something of another length than it says");
}
