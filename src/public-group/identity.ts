/**
 * Who a member is: a credential, and the key that signs for it. RFC 9420 section 5.3.
 */

import { copyBytes } from "../bytes/copy.ts";
import { Secret } from "../bytes/secret.ts";
import { bytes, hook, is, options as optionsOf } from "../bytes/takes.ts";
import { utf8 } from "../bytes/text.ts";
import type { CipherSuite, Random, Signer } from "../crypto/provider.ts";
import { platformRandom } from "../crypto/random.ts";
import { checkX509Key } from "../rules/x509.ts";
import type { Credential } from "../wire/credential.ts";
import { credential as aCredential, suite as aSuite } from "./options/takes.ts";

/** A member's own identity. The signer may live in hardware: the engine only asks it to sign. */
export interface Identity {
  readonly suite: CipherSuite;
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  readonly signer: Signer;
}

/** An identity whose private key is in this process: store it with `privateKey.use`. */
export interface LocalIdentity extends Identity {
  readonly privateKey: Secret<"signature_private_key">;
}

const textOrBytes = /* @__PURE__ */ is(
  "a string or a Uint8Array",
  (value) => typeof value === "string" || value instanceof Uint8Array,
);
const identityOptions = /* @__PURE__ */ optionsOf(
  { suite: aSuite, credential: aCredential, privateKey: bytes, random: hook },
  "suite",
  "credential",
);

/** A basic credential. RFC 9420 section 5.3 @param identity text is encoded as UTF-8 */
export function basic(identity: string | Uint8Array): Credential {
  textOrBytes("identity", identity);
  return { type: "basic", identity: typeof identity === "string" ? utf8(identity) : copyBytes(identity) };
}

/**
 * An identity with a key of this process, fresh or given.
 *
 * @param options.privateKey in the format of RFC 9420's test vectors: a field element for ECDSA, a seed for EdDSA
 * @throws CopseError "key-invalid" for a private key that is none; "x509-key-mismatch" or "x509-malformed" where an X.509
 * credential does not certify it.
 */
export async function createIdentity(options: {
  readonly suite: CipherSuite;
  readonly credential: Credential;
  readonly privateKey?: Uint8Array;
  readonly random?: Random;
}): Promise<LocalIdentity> {
  identityOptions("createIdentity", options);
  const { suite, credential, random = platformRandom } = options;
  const privateKey =
    options.privateKey === undefined
      ? (await suite.generateSignatureKeyPair(random)).privateKey
      : copyBytes(options.privateKey);
  const signatureKey = await suite.signaturePublicKey(privateKey);
  checkX509Key({ credential, signatureKey }, suite);
  const signer = await suite.signer(privateKey);
  return { suite, credential, signatureKey, signer, privateKey: Secret.of("signature_private_key", privateKey) };
}
