/**
 * A service with a log, its clients, and a service that lies to one of them.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import { MemoryDisk, memoryStore } from "../../src/storage/memory.ts";
import { TransparencyError, type TransparencyErrorCode } from "../../src/transparency/errors.ts";
import { verifyEvidence, writeEvidence, writeForkedHeads } from "../../src/transparency/evidence.ts";
import { isSameLog, readHead } from "../../src/transparency/head.ts";
import { Lookup } from "../../src/transparency/lookup.ts";
import { isInMap, mapBranch, mapLeaf } from "../../src/transparency/map.ts";
import { compareLogged, LogMonitor } from "../../src/transparency/monitor.ts";
import { account, alice, aLog, bob, crowd, suite } from "./world.ts";

const refused = (code: TransparencyErrorCode) =>
  expect.objectContaining({ name: "TransparencyError", code }) as unknown;

describe("a log", () => {
  it("proves what it has of each user, and of strangers that it has nothing", async () => {
    const { log, keys } = await aLog();
    const monitor = await LogMonitor.open({ keys });
    expect(await monitor.check({ user: alice, lookup: await log.lookup(alice) })).toBeUndefined();
    let last = 0;
    for (let n = 0; n < 40; n++) {
      await crowd(log, n, n + 1);
      const consistency = await log.consistency(last, log.size);
      last = log.size;
      await monitor.hear(log.head, consistency);
      const user = `mimi://example.org/u/user${String((n * 7) % (n + 1))}`;
      const found = await monitor.check({ user, lookup: await log.lookup(user) });
      expect(found).toEqual({ version: 0, account: account(0n) });
      expect(await monitor.check({ user: alice, lookup: await log.lookup(alice) })).toBeUndefined();
    }
  });

  it("counts the versions of an account, and takes only the list that follows", async () => {
    const { log, keys } = await aLog();
    const updates = [0n, 1n, 2n].map((number) => ({ user: alice, account: account(number) }));
    await log.append(updates);
    const monitor = await LogMonitor.open({ keys });
    const found = await monitor.check({ user: alice, lookup: await log.lookup(alice) });
    expect(found).toEqual({ version: 2, account: account(2n) });
    const { head, size } = log;
    await expect(log.append([{ user: bob, account: account(0n) }, updates[2]!])).rejects.toThrow(TypeError);
    expect([log.head, log.size]).toEqual([head, size]); // all or none
    expect(await monitor.check({ user: bob, lookup: await log.lookup(bob) })).toBeUndefined();
  });

  it("goes on where its store ended, also after the power went", async () => {
    const disk = new MemoryDisk();
    const { log } = await aLog({ store: memoryStore({ disk }) });
    await crowd(log, 0, 5);
    await log.append([{ user: alice, account: account(0n) }]);
    const { head } = log;
    disk.powerCut();
    const { log: again, keys } = await aLog({ store: memoryStore({ disk }) });
    expect(again.head).toEqual(head);
    const monitor = await LogMonitor.open({ keys, head });
    await again.append([{ user: alice, account: account(1n) }]);
    const consistency = await again.consistency(6, 7);
    const found = await monitor.check({ user: alice, lookup: await again.lookup(alice), consistency });
    expect(found?.version).toBe(1);
  });

  it("tells nobody a user's index or account without the look-up", async () => {
    const { log } = await aLog();
    const { log: other } = await aLog({ key: 2 });
    for (const each of [log, other]) {
      await each.append([
        { user: alice, account: account(0n) },
        { user: bob, account: account(0n) },
      ]);
    }
    const [a, b, ofOther] = [await log.entries(0, 1), await log.entries(1, 2), await other.entries(0, 1)];
    // The same account of another user, and the same user under another key, have nothing in common but the version.
    for (const one of [b, ofOther]) {
      expect(one.subarray(0, 32)).not.toEqual(a.subarray(0, 32));
      expect(one.subarray(40)).not.toEqual(a.subarray(40));
    }
  });
});

describe("a monitor", () => {
  it("refuses a look-up of which any part is another", async () => {
    const { log, keys } = await aLog();
    await crowd(log, 0, 20);
    await log.append([{ user: alice, account: account(0n) }]);
    const bytes = await log.lookup(alice);
    const lookup = decode(Lookup, bytes);
    const check = async (changed: Partial<Lookup>, user = alice) =>
      (await LogMonitor.open({ keys })).check({ user, lookup: encode(Lookup, { ...lookup, ...changed }) });
    expect(await check({})).toEqual({ version: 0, account: account(0n) });
    const opened = lookup.opened!;
    await expect(check({}, bob)).rejects.toEqual(refused("vrf-proof"));
    await expect(check({ opened: { ...opened, account: account(0n, 2) } })).rejects.toEqual(refused("map-proof"));
    await expect(check({ opened: { ...opened, version: 1 } })).rejects.toEqual(refused("map-proof"));
    await expect(check({ opened: undefined })).rejects.toEqual(refused("map-proof"));
    const head = { ...lookup.head, mapRoot: lookup.head.logRoot };
    await expect(check({ head })).rejects.toEqual(refused("head-signature"));
    await expect(check({ head: { ...lookup.head, version: 2 } })).rejects.toEqual(refused("transparency-version"));
    const [first, ...rest] = lookup.mapProof.siblings;
    await expect(check({ mapProof: { ...lookup.mapProof, siblings: [...rest, first!] } })).rejects.toEqual(
      refused("map-proof"),
    );
    for (const cut of [bytes.subarray(1), bytes.subarray(0, -1), new Uint8Array(70_000)]) {
      await expect((await LogMonitor.open({ keys })).check({ user: alice, lookup: cut })).rejects.toThrow(
        TransparencyError,
      );
    }
  });

  it("is not shown nothing by another leaf than the one at the user's place", () => {
    const entry = (first: number) => ({
      index: new Uint8Array(32).fill(first),
      version: 0,
      commitment: new Uint8Array(32),
    });
    const [mine, other] = [entry(0), entry(0xff)];
    const root = mapLeaf(other);
    expect(isInMap(root, { index: mine.index, entry: undefined }, { siblings: [], other })).toBe(true);
    // the entry itself is no other
    expect(isInMap(root, { index: other.index, entry: undefined }, { siblings: [], other })).toBe(false);
    // nor is there another where the entry itself is
    expect(isInMap(mapLeaf(mine), { index: mine.index, entry: mine }, { siblings: [], other })).toBe(false);
    // and one that belongs on the other side of a branch does not stand on this side, under a root that has it there
    const sibling = mapLeaf(mine);
    const forged = { siblings: [sibling], other };
    expect(isInMap(mapBranch(mapLeaf(other), sibling), { index: mine.index, entry: undefined }, forged)).toBe(false);
    const near = entry(0x40);
    const honest = { siblings: [sibling], other: near };
    expect(isInMap(mapBranch(mapLeaf(near), sibling), { index: mine.index, entry: undefined }, honest)).toBe(true);
  });

  it("reads a path no longer than an index, and no more than a look-up can be", async () => {
    const { log, keys } = await aLog();
    const lookup = decode(Lookup, await log.lookup(alice));
    const nowhere = new Uint8Array(32);
    const deep = (depth: number) => ({
      ...lookup,
      mapProof: { ...lookup.mapProof, siblings: Array.from({ length: depth }, () => nowhere) },
    });
    const monitor = await LogMonitor.open({ keys });
    const check = (bytes: Uint8Array) => monitor.check({ user: alice, lookup: bytes });
    await expect(check(encode(Lookup, deep(257)))).rejects.toEqual(refused("transparency-format"));
    // empty siblings take a bit each: of a path of 256 nothing is refused, and it leads to another root
    await log.append([{ user: bob, account: account(0n) }]);
    const grown = { ...decode(Lookup, await log.lookup(alice)) };
    const siblings = Array.from({ length: 256 }, () => nowhere);
    const emptied = encode(Lookup, { ...grown, mapProof: { siblings, other: undefined } });
    expect(emptied.length).toBeLessThan(700);
    await expect(check(emptied)).rejects.toEqual(refused("map-proof"));
    const opened = { ...decode(Lookup, await log.lookup(bob)).opened! };
    opened.account = { ...opened.account, rootKey: new Uint8Array(65_536) };
    await expect(check(encode(Lookup, { ...grown, opened }))).rejects.toEqual(refused("transparency-format"));
    // a number is one that a number can be
    const unsafe = encode(Lookup, { ...grown, head: { ...grown.head, size: 2 ** 53 } });
    await expect(check(unsafe)).rejects.toEqual(refused("transparency-format"));
  });

  it("says that a store lacks what it has written", async () => {
    const store = memoryStore();
    const { log } = await aLog({ store });
    await crowd(log, 0, 5);
    await store.batch([{ delete: ["transparency", "node", "0", 4n] }]);
    await expect(log.consistency(4, 5)).rejects.toThrow("lacks a node");
  });

  it("asks a log for what it has, and no more", async () => {
    const { log } = await aLog();
    await crowd(log, 0, 3);
    await expect(log.consistency(0, 4)).rejects.toThrow(/^to must be/);
    await expect(log.consistency(3, 2)).rejects.toThrow(/^from must be/);
    await expect(log.entries(0, 4)).rejects.toThrow(/^below must be/);
    await expect(log.entries(2, 1)).rejects.toThrow(/^from must be/);
    await expect(log.append([])).rejects.toThrow(/^the number of updates must be/);
    const update = { user: alice, account: account(0n) };
    await expect(log.append(Array.from({ length: 10_001 }, () => update))).rejects.toThrow(/^the number of updates/);
    expect(log.size).toBe(3);
  });

  it("follows a log that grows, and takes no head back", async () => {
    const { log, keys } = await aLog();
    await crowd(log, 0, 3);
    const monitor = await LogMonitor.open({ keys });
    const early = log.head;
    const old = await log.lookup(alice);
    expect(await monitor.hear(early)).toBe("newer");
    expect(await monitor.hear(early)).toBe("same");
    await crowd(log, 3, 8);
    expect(await monitor.hear(log.head)).toBe("ask");
    expect(monitor.known).toMatchObject({ size: 3 }); // nothing is believed without the proof
    expect(await monitor.hear(log.head, await log.consistency(3, 8))).toBe("newer");
    expect(await monitor.hear(early, await log.consistency(3, 8))).toBe("older");
    expect(monitor.head).toEqual(log.head);
    await expect(monitor.check({ user: alice, lookup: old })).rejects.toEqual(refused("head-back"));
    await crowd(log, 8, 9);
    const lookup = await log.lookup(alice);
    await expect(monitor.check({ user: alice, lookup })).rejects.toEqual(refused("consistency-proof"));
    const again = await LogMonitor.open({ keys, head: monitor.head! });
    expect(await again.hear(log.head, await log.consistency(8, 9))).toBe("newer");
  });

  it("finds a log that was rewritten", async () => {
    const [{ log, keys }, { log: rewritten }] = [await aLog(), await aLog()];
    await log.append([{ user: alice, account: account(0n) }]);
    await rewritten.append([{ user: alice, account: account(0n, 2) }]);
    await crowd(rewritten, 0, 4);
    const monitor = await LogMonitor.open({ keys });
    await monitor.hear(log.head);
    const consistency = await rewritten.consistency(1, 5);
    await expect(monitor.hear(rewritten.head, consistency)).rejects.toEqual(refused("consistency-proof"));
    await expect(monitor.check({ user: alice, lookup: await rewritten.lookup(alice), consistency })).rejects.toEqual(
      refused("consistency-proof"),
    );
  });

  it("says how what is logged stands to what is known", () => {
    const at = (version: number, number: bigint, key = 1) => ({ version, account: account(number, key) });
    const known = account(5n);
    expect(compareLogged(at(5, 5n), known)).toBe("same");
    expect(compareLogged(at(5, 5n), known, at(3, 3n))).toBe("same");
    expect(compareLogged(at(6, 6n), known)).toBe("ahead");
    expect(compareLogged(at(4, 4n), known)).toBe("behind");
    expect(compareLogged(undefined, known)).toBe("missing");
    expect(compareLogged(at(5, 5n, 2), known)).toBe("root");
    expect(compareLogged({ version: 5, account: { ...known, cipherSuite: 3 } }, known)).toBe("root");
    const fork = { version: 5, account: { ...known, hash: new Uint8Array(32) } };
    expect(compareLogged(fork, known)).toBe("fork");
    // shown something else, and then back
    expect(compareLogged(at(7, 5n), known, at(5, 5n))).toBe("rewritten");
    expect(compareLogged(at(4, 4n), known, at(5, 5n))).toBe("rewritten");
  });
});

describe("a service that shows Bob another key of Alice", () => {
  it("is caught by heads that are told in a room, with evidence that a third party verifies", async () => {
    const [{ log: forAlice, keys }, { log: forBob }] = [await aLog(), await aLog()];
    await forAlice.append([{ user: alice, account: account(0n) }]);
    await forBob.append([{ user: alice, account: account(0n, 66) }]);
    const [ofAlice, ofBob] = [await LogMonitor.open({ keys }), await LogMonitor.open({ keys })];
    const shown = await ofBob.check({ user: alice, lookup: await forBob.lookup(alice) });
    const own = await ofAlice.check({ user: alice, lookup: await forAlice.lookup(alice) });
    expect(compareLogged(own, account(0n))).toBe("same");
    expect(compareLogged(shown, account(0n, 66))).toBe("same"); // Bob alone sees nothing wrong

    const error = await ofBob.hear(ofAlice.head!).catch((thrown: unknown) => thrown);
    expect(error).toEqual(refused("head-fork"));
    const evidence = (error as TransparencyError).evidence!;
    expect(await verifyEvidence(keys, evidence)).toEqual({ kind: "heads", size: 1 });
    const { keys: others } = await aLog({ key: 2 });
    await expect(verifyEvidence(others, evidence)).rejects.toEqual(refused("evidence-invalid"));
  });

  it("is caught by two look-ups, whatever the sizes of the logs that they are of", async () => {
    const [{ log: forAlice, keys }, { log: forBob }] = [await aLog(), await aLog()];
    await forAlice.append([{ user: alice, account: account(0n) }]);
    await crowd(forBob, 0, 7);
    const before = await forBob.lookup(alice);
    await forBob.append([{ user: alice, account: account(0n, 66) }]);
    const [one, other] = [await forAlice.lookup(alice), await forBob.lookup(alice)];
    expect(await verifyEvidence(keys, writeEvidence(alice, one, other))).toEqual({
      ...{ kind: "accounts", user: alice },
      one: { version: 0, account: account(0n) },
      other: { version: 0, account: account(0n, 66) },
    });
    // it had her at one entry, and does not have her at seven
    expect(await verifyEvidence(keys, writeEvidence(alice, one, before))).toMatchObject({ other: undefined });
    expect(await verifyEvidence(keys, writeEvidence(alice, before, one))).toMatchObject({ one: undefined });
  });

  it("is not accused by what an honest log says", async () => {
    const { log, keys } = await aLog();
    const lookups = [await log.lookup(alice)];
    for (let number = 0n; number < 3n; number++) {
      await log.append([{ user: alice, account: account(number) }]);
      lookups.push(await log.lookup(alice));
    }
    for (const one of lookups) {
      for (const other of lookups) {
        await expect(verifyEvidence(keys, writeEvidence(alice, one, other))).rejects.toEqual(
          refused("evidence-invalid"),
        );
        await expect(verifyEvidence(keys, writeEvidence(bob, one, other))).rejects.toEqual(refused("evidence-invalid"));
      }
    }
  });

  it("is not accused by heads of one log, nor by heads of two sizes", async () => {
    const { log, keys } = await aLog();
    await crowd(log, 0, 2);
    const early = await readHead(keys, log.head);
    await crowd(log, 2, 3);
    const late = await readHead(keys, log.head);
    for (const [one, other] of [
      [early, early],
      [early, late],
      [late, early],
    ] as const) {
      await expect(verifyEvidence(keys, writeForkedHeads(one, other))).rejects.toEqual(refused("evidence-invalid"));
    }
    const version = writeForkedHeads(early, late);
    version[0] = 2;
    await expect(verifyEvidence(keys, version)).rejects.toEqual(refused("transparency-version"));
    const lookup = await log.lookup(alice);
    const unnamed = writeEvidence("a", lookup, lookup);
    expect(unnamed.subarray(2, 4)).toEqual(utf8("\x01a"));
    unnamed[3] = 0xff;
    await expect(verifyEvidence(keys, unnamed)).rejects.toEqual(refused("evidence-invalid"));
    const unsigned = writeForkedHeads(early, { ...late, size: early.size });
    await expect(verifyEvidence(keys, unsigned)).rejects.toMatchObject({
      code: "evidence-invalid",
      cause: { code: "head-signature" },
    });
    // what fails for another reason proves nothing, and accuses nobody of making it up
    const fault = new Error("the provider is gone");
    const broken = { ...keys, suite: { ...suite, verify: () => Promise.reject(fault) } };
    await expect(verifyEvidence(broken, writeForkedHeads(early, late))).rejects.toBe(fault);
  });

  it("is caught where the map alone is another", async () => {
    const { log } = await aLog();
    await crowd(log, 0, 1);
    const head = { size: 1, at: 1, logRoot: new Uint8Array(32), mapRoot: new Uint8Array(32), version: 1 };
    const changed = new Uint8Array(32).fill(1);
    expect(isSameLog(head, { ...head, at: 2 })).toBe(true);
    for (const other of [{ size: 2 }, { logRoot: changed }, { mapRoot: changed }]) {
      expect(isSameLog(head, { ...head, ...other })).toBe(false);
    }
  });

  it("can't be accused with heads that somebody has made up", async () => {
    const [{ log, keys }, { log: another }] = [await aLog(), await aLog()];
    await crowd(log, 0, 1);
    await crowd(another, 1, 2);
    const monitor = await LogMonitor.open({ keys });
    await monitor.hear(log.head);
    const error = await monitor.hear(another.head).catch((thrown: unknown) => thrown);
    const evidence = (error as TransparencyError).evidence!.slice();
    evidence[evidence.length - 1]! ^= 1;
    await expect(verifyEvidence(keys, evidence)).rejects.toEqual(refused("evidence-invalid"));
    await expect(verifyEvidence(keys, evidence.subarray(1))).rejects.toEqual(refused("transparency-format"));
    expect(suite.id).toBe(1);
  });
});
