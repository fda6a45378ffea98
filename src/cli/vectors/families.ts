/**
 * The families of published vectors: a name, its files, and what holds them to the RFC.
 */

import { parseBigJson } from "./big-json.ts";
import type { Verify } from "./check.ts";
import { verifyCryptoBasics } from "./crypto-basics.ts";
import { verifyDeserialization } from "./deserialization.ts";
import { verifyKeySchedule } from "./key-schedule.ts";
import { verifyMessageProtection } from "./message-protection.ts";
import { verifyMessages } from "./messages.ts";
import { verifyPassiveClient } from "./passive-client.ts";
import { verifyPskSecret } from "./psk-secret.ts";
import { verifySecretTree } from "./secret-tree.ts";
import { verifySframe } from "./sframe.ts";
import { verifyTranscriptHashes } from "./transcript-hashes.ts";
import { verifyTreeMath } from "./tree-math.ts";
import { verifyTreeOperations } from "./tree-operations.ts";
import { verifyTreeValidation } from "./tree-validation.ts";
import { verifyTreekem } from "./treekem.ts";
import { verifyWelcome } from "./welcome.ts";

/** A set of vectors that is verified and reported as one. */
export interface Family {
  readonly name: string;
  /** Paths in a directory of vectors. */
  readonly files: readonly string[];
  readonly parse: (text: string) => unknown;
  readonly verify: Verify;
  /** How long it takes, roughly, relative to the others: what takes longest is begun first. */
  readonly weight: number;
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
];

/** One of the working group's files: `mls/<name>.json`. */
function mls(name: string, verify: Verify, weight = 1): Family {
  return { name, files: [`mls/${name}.json`], parse: JSON.parse, verify, weight };
}
