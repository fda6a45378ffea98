/**
 * The life of a group, as far as its cipher suite has a part in it: members are added and removed, everybody commits, one
 * comes in from outside, an observer follows, and a snapshot goes on.
 */

import { expect } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import { Group } from "../../src/group/group.ts";
import { createKeyPackage } from "../../src/group/joining/key-package-bundle.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import { trustAnyCredential } from "../../src/public-group/options/settings.ts";
import { agree, talk } from "./agreement.ts";
import { commitTo, deliver } from "./world.ts";

/** Live it. The identities are made by the provider of each of the suites in turn: those of one number. */
export async function live(...suites: readonly [CipherSuite, ...CipherSuite[]]): Promise<void> {
  let turn = 0;
  const [suite] = suites;
  const options = { authentication: trustAnyCredential, handshake: "public" } as const;
  const named = (name: string) => createIdentity({ suite: suites[turn++ % suites.length]!, credential: basic(name) });
  const [alice, erin] = [await named("alice"), await named("erin")];
  const added = await Promise.all(["bob", "carol", "dave"].map(named));
  const bundles = await Promise.all(added.map((identity) => createKeyPackage({ identity })));

  const group = await Group.create({ ...options, identity: alice });
  expect(group.groupContext.cipherSuite).toBe(suite.id);
  expect(group.self.capabilities.cipherSuites).toContain(suite.id);
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
}
