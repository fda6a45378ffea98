/**
 * The labelled constructions against crypto-basics.json of the MLS working group, under every provider.
 */

import { describe, expect, test } from "vitest";
import { fromHex, hex } from "../../src/bytes/text.ts";
import {
  decryptWithLabel,
  deriveSecret,
  deriveTreeSecret,
  encryptWithLabel,
  expandWithLabel,
  externalInitReceive,
  externalInitSend,
  refHash,
  signWithLabel,
  verifyWithLabel,
} from "../../src/crypto/labels.ts";
import { cipherSuite } from "../../src/crypto/choose.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import { describePublished } from "./published.ts";
import { providers } from "./providers.ts";

interface CryptoBasics {
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

describePublished<readonly CryptoBasics[]>("mls/crypto-basics.json", (cases) => {
  describe.each(providers)("$name", (provider) => {
    test.each(cases)("suite $cipher_suite", async (vector) => {
      const suite = cipherSuite(vector.cipher_suite, provider);

      const ref = vector.ref_hash;
      expect(hex(refHash(suite, ref.label, fromHex(ref.value)))).toBe(ref.out);

      const expand = vector.expand_with_label;
      expect(
        hex(expandWithLabel(suite, fromHex(expand.secret), expand.label, fromHex(expand.context), expand.length)),
      ).toBe(expand.out);

      const derive = vector.derive_secret;
      expect(hex(deriveSecret(suite, fromHex(derive.secret), derive.label))).toBe(derive.out);

      const tree = vector.derive_tree_secret;
      expect(hex(deriveTreeSecret(suite, fromHex(tree.secret), tree.label, tree.generation, tree.length))).toBe(
        tree.out,
      );

      const signed = vector.sign_with_label;
      const [publicKey, content] = [fromHex(signed.pub), fromHex(signed.content)];
      expect(hex(await suite.signaturePublicKey(fromHex(signed.priv)))).toBe(signed.pub);
      const signer = await suite.signer(fromHex(signed.priv));
      const own = await signWithLabel(signer, signed.label, content);
      for (const signature of [fromHex(signed.signature), own]) {
        expect(await verifyWithLabel(suite, { publicKey, label: signed.label, content, signature })).toBe(true);
        expect(await verifyWithLabel(suite, { publicKey, label: `${signed.label}!`, content, signature })).toBe(false);
      }

      const sealed = vector.encrypt_with_label;
      const privateKey = fromHex(sealed.priv);
      expect(hex(await suite.kemPublicKey(privateKey))).toBe(sealed.pub);
      const [context, plaintext] = [fromHex(sealed.context), fromHex(sealed.plaintext)];
      const theirs = { kemOutput: fromHex(sealed.kem_output), ciphertext: fromHex(sealed.ciphertext) };
      const ours = await encryptWithLabel(suite, {
        publicKey: fromHex(sealed.pub),
        label: sealed.label,
        context,
        plaintext,
        random: platformRandom,
      });
      for (const ciphertext of [theirs, ours]) {
        const opened = await decryptWithLabel(suite, { privateKey, label: sealed.label, context, ...ciphertext });
        expect(hex(opened)).toBe(sealed.plaintext);
      }
    });
  });
});

describe.each(providers)("external initialization, $name", (provider) => {
  test.each(provider.suites)("both sides derive the same init secret in suite %i", async (id) => {
    const suite = cipherSuite(id, provider);
    const keys = await suite.deriveKeyPair(platformRandom(suite.hashLength));
    const { kemOutput, initSecret } = await externalInitSend(suite, keys.publicKey, platformRandom);
    expect(initSecret.length).toBe(suite.hashLength);
    expect(await externalInitReceive(suite, keys, kemOutput)).toEqual(initSecret);
  });
});
