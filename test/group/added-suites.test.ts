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
  Observer,
  trustAnyCredential,
  withCipherSuites,
} from "../../src/index.ts";
import { hex } from "../../src/bytes/text.ts";
import { madeUpSuite } from "../crypto/made-up-kem.ts";
import { providers } from "../crypto/providers.ts";
import { agree, talk } from "./agreement.ts";
import { commitTo, deliver } from "./world.ts";

test.each(providers)("a group lives on a made-up suite ($name)", async (provider) => {
  const suite = cipherSuite(madeUpSuite.name, withCipherSuites(provider, [madeUpSuite]));
  const options = { authentication: trustAnyCredential, handshake: "public" } as const;
  const named = (name: string) => createIdentity({ suite, credential: basic(name) });
  const [alice, erin] = [await named("alice"), await named("erin")];
  const added = await Promise.all(["bob", "carol", "dave"].map(named));
  const bundles = await Promise.all(added.map((identity) => createKeyPackage({ identity })));

  const group = await Group.create({ ...options, identity: alice });
  expect(group.groupContext.cipherSuite).toBe(0xf0fe);
  expect(group.self.capabilities.cipherSuites.slice(0, 8)).toEqual([1, 2, 3, 4, 5, 6, 7, 0xf0fe]);
  const observer = await Observer.follow({ ...options, suite, groupInfo: await group.groupInfo() });
  const adding = await group.commit({ add: bundles.map(({ keyPackage }) => keyPackage), path: true });
  await observer.receive(adding.commit);
  await group.apply(adding);
  const groups = [group];
  for (const [i, identity] of added.entries()) {
    groups.push(await Group.join({ ...options, identity, welcome: adding.welcome!, keyPackages: [bundles[i]!] }));
  }
  agree(groups);
  for (const each of groups) await observer.receive((await commitTo(groups, each, { path: true })).commit);
  const update = await groups[1]!.propose({ update: {} });
  await deliver(update, groups, groups[1]);
  await observer.receive(update);
  await observer.receive((await commitTo(groups, groups[0]!, { remove: [3] })).commit);
  expect(groups.pop()!.isGone).toBe(true);

  const external = await Group.joinExternally({ ...options, identity: erin, groupInfo: await group.groupInfo() });
  await deliver(external.commit, groups);
  await observer.receive(external.commit);
  groups.push(await external.complete());
  agree(groups);
  await talk(groups);
  expect(observer.epoch).toBe(group.epoch);
  expect(hex(observer.groupContext.treeHash)).toBe(hex(group.groupContext.treeHash));

  const restored = await Group.restore({ ...options, identity: alice, snapshot: group.snapshot() });
  await commitTo([restored, ...groups.slice(1)], groups[1]!);
  agree([restored, ...groups.slice(1)]);
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
