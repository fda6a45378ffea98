/**
 * Secret Tree: the keys and nonces of every leaf's ratchets, and those of sender data. RFC 9420 sections 6.3.2, 9.
 */

import { Secret } from "../../bytes/secret.ts";
import { fromHex } from "../../bytes/text.ts";
import { senderDataKeyAndNonce } from "../../schedule/key-schedule.ts";
import type { RatchetType } from "../../schedule/secret-tree-parts.ts";
import { SecretTree } from "../../schedule/secret-tree.ts";
import { eachEntry, same, type Verify } from "./check.ts";

interface Generation {
  readonly generation: number;
  readonly handshake_key: string;
  readonly handshake_nonce: string;
  readonly application_key: string;
  readonly application_nonce: string;
}

interface Entry {
  readonly cipher_suite: number;
  readonly sender_data: {
    readonly sender_data_secret: string;
    readonly ciphertext: string;
    readonly key: string;
    readonly nonce: string;
  };
  readonly encryption_secret: string;
  readonly leaves: readonly (readonly Generation[])[];
}

/** Every generation may be jumped to; nothing is kept of what lies between. */
const window = { generationGap: 2 ** 32, outOfOrderKeys: 0 };

/** Hold an entry of secret-tree.json to the secret tree: each key is taken as for a message that was received. */
export const verifySecretTree: Verify = eachEntry<Entry>((entry, suiteFor) => {
  const suite = suiteFor(entry.cipher_suite);
  const { sender_data_secret: secret, ciphertext, key, nonce } = entry.sender_data;
  const senderDataSecret = Secret.of("sender_data_secret", fromHex(secret));
  const senderData = senderDataKeyAndNonce(suite, senderDataSecret, fromHex(ciphertext));
  same("sender_data.key", senderData.key, key);
  same("sender_data.nonce", senderData.nonce, nonce);

  const encryptionSecret = Secret.of("encryption_secret", fromHex(entry.encryption_secret));
  const tree = SecretTree.create(suite, encryptionSecret, entry.leaves.length, window);
  const check = (leaf: number, type: RatchetType, published: Generation): void => {
    const where = `leaf ${leaf}, generation ${published.generation}: ${type}`;
    const staged = tree.stage(leaf, type, published.generation);
    same(`${where}_key`, staged.key, published[`${type}_key`]);
    same(`${where}_nonce`, staged.nonce, published[`${type}_nonce`]);
    staged.accept(0);
  };
  for (const [leaf, generations] of entry.leaves.entries()) {
    for (const published of generations) {
      check(leaf, "handshake", published);
      check(leaf, "application", published);
    }
  }
});
