/**
 * What is kept of what came in is what is counted: nothing small keeps the large thing alive that it came in.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import type { Change } from "../../src/public-group/proposals/changes.ts";
import { Group } from "../../src/group/group.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import type { CommitOptions } from "../../src/group/sending/send.ts";
import type { ExtensionRegistry } from "../../src/rules/registry.ts";
import { retainedBytes } from "../retained.ts";
import { refusal } from "./refusal.ts";
import { client, groupOf, keyPackageOf, suiteOf, trusting, type Client } from "./world.ts";

const large = 2 ** 20;
/** Far less than one message, and more than all that a group of a few members has to keep. */
const little = large / 16;
const registry: ExtensionRegistry = { extensions: [{ type: 0xf001, places: ["group_context", "leaf_node"] }] };
const context = { type: 0xf001, data: utf8("a few bytes") };

function kept(group: Group | Observer): number {
  return retainedBytes(group, [suiteOf()]);
}

async function pair(
  options: Parameters<typeof groupOf>[1] = {},
): Promise<{ alice: Group; bob: Group; carol: Client; keyPackage: Uint8Array }> {
  const padding = { kind: "multiple", of: large } as const;
  const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
  const [alice, bob] = (await groupOf(clients, { registry, padding, ...options })) as [Group, Group];
  const carol = await client("carol");
  const { keyPackage } = await keyPackageOf(carol, { registry });
  return { alice, bob, carol, keyPackage };
}

describe("a proposal that waits keeps its own bytes alone", () => {
  const changes: readonly (readonly [string, (keyPackage: Uint8Array) => Change])[] = [
    ["add", (keyPackage) => ({ add: keyPackage })],
    ["update", () => ({ update: {} })],
    ["psk", () => ({ psk: { type: "external", pskId: utf8("psk") } })],
    ["extensions", () => ({ extensions: [context] })],
    ["reinit", () => ({ reinit: { groupId: utf8("next"), cipherSuite: 1 } })],
  ];
  it.each(changes)("of type %s, and in a restored group", async (_, change) => {
    const { alice, bob, keyPackage } = await pair();
    const before = kept(bob);
    await bob.receive(await alice.propose(change(keyPackage)));
    expect(kept(bob) - before).toBeLessThan(little);
    expect(kept(alice)).toBeLessThan(little);
    const again = await Group.restore({ ...trusting, registry, identity: bob.identity, snapshot: bob.snapshot() });
    expect(kept(again)).toBeLessThan(little);
  });

  it("so that proposalBytes is what is kept, whatever is sent around it", async () => {
    const limits = { proposalBytes: 8_192 };
    const { alice, bob: unbounded } = await pair();
    const bob = await Group.restore({
      ...trusting,
      registry,
      limits,
      identity: unbounded.identity,
      snapshot: unbounded.snapshot(),
    });
    const before = kept(bob);
    let received = 0;
    for (let i = 0; i < 100; i++) {
      const message = await alice.propose({ psk: { type: "external", pskId: utf8(String(i)) } });
      if ((await refusal(async () => bob.receive(message)).catch(() => "taken")) === "taken") received++;
      else break;
    }
    expect(received).toBeGreaterThan(4);
    expect(received).toBeLessThan(100);
    expect(kept(bob) - before).toBeLessThanOrEqual(limits.proposalBytes);
  });

  it("at an observer, though a public message can be large by nothing but what is counted", async () => {
    const { alice, keyPackage } = await pair({ handshake: "public" });
    const observer = await Observer.follow({
      ...trusting,
      registry,
      suite: suiteOf(),
      groupInfo: await alice.groupInfo(),
    });
    const before = kept(observer);
    const message = await alice.propose({ add: keyPackage });
    await observer.receive(message);
    expect(kept(observer) - before).toBeLessThanOrEqual(message.length + 64);
  });
});

describe("a commit leaves nothing of its message behind", () => {
  const commits: readonly (readonly [string, (keyPackage: Uint8Array) => CommitOptions])[] = [
    ["a path", () => ({ path: true })],
    ["an Add by value", (keyPackage) => ({ add: [keyPackage] })],
    ["an Add by value and a path", (keyPackage) => ({ add: [keyPackage], path: true })],
    ["a new group context", () => ({ extensions: [context] })],
    ["a ReInit", () => ({ reinit: { groupId: utf8("next"), cipherSuite: 1, extensions: [context] } })],
  ];
  it.each(commits)("%s", async (_, options) => {
    for (const handshake of ["private", "public"] as const) {
      const { alice, bob, keyPackage } = await pair({ handshake });
      const suite = suiteOf();
      const observer = await Observer.follow({ ...trusting, registry, suite, groupInfo: await alice.groupInfo() });
      const pending = await alice.commit({ ...options(keyPackage), authenticatedData: new Uint8Array(large) });
      expect(pending.commit.length).toBeGreaterThan(large);
      await bob.receive(pending.commit);
      await alice.apply(pending);
      const followers: (Group | Observer)[] = [alice, bob];
      if (handshake === "public") {
        await observer.receive(pending.commit);
        await observer.confirm();
        followers.push(observer);
      }
      await new Promise(setImmediate); // an operation's promise, and so its result, is let go of when it has settled
      for (const follower of followers) expect(kept(follower)).toBeLessThan(little);
    }
  });
});

describe("whoever enters keeps the tree and the context, and not what they came in", () => {
  const junk = [{ type: 0xf0f0, data: new Uint8Array(large) }];

  it("by a Welcome", async () => {
    const { alice, carol } = await pair();
    const bundle = await keyPackageOf(carol, { registry });
    const pending = await alice.commit({ add: [bundle.keyPackage], welcome: { extensions: junk } });
    expect(pending.welcome!.length).toBeGreaterThan(large);
    const joined = await Group.join({
      ...trusting,
      registry,
      identity: carol.identity,
      welcome: pending.welcome!,
      keyPackages: [bundle],
    });
    expect(kept(joined)).toBeLessThan(little);
  });

  it("by a GroupInfo, as an observer and by an external commit", async () => {
    const { alice, carol } = await pair();
    const groupInfo = await alice.groupInfo({ extensions: junk });
    expect(groupInfo.length).toBeGreaterThan(large);
    const observer = await Observer.follow({ ...trusting, registry, suite: suiteOf(), groupInfo });
    expect(kept(observer)).toBeLessThan(little);
    await observer.restart(groupInfo);
    expect(kept(observer)).toBeLessThan(little);
    const join = await Group.joinExternally({ ...trusting, registry, identity: carol.identity, groupInfo });
    expect(kept(await join.complete())).toBeLessThan(little);
  });
});
