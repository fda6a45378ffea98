/**
 * Who a member is: a credential, and the key that signs for it. RFC 9420 section 5.3.
 */

import { copyBytes } from "../bytes/copy.ts";
import { checkUint } from "../bytes/numbers.ts";
import { Secret } from "../bytes/secret.ts";
import type { CipherSuite, Random, Signer } from "../crypto/provider.ts";
import { platformRandom } from "../crypto/random.ts";
import { checkX509Key } from "../rules/x509.ts";
import type { Credential } from "../wire/credential.ts";

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

/** A basic credential. RFC 9420 section 5.3 @param identity text is encoded as UTF-8 */
export function basic(identity: string | Uint8Array): Credential {
  const bytes = typeof identity === "string" ? new TextEncoder().encode(identity) : copyBytes(identity);
  return { type: "basic", identity: bytes };
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
  const { suite, credential, random = platformRandom } = options;
  if (typeof credential !== "object") throw new TypeError("a credential is an object, as basic(name) gives");
  if (typeof credential.type === "number") checkUint("credential.type", credential.type, 16);
  const privateKey =
    options.privateKey === undefined
      ? (await suite.generateSignatureKeyPair(random)).privateKey
      : copyBytes(options.privateKey);
  const signatureKey = await suite.signaturePublicKey(privateKey);
  checkX509Key({ credential, signatureKey }, suite);
  const signer = await suite.signer(privateKey);
  return { suite, credential, signatureKey, signer, privateKey: Secret.of("signature_private_key", privateKey) };
}
