/**
 * How much an operation writes: what has changed, and nothing that grows with the group but by its logarithm. Counted, not
 * timed: the names and values of what is put, and the names of what is deleted.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { createKeyPackage } from "../../../src/group/joining/key-package-bundle.ts";
import { basic, createIdentity } from "../../../src/public-group/identity.ts";
import { Group } from "../../../src/group/group.ts";
import type { StateChanges } from "../../../src/public-group/records/persist.ts";
import { populated } from "../../bench/populated.ts";
import { setClock, suiteOf, trusting } from "../world.ts";
import { sizeOf } from "./store.ts";

/** A member in the middle of a group of this size that is stored, and another one that is not. */
async function pair(size: number): Promise<{ alice: Group; bob: Group; last: () => StateChanges }> {
  const suite = suiteOf();
  const limits = { leaves: 2 * size };
  const options = { ...trusting, clock: setClock(1_700_000_000_000), limits };
  const group = await populated(suite, size, options);
  const [at, other] = [Math.floor(size / 2) + 1, 3];
  const plain = await group.member(at);
  let last: StateChanges | undefined;
  const alice = await Group.restore({
    ...options,
    identity: group.identities[at]!,
    snapshot: plain.snapshot(),
    persist: (changes) => {
      last = changes;
    },
  });
  return { alice, bob: await group.member(other), last: () => last! };
}

/** The median and the greatest of some sizes. */
function summary(sizes: readonly number[]): { readonly median: number; readonly greatest: number } {
  const sorted = [...sizes].sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)]!, greatest: sorted.at(-1)! };
}

/** What a commit writes beside its own messages. */
function withoutMessages({ puts, ...changes }: StateChanges): StateChanges {
  return { ...changes, puts: new Map([...puts].filter(([name]) => !name.startsWith("pending/"))) };
}

/** Figures by size, kept to be compared. */
const figures = new Map<string, Map<number, number>>();

function note(what: string, size: number, bytes: number): number {
  const row = figures.get(what) ?? new Map<number, number>();
  figures.set(what, row.set(size, bytes));
  return bytes;
}

const sizes = [100, 1_000];

describe.each(sizes)("in a group of %i", (size) => {
  const steps = Math.ceil(Math.log2(size));

  it("a message writes at most 300 bytes, in order; the first of a sender 64 more for each level of the tree", async () => {
    const { alice, bob, last } = await pair(size);
    await alice.seal(utf8("first"));
    expect(note("first seal", size, sizeOf(last()))).toBeLessThanOrEqual(300 + 64 * steps);
    await alice.receive(await bob.seal(utf8("first")));
    expect(note("first open", size, sizeOf(last()))).toBeLessThanOrEqual(300 + 64 * steps);
    const [sealed, opened]: [number[], number[]] = [[], []];
    // Beyond the own messages that are kept: then each one that comes has an old one go.
    for (let i = 0; i < 300; i++) {
      await alice.seal(utf8("x"));
      sealed.push(sizeOf(last()));
      await alice.receive(await bob.seal(utf8("x")));
      opened.push(sizeOf(last()));
    }
    for (const [what, list] of [
      ["seal", sealed],
      ["open", opened],
    ] as const) {
      const { median, greatest } = summary(list);
      note(`${what}, median`, size, median);
      expect(note(`${what}, most`, size, greatest)).toBeLessThanOrEqual(300);
    }
  });

  it.each([1, 10, 100])(
    "%i skipped generations write 64 bytes each, and their messages no more than others",
    async (k) => {
      const { alice, bob, last } = await pair(size);
      await alice.receive(await bob.seal(utf8("first")));
      const skipped: Uint8Array[] = [];
      for (let i = 0; i < k; i++) skipped.push(await bob.seal(utf8("late")));
      await alice.receive(await bob.seal(utf8("ahead")));
      expect(note(`open after ${String(k)}`, size, sizeOf(last()))).toBeLessThanOrEqual(300 + 64 * k);
      for (const message of skipped) {
        await alice.receive(message);
        expect(sizeOf(last())).toBeLessThanOrEqual(300);
      }
    },
  );

  it("a commit writes what its path changes", async () => {
    const { alice, bob, last } = await pair(size);
    const pending = await alice.commit({ path: true });
    const most = 2_000 + 700 * steps;
    expect(note("commit", size, sizeOf(withoutMessages(last())))).toBeLessThanOrEqual(most);
    await bob.receive(pending.commit);
    await alice.apply(pending);
    expect(note("apply", size, sizeOf(last()))).toBeLessThanOrEqual(most);
    for (let i = 0; i < 6; i++) {
      const theirs = await bob.commit({ path: true });
      await alice.receive(theirs.commit);
      await bob.apply(theirs);
      expect(note("receive a commit", size, sizeOf(last()))).toBeLessThanOrEqual(most);
      await alice.receive(await bob.seal(utf8("x")));
    }
    expect(most).toBeLessThan(16_000);
  });

  it("a proposal writes itself", async () => {
    const { alice, bob, last } = await pair(size);
    const message = await alice.propose({ update: {} });
    const first = 300 + 64 * steps;
    expect(note("propose an Update", size, sizeOf(last()))).toBeLessThanOrEqual(first + message.length);
    const other = await bob.propose({ update: {} });
    await alice.receive(other);
    expect(note("receive an Update", size, sizeOf(last()))).toBeLessThanOrEqual(first + other.length);
  });
});

describe("in a tree that one commit has just made", () => {
  it.each([100, 400])("a commit of one of %i members writes no ciphertext a second time", async (size) => {
    const suite = suiteOf();
    const options = { ...trusting, clock: setClock(1_700_000_000_000), limits: { leaves: 2 * size } };
    const identity = await createIdentity({ suite, credential: basic("alice") });
    const add: Uint8Array[] = [];
    for (let i = 1; i < size; i++) {
      const other = await createIdentity({ suite, credential: basic(`member ${String(i)}`) });
      add.push((await createKeyPackage({ identity: other, clock: options.clock })).keyPackage);
    }
    let last: StateChanges | undefined;
    const store = new Map<string, Uint8Array>();
    const group = await Group.create({
      ...options,
      identity,
      persist: (changes) => {
        last = changes;
        if (changes.whole) store.clear();
        for (const [name, value] of changes.puts) store.set(name, value);
        for (const name of changes.deletes) store.delete(name);
      },
    });
    await group.apply(await group.commit({ add }));
    const pending = await group.commit({ path: true });
    expect(pending.commit.length).toBeGreaterThan(80 * size);
    expect(sizeOf(withoutMessages(last!))).toBeLessThanOrEqual(16_000);
    // It is all there: who comes out of the store enters the same epoch.
    const restored = await Group.restore({ ...options, identity, records: new Map(store), persist: () => undefined });
    await restored.apply(restored.pendingCommit!);
    await group.apply(pending);
    expect(restored.epochAuthenticator).toEqual(group.epochAuthenticator);
    expect(restored.groupContext).toEqual(group.groupContext);
    expect(await Group.restore({ ...options, identity, snapshot: group.snapshot() })).toMatchObject({ size });
  });
});

describe("between groups of 100 and 1,000", () => {
  it("nothing grows but by the levels of the tree", () => {
    expect(figures.size).toBeGreaterThan(10);
    for (const [what, row] of figures) {
      const [small, large] = sizes.map((size) => row.get(size)!) as [number, number];
      const levels = Math.ceil(Math.log2(1_000)) - Math.ceil(Math.log2(100));
      const each = /commit|apply/.test(what) ? 700 : 64;
      expect([what, large - small <= each * levels]).toEqual([what, true]);
    }
    if (process.env["COPSE_FIGURES"] !== undefined) {
      console.log([...figures].map(([what, row]) => `${what}: ${[...row.values()].join(", ")}`).join("\n"));
    }
  });
});
