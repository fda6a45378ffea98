/** Bad input is counted, reported once a cause, and neither thrown nor decoded. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DropCause } from "../../../src/call/engine/protocol.ts";
import type { CodecName } from "../../../src/call/media.ts";
import { concat } from "../../../src/bytes/concat.ts";
import { utf8 } from "../../../src/bytes/text.ts";
import { settled } from "../virtual-clock.ts";
import { bytes, Party, sealed } from "./world.ts";

/** Alice, and Bob whose frames she opens. */
function pair(options: ConstructorParameters<typeof Party>[1] = {}): readonly [alice: Party, bob: Party] {
  const [alice, bob] = [new Party(0, options), new Party(1)];
  alice.enter(5);
  bob.enter(5);
  return [alice, bob];
}

/** What comes in, and why it is dropped. */
const cases: readonly (readonly [name: string, cause: DropCause, frame: (sealed: Uint8Array) => Uint8Array])[] = [
  ["an empty frame", "empty", () => new Uint8Array(0)],
  ["a frame cut within its header", "header", (frame) => frame.subarray(0, 2)],
  ["a frame cut behind its header", "not-authentic", (frame) => frame.subarray(0, 12)],
  ["a frame without its last byte", "not-authentic", (frame) => frame.subarray(0, -1)],
  ["an oversized frame", "oversized", () => new Uint8Array(1001)],
  ["DAVE's trailer", "not-authentic", (frame) => concat(frame, bytes(0x0c, 0xfa, 0xfa))],
  ["LiveKit's trailer", "not-authentic", (frame) => concat(frame, utf8("LK-ROCKS"))],
  ["silence in clear", "header", () => bytes(0xf8, 0xff, 0xfe)],
];

describe("a bad frame", () => {
  it.each(cases)("is dropped: %s", async (_, cause, make) => {
    const [alice, bob] = pair({ maxFrameBytes: 1000 });
    const good = await sealed(bob);
    for (let i = 0; i < 3; i++) alice.push("bad", make(good));
    await settled();
    alice.push("good", good); // the bad ones have used nothing up
    await settled();
    expect(alice.delivered).toEqual(["good"]);
    expect(alice.dropped).toEqual(["bad", "bad", "bad"]);
    expect(alice.causes).toEqual([cause]);
    expect(alice.track("in").dropped).toEqual({ [cause]: 3 });
  });

  it("is dropped: replayed, at once and while it is being opened", async () => {
    const [alice, bob] = pair();
    const frame = await sealed(bob);
    alice.push("first", frame);
    alice.push("second", frame);
    await settled();
    alice.push("third", frame);
    await settled();
    expect(alice.delivered).toEqual(["first"]);
    expect(alice.track("in").dropped).toEqual({ replayed: 2 });
    expect(alice.events).toContainEqual(expect.objectContaining({ cause: "replayed", participant: 101 }));
  });

  it("is opened within a window that is one: no frames behind the newest, or so many", () => {
    for (const replayWindow of [-1, 1.5, 2 ** 32 + 1]) expect(() => pair({ replayWindow })).toThrow(TypeError);
  });

  it("is opened: reordered within the window; dropped: behind it", async () => {
    const [alice, bob] = pair({ replayWindow: 4 });
    const frames: Uint8Array[] = [];
    for (let i = 0; i < 6; i++) frames.push(await sealed(bob));
    for (const i of [5, 3, 2, 4, 0, 1]) alice.push(String(i), frames[i]!);
    await settled();
    expect(alice.delivered).toEqual(["5", "3", "2", "4"]);
    expect(alice.track("in").dropped).toEqual({ replayed: 2 });
  });

  it("is dropped: our own, reflected", async () => {
    const [alice] = pair();
    alice.push("own", await sealed(alice));
    expect(alice.causes).toEqual(["own"]);
  });

  it("is dropped: of a leaf that is nobody", async () => {
    const [alice, bob] = [new Party(0), new Party(3)];
    alice.enter(5, { leaves: [0, 1, 2] });
    bob.enter(5);
    alice.push("ghost", await sealed(bob));
    expect(alice.causes).toEqual(["not-a-member"]);
    expect(alice.statistics.participants).toHaveLength(2);
  });

  it("is dropped: under another group's key", async () => {
    const [alice, bob] = [new Party(0), new Party(1)];
    alice.enter(5);
    bob.enter(5, { key: 77 });
    alice.push("foreign", await sealed(bob));
    await settled();
    expect(alice.causes).toEqual(["not-authentic"]);
  });

  it("is dropped: with another clear byte, or of another codec", async () => {
    const [alice, bob] = pair();
    const frame = await bob.seal(bytes(1, 2, 3), "vp8");
    alice.push("changed", concat(bytes(9), frame!.subarray(1)), "vp8");
    alice.push("whole", frame!, "opus");
    alice.push("short", bytes(1), "vp8");
    alice.push("unknown", frame!, "h265" as CodecName);
    await settled();
    expect(alice.delivered).toEqual([]);
    expect([...alice.causes].sort()).toEqual(["codec", "foreign", "not-authentic", "unknown-key"]);
  });

  it("stays where it is: what a pipeline's callbacks throw reaches nobody", async () => {
    const [alice, bob] = pair();
    const fail = (): never => {
      throw new Error("the pipeline's own");
    };
    const track = alice.engine.incoming({
      track: "broken",
      kind: "video",
      deliver: fail,
      drop: fail,
      requestKeyFrame: fail,
    });
    track.push("a", { data: await sealed(bob), codec: "opus", isKeyFrame: true });
    track.push("b", { data: new Uint8Array(0), codec: "opus", isKeyFrame: true });
    await settled();
    expect(alice.track("broken")).toMatchObject({ passed: 0, dropped: { failed: 1, empty: 1 } });
    expect(alice.track("broken").sources).toMatchObject([{ participant: 101, passed: 0 }]);
  });

  it("says nothing in its report but the code of the error", async () => {
    const [alice, bob] = pair();
    alice.push("bad", (await sealed(bob)).subarray(0, -1));
    await settled();
    expect(alice.events.at(-1)).toEqual({
      kind: "dropped",
      track: "in",
      direction: "incoming",
      cause: "not-authentic",
      participant: 101,
      detail: "sframe-open",
    });
  });
});

describe("any bytes", () => {
  it("are never thrown, never delivered, and grow nothing", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 60 }), fc.constantFrom<CodecName>("opus", "vp8", "vp9")), {
          minLength: 1,
          maxLength: 60,
        }),
        fc.boolean(),
        async (frames, isKeyFrame) => {
          const [alice, bob] = pair({ kind: "video", maxHeldFrames: 8 });
          for (const [data, codec] of frames) alice.push("any", data, codec, isKeyFrame);
          expect(alice.statistics.waiting.frames).toBeLessThanOrEqual(8);
          alice.clock.advance(1000);
          await settled();
          expect(alice.delivered).toEqual([]);
          expect(alice.dropped).toHaveLength(frames.length);
          expect(new Set(alice.causes).size).toBe(alice.causes.length);
          expect(alice.statistics.waiting).toEqual({ frames: 0, bytes: 0 });
          alice.push("good", await sealed(bob));
          await settled();
          expect(alice.delivered).toEqual(["good"]);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("that were a frame before one bit changed never open", async () => {
    const [alice, bob] = pair();
    const good = await sealed(bob, bytes(1, 2, 3, 4));
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bad = good.slice();
      bad[bit >> 3]! ^= 1 << (bit & 7);
      alice.push("bad", bad);
    }
    alice.clock.advance(1000);
    await settled();
    expect(alice.delivered).toEqual([]);
    expect(alice.dropped).toHaveLength(good.length * 8);
  });
});
