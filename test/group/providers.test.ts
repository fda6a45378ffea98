import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../../src/bytes/text.ts";
import type { Provider } from "../../src/crypto/provider.ts";
import { Group } from "../../src/group/group.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import { createKeyPackage } from "../../src/group/joining/key-package-bundle.ts";
import type { GroupOptions } from "../../src/public-group/options/settings.ts";
import { providers } from "../crypto/providers.ts";
import { agree, talk } from "./agreement.ts";
import { client, commitTo, deliver, keyPackageOf, seeded, setClock, suiteOf, trusting } from "./world.ts";

/** Everything that a history puts out, byte for byte. */
async function transcript(provider: Provider, id: number): Promise<Record<string, string>> {
  const suite = suiteOf(id, provider);
  const random = seeded("everybody's randomness");
  const clock = setClock(1_700_000_000_000);
  const options: GroupOptions = { ...trusting, random, clock, psks: () => utf8("psk") };
  const out: Record<string, string> = {};
  const names = ["alice", "bob", "carol", "dave", "erin"];
  const people = [];
  for (const name of names) {
    const identity = await createIdentity({ suite, credential: basic(name), random });
    const bundle = await createKeyPackage({ identity, random, clock });
    out[`key package of ${name}`] = hex(bundle.toBytes());
    people.push({ identity, bundle });
  }
  const [alice, ...others] = people;
  const group = await Group.create({ ...options, identity: alice!.identity });
  const join = (i: number, welcome: Uint8Array): Promise<Group> =>
    Group.join({ ...options, identity: others[i]!.identity, welcome, keyPackages: [others[i]!.bundle] });
  const adding = await group.commit({
    add: others.slice(0, 3).map(({ bundle }) => bundle.keyPackage),
    groupInfo: true,
  });
  out["adding"] = [adding.commit, adding.welcome!, adding.groupInfo!].map(hex).join("\n");
  await group.apply(adding);
  const groups = [group];
  for (let i = 0; i < 3; i++) groups.push(await join(i, adding.welcome!));
  for (const each of groups) {
    const pending = await commitTo(groups, each, { psks: [{ type: "external", pskId: utf8("id") }], path: true });
    out[`path of ${String(each.self.leafIndex)}`] = hex(pending.commit);
  }
  const update = await groups[2]!.propose({ update: {} });
  await deliver(update, groups, groups[2]);
  out["update"] = hex(update);
  out["commit of the update"] = hex((await commitTo(groups, groups[1]!, { remove: [3] })).commit);
  const remaining = groups.slice(0, 3);
  const external = await Group.joinExternally({
    ...options,
    identity: others[3]!.identity,
    groupInfo: await group.groupInfo(),
  });
  out["external commit"] = hex(external.commit);
  await deliver(external.commit, remaining);
  const all = [...remaining, await external.complete()];
  for (const each of all) {
    out[`message of ${String(each.self.leafIndex)}`] = hex(await each.seal(utf8("hello")));
    out[`snapshot of ${String(each.self.leafIndex)}`] = hex(each.snapshot());
  }
  agree(all);
  return out;
}

describe("with the same randomness", () => {
  // Signatures are deterministic in these suites; ECDSA has a randomness of its own.
  it.each([1, 3])("every provider gives the same bytes (suite %i)", async (id) => {
    const [first, ...others] = await Promise.all(providers.map((provider) => transcript(provider, id)));
    expect(Object.keys(first!).length).toBe(5 + 1 + 4 + 3 + 2 * 4);
    for (const other of others) expect(other).toEqual(first);
  });
});

describe("members of different providers", () => {
  it.each([1, 2, 3, 4, 5, 6, 7])("are in one group (suite %i)", async (id) => {
    const groups: Group[] = [];
    const pairs = id === 1 ? [...providers, ...providers] : providers;
    for (const [i, provider] of pairs.entries()) {
      const member = await client(`${provider.name} ${String(i)}`, suiteOf(id, provider));
      if (groups.length === 0) {
        groups.push(await Group.create({ ...trusting, identity: member.identity }));
        continue;
      }
      const bundle = await keyPackageOf(member);
      const { welcome } = await commitTo(groups, groups.at(-1)!, { add: [bundle.keyPackage], path: i % 2 === 0 });
      const keyPackages = [bundle];
      groups.push(await Group.join({ ...trusting, identity: member.identity, welcome: welcome!, keyPackages }));
    }
    agree(groups);
    await talk(groups, groups.slice(0, 3));
    for (const group of groups.slice(-3)) await commitTo(groups, group);
    agree(groups);
    // A snapshot of one is restored with another.
    const [first] = groups as [Group];
    const identity = { ...first.identity, suite: suiteOf(id, providers[1]) };
    const restored = await Group.restore({ ...trusting, identity, snapshot: first.snapshot() });
    expect(hex(restored.snapshot())).toBe(hex(first.snapshot()));
    await commitTo([restored, ...groups.slice(1)], groups[1]!);
    agree([restored, ...groups.slice(1)]);
  });
});
