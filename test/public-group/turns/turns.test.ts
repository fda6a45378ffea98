/**
 * Everything that a class does takes its turn. Each public method of each class with a queue has a row here; a new one
 * without a row fails.
 */

import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import { Call } from "../../../src/call/call.ts";
import { CallGroup } from "../../../src/call/group/call-group.ts";
import { Group } from "../../../src/group/group.ts";
import { Observer } from "../../../src/public-group/observer/observer.ts";
import type { GroupOptions } from "../../../src/public-group/options/settings.ts";
import { waitsForAny, type Turn } from "../../../src/public-group/turns/turns.ts";
import { client, keyPackageOf, suiteOf, trusting, type Client } from "../../group/world.ts";

/**
 * - "queued": waits for what is under way, and what comes later waits for it;
 * - "reads": changes nothing, and a whole operation's changes are seen or none;
 * - "at once": acts in the middle of an operation, which then fails or goes on as if nothing had been;
 * - "none": the class has no operations that wait.
 */
type Manner = "queued" | "reads" | "at once" | "none";

const rows: Readonly<Record<string, Readonly<Record<string, Manner>>>> = {
  Group: {
    id: "reads", epoch: "reads", suite: "reads", identity: "reads", self: "reads", members: "reads", member: "reads",
    size: "reads", treeWidth: "reads", groupContext: "reads", epochAuthenticator: "reads", pendingProposals: "reads",
    proposalsForJoiners: "reads",
    isGone: "reads", removal: "reads", isReinitialized: "reads", joinedWith: "reads", pendingCommit: "reads", inspect: "reads",
    exportSecret: "reads", psks: "reads", ratchetTree: "reads", onEpoch: "reads", snapshot: "reads", toJSON: "reads",
    component: "reads", // what it gives away has turns of its own
    propose: "queued", commit: "queued", apply: "queued", seal: "queued", receive: "queued", groupInfo: "queued",
    reinitialize: "queued", branch: "queued", expire: "queued", forgetProposal: "queued", leave: "queued",
    wipe: "at once",
  },
  Observer: {
    id: "reads", epoch: "reads", groupContext: "reads", size: "reads", members: "reads", member: "reads",
    isStopped: "reads", ratchetTree: "reads", snapshot: "reads", proposalsForJoiners: "reads",
    receive: "queued", confirm: "queued", rollback: "queued", stop: "queued", restart: "queued",
  },
  CallGroup: {
    group: "reads", state: "reads", id: "reads", epoch: "reads", self: "reads", members: "reads", treeWidth: "reads",
    epochAuthenticator: "reads", isGone: "reads", isDeserted: "reads", exportSecret: "reads", onEpoch: "reads",
    refresh: "at once", // asks the service, and changes nothing else
    receive: "queued", idle: "queued", leave: "queued",
    wipe: "at once",
  },
  Call: {
    epoch: "none", participants: "none", participant: "none", isOver: "none", verification: "none", statistics: "none",
    on: "none", close: "none",
  },
}; // prettier-ignore

describe("every public method has a row", () => {
  it.each(Object.entries({ Group, Observer, CallGroup, Call }))("of %s", (name, type) => {
    const methods = Object.getOwnPropertyNames(type.prototype).filter((method) => method !== "constructor");
    expect(methods.sort()).toEqual(Object.keys(rows[name]!).sort());
  });
});

/** A gate that a hook waits at. */
function gate(): { readonly wait: () => Promise<void>; open: () => void; close: () => void } {
  let opened = Promise.resolve();
  const each = {
    wait: () => opened,
    open: (): void => undefined,
    close: (): void => {
      opened = new Promise((resolve) => {
        each.open = resolve;
      });
    },
  };
  return each;
}

/** Alice, whose review waits at a gate, and Bob; a commit of Bob's is under way at Alice's and at an observer's. */
async function waiting() {
  const review = gate();
  const options: GroupOptions = {
    ...trusting,
    handshake: "public",
    review: async () => {
      await review.wait();
      return true;
    },
  };
  const [alices, bobs] = (await Promise.all(["alice", "bob"].map((name) => client(name)))) as [Client, Client];
  const alice = await Group.create({ ...options, identity: alices.identity });
  const bundle = await keyPackageOf(bobs);
  const pending = await alice.commit({ add: [bundle.keyPackage] });
  await alice.apply(pending);
  const welcome = pending.welcome!;
  const bob = await Group.join({
    ...trusting,
    handshake: "public",
    identity: bobs.identity,
    welcome,
    keyPackages: [bundle],
  });
  const observer = await Observer.follow({ ...options, suite: suiteOf(), groupInfo: await bob.groupInfo() });
  const zeroth = await bob.commit({ path: true });
  await bob.apply(zeroth);
  await Promise.all([alice.receive(zeroth.commit), observer.receive(zeroth.commit)]);
  const first = await bob.commit({ path: true });
  await bob.apply(first);
  const groupInfo = await bob.groupInfo();
  return { review, alice, bob, observer, first, groupInfo };
}

const ticks = async (): Promise<void> => {
  for (let i = 0; i < 50; i++) await Promise.resolve();
};

describe("what is queued", () => {
  type Scene = Awaited<ReturnType<typeof waiting>>;
  const acts: Readonly<Record<string, (scene: Scene) => unknown>> = {
    "Group.propose": ({ alice }) => alice.propose({ update: {} }),
    "Group.leave": ({ alice }) => alice.leave(),
    "Group.commit": ({ alice }) => alice.commit(),
    "Group.apply": ({ alice }) => alice.apply({ commit: new Uint8Array(1) } as Parameters<Group["apply"]>[0]),
    "Group.seal": ({ alice }) => alice.seal(utf8("x")),
    "Group.receive": ({ alice, first }) => alice.receive(first.commit),
    "Group.groupInfo": ({ alice }) => alice.groupInfo(),
    "Group.reinitialize": ({ alice }) => alice.reinitialize({ keyPackages: [] }),
    "Group.branch": ({ alice }) => alice.branch({ keyPackages: [] }),
    "Group.forgetProposal": ({ alice }) => alice.forgetProposal(new Uint8Array(32)),
    "Group.expire": ({ alice }) => {
      alice.expire();
      return alice.groupInfo();
    },
    "Observer.receive": ({ observer, first }) => observer.receive(first.commit),
    "Observer.confirm": ({ observer }) => observer.confirm(),
    "Observer.rollback": ({ observer }) => observer.rollback(),
    "Observer.stop": ({ observer }) => observer.stop(),
    "Observer.restart": ({ observer, groupInfo }) => observer.restart(groupInfo),
  };

  it("is all that has a row", () => {
    const queued = ["Group", "Observer"].flatMap((type) =>
      Object.entries(rows[type]!).flatMap(([method, manner]) => (manner === "queued" ? [`${type}.${method}`] : [])),
    );
    expect(Object.keys(acts).sort()).toEqual(queued.sort());
  });

  it.each(Object.entries(acts))("waits for what is under way: %s", async (name, act) => {
    const scene = await waiting();
    const { review, alice, observer, first } = scene;
    const subject = name.startsWith("Group") ? alice : observer;
    const before = hex(subject.snapshot());
    review.close();
    const taking = subject.receive(first.commit);
    const done: string[] = [];
    const note = (what: string) => () => done.push(what);
    const acting = Promise.resolve(act(scene)).then(note("acted"), note("acted"));
    await ticks();
    expect(done).toEqual([]);
    expect(hex(subject.snapshot())).toBe(before);
    review.open();
    expect(await taking).toMatchObject({ kind: "commit", epoch: 3n });
    done.push("taken");
    await acting;
    expect(done).toEqual(["taken", "acted"]);
  });
});

describe("a commit that is given up", () => {
  it("is given up in its turn: what came back before is applied", async () => {
    const { alice } = await waiting();
    const pending = await alice.commit({ path: true });
    const waitingFor = [alice.groupInfo(), alice.receive(pending.commit)];
    pending.drop();
    expect((await Promise.all(waitingFor))[1]).toMatchObject({ kind: "own" });
  });
});

describe("what acts at once", () => {
  it("ends a group in the middle of everything, and nothing comes of that", async () => {
    const operations: readonly ((group: Group, commit: Uint8Array) => Promise<unknown>)[] = [
      (group) => group.seal(utf8("x")),
      (group) => group.propose({ update: {} }),
      (group) => group.commit({ path: true }),
      (group, commit) => group.receive(commit),
      (group) => group.branch({ keyPackages: [] }),
    ];
    for (const operate of operations) {
      for (let steps = 0; ; steps++) {
        const { alice, first } = await waiting();
        const progress = { isOver: false };
        const operating = operate(alice, first.commit).finally(() => (progress.isOver = true));
        for (let i = 0; i < steps && !progress.isOver; i++) await Promise.resolve();
        const wasOver = progress.isOver;
        alice.wipe();
        if (wasOver) {
          await operating;
          break;
        }
        await operating.catch((error: unknown) => expect(error).toMatchObject({ code: "group-gone" }));
        expect(alice.isGone).toBe(true);
        expect(() => alice.snapshot()).toThrow(expect.objectContaining({ code: "group-gone" }));
        steps += 2;
      }
    }
  });

  it("leaves a group that was joined from outside as it is", async () => {
    const { bob } = await waiting();
    const { identity } = await client("carol");
    const join = await Group.joinExternally({ ...trusting, identity, groupInfo: await bob.groupInfo() });
    await bob.receive(join.commit);
    const carol = await join.complete();
    const receiving = carol.receive(await bob.seal(utf8("hello")));
    join.drop();
    expect(await join.complete()).toBe(carol);
    expect(await receiving).toMatchObject({ kind: "message" });
  });
});

describe("what reads", () => {
  it("sees all of an operation or nothing of it, at each of its steps", async () => {
    const { alice, first } = await waiting();
    const before = hex(alice.snapshot());
    const seen = new Set<string>();
    const progress = { isOver: false };
    const taking = alice.receive(first.commit).finally(() => (progress.isOver = true));
    while (!progress.isOver) {
      seen.add(hex(alice.snapshot()));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await taking;
    const after = hex(alice.snapshot());
    seen.delete(before);
    seen.delete(after);
    expect([...seen]).toEqual([]);
  });
});

describe("whether a turn waits for another", () => {
  const turn = (before?: Turn): Turn => ({ held: [], before, started: new Set(), hasHooks: false, isOver: false });

  it("comes to an end where turns wait for each other, and does not ask those that are over", () => {
    const first = turn();
    const second = turn(first);
    first.before = second;
    const other = turn();
    expect(waitsForAny(second, new Set([other]))).toBe(false);
    expect(waitsForAny(second, new Set([first]))).toBe(true);
    first.isOver = true;
    expect(waitsForAny(second, new Set([first]))).toBe(false);
  });
});
