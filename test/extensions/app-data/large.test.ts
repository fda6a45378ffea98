/**
 * Data that the group context names by its hash: who has it, who gets it, and who keeps it.
 */

import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/concat.ts";
import { Group } from "../../../src/group/group.ts";
import { Observer } from "../../../src/public-group/observer/observer.ts";
import type { StateChanges } from "../../../src/public-group/records/persist.ts";
import { decodeMessage, encodeMessage } from "../../../src/wire/message.ts";
import { agree } from "../../group/agreement.ts";
import { refusal, refuses } from "../../group/refusal.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, suiteOf, trusting } from "../../group/world.ts";
import { forgeCommit } from "../../rfc/forging.ts";
import { resealed } from "../../rfc/sealing.ts";
import { appDataOf } from "./world.ts";

const list = 0x8010;
const suite = suiteOf();
/** A list that grows, of at most 10,000 bytes; over 100 it stands beside the context. */
const appData = appDataOf({
  components: [
    {
      id: list,
      inlineUpTo: 100,
      isValid: (data) => data.length <= 10_000,
      update: {
        apply: (current = new Uint8Array(0), updates) => concat(current, ...updates.map(({ update }) => update)),
      },
    },
  ],
});
const { registry } = appData;
const long = new Uint8Array(5_000).fill(7);
const options = {
  handshake: "public",
  registry,
  extensions: appData.context({ suite, data: { [list]: long } }),
} as const;

function dataIn(group: Pick<Group, "groupContext">): Uint8Array | undefined {
  return appData.data(group.groupContext, list);
}

function contextSize({ groupContext }: Pick<Group, "groupContext">): number {
  return groupContext.extensions.reduce((sum, { data }) => sum + data.length, 0);
}

async function trio(more: object = {}): Promise<[Group, Group, Group]> {
  const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
  return (await groupOf(clients, { ...options, ...more })) as [Group, Group, Group];
}

describe("large data", () => {
  it("is the same for all, and next to nothing of the context", async () => {
    const groups = await trio();
    const [alice, bob, carol] = groups;
    const observer = await Observer.follow({ ...trusting, registry, suite, groupInfo: await alice.groupInfo() });
    const { change, commit } = await commitTo(groups, bob, { custom: [appData.update(list, Uint8Array.of(1))] });
    await observer.receive(commit);
    agree(groups);
    const now = concat(long, Uint8Array.of(1));
    for (const group of [alice, bob, carol, observer]) {
      expect(dataIn(group)).toEqual(now);
      expect(contextSize(group)).toBeLessThan(100);
    }
    expect(appData.changes(change)).toEqual([{ componentId: list, before: long, after: now }]);
  });

  it("stands in the context where it is short, and in no other form", async () => {
    const groups = await trio({ extensions: appData.context() });
    const [alice, bob] = groups;
    await commitTo(groups, alice, { custom: [appData.update(list, new Uint8Array(100))] });
    expect([dataIn(bob)?.length, contextSize(bob) > 100]).toEqual([100, true]);
    await commitTo(groups, bob, { custom: [appData.update(list, new Uint8Array(1))] });
    expect([dataIn(bob)?.length, contextSize(bob) > 100]).toEqual([101, false]);
    agree(groups);
  });

  it("comes to whoever joins, in the GroupInfo", async () => {
    const groups = await trio();
    const [alice, bob, carol] = groups;
    const join = await Group.joinExternally({
      ...trusting,
      registry,
      identity: (await client("dave")).identity,
      groupInfo: await alice.groupInfo(),
    });
    await deliver(join.commit, groups);
    const dave = await join.complete();
    agree([alice, bob, carol, dave]);
    expect(dataIn(dave)).toEqual(long);
    await commitTo([...groups, dave], dave, { custom: [appData.update(list, Uint8Array.of(2))] });
    agree([alice, bob, carol, dave]);
  });

  it("is refused by whoever joins where the GroupInfo lacks it, or brings another", async () => {
    const groups = await trio();
    const [alice] = groups;
    const erin = await client("erin");
    for (const entries of [{}, { [list]: new Uint8Array(5_000) }]) {
      const fresh = await keyPackageOf(erin, { registry });
      const added = await commitTo(groups, alice, { add: [fresh.keyPackage] });
      const forged = await resealed(alice, fresh, added.welcome!, {
        groupInfo: ({ extensions }) => ({
          extensions: [...extensions.filter(({ type }) => type !== 6), appData.dictionary(entries)],
        }),
      });
      const { identity } = erin;
      const join = (of: Uint8Array): unknown =>
        Group.join({ ...trusting, registry, identity, welcome: of, keyPackages: [fresh] });
      expect(await refusal(() => join(forged))).toBe("app-data-missing");
      await join(added.welcome!);
      await commitTo(groups, alice, { remove: [3] });
    }
    const message = decodeMessage(await alice.groupInfo());
    if (message.wireFormat !== "mls_group_info") throw new Error("a GroupInfo was expected");
    const { groupInfo } = message;
    const bare = encodeMessage({
      wireFormat: "mls_group_info",
      groupInfo: { ...groupInfo, extensions: groupInfo.extensions.filter(({ type }) => type !== 6) },
    });
    expect(await refusal(() => Observer.follow({ ...trusting, registry, suite, groupInfo: bare }))).toBe(
      "app-data-missing",
    );
  });

  it("stays beside a context whose other extensions are replaced, and nobody names what nobody has", async () => {
    const groups = await trio({ extensions: appData.context({ suite, data: { [list]: long } }).slice(1) });
    const [alice, bob] = groups;
    const wire = alice.groupContext.extensions.map(({ type, data }) => ({ type, data }));
    await commitTo(groups, bob, { extensions: [...wire, { type: 5, data: Uint8Array.of(0) }] });
    expect(dataIn(alice)).toEqual(long);
    const unknown = wire.map(({ type, data }) => ({ type, data: data.map((byte, i) => (i === 9 ? byte ^ 1 : byte)) }));
    const commit = await forgeCommit(alice, {
      proposals: [{ type: "group_context_extensions", extensions: unknown }],
      registry: { extensions: [{ type: 6, places: ["leaf_node", "group_context"] }] },
    });
    await refuses(bob, () => bob.receive(commit), "app-data-missing");
  });

  it("is in snapshots, with a pending commit that changes it", async () => {
    const [alice, bob, carol] = await trio();
    const pending = await bob.commit({ custom: [appData.update(list, Uint8Array.of(3))] });
    const again = await Group.restore({ ...trusting, ...options, identity: bob.identity, snapshot: bob.snapshot() });
    expect(dataIn(again)).toEqual(long);
    await deliver(pending.commit, [alice, carol]);
    await again.apply(again.pendingCommit!);
    expect(dataIn(again)).toEqual(concat(long, Uint8Array.of(3)));
    agree([alice, again, carol]);
    expect(again.snapshot().length).toBeLessThan(long.length + 20_000);
  });

  it("is stored once for each of its values, and found to be what was stored", async () => {
    const records = new Map<string, Uint8Array>();
    const writes: StateChanges[] = [];
    const persist = (changes: StateChanges): void => {
      writes.push(changes);
      if (changes.whole) records.clear();
      for (const name of changes.deletes) records.delete(name);
      for (const [name, value] of changes.puts) records.set(name, value);
    };
    const alice = await client("alice");
    const group = await Group.create({ ...trusting, ...options, persist, identity: alice.identity });
    const beside = (): readonly string[] => [...records.keys()].filter((name) => name.startsWith("beside/"));
    expect(beside()).toHaveLength(1);
    const [first] = beside();
    await group.apply(await group.commit());
    expect(writes.slice(1).every(({ puts }) => !puts.has(first!))).toBe(true);
    await group.apply(await group.commit({ custom: [appData.update(list, Uint8Array.of(4))] }));
    expect(beside()).toHaveLength(1);
    expect(beside()).not.toEqual([first]);
    const restore = (from: ReadonlyMap<string, Uint8Array>): Promise<Group> =>
      Group.restore({ ...trusting, ...options, identity: alice.identity, records: from });
    expect(dataIn(await restore(records))).toEqual(concat(long, Uint8Array.of(4)));
    const [name] = beside();
    const without = new Map(records);
    without.delete(name!);
    const changed = new Map(records).set(
      name!,
      records.get(name!)!.map((byte, i) => (i === 9 ? byte ^ 1 : byte)),
    );
    for (const damaged of [without, changed]) expect(await refusal(() => restore(damaged))).toBe("snapshot-damaged");
  });

  it("is an observer's, too, also of the epoch that it can go back to", async () => {
    const groups = await trio();
    const [alice, bob] = groups;
    const records = new Map<string, Uint8Array>();
    const persist = ({ whole, deletes, puts }: StateChanges): void => {
      if (whole) records.clear();
      for (const name of deletes) records.delete(name);
      for (const [name, value] of puts) records.set(name, value);
    };
    const groupInfo = await alice.groupInfo();
    const observer = await Observer.follow({ ...trusting, registry, suite, groupInfo, persist });
    const { commit } = await commitTo(groups, bob, { custom: [appData.update(list, Uint8Array.of(5))] });
    await observer.receive(commit);
    for (const again of [
      await Observer.restore({ ...trusting, registry, suite, records }),
      Observer.restore({ ...trusting, registry, suite, snapshot: observer.snapshot() }),
    ]) {
      expect(dataIn(again)).toEqual(concat(long, Uint8Array.of(5)));
      await again.rollback();
      expect(dataIn(again)).toEqual(long);
    }
    await observer.confirm();
    expect([...records.keys()].filter((name) => name.startsWith("beside/"))).toHaveLength(1);
  });

  it("is gone for all where a dictionary without it was in between", async () => {
    const groups = await trio({ extensions: appData.context({ suite, data: { [list]: long } }).slice(1) });
    const [alice, bob] = groups;
    const wire = alice.groupContext.extensions.map(({ type, data }) => ({ type, data }));
    await commitTo(groups, bob, { extensions: [appData.dictionary({})] });
    expect(alice.snapshot().length).toBeLessThan(long.length);
    for (const group of groups) await refuses(group, () => group.commit({ extensions: wire }), "app-data-missing");
    const { epoch } = alice;
    const restored = await Group.restore({
      ...trusting,
      registry,
      identity: alice.identity,
      snapshot: alice.snapshot(),
    });
    expect(await refusal(() => restored.commit({ extensions: wire }))).toBe("app-data-missing");
    expect(alice.epoch).toBe(epoch);
  });

  it("is not named again by an observer that was restored, where others have it no more", async () => {
    const groups = await trio({ extensions: appData.context({ suite, data: { [list]: long } }).slice(1) });
    const [alice] = groups;
    const follow = { ...trusting, registry, suite };
    const live = await Observer.follow({ ...follow, groupInfo: await alice.groupInfo() });
    const wire = alice.groupContext.extensions.map(({ type, data }) => ({ type, data }));
    const { commit } = await commitTo(groups, alice, { custom: [appData.update(list, Uint8Array.of(1))] });
    await live.receive(commit);
    const restored = Observer.restore({ ...follow, snapshot: live.snapshot() });
    const again = await forgeCommit(alice, {
      proposals: [{ type: "group_context_extensions", extensions: wire }],
      registry: { extensions: [{ type: 6, places: ["leaf_node", "group_context"] }] },
    });
    for (const observer of [live, restored]) {
      expect(await refusal(() => observer.receive(again))).toBe("app-data-missing");
    }
  });

  it("goes into the group that comes of a ReInit and into branches", async () => {
    const [alice, bob] = await trio();
    const pending = await alice.commit({
      reinit: { groupId: Uint8Array.of(1), cipherSuite: 1, extensions: alice.groupContext.extensions },
      pending: "none",
    });
    await alice.apply(pending);
    const keyPackages = await Promise.all(
      ["bob", "carol"].map(async (name) => (await keyPackageOf(await client(name), { registry })).keyPackage),
    );
    const { group } = await alice.reinitialize({ keyPackages });
    expect(dataIn(group)).toEqual(long);
    const branch = await bob.branch({ keyPackages: [] });
    expect(dataIn(branch.group)).toEqual(long);
  });

  it("goes along to a suite with another hash, whoever makes the successor", async () => {
    const [alice, bob, carol] = await trio();
    const sha512 = suiteOf(5);
    const extensions = appData.extensionsFor(alice.groupContext, sha512);
    await commitTo([alice, bob, carol], alice, {
      reinit: { groupId: Uint8Array.of(1), cipherSuite: sha512.id, extensions },
      pending: "none",
    });
    const [newAlice, newBob, newCarol] = await Promise.all(
      ["alice", "bob", "carol"].map((name) => client(name, sha512)),
    );
    const bundles = await Promise.all([newAlice!, newCarol!].map((owner) => keyPackageOf(owner, { registry })));
    const keyPackages = bundles.map(({ keyPackage }) => keyPackage);
    const { group, pending } = await bob.reinitialize({ identity: newBob!.identity, keyPackages });
    await group.apply(pending);
    const joined = await Group.join({
      ...trusting,
      registry,
      identity: newCarol!.identity,
      welcome: pending.welcome!,
      keyPackages: [bundles[1]!],
      previous: carol,
    });
    expect([dataIn(group), dataIn(joined)]).toEqual([long, long]);
    expect(contextSize(joined)).toBeLessThan(150);
    const again = await commitTo([group, joined], joined, { custom: [appData.update(list, Uint8Array.of(1))] });
    expect(appData.changes(again.change)[0]?.before).toEqual(long);
  });

  it("wants the cipher suite where it is first stored", () => {
    expect(() => appData.context({ data: { [list]: long } })).toThrow(
      new TypeError("data this large is stored by its hash: say the group's cipher suite"),
    );
  });
});

describe("what a component says of its large data", () => {
  const sevens = 0x8011;
  const other = 0x8012;
  const seven = (length: number): Uint8Array => new Uint8Array(length).fill(7);
  const asked: string[] = [];
  /** Data begins with a seven, whether it is up to four bytes and stands in the context, or stands beside it. */
  const picky = appDataOf({
    components: [
      {
        id: sevens,
        inlineUpTo: 4,
        isValid: (data, place) => {
          asked.push(`${place} ${String(data.length)}`);
          return data[0] === 7;
        },
        update: { apply: (_, updates) => updates.at(-1)?.update },
      },
      { id: other, update: { apply: (_, updates) => updates.at(-1)?.update } },
    ],
  });
  /** A registry that holds nobody to anything: what a forger applies. */
  const lenient = { extensions: [{ type: 6, places: ["leaf_node", "group_context", "group_info"] as const }] };

  /** The answer of a commit that puts this under the component, in a group whose dictionary may be replaced. */
  async function replacing(entry: Uint8Array): Promise<string> {
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
    const [alice, bob] = (await groupOf(clients, {
      handshake: "public",
      registry: picky.registry,
      extensions: picky.context({ suite, data: { [sevens]: seven(2) } }).slice(1),
    })) as [Group, Group];
    const extensions = [picky.dictionary({ [sevens]: entry })];
    const proposals = [{ type: "group_context_extensions", extensions } as const];
    const commit = await forgeCommit(alice, { proposals, registry: lenient });
    try {
      return (await bob.receive(commit)).kind;
    } catch (error) {
      return (error as { readonly code: string }).code;
    }
  }

  it("holds for what stands in the context, in its form, which is data of up to so many bytes or a hash", async () => {
    expect(await replacing(Uint8Array.of(0, 3, 7, 7, 7))).toBe("commit");
    expect(await replacing(Uint8Array.of(0, 4, 7, 7, 7, 7))).toBe("commit");
    expect(await replacing(Uint8Array.of(0, 5, 7, 7, 7, 7, 7))).toBe("extension-malformed"); // it stands beside, then
    expect(await replacing(Uint8Array.of(0, 1, 6))).toBe("component-refused");
    for (const none of [[], [2, 1, 7], [0, 2, 7], [0, 1, 7, 7]]) {
      expect(await replacing(Uint8Array.from(none))).toBe("extension-malformed");
    }
  });

  it("is asked of the data, never of its form, and of leaves as of any other component", () => {
    const isValid = picky.registry.extensions?.find(({ type }) => type === 6)?.isValid;
    const inContext = picky.context({ suite, data: { [sevens]: seven(3) } })[1]!.data;
    asked.length = 0;
    expect(isValid?.(inContext, "group_context")).toBe(true);
    expect(asked).toEqual([]); // it is asked where what stands beside is at hand
    expect(isValid?.(picky.dictionary({ [sevens]: seven(9) }).data, "leaf_node")).toBe(true);
    expect(asked).toEqual(["leaf_node 9"]);
    expect(() => isValid?.(picky.dictionary({ [sevens]: Uint8Array.of(6) }).data, "leaf_node")).toThrow(
      expect.objectContaining({ code: "component-refused" }),
    );
  });

  it("is asked once of each value: a commit that leaves it alone costs nobody a question", async () => {
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
    const groups = (await groupOf(clients, {
      handshake: "public",
      registry: picky.registry,
      extensions: picky.context({ suite, data: { [sevens]: seven(5_000) } }),
    })) as [Group, Group];
    const [alice, bob] = groups;
    asked.length = 0;
    await commitTo(groups, alice, { custom: [picky.update(other, Uint8Array.of(1))] });
    expect(asked).toEqual([]);
    await commitTo(groups, bob, { custom: [picky.update(sevens, seven(6_000))] });
    expect(new Set(asked)).toEqual(new Set(["group_context 6000"]));
    agree(groups);
  });

  it("holds for what a GroupInfo brings", async () => {
    const { registry: anything } = appDataOf({ components: [{ id: sevens, inlineUpTo: 4 }] });
    const extensions = picky.context({ suite, data: { [sevens]: new Uint8Array(5_000).fill(6) } });
    const [alice] = await groupOf([await client("alice")], { registry: anything, extensions });
    const groupInfo = await alice!.groupInfo();
    const follow = (own: typeof anything): Promise<Observer> =>
      Observer.follow({ ...trusting, suite, groupInfo, registry: own });
    expect((await follow(anything)).epoch).toBe(0n);
    expect(await refusal(() => follow(picky.registry))).toBe("component-refused");
  });
});
