/**
 * The families of published vectors: a name, its files, and what holds them to the RFC.
 */

import { parseBigJson } from "./big-json.ts";
import type { Verify } from "./check.ts";
import { verifyCryptoBasics } from "./crypto-basics.ts";
import { verifyDeserialization } from "./deserialization.ts";
import { verifyHpkePq } from "./hpke-pq.ts";
import { verifyKeySchedule } from "./key-schedule.ts";
import { verifyMessageProtection } from "./message-protection.ts";
import { verifyMessages } from "./messages.ts";
import { verifyPassiveClient } from "./passive-client.ts";
import { verifyPskSecret } from "./psk-secret.ts";
import {
  verifyAppDataUpdate,
  verifyApplicationFraming,
  verifyApplicationPsk,
  verifyComponentOperations,
  verifySafeAad,
  verifySafeExporter,
} from "./safe.ts";
import { verifySecretTree } from "./secret-tree.ts";
import { verifySframe } from "./sframe.ts";
import { verifyTranscriptHashes } from "./transcript-hashes.ts";
import { verifyTreeMath } from "./tree-math.ts";
import { verifyTreeOperations } from "./tree-operations.ts";
import { verifyTreeValidation } from "./tree-validation.ts";
import { verifyTreekem } from "./treekem.ts";
import { verifyBackup, verifyFranking, verifyRecovery, verifyVault } from "./vault.ts";
import { verifyWelcome } from "./welcome.ts";
import { countCases, verifyAead, verifyHkdf, verifyHmac, verifySignatures } from "./wycheproof.ts";
import { verifyMontgomery, verifyNist } from "./wycheproof-dh.ts";

/** A set of vectors that is verified and reported as one. */
export interface Family {
  readonly name: string;
  /** Paths in a directory of vectors. */
  readonly files: readonly string[];
  readonly parse: (text: string) => unknown;
  readonly verify: Verify;
  /** How long it takes, roughly, relative to the others: what takes longest is begun first. */
  readonly weight: number;
  /** How many entries a file holds, where they are not the elements of its arrays. */
  readonly count?: (file: unknown) => number;
}

/** All families, in the order of the layers that they test. */
export const families: readonly Family[] = [
  mls("tree-math", verifyTreeMath),
  mls("deserialization", verifyDeserialization),
  mls("messages", verifyMessages, 5),
  mls("crypto-basics", verifyCryptoBasics),
  mls("key-schedule", verifyKeySchedule),
  mls("psk_secret", verifyPskSecret),
  mls("transcript-hashes", verifyTranscriptHashes),
  mls("secret-tree", verifySecretTree, 5),
  mls("message-protection", verifyMessageProtection),
  mls("tree-operations", verifyTreeOperations),
  mls("tree-validation", verifyTreeValidation, 20),
  mls("treekem", verifyTreekem, 200),
  mls("welcome", verifyWelcome, 2),
  mls("passive-client-welcome", verifyPassiveClient, 20),
  mls("passive-client-handling-commit", verifyPassiveClient, 60),
  mls("passive-client-random", verifyPassiveClient, 60),
  {
    name: "sframe",
    files: ["sframe/test-vectors.json", "sframe/test-vectors-aes256.json"],
    parse: parseBigJson,
    verify: verifySframe,
    weight: 1,
  },
  wycheproof("aes_gcm_test", verifyAead("AES-GCM", { 128: 1, 256: 4 })),
  wycheproof("chacha20_poly1305_test", verifyAead("ChaCha20-Poly1305", { 256: 3 })),
  wycheproof("hmac_sha256_test", verifyHmac(1)),
  wycheproof("hmac_sha384_test", verifyHmac(7)),
  wycheproof("hmac_sha512_test", verifyHmac(4)),
  wycheproof("hkdf_sha256_test", verifyHkdf(1)),
  wycheproof("hkdf_sha384_test", verifyHkdf(7)),
  wycheproof("hkdf_sha512_test", verifyHkdf(4)),
  wycheproof("x25519_test", verifyMontgomery(1), 5),
  wycheproof("x448_test", verifyMontgomery(4), 20),
  wycheproof("ecdh_secp256r1_webcrypto_test", verifyNist(2), 5),
  wycheproof("ecdh_secp384r1_webcrypto_test", verifyNist(7), 30),
  wycheproof("ecdh_secp521r1_webcrypto_test", verifyNist(5), 60),
  wycheproof("ed25519_test", verifySignatures(1)),
  wycheproof("ed448_test", verifySignatures(4), 2),
  wycheproof("ecdsa_secp256r1_sha256_test", verifySignatures(2), 5),
  wycheproof("ecdsa_secp384r1_sha384_test", verifySignatures(7), 15),
  wycheproof("ecdsa_secp521r1_sha512_test", verifySignatures(5), 20),
  {
    name: "hpke-test-vectors-pq",
    files: ["hpke/test-vectors-pq.json"],
    parse: JSON.parse,
    verify: verifyHpkePq,
    weight: 1,
  },
  own("safe-exporter", verifySafeExporter),
  own("component-operations", verifyComponentOperations),
  own("application-psk", verifyApplicationPsk),
  own("app-data-update", verifyAppDataUpdate),
  own("application-framing", verifyApplicationFraming),
  own("safe-aad", verifySafeAad),
  own("recovery", verifyRecovery),
  own("vault", verifyVault),
  own("backup", verifyBackup),
  own("franking", verifyFranking),
];

/** One of copse's own files: `copse/<name>.json`, which the package holds. */
function own(name: string, verify: Verify): Family {
  return { name: `copse-${name}`, files: [`copse/${name}.json`], parse: JSON.parse, verify, weight: 1 };
}

/** One of the working group's files: `mls/<name>.json`. */
function mls(name: string, verify: Verify, weight = 1): Family {
  return { name, files: [`mls/${name}.json`], parse: JSON.parse, verify, weight };
}

/** One of Project Wycheproof's files: `wycheproof/<name>.json`. */
function wycheproof(name: string, verify: Verify, weight = 1): Family {
  return {
    name: `wycheproof-${name}`,
    files: [`wycheproof/${name}.json`],
    parse: JSON.parse,
    verify,
    weight,
    count: countCases,
  };
}
