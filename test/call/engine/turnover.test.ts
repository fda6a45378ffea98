/** Which epoch is sent with and which still open. RFC 9605 sections 4.4.1 and 5.2. */

import { describe, expect, it } from "vitest";
import { readSFrameHeader } from "../../../src/sframe/header.ts";
import { settled } from "../virtual-clock.ts";
import { bytes, Party, sealed } from "./world.ts";

const epochOf = (frame: Uint8Array): bigint => BigInt.asUintN(8, readSFrameHeader(frame).kid);

describe("sending", () => {
  it("begins with the first epoch at once", async () => {
    const alice = new Party(0);
    alice.enter(5);
    expect(epochOf(await sealed(alice))).toBe(5n);
  });

  it("goes on with the old epoch until the delay is over", async () => {
    const alice = new Party(0, { sendDelay: 700 });
    alice.enter(5);
    alice.clock.advance(100);
    alice.enter(6);
    alice.clock.advance(699);
    expect(epochOf(await sealed(alice))).toBe(5n);
    alice.clock.advance(1);
    expect(epochOf(await sealed(alice))).toBe(6n);
    expect(alice.sent).toEqual([5n, 6n]);
  });

  it("has a delay of its own for each epoch, so that a stream of epochs never holds it back", async () => {
    const alice = new Party(0, { sendDelay: 1000 });
    for (let epoch = 1; epoch <= 8; epoch++) {
      alice.enter(epoch);
      alice.clock.advance(500);
      const due = Math.max(1, epoch - 1);
      expect(epochOf(await sealed(alice))).toBe(BigInt(due));
    }
  });

  it("moves on early when everybody who sends has shown a frame of the new epoch", async () => {
    const clock = { sendDelay: 1000 };
    const [alice, bob, carol] = [0, 1, 2].map((leaf) => new Party(leaf, clock)) as [Party, Party, Party];
    for (const party of [alice, bob, carol]) party.enter(5);
    alice.push("bob 5", await sealed(bob));
    alice.push("carol 5", await sealed(carol));
    await settled();
    for (const party of [alice, bob, carol]) party.enter(6);
    bob.clock.advance(1000);
    carol.clock.advance(1000);
    alice.push("bob 6", await sealed(bob));
    await settled();
    expect(epochOf(await sealed(alice))).toBe(5n); // Carol sends, and has not shown it yet; leaf 3 never did
    alice.push("carol 6", await sealed(carol));
    await settled();
    expect(epochOf(await sealed(alice))).toBe(6n);
    expect(alice.delivered).toEqual(["bob 5", "carol 5", "bob 6", "carol 6"]);
  });

  it("does not wait for a sender who is gone, or who has been silent for as long as epochs live", async () => {
    const [alice, bob, carol] = [0, 1, 2].map((leaf) => new Party(leaf)) as [Party, Party, Party];
    for (const party of [alice, bob, carol]) party.enter(5);
    alice.push("carol 5", await sealed(carol));
    await settled();
    const leaves = [0, 1, 3];
    alice.enter(6, { leaves });
    bob.enter(6, { leaves });
    bob.clock.advance(1000);
    alice.push("bob 6", await sealed(bob));
    await settled();
    expect(epochOf(await sealed(alice))).toBe(6n);
  });

  it("waits for the delay where nobody else sends: who only listens needs the key, too", async () => {
    const alice = new Party(0);
    alice.enter(5);
    alice.enter(6);
    expect(epochOf(await sealed(alice))).toBe(5n);
  });

  it("moves on at once where nobody else is in the group", async () => {
    const alice = new Party(0);
    alice.enter(5);
    alice.enter(6, { leaves: [0] });
    expect(epochOf(await sealed(alice))).toBe(6n);
  });

  it("stops when the new epoch is due and its key is missing, and never falls back", async () => {
    const alice = new Party(0, { sendDelay: 1000, eraseDelay: 60_000 });
    alice.enter(5);
    alice.enter(6, { leaves: [0, 1, 2], key: "missing" });
    expect(epochOf(await sealed(alice))).toBe(5n);
    alice.clock.advance(1000);
    expect(await alice.seal(bytes(1))).toBeUndefined();
    expect(alice.sent).toEqual([5n, undefined]);
    expect(alice.causes).toEqual(["no-key"]);
    alice.enter(6);
    expect(epochOf(await sealed(alice))).toBe(6n);
    expect(alice.sent).toEqual([5n, undefined, 6n]);
  });

  it("takes a newer epoch whose key is there where that of the one that is due never comes", async () => {
    const alice = new Party(0);
    alice.enter(5);
    alice.enter(6, { key: "missing" });
    alice.clock.advance(500);
    alice.enter(7);
    alice.clock.advance(500);
    expect(epochOf(await sealed(alice))).toBe(7n);
  });

  it("is judged when a frame is sealed, where timers are late", async () => {
    const alice = new Party(0);
    let now = 0;
    const late = new Party(0, { scheduler: { now: () => now, after: () => () => undefined } });
    alice.enter(5);
    late.enter(5);
    late.enter(6);
    now = 1000;
    expect(epochOf(await sealed(late))).toBe(6n);
  });
});

describe("receiving", () => {
  it("opens frames of a new epoch at once, before it is sent with", async () => {
    const [alice, bob] = [new Party(0), new Party(1, { sendDelay: 0 })];
    for (const party of [alice, bob]) {
      party.enter(5);
      party.enter(6);
    }
    expect(epochOf(await sealed(alice))).toBe(5n);
    alice.push("new", await sealed(bob));
    await settled();
    expect(alice.delivered).toEqual(["new"]);
  });

  it("opens frames of an old epoch until the timer erases it", async () => {
    const [alice, bob] = [new Party(0, { eraseDelay: 10_000 }), new Party(1)];
    alice.enter(5);
    bob.enter(5);
    alice.enter(6);
    const [first, second] = [await sealed(bob), await sealed(bob)];
    alice.clock.advance(9_999);
    alice.push("in time", first);
    await settled();
    alice.clock.advance(1);
    alice.push("too late", second);
    await settled();
    expect(alice.delivered).toEqual(["in time"]);
    expect(alice.dropped).toEqual(["too late"]);
    expect(alice.causes).toEqual(["unknown-key"]);
    expect(alice.events).toContainEqual({ kind: "erased", epoch: 5n });
  });

  it("erases an epoch whose low bits a new one takes", () => {
    const alice = new Party(0, { epochBits: 2, eraseDelay: 60_000 });
    for (const epoch of [4, 5, 6, 7]) alice.enter(epoch);
    expect(alice.statistics.epochs).toEqual([4n, 5n, 6n, 7n]);
    alice.enter(8, { key: "missing" }); // its key is not there yet, but its frames may be
    expect(alice.statistics.epochs).toEqual([5n, 6n, 7n]);
    alice.enter(10);
    expect(alice.statistics.epochs).toEqual([7n, 10n]);
  });

  it("holds no more epochs than it may, however fast they come", () => {
    const alice = new Party(0, { maxEpochs: 3 });
    for (let epoch = 1; epoch <= 50; epoch++) alice.enter(epoch);
    expect(alice.statistics.epochs).toEqual([48n, 49n, 50n]);
    expect(alice.statistics.sendingEpoch).toBe(48n);
  });

  it("takes no epoch back, and no key twice", async () => {
    const [alice, bob] = [new Party(0, { eraseDelay: 1000 }), new Party(1)];
    alice.enter(5);
    alice.enter(6);
    alice.clock.advance(1000);
    alice.enter(5);
    alice.enter(6, { key: 99 });
    expect(alice.statistics.epochs).toEqual([6n]);
    bob.enter(6);
    alice.push("real key", await sealed(bob));
    await settled();
    expect(alice.delivered).toEqual(["real key"]);
  });

  it("keeps no timer once nothing is left to do", () => {
    const alice = new Party(0);
    alice.enter(5);
    alice.enter(6);
    expect(alice.clock.timers).toBe(1);
    alice.clock.advance(60_000);
    expect(alice.clock.timers).toBe(0);
  });
});
