/**
 * When there is something to write, and what of a secret tree belongs to a write set: neither more nor less than what is not
 * stored yet.
 */

import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import { encryptForComponent } from "../../../src/group/components/encrypt.ts";
import { NotWrittenError } from "../../../src/public-group/records/persist.ts";
import { refusal } from "../refusal.ts";
import { commitBy, fromStore, storedWorld, type World } from "./world.ts";

/** What waits for nothing has been written, where it is written at all. */
function settled(): Promise<void> {
  return new Promise(setImmediate);
}

/** A key that is kept for a message that comes late. */
async function lateKey({ alice, bob }: World): Promise<void> {
  await bob.seal(utf8("late"));
  await alice.receive(await bob.seal(utf8("in time")));
}

const keysOf = ({ store }: World): readonly string[] =>
  [...store.records.keys()].filter((name) => name.startsWith("key/"));

describe("expire", () => {
  it("writes where something has grown too old, and nothing where nothing has", async () => {
    const each = await storedWorld();
    const { alice, clock, store } = each;
    await lateKey(each);
    expect(keysOf(each)).toHaveLength(1);
    const { writes } = store;
    alice.expire();
    await settled();
    expect(store.writes).toBe(writes);
    clock.now += 1_000;
    for (let i = 0; i < 2; i++) {
      alice.expire();
      await settled();
      expect(store.writes).toBe(writes + 1);
    }
    expect(keysOf(each)).toEqual([]);
    expect(hex((await fromStore(each)).snapshot())).toBe(hex(alice.snapshot()));
  });

  it("writes that a past epoch was forgotten, whose records are all that has changed", async () => {
    const each = await storedWorld();
    const { alice, bob, clock, store } = each;
    await alice.receive((await commitBy(bob)).commit);
    const old = (): readonly string[] =>
      [...store.records.keys()].filter((name) => /^(past|secret|ratchet)\/1\b/.test(name));
    expect(old().length).toBeGreaterThan(1);
    clock.now += 3_000;
    alice.expire();
    await settled();
    expect(old()).toEqual([]);
  });

  it("writes the end of a group that was wiped when nothing could be written, once", async () => {
    const each = await storedWorld();
    const { alice, store } = each;
    each.during = () => {
      each.during = undefined;
      throw new NotWrittenError();
    };
    alice.wipe();
    await settled();
    expect((await fromStore(each)).isGone).toBe(false);
    const { writes } = store;
    for (let i = 0; i < 2; i++) {
      alice.expire();
      await settled();
      expect(store.writes).toBe(writes + 1);
    }
    expect((await fromStore(each)).isGone).toBe(true);
  });

  it("writes nothing where nobody knows what is stored, and neither does what is given up then", async () => {
    const each = await storedWorld();
    const { alice, bob, clock } = each;
    const pending = await alice.commit();
    const proposal = await bob.propose({ update: {} });
    const { suite, self } = alice;
    const to = { member: self };
    const sealed = await encryptForComponent({ suite, to, componentId: 7, label: "x", plaintext: utf8("x") });
    let asked = 0;
    each.during = () => {
      asked++;
      throw new Error("the connection was closed");
    };
    expect(await refusal(() => alice.seal(utf8("x")))).toBe("state-unknown");
    clock.now += 10_000;
    pending.drop();
    alice.expire();
    await settled();
    for (const operation of [
      () => alice.groupInfo(),
      () => alice.seal(utf8("x")),
      () => alice.propose({ update: {} }),
      () => alice.commit(),
      () => alice.receive(proposal),
      () => alice.component(7).exportSecret(),
      () => alice.component(7).sign("x", utf8("x")),
      () => alice.component(7).decrypt(sealed, { label: "x" }),
    ]) {
      expect(await refusal(operation)).toBe("state-unknown");
    }
    expect(asked).toBe(1);
  });
});

describe("a snapshot", () => {
  it("holds nothing that has grown too old, where nothing is being written", async () => {
    const each = await storedWorld();
    const { alice, clock } = each;
    await lateKey(each);
    const { length } = alice.snapshot();
    clock.now += 1_000;
    expect(alice.snapshot().length).toBeLessThan(length);
  });
});

describe("the key of a private commit", () => {
  it.each([0, 2])("leaves nothing of an epoch that is not kept: %i are", async (pastEpochs) => {
    const each = await storedWorld({ window: { pastEpochs } });
    const { alice, bob, store } = each;
    const before = alice.epoch;
    await alice.receive((await commitBy(bob)).commit);
    const names = [...store.records.keys()].filter((name) => name.startsWith(`ratchet/${String(before)}/`));
    expect(names.length > 0).toBe(pastEpochs > 0);
    expect(hex((await fromStore(each)).snapshot())).toBe(hex(alice.snapshot()));
  });
});
