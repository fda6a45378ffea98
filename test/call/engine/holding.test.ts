/** Frames whose key is on its way wait for it, in order and within bounds. RFC 9605 section 4.4.4 */

import { describe, expect, it } from "vitest";
import { readSFrameHeader, writeSFrameHeader } from "../../../src/sframe/header.ts";
import { webCrypto } from "../../../src/sframe/web-crypto.ts";
import { settled, VirtualClock } from "../virtual-clock.ts";
import { bytes, Party, sealed } from "./world.ts";

/** Alice in epoch 5 and Bob in epoch 6: his frames come before her key. */
function pair(options: ConstructorParameters<typeof Party>[1] = {}): readonly [alice: Party, bob: Party] {
  const [alice, bob] = [new Party(0, options), new Party(1)];
  alice.enter(5);
  bob.enter(6);
  return [alice, bob];
}

describe("a frame under a key that is not there yet", () => {
  it("is delivered when the key comes, in the order in which frames came", async () => {
    const [alice, bob] = pair();
    for (const name of ["a", "b", "c"]) alice.push(name, await sealed(bob, bytes(name.charCodeAt(0))));
    await settled();
    expect(alice.delivered).toEqual([]);
    expect(alice.track("in")).toMatchObject({ waiting: 3, held: 3, passed: 0 });
    alice.clock.advance(999);
    alice.enter(6);
    await settled();
    expect(alice.delivered).toEqual(["a", "b", "c"]);
    expect(alice.plaintexts).toEqual([bytes(97), bytes(98), bytes(99)]);
    expect(alice.statistics.waiting).toEqual({ frames: 0, bytes: 0 });
  });

  it("is delivered when the key comes after its epoch was announced", async () => {
    const [alice, bob] = pair();
    alice.enter(6, { key: "missing" });
    alice.push("a", await sealed(bob));
    await settled();
    expect(alice.delivered).toEqual([]);
    alice.enter(6);
    await settled();
    expect(alice.delivered).toEqual(["a"]);
  });

  it("is held before the first epoch, too", async () => {
    const [alice, bob] = [new Party(0), new Party(1)];
    bob.enter(6);
    alice.push("a", await sealed(bob));
    alice.enter(6);
    await settled();
    expect(alice.delivered).toEqual(["a"]);
  });

  it("keeps its place before frames that could be opened at once", async () => {
    const [alice, bob] = pair();
    const carol = new Party(2);
    carol.enter(5);
    alice.push("held", await sealed(bob));
    alice.push("behind", await sealed(carol));
    await settled();
    expect(alice.delivered).toEqual([]);
    alice.enter(6);
    await settled();
    expect(alice.delivered).toEqual(["held", "behind"]);
  });

  it("is dropped when its time is over, and those behind it go on", async () => {
    const [alice, bob] = pair({ holdTime: 500 });
    const carol = new Party(2);
    carol.enter(5);
    alice.push("held", await sealed(bob));
    alice.clock.advance(300);
    alice.push("behind", await sealed(carol));
    alice.clock.advance(199);
    expect(alice.dropped).toEqual([]);
    alice.clock.advance(1);
    await settled();
    expect(alice.dropped).toEqual(["held"]);
    expect(alice.delivered).toEqual(["behind"]);
    expect(alice.causes).toEqual(["unknown-key"]);
  });

  it("is not waited for again once that was in vain, until the next epoch", async () => {
    const [alice, bob] = pair({ holdTime: 500 });
    alice.push("first", await sealed(bob));
    alice.clock.advance(500);
    alice.push("second", await sealed(bob));
    expect(alice.dropped).toEqual(["first", "second"]);
    alice.enter(6);
    alice.push("third", await sealed(bob));
    await settled();
    expect(alice.delivered).toEqual(["third"]);
  });

  it("is waited for, whatever strangers have made others wait for in vain", async () => {
    const [alice, bob] = pair({ holdTime: 500 });
    const data = await sealed(bob);
    const { kid } = readSFrameHeader(data);
    const stranger = alice.engine.incoming<string>({ track: "a stranger's", kind: "audio", deliver: () => undefined });
    for (let other = 0n; other < 600n; other++) {
      // Every KID of the next epoch that may be met, this very one included; and all epochs that may come.
      const forged = Uint8Array.of(
        ...writeSFrameHeader({ kid: other < 300n ? kid ^ (other << 8n) : other, ctr: 0n }),
        1,
      );
      stranger.push("forged", { data: forged, codec: "opus", isKeyFrame: false });
      const onHers = Uint8Array.of(...writeSFrameHeader({ kid: kid ^ (1n << 60n), ctr: 0n }), 1);
      if (other === 0n) alice.push("forged", onHers); // another KID, on her own track
    }
    alice.clock.advance(500);
    expect(alice.dropped).toEqual(["forged"]);
    alice.push("real", data);
    alice.enter(6);
    await settled();
    expect(alice.delivered).toEqual(["real"]);
  });

  it("is not waited for on a track that has waited in vain too often", () => {
    const [alice] = pair({ holdTime: 500 });
    const forged = (n: number, low = 6n): Uint8Array =>
      Uint8Array.of(...writeSFrameHeader({ kid: (BigInt(n) << 8n) | low, ctr: 0n }), 1);
    for (let n = 0; n < 16; n++) alice.push(`first ${n}`, forged(n));
    alice.clock.advance(500);
    expect(alice.dropped).toHaveLength(16);
    alice.push("another", forged(16));
    expect(alice.dropped).toHaveLength(17);
    alice.enter(7);
    alice.push("again", forged(17, 8n));
    expect(alice.dropped).toHaveLength(17);
  });

  it("is waited for again when another epoch has come", async () => {
    const [alice, bob] = [new Party(0, { holdTime: 500 }), new Party(1)];
    alice.enter(5);
    bob.enter(7);
    alice.push("first", await sealed(bob));
    alice.clock.advance(500);
    alice.enter(6);
    alice.push("second", await sealed(bob));
    alice.enter(7);
    await settled();
    expect(alice.dropped).toEqual(["first"]);
    expect(alice.delivered).toEqual(["second"]);
  });

  it("is dropped at once where its epoch is over, or further ahead than any that may be held", async () => {
    const alice = new Party(0, { maxEpochs: 4 });
    alice.enter(100);
    for (const [epoch, waits] of [
      [99, false],
      [40, false],
      [101, true],
      [104, true],
      [105, false],
      [200, false],
    ] as const) {
      const bob = new Party(1);
      bob.enter(epoch);
      const before = alice.track("in").waiting;
      alice.engine.incoming({ track: String(epoch), kind: "audio", deliver: () => undefined }).push("x", {
        data: await sealed(bob),
        codec: "opus",
        isKeyFrame: false,
      });
      expect(before).toBe(0);
      expect(alice.track(String(epoch)).waiting, String(epoch)).toBe(waits ? 1 : 0);
    }
  });
});

describe("what waits is bounded", () => {
  it("in number, for a track: the oldest go", async () => {
    const [alice, bob] = pair({ maxHeldFrames: 3 });
    for (const name of ["a", "b", "c", "d", "e"]) alice.push(name, await sealed(bob));
    expect(alice.dropped).toEqual(["a", "b"]);
    expect(alice.causes).toEqual(["overflow"]);
    alice.enter(6);
    await settled();
    expect(alice.delivered).toEqual(["c", "d", "e"]);
  });

  it("in bytes, for a track; a frame that never fits goes itself", async () => {
    const [alice, bob] = pair({ maxHeldBytes: 100 });
    alice.push("small", await sealed(bob, new Uint8Array(20)));
    alice.push("large", await sealed(bob, new Uint8Array(60)));
    expect(alice.dropped).toEqual(["small"]);
    alice.push("huge", await sealed(bob, new Uint8Array(200)));
    expect(alice.dropped).toEqual(["small", "large", "huge"]);
    expect(alice.statistics.waiting).toEqual({ frames: 0, bytes: 0 });
  });

  it("in number and bytes, for all tracks together", async () => {
    const [alice, bob] = pair({ maxHeldFramesInAll: 4, maxHeldBytesInAll: 1000 });
    const data = await sealed(bob);
    const dropped: string[] = [];
    const tracks = ["x", "y", "z"].map((track) =>
      alice.engine.incoming<string>({
        track,
        kind: "audio",
        deliver: () => undefined,
        drop: (frame) => dropped.push(frame),
      }),
    );
    for (const [i, track] of tracks.entries()) {
      for (const n of [1, 2]) track.push(`${i} ${n}`, { data, codec: "opus", isKeyFrame: false });
    }
    expect(alice.statistics.waiting.frames).toBe(4);
    expect(dropped).toEqual(["2 1", "2 2"]); // the track that asks for room gives its own up
  });

  it("and what a closed track or engine held is given back and dropped", async () => {
    const [alice, bob] = pair();
    alice.push("a", await sealed(bob));
    alice.in.close();
    expect(alice.dropped).toEqual(["a"]);
    expect(alice.statistics.waiting).toEqual({ frames: 0, bytes: 0 });
    expect(alice.clock.timers).toBe(0);
  });
});

describe("over WebCrypto", () => {
  it("frames are delivered in order, though they are opened side by side", async () => {
    const crypto = webCrypto();
    const [alice, bob] = [new Party(0, { crypto }), new Party(1, { crypto })];
    alice.enter(5);
    bob.enter(5);
    const names = Array.from({ length: 50 }, (_, i) => `frame ${i}`);
    const sizes = names.map((_, i) => (i % 7 === 0 ? 200_000 : 10));
    const frames = await Promise.all(sizes.map((size) => bob.seal(new Uint8Array(size))));
    const done = new Promise<void>((resolve) => {
      const delivered: string[] = [];
      const track = alice.engine.incoming<string>({
        track: "ordered",
        kind: "audio",
        deliver: (frame) => {
          if (delivered.push(frame) < names.length) return;
          expect(delivered).toEqual(names);
          resolve();
        },
      });
      for (const [i, name] of names.entries()) track.push(name, { data: frames[i]!, codec: "opus", isKeyFrame: false });
    });
    await done;
  });

  it("no more frames are being opened at once than may wait", async () => {
    const crypto = webCrypto();
    const clock = new VirtualClock();
    const [alice, bob] = [new Party(0, { crypto, clock, maxHeldFrames: 4 }), new Party(1)];
    alice.enter(5);
    bob.enter(5);
    const frames: Uint8Array[] = [];
    for (let i = 0; i < 20; i++) frames.push(await sealed(bob));
    for (const [i, frame] of frames.entries()) alice.push(String(i), frame);
    while (alice.delivered.length + alice.dropped.length < 20) await settled();
    expect(alice.delivered).toEqual(["0", "1", "2", "3", "16", "17", "18", "19"]);
    expect(alice.causes).toEqual(["overflow"]);
  });
});
