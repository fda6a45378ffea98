/**
 * Crypto Basics: the labelled constructions. RFC 9420 sections 5.1.2, 5.1.3, 5.2, 8, 9.
 */

import { fromHex } from "../../bytes/text.ts";
import {
  decryptWithLabel,
  deriveSecret,
  deriveTreeSecret,
  encryptWithLabel,
  expandWithLabel,
  refHash,
  signWithLabel,
  verifyWithLabel,
} from "../../crypto/labels.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { platformRandom } from "../../crypto/random.ts";
import { eachEntry, holds, same, type Verify } from "./check.ts";

interface Entry {
  readonly cipher_suite: number;
  readonly ref_hash: { readonly label: string; readonly value: string; readonly out: string };
  readonly expand_with_label: {
    readonly secret: string;
    readonly label: string;
    readonly context: string;
    readonly length: number;
    readonly out: string;
  };
  readonly derive_secret: { readonly secret: string; readonly label: string; readonly out: string };
  readonly derive_tree_secret: {
    readonly secret: string;
    readonly label: string;
    readonly generation: number;
    readonly length: number;
    readonly out: string;
  };
  readonly sign_with_label: {
    readonly priv: string;
    readonly pub: string;
    readonly content: string;
    readonly label: string;
    readonly signature: string;
  };
  readonly encrypt_with_label: {
    readonly priv: string;
    readonly pub: string;
    readonly label: string;
    readonly context: string;
    readonly plaintext: string;
    readonly kem_output: string;
    readonly ciphertext: string;
  };
}

/** Hold an entry of crypto-basics.json to a suite: the derivations, then both directions of what has two. */
export const verifyCryptoBasics: Verify = eachEntry<Entry>(async (entry, suiteFor) => {
  const suite = suiteFor(entry.cipher_suite);
  checkDerivations(suite, entry);
  await checkSignature(suite, entry.sign_with_label);
  await checkEncryption(suite, entry.encrypt_with_label);
});

function checkDerivations(suite: CipherSuite, entry: Entry): void {
  const { ref_hash: hash, expand_with_label: expand, derive_secret: derive, derive_tree_secret: tree } = entry;
  same("ref_hash.out", refHash(suite, hash.label, fromHex(hash.value)), hash.out);
  same(
    "expand_with_label.out",
    expandWithLabel(suite, fromHex(expand.secret), expand.label, fromHex(expand.context), expand.length),
    expand.out,
  );
  same("derive_secret.out", deriveSecret(suite, fromHex(derive.secret), derive.label), derive.out);
  same(
    "derive_tree_secret.out",
    deriveTreeSecret(suite, fromHex(tree.secret), tree.label, tree.generation, tree.length),
    tree.out,
  );
}

async function checkSignature(suite: CipherSuite, published: Entry["sign_with_label"]): Promise<void> {
  const { label } = published;
  const [privateKey, publicKey, content] = [published.priv, published.pub, published.content].map(fromHex);
  const verifies = (signature: Uint8Array): Promise<boolean> | boolean =>
    verifyWithLabel(suite, { publicKey: publicKey!, label, content: content!, signature });
  same("sign_with_label.pub", await suite.signaturePublicKey(privateKey!), published.pub);
  holds("sign_with_label: the published signature does not verify", await verifies(fromHex(published.signature)));
  const ours = await signWithLabel(await suite.signer(privateKey!), label, content!);
  holds("sign_with_label: our own signature does not verify", await verifies(ours));
}

async function checkEncryption(suite: CipherSuite, published: Entry["encrypt_with_label"]): Promise<void> {
  const { label } = published;
  const [privateKey, publicKey, context, plaintext] = [
    fromHex(published.priv),
    fromHex(published.pub),
    fromHex(published.context),
    fromHex(published.plaintext),
  ];
  const opened = (kemOutput: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array> =>
    decryptWithLabel(suite, { privateKey, label, context, kemOutput, ciphertext });
  same("encrypt_with_label.pub", await suite.kemPublicKey(privateKey), published.pub);
  same(
    "encrypt_with_label.plaintext",
    await opened(fromHex(published.kem_output), fromHex(published.ciphertext)),
    published.plaintext,
  );
  const ours = await encryptWithLabel(suite, { publicKey, label, context, plaintext, random: platformRandom });
  same(
    "encrypt_with_label: what we sealed ourselves",
    await opened(ours.kemOutput, ours.ciphertext),
    published.plaintext,
  );
}
