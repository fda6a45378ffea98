/**
 * The noble provider where the platform has no `crypto` at all, as in React Native: with an injected random source
 * everything works.
 */

import { expect, test, vi } from "vitest";
import { decryptWithLabel, encryptWithLabel, signWithLabel, verifyWithLabel } from "../../src/crypto/labels.ts";
import { nobleProvider } from "../../src/crypto/noble.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import { pseudorandom } from "./pseudorandom.ts";

// Before the imports: noble looks for the platform's source when it is loaded.
vi.hoisted(() => {
  Object.defineProperty(globalThis, "crypto", { value: undefined, configurable: true });
});

test("there is no platform source", () => {
  expect(globalThis.crypto).toBe(undefined);
  expect(() => platformRandom(1)).toThrow(expect.objectContaining({ code: "random-source" }));
});

test.each(nobleProvider.suites)("suite %i", async (id) => {
  const random = pseudorandom(id);
  const suite = nobleProvider.cipherSuite(id);
  const message = random(50);

  const signature = await suite.generateSignatureKeyPair(random);
  const signer = await suite.signer(signature.privateKey);
  const signed = {
    publicKey: signature.publicKey,
    label: "test",
    content: message,
    signature: await signWithLabel(signer, "test", message),
  };
  expect(await verifyWithLabel(suite, signed)).toBe(true);
  expect(await verifyWithLabel(suite, { ...signed, content: random(50) })).toBe(false);

  const { privateKey, publicKey } = await suite.deriveKeyPair(random(suite.hashLength));
  const sealing = { label: "test", context: random(9) };
  const sealed = await encryptWithLabel(suite, { ...sealing, publicKey, plaintext: message, random });
  expect(await decryptWithLabel(suite, { ...sealing, privateKey, ...sealed })).toEqual(message);
});
