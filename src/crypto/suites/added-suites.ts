/**
 * Cipher suites beyond the seven of RFC 9420: a KEM, a hash, an AEAD and a signature scheme under a number. What the
 * provider has already is taken from it; the KEM, and a signature scheme of its own, come with the suite.
 * RFC 9420 sections 5.1 and 17.1.
 */

import {
  having,
  hook,
  list,
  oneOf,
  options,
  text,
  thing,
  uint16,
  uint32,
  type Shape,
  type Takes,
} from "../../bytes/takes.ts";
import { CopseError } from "../../errors.ts";
import {
  aeads,
  cipherSuites,
  kdfs,
  type AeadName,
  type CipherSuiteParameters,
  type SignatureName,
} from "./cipher-suites.ts";
import { strictKem, type Kem } from "../hpke/kem.ts";
import type { CipherSuite, Provider } from "../provider.ts";
import type { SignatureScheme } from "../signatures.ts";
import { kemOperations } from "./suite.ts";
import type { HashName } from "../symmetric.ts";
import { aProvider } from "../takes.ts";

/** A cipher suite as data, with the algorithms that a provider may not have. */
export interface CipherSuiteDefinition {
  /** Its number: IANA's or, for private use, 0xf000 to 0xffff. */
  readonly id: number;
  /** Its name, by which `cipherSuite` finds it, too. */
  readonly name: string;
  readonly kem: Kem;
  /** The suite's hash; HMAC and HKDF with it are its MAC and its KDF. */
  readonly hash: HashName;
  readonly aead: AeadName;
  /** One of the schemes of RFC 9420, or another. */
  readonly signature: SignatureName | SignatureScheme;
}

const algorithm = oneOf("Ed25519", "Ed448", "ECDSA-P-256", "ECDSA-P-384", "ECDSA-P-521");
const scheme = having("the name of a signature scheme, or a SignatureScheme", "signer", "verify", "verifyAll");
const lengths: Shape<Kem["lengths"]> = { publicKey: uint32, privateKey: uint32, enc: uint32, sharedSecret: uint32 };
const definition: Shape<CipherSuiteDefinition> = {
  id: uint16,
  name: text,
  kem: thing(
    "a Kem",
    {
      id: uint16,
      lengths: options(lengths, "publicKey", "privateKey", "enc", "sharedSecret"),
      generateKeyPair: hook,
      deriveKeyPair: hook,
      publicKey: hook,
      isPublicKey: hook,
      encap: hook,
      decap: hook,
    } satisfies Shape<Kem>,
    ["id", "lengths", "generateKeyPair", "deriveKeyPair", "publicKey", "isPublicKey", "encap", "decap"],
  ),
  hash: oneOf("sha256", "sha384", "sha512"),
  aead: oneOf("AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305"),
  signature: (place, value) => {
    (typeof value === "string" ? algorithm : scheme)(place, value);
  },
};
const someDefinitions: Takes = /* @__PURE__ */ list(
  options(definition, "id", "name", "kem", "hash", "aead", "signature"),
);

/**
 * A provider that has these suites, too. The others stay the same objects.
 *
 *     const provider = withCipherSuites(nobleProvider, [mySuite]);
 *     const suite = cipherSuite(mySuite.id, provider);
 *
 * @throws TypeError for a number or a name that is taken, reserved or none; for a KEM whose number or lengths are none.
 * CopseError "suite-unsupported" where the provider lacks the hash, the AEAD or the signature scheme.
 */
export function withCipherSuites(provider: Provider, definitions: readonly CipherSuiteDefinition[]): Provider {
  aProvider("provider", provider);
  someDefinitions("definitions", definitions);
  const added = new Map<number, CipherSuite>();
  const names = new Set([...cipherSuites, ...provider.suites.map((id) => provider.cipherSuite(id))].map((s) => s.name));
  for (const definition of definitions) {
    const { id, name } = definition;
    if (id === 0 || isGrease(id)) throw new TypeError("the number of this cipher suite is reserved");
    if (id <= cipherSuites.length || provider.suites.includes(id) || added.has(id)) {
      throw new TypeError("the number of this cipher suite is taken");
    }
    if (name === "") throw new TypeError("the name of a cipher suite must not be empty");
    if (names.has(name)) throw new TypeError("the name of this cipher suite is taken");
    names.add(name);
    added.set(id, compose(provider, definition));
  }
  return {
    name: provider.name,
    suites: [...provider.suites, ...added.keys()],
    cipherSuite: (id) => added.get(id) ?? provider.cipherSuite(id),
    ...(provider.dh === undefined ? {} : { dh: provider.dh }),
  };
}

/** The suite of the provider's parts: each is taken from a suite of RFC 9420 that has it. */
function compose(provider: Provider, definition: CipherSuiteDefinition): CipherSuite {
  const { id, name, hash, aead, signature } = definition;
  const kem = strictKem(definition.kem);
  const hashing = suiteWith(provider, (suite) => suite.hash === hash);
  const sealing = suiteWith(provider, (suite) => suite.aead === aead);
  const signing =
    typeof signature === "string" ? suiteWith(provider, (suite) => suite.signature === signature) : signature;
  return {
    id,
    name,
    provider: provider.name,
    hashLength: hashing.hashLength,
    keyLength: sealing.keyLength,
    nonceLength: sealing.nonceLength,
    tagLength: sealing.tagLength,
    hpke: { kem: kem.id, kdf: kdfs[hash].id, aead: aeads[aead].id },
    hash: (data) => hashing.hash(data),
    mac: (key, data) => hashing.mac(key, data),
    extract: (salt, ikm) => hashing.extract(salt, ikm),
    expand: (prk, info, length) => hashing.expand(prk, info, length),
    seal: (key, nonce, associatedData, plaintext) => sealing.seal(key, nonce, associatedData, plaintext),
    open: (key, nonce, associatedData, ciphertext) => sealing.open(key, nonce, associatedData, ciphertext),
    generateSignatureKeyPair: (random) => signing.generateSignatureKeyPair(random),
    signaturePublicKey: (privateKey) => signing.signaturePublicKey(privateKey),
    signer: (privateKey) => signing.signer(privateKey),
    isSignaturePublicKey: (publicKey) => signing.isSignaturePublicKey(publicKey),
    verify: (verification) => signing.verify(verification),
    verifyAll: (verifications) => signing.verifyAll(verifications),
    ...kemOperations(kem),
  };
}

function suiteWith(provider: Provider, has: (suite: CipherSuiteParameters) => boolean): CipherSuite {
  const found = cipherSuites.find((suite) => has(suite) && provider.suites.includes(suite.id));
  if (found === undefined) throw new CopseError("suite-unsupported", { detail: "an algorithm of an added suite" });
  return provider.cipherSuite(found.id);
}

/** RFC 9420 section 13.5: the numbers that stand for nothing, 0x0A0A to 0xEAEA. */
function isGrease(id: number): boolean {
  return (id & 0x0f0f) === 0x0a0a && id >> 8 === (id & 0xff) && id !== 0xfafa;
}
