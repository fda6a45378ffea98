/**
 * What a store can do to every operation: lose the answer after the write or before it, or say that nothing was written. The
 * operation then ends as its caller needs it, and the group goes on from what is stored.
 */

import { describe, expect, it } from "vitest";
import { hex, utf8, utf8Decode } from "../../../src/bytes/text.ts";
import { Group } from "../../../src/group/group.ts";
import type { StateEvent } from "../../../src/public-group/records/persist.ts";
import type { GroupOptions } from "../../../src/public-group/options/settings.ts";
import { agree, talk } from "../agreement.ts";
import { client, deliver, keyPackageOf, setClock, trusting, type Client, type SetClock } from "../world.ts";
import { codeOf, faults, StoredMember, type Fault } from "./member.ts";

/** Alice, who stores her group, and Bob, who doesn't, in one group. */
interface World {
  readonly alice: StoredMember;
  readonly bob: Group;
  readonly bobsClient: Client;
  readonly clock: SetClock;
  readonly options: GroupOptions;
}

async function world(handshake: "private" | "public"): Promise<World> {
  const clock = setClock(1_700_000_000_000);
  const options: GroupOptions = { ...trusting, handshake, clock, window: { outOfOrderAge: 1_000 } };
  const alice = await StoredMember.of("alice", options);
  const bobsClient = await client("bob");
  const bundle = await keyPackageOf(bobsClient, { clock });
  await alice.enter("none", (mine) => Group.create({ ...mine, identity: alice.identity }));
  const pending = await alice.group.commit({ add: [bundle.keyPackage], path: true });
  await alice.group.apply(pending);
  const { identity } = bobsClient;
  const bob = await Group.join({ ...options, identity, welcome: pending.welcome!, keyPackages: [bundle] });
  return { alice, bob, bobsClient, clock, options };
}

/** What an operation needs, and the operation itself: it leaves Alice and Bob in one epoch. */
type Play = (world: World, fault: Fault) => Promise<void>;

function received(event: StateEvent): unknown {
  return event.kind === "received" ? event.event : expect.fail(`told of ${event.kind}`);
}

async function receives(alice: StoredMember, fault: Fault, message: Uint8Array): Promise<unknown> {
  return alice.act<unknown>(fault, (group) => group.receive(message), received);
}

const plays: Readonly<Record<string, Play>> = {
  seal: async ({ alice, bob }, fault) => {
    const message = await alice.act(
      fault,
      (group) => group.seal(utf8("hello")),
      (told) => (told.kind === "sealed" ? told.message : expect.fail()),
      true,
    );
    const event = await bob.receive(message);
    expect(event.kind === "message" && utf8Decode(event.plaintext)).toBe("hello");
    expect(await alice.group.receive(message)).toMatchObject({ kind: "own", what: "message" });
  },
  propose: async ({ alice, bob }, fault) => {
    const update = { identity: alice.nextIdentity };
    const message = await alice.act(
      fault,
      (group) => group.propose({ update }),
      (told) => (told.kind === "proposed" ? told.message : expect.fail()),
      true,
    );
    await bob.receive(message);
    const pending = await bob.commit();
    expect(pending.change.updated).toHaveLength(2); // its path is another
    await receives(alice, "none", pending.commit);
    await bob.apply(pending);
  },
  commit: async ({ alice, bob }, fault) => {
    const pending = await alice.act(
      fault,
      (group) => group.commit({ path: true, groupInfo: true }),
      (told, group) => {
        const { commit, groupInfo, change } = group.pendingCommit!;
        expect(told).toEqual({ kind: "committed", commit, groupInfo, change });
        return group.pendingCommit!;
      },
      true,
    );
    await bob.receive(pending.commit);
    await alice.group.apply(alice.group.pendingCommit!);
  },
  apply: async ({ alice, bob, options }, fault) => {
    const carol = await client("carol");
    const bundle = await keyPackageOf(carol, { clock: options.clock! });
    const { commit, welcome, change } = await alice.group.commit({ add: [bundle.keyPackage] });
    await bob.receive(commit);
    const again = await alice.act<Uint8Array | undefined>(
      fault,
      async (group) => {
        const pending = group.pendingCommit!;
        await group.apply(pending);
        return pending.welcome;
      },
      (told) => {
        expect(told).toEqual({ kind: "applied", change, welcome });
        return told.kind === "applied" ? told.welcome : undefined;
      },
    );
    expect(again).toEqual(welcome);
    const { identity } = carol;
    const joined = await Group.join({ ...options, identity, welcome: again!, keyPackages: [bundle] });
    agree([joined, bob]);
    joined.wipe();
  },
  drop: async ({ alice }, fault) => {
    await alice.group.commit();
    await alice.soon(fault, (group) => group.pendingCommit?.drop());
    expect(alice.group.pendingCommit).toBeUndefined();
    expect([...alice.store.records.keys()].filter((name) => /pending|next/.test(name))).toEqual([]);
  },
  expire: async ({ alice, bob, clock }, fault) => {
    await bob.seal(utf8("lost"));
    await receives(alice, "none", await bob.seal(utf8("second")));
    clock.now += 1_000;
    await alice.soon(fault, (group) => {
      group.expire();
    });
    expect([...alice.store.records.keys()].filter((name) => name.startsWith("key/"))).toEqual([]);
  },
  "export a secret to a component": async ({ alice, bob }, fault) => {
    const secret = await alice.act(
      fault,
      (group) => group.component(0x8001).exportSecret(),
      (told) => {
        expect(told).toMatchObject({ kind: "exported", componentId: 0x8001 });
        return told.kind === "exported" ? told.secret : expect.fail();
      },
    );
    expect(hex(secret)).toBe(hex(await bob.component(0x8001).exportSecret()));
    const { writes } = alice.store;
    const again = alice.group.component(0x8001).exportSecret();
    await expect(again).rejects.toMatchObject({ code: "safe-export-used" });
    expect(alice.store.writes).toBe(writes);
    await alice.revive();
    await expect(alice.group.component(0x8001).exportSecret()).rejects.toMatchObject({ code: "safe-export-used" });
    // Sixteen nodes stay beside its path, and no other record has changed.
    expect([...alice.store.records.keys()].filter((name) => name.startsWith("export/"))).toHaveLength(16);
  },
  "receive a message": async ({ alice, bob }, fault) => {
    const event = await receives(alice, fault, await bob.seal(utf8("hello")));
    expect(event).toMatchObject({ kind: "message", plaintext: utf8("hello") });
  },
  "receive a message out of order": async ({ alice, bob }, fault) => {
    const messages = [await bob.seal(utf8("0")), await bob.seal(utf8("1")), await bob.seal(utf8("2"))];
    for (const i of [2, 0, 1]) {
      const event = await receives(alice, fault, messages[i]!);
      expect(event).toMatchObject({ kind: "message", plaintext: utf8(String(i)) });
    }
  },
  "receive a late message": async ({ alice, bob }, fault) => {
    const late = await bob.seal(utf8("late"));
    const pending = await bob.commit();
    await receives(alice, "none", pending.commit);
    await bob.apply(pending);
    expect(await receives(alice, fault, late)).toMatchObject({ kind: "message", plaintext: utf8("late") });
  },
  "forget a proposal": async ({ alice, bob }, fault) => {
    await receives(alice, "none", await bob.propose({ update: {} }));
    const { ref } = alice.group.pendingProposals[0]!;
    const forgotten = await alice.act(
      fault,
      (group) => group.forgetProposal(ref),
      (told) => {
        expect(told).toEqual({ kind: "forgotten", ref });
        return true;
      },
    );
    expect(forgotten).toBe(true);
    expect([...alice.store.records.keys()].filter((name) => name.startsWith("proposal/"))).toEqual([]);
    const pending = await alice.group.commit();
    await bob.receive(pending.commit);
    await alice.group.apply(pending);
  },
  "receive a proposal": async ({ alice, bob }, fault) => {
    const event = await receives(alice, fault, await bob.propose({ update: {} }));
    expect(event).toMatchObject({ kind: "proposal", sender: { leafIndex: 1 } });
    const pending = await alice.group.commit();
    expect(pending.change.updated).toHaveLength(2); // its path is another
    await bob.receive(pending.commit);
    await alice.group.apply(pending);
  },
  "receive a commit": async ({ alice, bob }, fault) => {
    await bob.receive(await alice.group.propose({ update: {} }));
    const pending = await bob.commit({ path: true });
    expect(await receives(alice, fault, pending.commit)).toEqual(pending.change);
    await bob.apply(pending);
  },
  "receive its own message": async ({ alice }, fault) => {
    const message = await alice.group.seal(utf8("x"));
    expect(await receives(alice, fault, message)).toEqual({ kind: "own", what: "message", epoch: 1n });
  },
  "receive its own commit": async ({ alice, bob }, fault) => {
    const { commit, change } = await alice.group.commit();
    await bob.receive(commit);
    expect(await receives(alice, fault, commit)).toEqual({ kind: "own", what: "commit", epoch: 1n, change });
  },
  "receive an external commit": async ({ alice, bob, options }, fault) => {
    const { identity } = await client("carol");
    const join = await Group.joinExternally({ ...options, identity, groupInfo: await bob.groupInfo() });
    expect(await receives(alice, fault, join.commit)).toMatchObject({ kind: "commit", external: true });
    await bob.receive(join.commit);
    agree([bob, await join.complete()]);
  },
  "receive its own removal": async ({ alice, bob }, fault) => {
    const pending = await bob.commit({ remove: [0] });
    expect(await receives(alice, fault, pending.commit)).toMatchObject({ kind: "removed" });
    await bob.apply(pending);
    await alice.revive();
    expect(alice.group.isGone).toBe(true);
  },
};

describe.each(["private", "public"] as const)("with %s handshakes", (handshake) => {
  describe.each(faults)("where the next write set is %s", (fault) => {
    it.each(Object.keys(plays))("%s", async (name) => {
      const here = await world(handshake);
      const { alice, bob } = here;
      await plays[name]!(here, fault);
      const expected = fault === "none" ? 0 : name === "receive a message out of order" ? 3 : 1;
      expect(alice.cuts).toBe(expected);
      if (alice.group.isGone) return;
      agree([alice.group, bob]);
      await talk([alice.group, bob]);
      await alice.revive();
      await talk([alice.group, bob]);
    });
  });
});

describe.each(faults)("where the write set that begins a group is %s", (fault) => {
  it("create", async () => {
    const alice = await StoredMember.of("alice", trusting);
    await alice.enter(fault, (options) => Group.create({ ...options, identity: alice.identity }));
    expect(alice.store.last).toEqual({ kind: "created" });
    await talk([alice.group]);
  });

  it.each([false, true])("join (last resort: %s)", async (lastResort) => {
    const { alice, bob, clock, options: shared } = await world("private");
    const carol = await StoredMember.of("carol", shared);
    const bundle = await keyPackageOf({ name: "carol", identity: carol.identity }, { lastResort, clock });
    const { commit, welcome } = await alice.group.commit({ add: [bundle.keyPackage] });
    await deliver(commit, [alice.group, bob]);
    await carol.enter(fault, (options) =>
      Group.join({ ...options, identity: carol.identity, welcome: welcome!, keyPackages: [bundle] }),
    );
    expect(carol.store.last).toEqual({ kind: "joined", keyPackage: bundle.ref, lastResort });
    await talk([alice.group, bob, carol.group]);
  });

  it("complete an external join", async () => {
    const { alice, bob } = await world("private");
    const carol = await StoredMember.of("carol", trusting);
    const groupInfo = await bob.groupInfo();
    let completed = 0;
    let join: Awaited<ReturnType<typeof Group.joinExternally>> | undefined;
    const entered = carol.enter(fault, async (options) => {
      if (join === undefined) {
        join = await Group.joinExternally({ ...options, identity: carol.identity, groupInfo });
        await deliver(join.commit, [alice.group, bob]);
      }
      completed++;
      return join.complete();
    });
    if (fault === "lost-unwritten") {
      // Nobody has its secrets any more: it has to join again.
      await expect(entered).rejects.toMatchObject({ code: "state-unknown" });
      return;
    }
    await entered;
    expect(completed).toBe(fault === "not-written" ? 2 : 1);
    expect(carol.store.last).toEqual({ kind: "joined-externally" });
    await talk([alice.group, bob, carol.group]);
  });

  it("restore a snapshot", async () => {
    const { alice, bob, options } = await world("private");
    const snapshot = alice.group.snapshot();
    const again = await StoredMember.of("alice, elsewhere", options);
    const identity = alice.identity;
    if (fault === "lost-written" || fault === "none") {
      // A member restores with its own identity: the store is all that is looked at here.
      const { store } = again;
      const life = Group.restore({
        ...options,
        identity,
        snapshot,
        persist: (changes, event) => {
          store.apply(changes, event);
          if (fault !== "none") throw new Error("the connection was closed");
        },
      });
      if (fault === "none") await life;
      else expect(await life.catch((error: unknown) => codeOf(error))).toBe("state-unknown");
      expect(store.last).toEqual({ kind: "restored" });
      const group = await Group.restore({ ...options, identity, records: store.records });
      expect(hex(group.snapshot())).toBe(hex(snapshot));
      await talk([group, bob]);
    } else {
      const attempt = (): Promise<Group> => Group.restore({ ...again.options(), identity, snapshot });
      again.next(fault);
      expect(await attempt().catch((error: unknown) => codeOf(error))).toMatch(/^state-/);
      expect(again.store.writes).toBe(0);
      await talk([await attempt(), bob]);
    }
  });

  it.each(["branch", "reinit"] as const)("make a group of another (%s)", async (usage) => {
    for (const at of [0, 1]) {
      const { alice, bob, bobsClient, options } = await world("private");
      if (usage === "reinit") {
        const { commit } = await alice.group.commit({ reinit: { groupId: utf8("the next"), cipherSuite: 1 } });
        await deliver(commit, [alice.group, bob]);
      }
      const linked = await StoredMember.of("alice, in the other group", options);
      const bundle = await keyPackageOf(bobsClient, { clock: options.clock! });
      const make = (): ReturnType<Group["branch"]> => {
        const choice = { keyPackages: [bundle.keyPackage], options: linked.options() };
        return usage === "branch" ? alice.group.branch(choice) : alice.group.reinitialize(choice);
      };
      linked.next(fault, at);
      const first = await make().catch((error: unknown) => codeOf(error));
      if (fault === "none") expect(typeof first).toBe("object");
      else expect(first).toBe(fault === "not-written" ? "state-not-written" : "state-unknown");
      const made = typeof first === "object" ? first : await make();
      await made.group.apply(made.pending);
      const { records } = linked.store;
      const again = await Group.restore({ ...options, identity: alice.identity, records });
      expect(hex(again.snapshot())).toBe(hex(made.group.snapshot()));
      const { identity } = bobsClient;
      const { welcome } = made.pending;
      const joined = await Group.join({
        ...options,
        identity,
        welcome: welcome!,
        keyPackages: [bundle],
        previous: bob,
      });
      await talk([again, joined]);
      await alice.check();
    }
  });

  it("wipe", async () => {
    const { alice } = await world("private");
    alice.next(fault);
    alice.group.wipe();
    await new Promise(setImmediate);
    alice.group.wipe(); // where nothing was written, it is now; where nobody knows, nothing is
    await new Promise(setImmediate);
    const secret = [...alice.store.records.keys()].some((name) => /^(ratchet|secret|psk)/.test(name));
    expect(secret).toBe(fault === "lost-unwritten");
    if (!secret) {
      await alice.revive();
      expect(alice.group.isGone).toBe(true);
    }
  });
});
