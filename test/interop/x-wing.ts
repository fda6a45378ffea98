/**
 * The X-Wing suite of ts-mls, whose hash is none of the draft's, under its number; and what differs in its KEM.
 */

import { shake256 } from "@noble/hashes/sha3.js";
import { withCipherSuites } from "../../src/crypto/suites/added-suites.ts";
import { cipherSuite } from "../../src/crypto/choose.ts";
import { nodeProvider } from "../../src/crypto/node.ts";
import { postQuantum } from "../../src/crypto/pq/post-quantum.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";

/** MLS_256_XWING_AES256GCM_SHA512_Ed25519 in each version. */
export const xWingSuites = { "1.6.4": 83, "2.0.0-rc.10": 0xf00d } as const;

const { kem } = await postQuantum(nodeProvider);
const xWing = kem("MLKEM768-X25519");

const provider = withCipherSuites(
  nodeProvider,
  Object.entries(xWingSuites).map(([version, id]) => ({
    id,
    name: `MLS_256_XWING_AES256GCM_SHA512_Ed25519 of ts-mls ${version}`,
    kem: {
      ...xWing,
      // draft-connolly-cfrg-xwing-kem before it was part of draft-ietf-hpke-pq, whose DeriveKeyPair is labelled: the seed is
      // SHAKE256 of the input alone. The keys and the ciphertexts are the same.
      async deriveKeyPair(ikm: Uint8Array) {
        const privateKey = shake256(ikm, { dkLen: 32 });
        return { privateKey, publicKey: await xWing.publicKey(privateKey) };
      },
    },
    hash: "sha512",
    aead: "AES-256-GCM",
    signature: "Ed25519",
  })),
);

/** The suite of this number: RFC 9420's, or ts-mls's X-Wing suite. */
export function suiteOf(id: number): CipherSuite {
  return cipherSuite(id, provider);
}
