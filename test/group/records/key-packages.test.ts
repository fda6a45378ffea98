import { describe, expect, it } from "vitest";
import { hex } from "../../../src/bytes/text.ts";
import { Group } from "../../../src/group/group.ts";
import { createKeyPackage, restoreKeyPackage } from "../../../src/group/joining/key-package-bundle.ts";
import {
  NotWrittenError,
  type KeyPackageEvent,
  type Persist,
  type PersistKeyPackage,
} from "../../../src/public-group/records/persist.ts";
import { refusal } from "../refusal.ts";
import { client, suiteOf, trusting } from "../world.ts";

type Failing = "not written" | "before" | "after" | undefined;

/** Key packages and groups of one client in one store, which fails when it is told to. */
class Store {
  readonly keyPackages = new Map<string, Uint8Array>();
  readonly group = new Map<string, Uint8Array>();
  readonly events: KeyPackageEvent[] = [];
  failing: Failing;

  readonly persistKeyPackage: PersistKeyPackage = ({ puts, deletes }, event) => {
    this.#transaction(() => {
      for (const name of deletes) this.keyPackages.delete(name);
      for (const [name, value] of puts) this.keyPackages.set(name, value.slice());
      this.events.push(event);
    });
  };

  readonly persist: Persist = ({ puts, deletes }, event) => {
    this.#transaction(() => {
      for (const name of deletes) this.group.delete(name);
      for (const [name, value] of puts) this.group.set(name, value.slice());
      if (event.kind === "joined" && !event.lastResort) this.keyPackages.delete(`key-package/${hex(event.keyPackage)}`);
    });
  };

  #transaction(write: () => void): void {
    if (this.failing === "not written") throw new NotWrittenError();
    if (this.failing === "before") throw new Error("the connection is gone");
    write();
    if (this.failing === "after") throw new Error("the answer is lost");
  }
}

async function invited(lastResort = false): Promise<{
  store: Store;
  bundle: Awaited<ReturnType<typeof createKeyPackage>>;
  join: (given?: Awaited<ReturnType<typeof createKeyPackage>>) => Promise<Group>;
}> {
  const [alice, bob] = await Promise.all(["alice", "bob"].map((name) => client(name)));
  const store = new Store();
  const { identity } = bob!;
  const bundle = await createKeyPackage({ identity, lastResort, persist: store.persistKeyPackage });
  const group = await Group.create({ ...trusting, identity: alice!.identity });
  const pending = await group.commit({ add: [bundle.keyPackage] });
  await group.apply(pending);
  const welcome = pending.welcome!;
  const { persist } = store;
  const join = (given = bundle): Promise<Group> =>
    Group.join({ ...trusting, identity, welcome, keyPackages: [given], persist });
  return { store, bundle, join };
}

describe("a key package that is stored", () => {
  it("is in the store before it leaves, and opens its Welcome from there", async () => {
    const { store, bundle, join } = await invited();
    const { keyPackage, ref } = bundle;
    expect(store.events).toEqual([{ kind: "key-package-made", keyPackage, ref, lastResort: false }]);
    expect([...store.keyPackages.keys()]).toEqual([`key-package/${hex(ref)}`]);
    const [value] = store.keyPackages.values();
    expect(hex(value!)).toBe(hex(bundle.toBytes()));
    expect((await join(restoreKeyPackage(suiteOf(), value!))).epoch).toBe(1n);
    expect(store.keyPackages.size).toBe(0);
    expect(store.events).toHaveLength(1); // the join has told of its end
  });

  it.each(["not written", "before", "after"] as const)("does not leave where it is not stored: %s", async (failing) => {
    const store = new Store();
    store.failing = failing;
    const { identity } = await client("bob");
    const code = await refusal(() => createKeyPackage({ identity, persist: store.persistKeyPackage }));
    expect(code).toBe(failing === "not written" ? "state-not-written" : "state-unknown");
  });

  it.each([
    ["not written", false],
    ["before", false],
    ["after", false],
    ["not written", true],
    ["after", true],
  ] as const)("is kept by a join that is not stored for certain: %s, last resort %s", async (failing, lastResort) => {
    const { store, bundle, join } = await invited(lastResort);
    const before = hex(bundle.toBytes());
    store.failing = failing;
    expect(await refusal(join)).toBe(failing === "not written" ? "state-not-written" : "state-unknown");
    expect(hex(bundle.toBytes())).toBe(before); // in memory
    // In the store either the key package or the group is left, and never neither.
    expect(store.keyPackages.size).toBe(failing === "after" && !lastResort ? 0 : 1);
    expect(store.group.size > 0).toBe(failing === "after");
    store.failing = undefined;
    expect((await join()).epoch).toBe(1n);
    expect(store.keyPackages.size).toBe(lastResort ? 1 : 0);
  });

  it("goes with wipe(), which can be told again", async () => {
    const { store, bundle } = await invited();
    const [value] = store.keyPackages.values();
    store.failing = "not written";
    expect(await refusal(() => bundle.wipe())).toBe("state-not-written");
    expect(() => bundle.toBytes()).toThrow();
    expect(store.keyPackages.size).toBe(1);
    store.failing = undefined;
    await bundle.wipe();
    expect(store.keyPackages.size).toBe(0);
    expect(store.events.at(-1)).toEqual({ kind: "key-package-wiped", ref: bundle.ref });
    store.keyPackages.set(`key-package/${hex(bundle.ref)}`, value!);
    await restoreKeyPackage(suiteOf(), value!, { persist: store.persistKeyPackage }).wipe();
    expect(store.keyPackages.size).toBe(0);
    expect(restoreKeyPackage(suiteOf(), value!).wipe()).toBeUndefined();
  });
});
