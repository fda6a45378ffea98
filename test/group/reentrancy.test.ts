/**
 * Hooks that call what waits for them: they are told so, in their synchronous part everywhere and later where the platform
 * has asynchronous contexts. What nobody waits for takes its turn.
 */

import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, it, vi } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { Group } from "../../src/group/group.ts";
import { Queue } from "../../src/public-group/turns/queue.ts";
import { turnContext, type Turn } from "../../src/public-group/turns/turns.ts";
import type { GroupOptions } from "../../src/public-group/options/settings.ts";
import { client, keyPackageOf, trusting, type Client } from "./world.ts";

type Call = (group: Group) => unknown;
const calls: Readonly<Record<string, Call>> = {
  seal: (group) => group.seal(utf8("x")),
  receive: (group) => group.receive(new Uint8Array(9)),
  propose: (group) => group.propose({ update: {} }),
  commit: (group) => group.commit(),
  groupInfo: (group) => group.groupInfo(),
  apply: (group) => group.apply({ commit: new Uint8Array(0) } as Parameters<Group["apply"]>[0]),
  branch: (group) => group.branch({ keyPackages: [] }),
};

/** Alice and Bob, and a way to set what Alice's hooks do. */
async function pair(): Promise<{ alice: Group; bob: Group; hook: { run?: (name: string) => unknown } }> {
  const hook: { run?: (name: string) => unknown } = {};
  const asked = async (name: string): Promise<void> => {
    await hook.run?.(name);
  };
  const options: GroupOptions = {
    authentication: {
      validate: async () => {
        await asked("validate");
        return true;
      },
    },
    review: async () => {
      await asked("review");
      return true;
    },
    psks: async () => {
      await asked("psks");
      return new Uint8Array(32);
    },
  };
  const [alices, bobs] = (await Promise.all(["alice", "bob"].map((name) => client(name)))) as [Client, Client];
  const alice = await Group.create({ ...options, identity: alices.identity });
  const bundle = await keyPackageOf(bobs);
  const pending = await alice.commit({ add: [bundle.keyPackage] });
  await alice.apply(pending);
  const bob = await Group.join({
    ...trusting,
    psks: () => new Uint8Array(32),
    identity: bobs.identity,
    welcome: pending.welcome!,
    keyPackages: [bundle],
  });
  return { alice, bob, hook };
}

const ticks = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

describe("a hook that calls its own group and waits", () => {
  const hooks = ["validate", "review", "psks"] as const;
  const cases = hooks.flatMap((name) =>
    Object.keys(calls).flatMap((call) => [0, 1].map((late) => [name, call, late] as const)),
  );

  it.each(cases)("is told so: %s, %s, later: %i", async (name, call, late) => {
    const { alice, bob, hook } = await pair();
    const errors: unknown[] = [];
    hook.run = async (asked) => {
      if (asked !== name) return;
      if (late > 0) await ticks();
      try {
        await calls[call]!(alice);
      } catch (error) {
        errors.push(error);
      }
    };
    const add = [(await keyPackageOf(await client("carol"))).keyPackage];
    const { commit } = await bob.commit({ add, psks: [{ type: "external", pskId: utf8("psk") }] });
    expect(await alice.receive(commit)).toMatchObject({ kind: "commit" });
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expect(error).toMatchObject({ code: "reentrant-call" });
    hook.run = () => undefined;
    await alice.seal(utf8("it goes on"));
  });

  it("may call another group, but not back by way of that one's hook", async () => {
    const [one, two] = [await pair(), await pair()];
    const codes: unknown[] = [];
    one.hook.run = async (asked) => {
      if (asked !== "review") return;
      await ticks();
      await two.alice.seal(utf8("fine"));
      await two.alice.commit({ path: true });
    };
    two.hook.run = async (asked) => {
      if (asked !== "review") return;
      await ticks();
      await one.alice.seal(utf8("never")).catch((error: unknown) => codes.push((error as { code?: string }).code));
    };
    await one.alice.commit({ path: true });
    expect(codes).toEqual(["reentrant-call"]);
  });

  it("may not wait for a group whose hook waits for this one", async () => {
    const [one, two] = [await pair(), await pair()];
    let meet = (): void => undefined;
    const met = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const results: string[] = [];
    const cross = (mine: typeof one, other: typeof one, first: boolean): void => {
      mine.hook.run = async (asked) => {
        if (asked !== "review") return;
        if (first) await met;
        else meet();
        await ticks();
        await other.alice.seal(utf8("x")).then(
          () => results.push("sealed"),
          (error: unknown) => results.push((error as { code: string }).code),
        );
      };
    };
    cross(one, two, true);
    cross(two, one, false);
    await Promise.all([one.alice.commit({ path: true }), two.alice.commit({ path: true })]);
    expect(results.sort()).toEqual(["reentrant-call", "sealed"].sort());
  });

  it("is told so while a commit is made, joined and linked, too", async () => {
    const { alice, hook } = await pair();
    const codes: unknown[] = [];
    hook.run = async () => {
      await ticks();
      await alice.seal(utf8("x")).catch((error: unknown) => codes.push((error as { code?: string }).code));
    };
    const carol = await keyPackageOf(await client("carol"));
    const pending = await alice.commit({ add: [carol.keyPackage] });
    expect(codes).toEqual(["reentrant-call", "reentrant-call"]); // validate, and review
    hook.run = () => undefined;
    pending.drop();
    codes.length = 0;
    // The hooks of a new group, while the one that it is made from waits for it.
    const options: GroupOptions = {
      authentication: {
        validate: async () => {
          await ticks();
          await alice.seal(utf8("x")).catch((error: unknown) => codes.push((error as { code?: string }).code));
          return true;
        },
      },
    };
    const bob = await keyPackageOf({ name: "bob", identity: alice.identity as Client["identity"] });
    await alice.branch({ keyPackages: [bob.keyPackage], options }).catch(() => undefined);
    expect(codes).toEqual(["reentrant-call"]);
  });

  it("may do it when its operation is over", async () => {
    const { alice, hook } = await pair();
    let later: Promise<unknown> | undefined;
    let go = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      go = resolve;
    });
    hook.run = () => {
      later ??= over.then(() => alice.groupInfo());
    };
    await alice.commit({ path: true });
    go();
    expect(await later).toBeInstanceOf(Uint8Array);
  });

  it("may drop a commit and expire, for which nobody waits", async () => {
    const { alice, bob, hook } = await pair();
    const mine = await alice.commit({ path: true });
    hook.run = () => {
      mine.drop();
      alice.expire();
    };
    const { commit } = await bob.commit({ path: true });
    expect(await alice.receive(commit)).toMatchObject({ kind: "commit" });
  });

  it("may wipe: what is under way fails, and nothing is left", async () => {
    for (const act of [
      (group: Group) => group.commit({ path: true }),
      (group: Group) => group.branch({ keyPackages: [] }),
    ]) {
      const { alice, hook } = await pair();
      hook.run = () => {
        alice.wipe();
      };
      const waiting = act(alice);
      const behind = alice.seal(utf8("x"));
      await expect(waiting).rejects.toMatchObject({ code: "group-gone" });
      await expect(behind).rejects.toMatchObject({ code: "group-gone" });
    }
  });
});

describe("what a listener starts", () => {
  it("takes its turn, in every way in which an epoch begins", async () => {
    const begin: readonly ((alice: Group, bob: Group) => Promise<unknown>)[] = [
      async (alice) => alice.apply(await alice.commit({ path: true })),
      async (alice) => alice.receive((await alice.commit({ path: true })).commit),
      async (alice, bob) => alice.receive((await bob.commit({ path: true })).commit),
    ];
    for (const act of begin) {
      const { alice, bob } = await pair();
      const started: Promise<unknown>[] = [];
      const stop = alice.onEpoch(() => {
        stop();
        started.push(alice.commit({ path: true }), alice.commit({ path: true }), alice.groupInfo());
      });
      await act(alice, bob);
      const [first, second, third] = await Promise.allSettled(started);
      expect(first).toMatchObject({ status: "fulfilled" });
      expect(second).toMatchObject({ reason: { code: "pending-own-commit" } });
      expect(third).toMatchObject({ status: "fulfilled" });
    }
  });

  it("takes its turn where a hook has begun the epoch, in a group that does not wait", async () => {
    const [one, two] = [await pair(), await pair()];
    let started: Promise<unknown> | undefined;
    two.alice.onEpoch(() => {
      started = one.alice.seal(utf8("in its turn"));
    });
    one.hook.run = async (asked) => {
      if (asked === "review") await two.alice.apply(await two.alice.commit({ path: true }));
    };
    (await one.alice.commit({ path: true })).drop();
    expect(await started).toBeInstanceOf(Uint8Array);
  });
});

describe("the context of turns", () => {
  const turn: Turn = { held: [], before: undefined, started: new Set(), hasHooks: false, isOver: false };

  it("is the platform's, or ends with the synchronous part", async () => {
    const seen: (readonly Turn[] | undefined)[] = [];
    class Variable {
      #value: readonly Turn[] | undefined;
      run<T>(value: readonly Turn[], call: () => T): T {
        this.#value = value;
        return call();
      }
      get(): readonly Turn[] | undefined {
        return this.#value;
      }
    }
    const refusing = {
      process: {
        getBuiltinModule: (): never => {
          throw new Error("a policy");
        },
      },
    };
    for (const [platform, isLasting] of [
      [globalThis, true],
      [{ AsyncContext: { Variable } }, true],
      [{}, false],
      [{ process: {} }, false],
      [refusing, false],
    ] as const) {
      const context = turnContext(platform);
      expect(context.current()).toBeUndefined();
      await context.run([turn], async () => {
        expect(context.current()).toEqual([turn]);
        await Promise.resolve();
        seen.push(context.current());
        expect(context.current()).toEqual(isLasting ? [turn] : undefined);
      });
    }
    expect(seen).toHaveLength(5);
  });

  it("goes on where the platform's can't rest", async () => {
    // As in Cloudflare's workerd. What threw here left the queue behind it waiting for good.
    const disable = vi.spyOn(AsyncLocalStorage.prototype, "disable").mockImplementation(() => {
      throw new Error("asyncLocalStorage.disable() is not implemented");
    });
    try {
      const queue = new Queue();
      await queue.run(() => queue.call(() => Promise.resolve()));
      expect(disable).toHaveBeenCalledTimes(1);
      await queue.run(() => Promise.resolve());
    } finally {
      disable.mockRestore();
    }
  });

  it("rests as soon as no turn needs it, and not before", async () => {
    const disable = vi.spyOn(AsyncLocalStorage.prototype, "disable");
    try {
      const [one, two] = [new Queue(), new Queue()];
      const within = (queue: Queue, wait: Promise<unknown>): Promise<void> =>
        queue.run(async () => {
          await queue.call(() => Promise.resolve());
          await wait;
        });
      let finish = (): void => undefined;
      const second = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const waiting = within(two, second);
      await within(one, Promise.resolve());
      expect(disable).not.toHaveBeenCalled();
      finish();
      await waiting;
      expect(disable).toHaveBeenCalledTimes(1);
      await one.run(() => Promise.resolve());
      expect(disable).toHaveBeenCalledTimes(1);
    } finally {
      disable.mockRestore();
    }
  });

  it("is told from the outside of a queue's own call", async () => {
    const queue = new Queue();
    await queue.run(async () => {
      await expect(queue.call(() => queue.run(() => Promise.resolve(1)))).rejects.toMatchObject({
        code: "reentrant-call",
      });
    });
    expect(await queue.call(() => queue.run(() => Promise.resolve(1)))).toBe(1);
  });
});
