/**
 * A long extension of the group context is written when it changes, and not with every epoch that has it: it has a record of its
 * own as long as an epoch that is kept names it.
 */

import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/concat.ts";
import { utf8 } from "../../../src/bytes/text.ts";
import { Group } from "../../../src/group/group.ts";
import { epochRecord, pastRecord, type StoredContext } from "../../../src/group/records/values.ts";
import { wholeContext } from "../../../src/group/records/contexts.ts";
import type { Extension } from "../../../src/wire/extension.ts";
import type { StateChanges } from "../../../src/public-group/records/persist.ts";
import { externalSenders } from "../../../src/public-group/extensions.ts";
import { basic, createIdentity } from "../../../src/public-group/identity.ts";
import { suiteOf } from "../world.ts";
import { failure, refusal } from "../refusal.ts";
import { sizeOf } from "./store.ts";
import { commitBy, fromStore, storedWorld, type World } from "./world.ts";

/** A list of one external sender with a long name. */
function listOf(filling: number, length = 20_000): Extension {
  const { signatureKey } = sender;
  return externalSenders([{ signatureKey, credential: basic(new Uint8Array(length).fill(filling)) }]);
}

/** A world whose context has such an extension, and what each of Alice's steps writes. */
async function worldWith(extension: Extension): Promise<{ world: World; last: () => StateChanges }> {
  const world = await storedWorld();
  let last: StateChanges | undefined;
  world.during = (changes) => {
    last = changes;
  };
  const { commit } = await commitBy(world.bob, { extensions: [extension] });
  await world.alice.receive(commit);
  return { world, last: () => last! };
}

function extensionRecords({ store }: World): readonly string[] {
  return [...store.records.keys()].filter((name) => name.startsWith("extension/"));
}

const sender = await createIdentity({ suite: suiteOf(), credential: basic("sender") });

describe("a long extension of the context", () => {
  it("is not written by a commit that leaves it as it is", async () => {
    const { world, last } = await worldWith(listOf(1));
    expect(sizeOf(last())).toBeGreaterThan(20_000);
    await world.alice.receive((await commitBy(world.bob)).commit);
    expect(sizeOf(last())).toBeLessThan(5_000);
    await commitBy(world.alice);
    expect(sizeOf(last())).toBeLessThan(5_000);
    expect(extensionRecords(world)).toHaveLength(1);
  });

  it("is there for the current epoch, the past ones and a later process", async () => {
    const { world } = await worldWith(listOf(1));
    const late = await world.bob.seal(utf8("late"));
    for (const extensions of [undefined, [listOf(2)]]) {
      const { commit } = await commitBy(world.bob, extensions && { extensions });
      await world.alice.receive(commit);
    }
    expect(extensionRecords(world)).toHaveLength(2);
    const again = await fromStore(world);
    expect(again.groupContext.extensions).toEqual([listOf(2)]);
    expect(await again.receive(late)).toMatchObject({ kind: "message", plaintext: utf8("late") });
    expect(await again.receive(await world.bob.seal(utf8("new")))).toMatchObject({ kind: "message" });
  });

  it("goes with the last epoch that has it", async () => {
    const { world } = await worldWith(listOf(1));
    for (const extensions of [[listOf(2)], undefined, undefined]) {
      await world.alice.receive((await commitBy(world.bob, extensions && { extensions })).commit);
    }
    world.clock.now += 5_000;
    world.alice.expire();
    expect(extensionRecords(world)).toHaveLength(1);
    expect((await fromStore(world)).groupContext.extensions).toEqual([listOf(2)]);
  });

  it("stays in its epoch's record where it is short", async () => {
    const { world } = await worldWith(listOf(1, 100));
    expect(extensionRecords(world)).toEqual([]);
    expect((await fromStore(world)).groupContext.extensions).toEqual([listOf(1, 100)]);
  });

  it("is in a snapshot once", async () => {
    const { world } = await worldWith(listOf(1));
    for (let i = 0; i < 2; i++) await world.alice.receive((await commitBy(world.bob)).commit);
    const snapshot = world.alice.snapshot();
    expect(snapshot.length).toBeLessThan(40_000);
    const again = await Group.restore({ ...world.options, identity: world.identities[0]!.identity, snapshot });
    expect(again.groupContext.extensions).toEqual([listOf(1)]);
  });

  it("is missed where its record is gone", async () => {
    const { world } = await worldWith(listOf(1));
    for (const name of extensionRecords(world)) world.store.records.delete(name);
    expect(await failure(() => fromStore(world))).toMatchObject({
      code: "snapshot-damaged",
      message: expect.stringContaining("there is no record of an extension") as string,
    });
  });

  it("is not written again by a process that begins with what is stored", async () => {
    const { world } = await worldWith(listOf(1));
    await world.alice.receive((await commitBy(world.bob)).commit);
    const { store, options, identities } = world;
    const written: string[] = [];
    const again = await Group.restore({
      ...options,
      identity: identities[0]!.identity,
      records: store.records,
      persist: (changes) => {
        written.push(...changes.puts.keys());
      },
    });
    await again.receive((await commitBy(world.bob)).commit);
    expect(written.length).toBeGreaterThan(0);
    expect(written.filter((name) => name.startsWith("extension/"))).toEqual([]);
  });

  it("is named by a hash and nothing else", async () => {
    const { world } = await worldWith(listOf(1));
    const stored = epochRecord.read(world.store.records.get("epoch")!);
    for (const [hash, isOne] of [
      ["ab".repeat(32), true],
      ["ab".repeat(31), false],
      ["AB".repeat(32), false],
      [7, false],
      [["ab".repeat(32)], false],
    ]) {
      const read = () => epochRecord.read(epochRecord.write({ ...stored, apart: { 5: hash } } as never));
      if (isOne === true) expect(read().apart).toEqual({ 5: hash });
      else expect(await refusal(read)).toBe("snapshot-damaged");
    }
  });
});

describe("records that hold their contexts whole, as those of 0.1.0", () => {
  /** The records as a version wrote them that knew no records of extensions. */
  function asBefore({ store: { records } }: World): void {
    const extensions = new Map<string, Uint8Array>();
    for (const [name, value] of [...records]) {
      if (!name.startsWith("extension/")) continue;
      extensions.set(name.slice("extension/".length), value.subarray(1));
      records.delete(name);
    }
    const whole = <T extends StoredContext>(stored: T, context: Uint8Array): T => {
      const { apart, ...rest } = { ...stored, context };
      expect(apart).toBeDefined();
      return rest as T;
    };
    for (const [name, value] of records) {
      const kind = name === "epoch" ? epochRecord : name.startsWith("past/") ? pastRecord : undefined;
      if (kind === undefined) continue;
      const stored = kind.read(value);
      records.set(name, kind.write(whole(stored, wholeContext(stored, extensions)) as never));
    }
  }

  it("are read, and written anew with the first change", async () => {
    const { world } = await worldWith(listOf(1));
    const late = await world.bob.seal(utf8("late"));
    await world.alice.receive((await commitBy(world.bob)).commit);
    asBefore(world);
    const { store, options, identities, bob } = world;
    const { identity } = identities[0]!;
    const persist: NonNullable<World["options"]["persist"]> = (changes, event) => {
      store.apply(changes, event);
    };
    const again = await Group.restore({ ...options, persist, identity, records: store.records });
    await again.receive((await commitBy(bob)).commit);
    expect(extensionRecords(world)).toHaveLength(1);
    const third = await fromStore(world);
    expect(third.groupContext.extensions).toEqual([listOf(1)]);
    expect(await third.receive(late)).toMatchObject({ kind: "message" });
  });

  it("are not mixed up with what was put behind a name that this version does not know", async () => {
    const { world } = await worldWith(listOf(1));
    world.store.records.set("extensions/00", concat(new Uint8Array([1]), new Uint8Array(8)));
    expect(await refusal(() => fromStore(world))).toBe("snapshot-version");
  });
});
