/**
 * Groups of a cipher suite that the caller added: a made-up KEM does all that a group asks of one.
 */

import { expect, test } from "vitest";
import {
  basic,
  cipherSuite,
  createIdentity,
  createKeyPackage,
  Group,
  trustAnyCredential,
  withCipherSuites,
} from "../../src/index.ts";
import { madeUpSuite } from "../crypto/made-up-kem.ts";
import { providers } from "../crypto/providers.ts";
import { live } from "./suite-life.ts";

test.each(providers)("a group lives on a made-up suite ($name)", async (provider) => {
  const suite = cipherSuite(madeUpSuite.name, withCipherSuites(provider, [madeUpSuite]));
  expect(suite.id).toBe(0xf0fe);
  await live(suite);
});

test("a suite of another number does not read it, and a public key of another length is refused", async () => {
  const provider = withCipherSuites(providers[0]!, [madeUpSuite]);
  const options = { authentication: trustAnyCredential };
  const suite = provider.cipherSuite(madeUpSuite.id);
  const alice = await createIdentity({ suite, credential: basic("alice") });
  const bob = await createIdentity({ suite: provider.cipherSuite(1), credential: basic("bob") });
  const group = await Group.create({ ...options, identity: alice });
  const { keyPackage } = await createKeyPackage({ identity: bob });
  await expect(group.commit({ add: [keyPackage] })).rejects.toMatchObject({ code: "key-package-suite" });
  const short = { ...suite, isKemPublicKey: () => true };
  const carol = await createIdentity({ suite: short, credential: basic("carol") });
  const cut = {
    ...short,
    generateKemKeyPair: async (random: Parameters<typeof suite.generateKemKeyPair>[0]) => {
      const pair = await suite.generateKemKeyPair(random);
      return { ...pair, publicKey: pair.publicKey.subarray(1) };
    },
  };
  const malformed = await createKeyPackage({ identity: { ...carol, suite: cut } });
  await expect(group.commit({ add: [malformed.keyPackage] })).rejects.toMatchObject({ code: "key-invalid" });
});
