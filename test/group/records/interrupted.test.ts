/**
 * What happens while the store is busy: reading works and shows the group as it was, what waits for the write fails, and
 * what is wiped in the meantime does not stay in the store.
 */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import { Group } from "../../../src/group/group.ts";
import { NotWrittenError, type StateChanges, type StateEvent } from "../../../src/public-group/records/persist.ts";
import type { GroupOptions } from "../../../src/public-group/options/settings.ts";
import { refusal } from "../refusal.ts";
import { client, keyPackageOf, trusting } from "../world.ts";
import { stateOf } from "./member.ts";
import { SecretLog } from "./secrets.ts";
import { commitBy, fromStore, storedWorld, type World } from "./world.ts";

let secrets: SecretLog;
beforeEach(() => {
  secrets = new SecretLog();
});
afterEach(() => {
  secrets.stop();
});

/** What others do. */
async function aside<T>(operation: () => Promise<T>): Promise<T> {
  secrets.watch(undefined);
  try {
    return await operation();
  } finally {
    // Alice goes on.
  }
}

const world = (options?: Partial<GroupOptions>): Promise<World> => storedWorld(options, secrets);

function restored(world: World): Promise<Group> {
  secrets.watch(undefined);
  return fromStore(world);
}

/** What is stored is a group that is over, and none of its secrets is left. */
async function isOver(world: World): Promise<void> {
  await new Promise(setImmediate);
  const again = await restored(world);
  expect(again.isGone).toBe(true);
  expect(secrets.wiped(world.store)).toBeGreaterThan(0);
  expect(secrets.leftIn(world.store, world.store.bytes())).toEqual([]);
  expect(
    [...world.store.records.keys()].filter((name) => /^(secret|ratchet|key|psk|past|pending|export)/.test(name)),
  ).toEqual([]);
}

type Operation = (world: World) => Promise<() => Promise<unknown>>;

/** Everything that a member can do, made ready first. */
const operations: readonly (readonly [what: string, prepare: Operation])[] = [
  ["export a secret", ({ alice }) => Promise.resolve(() => alice.component(0x8001).exportSecret())],
  ["seal", ({ alice }) => Promise.resolve(() => alice.seal(utf8("x")))],
  ["propose an Update", ({ alice }) => Promise.resolve(() => alice.propose({ update: {} }))],
  ["commit", ({ alice }) => Promise.resolve(() => alice.commit({ path: true }))],
  [
    "apply",
    async ({ alice }) => {
      const pending = await alice.commit({ path: true });
      return () => Promise.resolve(alice.apply(pending));
    },
  ],
  [
    "receive its own commit",
    async ({ alice }) => {
      const { commit } = await alice.commit({ path: true });
      return () => alice.receive(commit);
    },
  ],
  [
    "receive a message",
    async ({ alice, bob }) => {
      const message = await aside(() => bob.seal(utf8("x")));
      return () => alice.receive(message);
    },
  ],
  [
    "receive a message after others",
    async ({ alice, bob }) => {
      const message = await aside(async () => {
        await bob.seal(utf8("lost"));
        return bob.seal(utf8("x"));
      });
      return () => alice.receive(message);
    },
  ],
  [
    "receive a late message",
    async ({ alice, bob }) => {
      const message = await aside(() => bob.seal(utf8("x")));
      const { commit } = await aside(() => bob.commit());
      await alice.receive(commit);
      return () => alice.receive(message);
    },
  ],
  [
    "receive a proposal",
    async ({ alice, bob }) => {
      const message = await aside(() => bob.propose({ update: {} }));
      return () => alice.receive(message);
    },
  ],
  [
    "receive a commit",
    async ({ alice, bob }) => {
      await alice.propose({ update: {} });
      const { commit } = await aside(() => bob.commit());
      return () => alice.receive(commit);
    },
  ],
  [
    "receive a commit with a pending one of its own",
    async ({ alice, bob }) => {
      await alice.commit();
      const { commit } = await aside(() => bob.commit());
      return () => alice.receive(commit);
    },
  ],
  [
    "receive its own removal",
    async ({ alice, bob }) => {
      await alice.commit();
      const { commit } = await aside(() => bob.commit({ remove: [0] }));
      return () => alice.receive(commit);
    },
  ],
];

const sends = /^(seal|propose|commit)/;

describe("while a write set is being written", () => {
  it.each(operations)("the group is as it was, and can be read: %s", async (what, prepare) => {
    const each = await world();
    const operation = await prepare(each);
    secrets.watch(each.store);
    const { alice, store } = each;
    const [before, epoch, { writes }] = [stateOf(alice, sends.test(what)), alice.epoch, store];
    let left = false;
    let asked = 0;
    each.during = async ({ puts, deletes, groupId }) => {
      each.during = undefined;
      asked++;
      for (let turns = 0; turns < 3; turns++) {
        expect(alice.epoch).toBe(epoch);
        expect(alice.isGone).toBe(false);
        expect([...alice.members]).toHaveLength(2);
        expect(stateOf(alice, sends.test(what))).toEqual(before);
        expect(left).toBe(false);
        await new Promise(setImmediate);
      }
      expect(groupId).toEqual(alice.id);
      expect(puts.size + deletes.length).toBeGreaterThan(0);
      // Another operation of the same group would wait for this one.
      expect(await refusal(() => alice.seal(utf8("y")))).toBe("reentrant-call");
    };
    const result = operation().then((value) => {
      left = true;
      return value;
    });
    const next = alice.isGone ? undefined : alice.groupInfo().catch(() => "gone"); // takes its turn
    await result;
    await next;
    expect(asked).toBe(1);
    expect(store.writes).toBe(writes + 1);
  });

  it.each(operations)("a wipe ends the group, and what was written goes, too: %s", async (_, prepare) => {
    const each = await world();
    const operation = await prepare(each);
    secrets.watch(each.store);
    each.during = (_changes, event) => {
      each.during = undefined;
      expect(event.kind).not.toBe("wiped");
      each.alice.wipe();
    };
    await expect(operation()).rejects.toMatchObject({ code: "group-gone" });
    await isOver(each);
    expect(each.store.last?.kind).toBe("wiped");
  });

  it.each(operations)("a wipe ends the group where nothing is written: %s", async (_, prepare) => {
    const each = await world();
    const operation = await prepare(each);
    secrets.watch(each.store);
    each.during = () => {
      each.during = undefined;
      each.alice.wipe();
      throw new NotWrittenError();
    };
    await expect(operation()).rejects.toMatchObject({ code: "group-gone" });
    await isOver(each);
  });

  it.each(operations)("an unknown outcome is told, though the group was wiped: %s", async (_, prepare) => {
    const each = await world();
    const operation = await prepare(each);
    let asked = 0;
    each.during = () => {
      if (asked++ === 0) each.alice.wipe();
      throw new Error("the connection was closed");
    };
    await expect(operation()).rejects.toMatchObject({ code: "state-unknown" });
    await new Promise(setImmediate);
    each.alice.expire();
    each.alice.wipe();
    await new Promise(setImmediate);
    expect(asked).toBe(1); // nothing is written any more
  });

  it.each(operations)("and nobody knows what is written, no secret stays alive: %s", async (_, prepare) => {
    const each = await world();
    const operation = await prepare(each);
    each.during = () => {
      throw new Error("the connection was closed");
    };
    expect(secrets.living(each.store)).not.toEqual([]);
    secrets.watch(each.store);
    await expect(operation()).rejects.toMatchObject({ code: "state-unknown" });
    expect(secrets.living(each.store)).toEqual([]);
  });

  it("a snapshot forgets nothing of what is being written", async () => {
    const each = await world();
    const { alice, bob, clock } = each;
    const late = await bob.seal(utf8("late"));
    await alice.receive(await bob.seal(utf8("first")));
    each.during = () => {
      each.during = undefined;
      clock.now += 1_000; // the key is as old as it may be
      alice.snapshot();
    };
    expect(await alice.receive(late)).toMatchObject({ kind: "message" });
    await alice.groupInfo();
    alice.expire();
    await alice.groupInfo();
    expect(hex((await restored(each)).snapshot())).toBe(hex(alice.snapshot()));
  });
});

describe("a group that is made of another", () => {
  it.each(["created", "committed", "wiped"] as const)("is stored while the other waits for it: %s", async (kind) => {
    const { alice, identities, clock } = await world();
    const { keyPackage } = await keyPackageOf(identities[1]!, { clock });
    const codes: string[] = [];
    const persist = async (_: StateChanges, event: StateEvent): Promise<void> => {
      await Promise.resolve();
      if (event.kind === kind) codes.push(await refusal(() => alice.seal(utf8("x"))));
      if (event.kind === "committed" && kind === "wiped") throw new NotWrittenError();
    };
    const made = alice.branch({ keyPackages: [keyPackage], options: { ...trusting, clock, persist } });
    if (kind === "wiped") await expect(made).rejects.toMatchObject({ code: "state-not-written" });
    else await made;
    expect(codes).toEqual(["reentrant-call"]);
  });
});

describe("an external join", () => {
  it("is completed once, and not by the hook that it waits for", async () => {
    const { bob, clock } = await world();
    const { identity } = await client("carol");
    const codes: string[] = [];
    const join = await Group.joinExternally({
      ...trusting,
      clock,
      identity,
      groupInfo: await bob.groupInfo(),
      persist: async () => {
        codes.push(await refusal(async () => join.complete()));
      },
    });
    const [first, second] = [join.complete(), join.complete()];
    expect(await first).toBe(await second);
    expect(join.complete()).toBe(await first);
    expect(codes).toEqual(["reentrant-call"]);
  });
});

describe("what was not stored yet when its epoch ended", () => {
  it("is deleted: a key that grew too old in an operation that failed, or in this one", async () => {
    for (const refused of [false, true]) {
      const each = await world({ window: { pastEpochs: 1, pastEpochAge: 1e9 } });
      const { alice, bob, clock, store } = each;
      await bob.seal(utf8("lost"));
      await alice.receive(await bob.seal(utf8("second")));
      expect([...store.records.keys()].filter((name) => name.startsWith("key/"))).toHaveLength(1);
      await alice.receive((await commitBy(bob)).commit);
      clock.now += 1_000;
      if (refused) await refusal(() => alice.receive(utf8("nonsense")));
      await alice.receive((await commitBy(bob)).commit);
      expect([...store.records.keys()].filter((name) => name.startsWith("key/"))).toEqual([]);
      expect(hex((await restored(each)).snapshot())).toBe(hex(alice.snapshot()));
    }
  });

  it("is deleted: an inner secret of the tree whose leaf was used in a write that was not written", async () => {
    const each = await world({ handshake: "public", window: { pastEpochs: 0 } });
    const { alice, bob, store } = each;
    await alice.receive((await commitBy(bob)).commit);
    const root = `secret/${String(alice.epoch)}/1`;
    expect(store.records.has(root)).toBe(true);
    each.during = () => {
      each.during = undefined;
      throw new NotWrittenError();
    };
    expect(await refusal(() => alice.seal(utf8("x")))).toBe("state-not-written");
    expect(store.records.has(root)).toBe(true);
    await alice.receive((await commitBy(bob)).commit);
    expect(store.records.has(root)).toBe(false);
    expect(hex((await restored(each)).snapshot())).toBe(hex(alice.snapshot()));
  });

  it("is deleted: of a group that ends", async () => {
    const each = await world();
    const { alice, bob, clock, store } = each;
    secrets.watch(store);
    const second = await aside(async () => {
      await bob.seal(utf8("lost"));
      return bob.seal(utf8("second"));
    });
    secrets.watch(store);
    await alice.receive(second);
    clock.now += 1_000;
    const { commit } = await aside(() => bob.commit({ remove: [0] }));
    secrets.watch(store);
    expect((await alice.receive(commit)).kind).toBe("removed");
    await isOver(each);
  });

  it("is deleted: of a commit that was given up, with the next write where this one was not written", async () => {
    const each = await world();
    const { alice, store } = each;
    secrets.watch(store);
    const pending = await alice.commit({ path: true });
    each.during = () => {
      each.during = undefined;
      throw new NotWrittenError();
    };
    pending.drop();
    await alice.groupInfo();
    expect(alice.pendingCommit).toBeUndefined();
    expect(store.records.has("pending")).toBe(true);
    await alice.seal(utf8("x"));
    expect([...store.records.keys()].filter((name) => /pending|next/.test(name))).toEqual([]);
    expect(secrets.leftIn(store, store.bytes())).toEqual([]);
    // Once, and not with each write from now on.
    each.during = ({ deletes }) => {
      expect(deletes).toEqual([]);
    };
    await alice.seal(utf8("y"));
  });

  it("is deleted: of a group that was wiped when nothing was written, when it is wiped again", async () => {
    const each = await world();
    secrets.watch(each.store);
    each.during = () => {
      each.during = undefined;
      throw new NotWrittenError();
    };
    each.alice.wipe();
    await new Promise(setImmediate);
    expect([...each.store.records.keys()].some((name) => name.startsWith("ratchet/"))).toBe(true);
    each.alice.wipe();
    await isOver(each);
  });
});

describe("a group that was left and is joined again", () => {
  it("takes the place of what the store has of before", async () => {
    const each = await world();
    const { alice, bob, store, clock, identities, options } = each;
    const others = await Promise.all(["carol", "dave", "erin"].map((name) => client(name)));
    const bundles = await Promise.all(others.map((other) => keyPackageOf(other, { clock })));
    await alice.receive((await commitBy(bob, { add: bundles.map(({ keyPackage }) => keyPackage) })).commit);
    await alice.receive((await commitBy(bob, { remove: [0, 2, 3, 4] })).commit);
    expect(alice.isGone).toBe(true);
    const bundle = await keyPackageOf(identities[0]!, { clock });
    const { welcome } = await commitBy(bob, { add: [bundle.keyPackage] });
    const persist = (changes: StateChanges, event: StateEvent): void => {
      expect(changes.whole).toBe(event.kind === "joined");
      store.apply(changes, event);
    };
    const { identity } = identities[0]!;
    const again = await Group.join({ ...options, persist, identity, welcome: welcome!, keyPackages: [bundle] });
    await again.seal(utf8("x"));
    expect(hex((await restored(each)).snapshot())).toBe(hex(again.snapshot()));
  });
});

describe("own messages that are not kept", () => {
  it.each([0, 1, 2])("are not stored (%i are kept)", async (ownMessages) => {
    const each = await world({ window: { ownMessages } });
    for (let i = 0; i < 5; i++) await each.alice.seal(utf8("x"));
    const kept = [...each.store.records.keys()].filter((name) => name.startsWith("sent/"));
    expect(kept).toHaveLength(ownMessages);
  });
});
