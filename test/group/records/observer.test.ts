import { describe, expect, it } from "vitest";
import { hex } from "../../../src/bytes/text.ts";
import { CopseError } from "../../../src/errors.ts";
import { Group } from "../../../src/group/group.ts";
import { Observer } from "../../../src/public-group/observer/observer.ts";
import {
  NotWrittenError,
  type Persist,
  type StateChanges,
  type StateEvent,
} from "../../../src/public-group/records/persist.ts";
import { failure, refusal } from "../refusal.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, suiteOf, trusting } from "../world.ts";

const suite = suiteOf();

/** A store with transactions, which fails when it is told to. */
class Store {
  records = new Map<string, Uint8Array>();
  readonly events: StateEvent[] = [];
  last: StateChanges | undefined;
  failing: "not written" | "before" | "after" | undefined;

  readonly persist: Persist = (changes, event) => {
    this.last = changes;
    if (this.failing === "not written") throw new NotWrittenError();
    if (this.failing === "before") throw new Error("the connection is gone");
    const { whole, puts, deletes } = changes;
    if (whole) this.records.clear();
    for (const name of deletes) if (puts.has(name)) throw new TypeError("put and deleted");
    for (const name of deletes) this.records.delete(name);
    for (const [name, value] of puts) this.records.set(name, value.slice());
    this.events.push(event);
    if (this.failing === "after") throw new Error("the answer is lost");
  };

  /** What was written, as a copy: in no particular order. */
  read(): readonly [string, Uint8Array][] {
    return [...this.records].reverse();
  }
}

async function followed(names: readonly string[] = ["alice", "bob", "carol", "dave", "erin"]): Promise<{
  groups: Group[];
  observer: Observer;
  store: Store;
}> {
  const groups = await groupOf(await Promise.all(names.map((name) => client(name))), {
    handshake: "public",
    path: true,
  });
  const store = new Store();
  const { persist } = store;
  const observer = await Observer.follow({ ...trusting, suite, groupInfo: await groups[0]!.groupInfo(), persist });
  return { groups, observer, store };
}

const restored = (store: Store): Promise<Observer> =>
  Observer.restore({ ...trusting, suite, records: store.read(), persist: store.persist });

/** "ok", or the code of an error. */
async function outcomeOf(operation: () => unknown): Promise<string> {
  try {
    await operation();
    return "ok";
  } catch (error) {
    if (error instanceof CopseError) return error.code;
    throw error;
  }
}

/** What there is to see of an observer, and of the epoch that it could go back to. */
async function viewOf(observer: Observer): Promise<unknown> {
  const copy = Observer.restore({ ...trusting, suite, snapshot: observer.snapshot() });
  const view = (): unknown => ({
    context: copy.groupContext,
    tree: hex(copy.ratchetTree()),
    members: [...copy.members],
    stopped: copy.isStopped,
    snapshot: hex(copy.snapshot()),
  });
  const now = view();
  const outcome = await outcomeOf(() => copy.rollback());
  return { now, outcome, before: view() };
}

describe("an observer that is stored", () => {
  it("is the same after a restart behind every write set, the epoch that can be rolled back to included", async () => {
    const { groups, store } = await followed();
    let observer = await restored(store);
    const same = async (kind: StateEvent["kind"]): Promise<void> => {
      expect(store.events.at(-1)?.kind).toBe(kind);
      const again = await restored(store);
      expect(await viewOf(again)).toEqual(await viewOf(observer));
      observer = again;
    };
    const [alice, bob] = groups as [Group, Group];
    const take = async (message: Uint8Array): Promise<void> => {
      await observer.receive(message);
      await same("received");
    };
    await same("followed");

    const update = await bob.propose({ update: {} });
    await deliver(update, groups, bob);
    await take(update);
    const refused = await alice.commit();
    await take(refused.commit);
    await observer.rollback();
    await same("rolled-back"); // with the proposal
    await take(refused.commit);
    await deliver(refused.commit, groups, alice);
    await alice.apply(refused);
    await observer.confirm();
    await same("confirmed");

    // The tree grows by two levels, goes back, and grows again.
    const added = await Promise.all(
      Array.from({ length: 9 }, async (_, i) => keyPackageOf(await client(`new ${String(i)}`))),
    );
    const growing = await commitTo(groups, alice, { add: added.map(({ keyPackage }) => keyPackage) });
    await take(growing.commit);
    await observer.rollback();
    await same("rolled-back");
    await take(growing.commit);
    // And shrinks, and goes back, and shrinks again.
    const shrinking = await commitTo(groups, bob, { remove: [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13] });
    await take(shrinking.commit);
    await observer.rollback();
    await same("rolled-back");
    await take(shrinking.commit);
    expect([...store.records.keys()].some((name) => name.startsWith("before/node/"))).toBe(true);

    await observer.stop();
    await same("stopped");
    await observer.restart(await bob.groupInfo());
    await same("restarted");
    expect(observer.isStopped).toBe(false);
    const external = await Group.joinExternally({
      ...trusting,
      identity: (await client("zoe")).identity,
      groupInfo: await bob.groupInfo(),
    });
    await deliver(external.commit, groups);
    await take(external.commit);
    await observer.confirm();
    await same("confirmed");
    expect(hex(observer.ratchetTree())).toBe(hex(alice.ratchetTree()));
    expect([...store.records.keys()].filter((name) => name.startsWith("before"))).toEqual([]);
    // Not one record too many: nodes of the tree, and the epoch.
    const fresh = new Store();
    await Observer.follow({ ...trusting, suite, groupInfo: await bob.groupInfo(), persist: fresh.persist });
    expect([...store.records.keys()].sort()).toEqual([...fresh.records.keys()].sort());
  });

  it("tells nothing of what changes nothing", async () => {
    const { groups, observer, store } = await followed(["alice", "bob"]);
    await observer.receive(await groups[0]!.seal(new Uint8Array(3)));
    await observer.confirm();
    expect(store.events.map(({ kind }) => kind)).toEqual(["followed"]);
    await observer.stop();
    await observer.stop();
    expect(store.events.map(({ kind }) => kind)).toEqual(["followed", "stopped"]);
  });

  it("writes of the proposals that wait the one that has come, and none again", async () => {
    const { groups, observer, store } = await followed(["alice", "bob", "carol"]);
    const wrote = (): unknown => ({ puts: [...store.last!.puts.keys()], deletes: store.last!.deletes });
    for (const [number, group] of groups.slice(1).entries()) {
      await observer.receive(await group.propose({ update: {} }));
      expect(wrote()).toEqual({ puts: [`proposal/${String(number)}`], deletes: [] });
    }
    await observer.stop();
    expect(wrote()).toEqual({ puts: ["epoch"], deletes: [] });
  });

  it("writes by a commit what the commit changes, after a restart too, though it can be rolled back", async () => {
    for (const size of [8, 256]) {
      const [alice, bob] = await Promise.all(["alice", "bob"].map((name) => client(name)));
      const options = { ...trusting, handshake: "public" } as const;
      const alices = await Group.create({ ...options, identity: alice!.identity });
      const bundles = [await keyPackageOf(bob!)];
      while (bundles.length < size - 1) bundles.push(await keyPackageOf(await client(String(bundles.length))));
      const pending = await alices.commit({ add: bundles.map(({ keyPackage }) => keyPackage) });
      await alices.apply(pending);
      const { identity } = bob!;
      const bobs = await Group.join({
        ...options,
        identity,
        welcome: pending.welcome!,
        keyPackages: bundles.slice(0, 1),
      });
      const store = new Store();
      const { persist } = store;
      let observer = await Observer.follow({ ...trusting, suite, groupInfo: await bobs.groupInfo(), persist });
      const count = (): number => store.last!.puts.size + store.last!.deletes.length;
      expect(count()).toBe(size + 1); // no parents yet
      const path = Math.log2(size) + 1;
      for (let i = 0; i < 6; i++) {
        const { commit } = await commitTo([alices, bobs], i % 2 === 0 ? alices : bobs);
        await observer.receive(commit);
        // The nodes as they are and as they were, one of Bob's leaves that could be gone back to before; and both epochs.
        expect(count()).toBeLessThanOrEqual(2 * path + 1 + 2);
        observer = await restored(store);
      }
      await observer.rollback();
      expect(count()).toBeLessThanOrEqual(2 * path + 2);
    }
  });

  it("is as it was where nothing was written, and the same is told again", async () => {
    const { groups, observer, store } = await followed(["alice", "bob", "carol"]);
    const [alice, bob] = groups as [Group, Group];
    const update = await bob.propose({ update: {} });
    const { commit } = await alice.commit();
    const operations: (() => unknown)[] = [
      () => observer.receive(update),
      () => observer.receive(commit),
      () => observer.rollback(),
      () => observer.receive(commit),
      () => observer.confirm(),
      () => observer.stop(),
      () => observer.restart(groupInfo),
    ];
    await deliver(commit, groups, alice);
    const groupInfo = await bob.groupInfo();
    for (const operation of operations) {
      const was = await viewOf(observer);
      store.failing = "not written";
      expect(await refusal(operation)).toBe("state-not-written");
      expect(await viewOf(observer)).toEqual(was);
      expect(await viewOf(await restored(store))).toEqual(was);
      store.failing = undefined;
      await operation();
      expect(await viewOf(observer)).not.toEqual(was);
      expect(await viewOf(await restored(store))).toEqual(await viewOf(observer));
    }
  });

  it.each(["before", "after"] as const)(
    "refuses everything where the answer was lost %s the write",
    async (failing) => {
      const { groups, observer, store } = await followed(["alice", "bob"]);
      const { commit } = await groups[0]!.commit();
      store.failing = failing;
      expect(await refusal(() => observer.receive(commit))).toBe("state-unknown");
      store.failing = undefined;
      const writes = store.events.length;
      const operations: (() => unknown)[] = [
        () => observer.receive(commit),
        () => observer.confirm(),
        () => observer.rollback(),
        () => observer.stop(),
        async () => observer.restart(await groups[0]!.groupInfo()),
        () => observer.snapshot(),
      ];
      for (const operation of operations) expect(await refusal(operation)).toBe("state-unknown");
      expect(store.events).toHaveLength(writes);
      const again = await restored(store);
      expect(again.epoch).toBe(failing === "before" ? 1n : 2n);
      if (failing === "before") await again.receive(commit);
      await again.rollback();
      expect(again.epoch).toBe(1n);
    },
  );

  it("is not there where its first write failed", async () => {
    const [group] = await groupOf([await client("alice")]);
    const groupInfo = await group!.groupInfo();
    for (const [failing, code] of [
      ["not written", "state-not-written"],
      ["before", "state-unknown"],
    ] as const) {
      const store = new Store();
      store.failing = failing;
      const options = { ...trusting, suite, groupInfo, persist: store.persist };
      expect(await refusal(() => Observer.follow(options))).toBe(code);
    }
  });

  it("gives all of a snapshot to the store with the next operation", async () => {
    const { groups, observer } = await followed(["alice", "bob"]);
    const { commit } = await commitTo(groups, groups[0]!);
    await observer.receive(commit);
    const store = new Store();
    const moved = Observer.restore({ ...trusting, suite, snapshot: observer.snapshot(), persist: store.persist });
    expect(store.events).toEqual([]);
    await moved.stop();
    await observer.stop();
    expect(await viewOf(await restored(store))).toEqual(await viewOf(observer));
  });
});

describe("records of an observer", () => {
  it("are refused where one is missing, another's, of another time, or of a newer version", async () => {
    const { groups, observer, store } = await followed(["alice", "bob", "carol"]);
    const old = new Map(store.records);
    const update = await groups[1]!.propose({ update: {} });
    await deliver(update, groups, groups[1]);
    await observer.receive(update);
    const { commit } = await commitTo(groups, groups[0]!);
    await observer.receive(commit);
    const outcome = (records: ReadonlyMap<string, Uint8Array>): Promise<string> =>
      outcomeOf(() => Observer.restore({ ...trusting, suite, records }));
    const changed = (change: (records: Map<string, Uint8Array>) => void): Map<string, Uint8Array> => {
      const records = new Map(store.records);
      change(records);
      return records;
    };
    expect(await outcome(store.records)).toBe("ok");
    for (const name of store.records.keys()) {
      if (name.includes("proposal")) continue; // who knows how many there were
      expect(await outcome(changed((records) => records.delete(name))), name).toBe("snapshot-damaged");
      expect(await outcome(changed((records) => records.set(name, new Uint8Array([2, 1]))))).toBe("snapshot-version");
      expect(await outcome(changed((records) => records.set(name, new Uint8Array([1, 1])))), name).toBe(
        "snapshot-damaged",
      );
      const older = old.get(name);
      if (older === undefined || hex(older) === hex(store.records.get(name)!)) continue;
      expect(await outcome(changed((records) => records.set(name, older))), name).toBe("snapshot-damaged");
    }
    const value = store.records.get("node/0")!;
    for (const [name, code] of [
      ["vault", "snapshot-version"],
      ["before/vault", "snapshot-version"],
      ["before/before", "snapshot-version"],
      ["ratchet/1/0a", "snapshot-damaged"],
      ["psk/1", "snapshot-damaged"],
      ["before/node/9007199254740991", "snapshot-damaged"],
      ["node/9007199254740991", "snapshot-damaged"],
    ] as const) {
      expect(await outcome(changed((records) => records.set(name, value))), name).toBe(code);
    }
    // A node that says nothing, beyond the tree that could be gone back to.
    const blank = new Uint8Array([1]);
    expect(await outcome(changed((records) => records.set("before/node/100", blank)))).toBe("snapshot-damaged");
    const headless = [...store.records].filter(([name]) => name !== "epoch");
    await expect(Observer.restore({ ...trusting, suite, records: headless })).rejects.toThrow(
      "there is no record of the epoch",
    );
    const twice = [...store.records, ["node/0", value] as const];
    expect(await refusal(() => Observer.restore({ ...trusting, suite, records: twice }))).toBe("snapshot-damaged");
    const other = suiteOf(3);
    expect(await refusal(() => Observer.restore({ ...trusting, suite: other, records: store.records }))).toBe(
      "snapshot-identity",
    );
    expect(await failure(() => Observer.restore({ ...trusting, suite } as never))).toBeInstanceOf(TypeError);
  });
});
