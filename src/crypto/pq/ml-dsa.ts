/**
 * ML-DSA as a signature scheme of MLS: public keys and signatures are the encodings of FIPS 204 section 7.2, signing is
 * "pure" with the empty context (draft-ietf-tls-mldsa section 3).
 */

import { randomBytes } from "../random.ts";
import { checkedSignatures, type RawSignatures, type SignatureScheme } from "../signatures.ts";
import { mlDsas, mlDsaSeedLength, type MlDsaName } from "./names.ts";

/** The scheme over this implementation. Every public key of the right length is one: no bits of it can be wrong. */
export function mlDsaScheme(name: MlDsaName, raw: RawSignatures): SignatureScheme {
  const lengths = mlDsas[name];
  const isPublicKey = (publicKey: Uint8Array): boolean => publicKey.length === lengths.publicKey;
  return checkedSignatures(
    {
      generate: (random) => randomBytes(random, mlDsaSeedLength),
      isPrivateKey: (privateKey) => privateKey.length === mlDsaSeedLength,
      isPublicKey,
      parse: (publicKey, signature) =>
        isPublicKey(publicKey) && signature.length === lengths.signature ? signature : undefined,
      encode: (signature) => signature,
    },
    raw,
  );
}
