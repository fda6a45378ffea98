/** Contexts keep counters apart; limits are refused, not passed. RFC 9605 sections 4.4.3 and 5.2 */

import { describe, expect, it } from "vitest";
import { contextOf, TrackNumbers } from "../../../src/call/engine/contexts.ts";
import { createFrameEngine } from "../../../src/call/engine/engine.ts";
import type { FrameEngineOptions } from "../../../src/call/engine/frame-engine.ts";
import { readSFrameHeader } from "../../../src/sframe/header.ts";
import { splitMlsKid } from "../../../src/sframe/mls-kid.ts";
import { settled } from "../virtual-clock.ts";
import { bytes, epochCommand, Party, sealed } from "./world.ts";

const layout = { epochBits: 8, treeWidth: 4 };
const media = { data: bytes(1), codec: "opus", isKeyFrame: true } as const;
const contextIn = (frame: Uint8Array): bigint => splitMlsKid(readSFrameHeader(frame).kid, layout).context;
const counterIn = (frame: Uint8Array): bigint => readSFrameHeader(frame).ctr;

describe("a context", () => {
  it("is the session and the track", async () => {
    const alice = new Party(0, { session: 0xabcden });
    alice.enter(5);
    const second = alice.engine.outgoing({ track: "second", kind: "video" });
    expect(contextIn(await sealed(alice))).toBe(0xabcde00n);
    expect(contextIn((await second.seal(media))!)).toBe(0xabcde01n);
  });

  it("holds 40 random bits by default: after a reload it is another one", async () => {
    const random = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => 0xa0 + i);
    const engine = createFrameEngine({ random });
    engine.handle(epochCommand(5, { leafIndex: 0 }));
    const frame = await engine.outgoing({ track: "mic", kind: "audio" }).seal(media);
    expect(contextIn(frame!)).toBe(0xa0a1a2a3a400n);
    const sessions = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const reloaded = createFrameEngine({});
        reloaded.handle(epochCommand(5, { leafIndex: 0 }));
        return contextIn((await reloaded.outgoing({ track: "mic", kind: "audio" }).seal(media))!);
      }),
    );
    expect(new Set(sessions).size).toBe(20);
  });

  it("is the session's low bits where the KID has no more room, and refused where they would meet", () => {
    const session = 0xa0a1a2a3a4n;
    expect(contextOf(session, 3, { epochBits: 8, treeWidth: 2 ** 20 })).toBe(((session & 0xfffffffn) << 8n) | 3n);
    expect(contextOf(session, 3, { epochBits: 8, treeWidth: 2 ** 24 })).toBe(((session & 0xffffffn) << 8n) | 3n);
    expect(() => contextOf(session, 3, { epochBits: 8, treeWidth: 2 ** 25 })).toThrow(
      expect.objectContaining({ code: "sframe-kid-range" }),
    );
  });

  it("comes back with its counter when a closed track's number does", async () => {
    const alice = new Party(0);
    alice.enter(5);
    const first = await sealed(alice);
    alice.out.close();
    const again = await alice.engine.outgoing({ track: "again", kind: "audio" }).seal(media);
    expect(contextIn(again!)).toBe(contextIn(first));
    expect(counterIn(again!)).toBe(counterIn(first) + 1n);
  });

  it("is free once for each time that it was taken: a track that is closed twice gives nobody's number away", async () => {
    const alice = new Party(0);
    alice.enter(5);
    alice.out.close();
    const second = alice.engine.outgoing({ track: "second", kind: "audio" });
    alice.out.close();
    const third = alice.engine.outgoing({ track: "third", kind: "audio" });
    expect(contextIn((await third.seal(media))!)).not.toBe(contextIn((await second.seal(media))!));
  });

  it("takes the place of a track of the same name", async () => {
    const alice = new Party(0);
    alice.enter(5);
    const track = alice.engine.outgoing({ track: "out", kind: "audio" });
    expect(await alice.seal(bytes(1))).toBeUndefined();
    expect(await track.seal(media)).toBeDefined();
    alice.out.close(); // long gone: its successor stays
    expect(await track.seal(media)).toBeDefined();
    expect(alice.statistics.tracks.filter(({ direction }) => direction === "outgoing")).toHaveLength(1);
  });
});

describe("track numbers", () => {
  it("are the lowest that are free, and as many as there are", () => {
    const numbers = new TrackNumbers(3);
    expect([numbers.take(), numbers.take(), numbers.take(), numbers.take()]).toEqual([0, 1, 2, undefined]);
    numbers.giveBack(1);
    expect([numbers.take(), numbers.take()]).toEqual([1, undefined]);
    const most = new TrackNumbers(1000);
    const taken = Array.from({ length: 257 }, () => most.take());
    expect(taken.at(-2)).toBe(255);
    expect(taken.at(-1)).toBeUndefined();
  });
});

describe("a limit", () => {
  it("of frames under one key is announced at half, and nothing is sealed beyond", async () => {
    const alice = new Party(0, { maxFramesPerKey: 4n });
    alice.enter(5);
    const sealedFrames: boolean[] = [];
    for (let i = 0; i < 6; i++) sealedFrames.push((await alice.seal(bytes(1))) !== undefined);
    expect(sealedFrames).toEqual([true, true, true, true, false, false]);
    expect(alice.events.filter(({ kind }) => kind === "rekeyNeeded")).toEqual([{ kind: "rekeyNeeded", epoch: 5n }]);
    expect(alice.track("out").dropped).toEqual({ limit: 2 });
    alice.enter(6, { leaves: [0] });
    expect(await alice.seal(bytes(1))).toBeDefined();
  });

  it("of tracks of ours leaves a track that sends nothing", async () => {
    const alice = new Party(0, { maxContexts: 2 });
    alice.enter(5);
    const [second, third] = ["second", "third"].map((track) => alice.engine.outgoing({ track, kind: "audio" }));
    expect(await second!.seal(media)).toBeDefined();
    expect(await third!.seal(media)).toBeUndefined();
    expect(alice.causes).toEqual(["limit"]);
  });

  it("of tracks of others leaves a track that opens nothing", async () => {
    const [alice, bob] = [new Party(0, { maxTracks: 1 }), new Party(1)];
    alice.enter(5);
    bob.enter(5);
    const delivered: string[] = [];
    const track = alice.engine.incoming<string>({
      track: "2",
      kind: "audio",
      deliver: (frame) => delivered.push(frame),
    });
    track.push("a", { ...media, data: await sealed(bob) });
    await settled();
    expect(delivered).toEqual([]);
    expect(alice.causes).toEqual(["limit"]);
  });

  it("of a sender's contexts keeps a member from growing our keys", async () => {
    const alice = new Party(0, { maxContexts: 2 });
    alice.enter(5);
    for (let session = 0n; session < 4n; session++) {
      const bob = new Party(1, { session });
      bob.enter(5);
      alice.push(String(session), await sealed(bob));
      await settled();
    }
    expect(alice.delivered).toEqual(["0", "1"]);
    expect(alice.track("in").dropped).toEqual({ limit: 2 });
  });

  it("of a KID's bits stops sending where sessions could meet", async () => {
    const alice = new Party(0, { epochBits: 16 });
    alice.enter(5, { treeWidth: 2 ** 20 });
    expect(await alice.seal(bytes(1))).toBeUndefined();
    expect(alice.events).toContainEqual(expect.objectContaining({ cause: "limit", detail: "sframe-kid-range" }));
  });
});

describe("an option that can't be", () => {
  it.each<Partial<FrameEngineOptions>>([
    { epochBits: 0 },
    { epochBits: 17 },
    { session: -1n },
    { session: 1n << 40n },
    { sendDelay: 2000, eraseDelay: 1000 },
    { sendDelay: -1 },
    { holdTime: Number.NaN },
    { keyFrameInterval: 0 },
    { maxHeldFrames: 0 },
    { maxFramesPerKey: -1n },
    { suite: { ...epochCommand(5, { leafIndex: 0 }) } as never },
    { codecs: "opus" as never },
  ])("is a TypeError: %o", (options) => {
    expect(() => createFrameEngine(options)).toThrow(TypeError);
  });

  it("is a random source that fails", () => {
    expect(() => createFrameEngine({ random: () => new Uint8Array(1) })).toThrow(
      expect.objectContaining({ code: "random-source" }),
    );
  });
});
