/**
 * What is cheap comes first: a frame's size, then its key's number, and nothing is taken apart before its key is there. What
 * waits, or is being opened, is bounded in bytes, and keeps nothing else alive.
 */

import { describe, expect, it } from "vitest";
import { frameCodec } from "../../../src/call/codecs/codecs.ts";
import type { CodecName, FrameCodec } from "../../../src/call/media.ts";
import { webCrypto } from "../../../src/sframe/web-crypto.ts";
import { settled } from "../virtual-clock.ts";
import { bytes, Party, sealed } from "./world.ts";

/** The codecs of calls, and how often they looked at a frame's front, and took one apart. */
class Watched {
  fronts = 0;
  readonly joined: Uint8Array[] = [];

  readonly codecs = (name: CodecName): FrameCodec | undefined => {
    const codec = frameCodec(name);
    if (codec === undefined) return undefined;
    const { split, front, join } = codec;
    return {
      name,
      split,
      front: (frame, isKeyFrame) => {
        this.fronts++;
        return front?.(frame, isKeyFrame);
      },
      join: (frame, isKeyFrame) => {
        this.joined.push(frame);
        return join(frame, isKeyFrame);
      },
    };
  };
}

function pair(
  options: ConstructorParameters<typeof Party>[1] = {},
): readonly [alice: Party, bob: Party, watched: Watched] {
  const watched = new Watched();
  const alice = new Party(0, { codecs: watched.codecs, ...options });
  const bob = new Party(1, { codecs: frameCodec });
  alice.enter(5);
  bob.enter(5);
  return [alice, bob, watched];
}

const pictures: Readonly<Record<CodecName, Uint8Array>> = {
  opus: bytes(1, 2, 3),
  vp8: bytes(1, 2, 3),
  vp9: bytes(1, 2, 3),
  h264: bytes(0, 0, 1, 0x67, 1, 0, 0, 1, 0x41, 0xff, 1, 0, 0, 1, 0x41, 0xff, 2),
  av1: bytes(0x12, 0, 0x0a, 1, 9, 0x32, 2, 3, 4),
};

const names = Object.keys(pictures) as readonly CodecName[];

describe.each(names)("a frame of %s", (name) => {
  it("is not looked at where it is too large, or its track is closed", async () => {
    const [alice, bob, watched] = pair({ maxFrameBytes: 8 });
    alice.push("large", (await bob.seal(pictures[name], name))!, name);
    alice.in.close();
    alice.push("late", bytes(1), name);
    expect(watched.fronts).toBe(0);
    expect(watched.joined).toEqual([]);
    expect(alice.causes).toEqual(["oversized", "closed"]);
  });

  it("is not taken apart where nobody has its key", async () => {
    const [alice, bob, watched] = pair();
    bob.enter(200);
    bob.enter(201);
    bob.clock.advance(5000);
    alice.push("unknown", (await bob.seal(pictures[name], name))!, name);
    await settled();
    expect(alice.causes).toEqual(["unknown-key"]);
    expect([watched.fronts, watched.joined.length]).toEqual([1, 0]);
  });

  it("is not taken apart where it is of nobody in the call, or our own", async () => {
    const [alice, , watched] = pair();
    const ghost = new Party(3, { codecs: frameCodec });
    ghost.enter(5);
    alice.enter(6, { leaves: [0, 1] });
    ghost.enter(6);
    ghost.clock.advance(5000);
    alice.clock.advance(5000);
    alice.push("ghost", (await ghost.seal(pictures[name], name))!, name);
    alice.push("own", (await alice.seal(pictures[name], name))!, name);
    expect(alice.causes).toEqual(["not-a-member", "own"]);
    expect(watched.joined).toEqual([]);
  });

  it("waits as it came, and is taken apart when its key comes", async () => {
    const [alice, bob, watched] = pair();
    bob.enter(6);
    bob.clock.advance(5000);
    const frame = (await bob.seal(pictures[name], name))!;
    alice.push("early", frame, name);
    await settled();
    expect([alice.track("in").waiting, watched.joined.length]).toEqual([1, 0]);
    expect(alice.statistics.waiting.bytes).toBe(frame.length);
    alice.enter(6);
    await settled();
    expect([alice.delivered, watched.joined.length]).toEqual([["early"], 1]);
    expect(alice.plaintexts).toEqual([pictures[name]]);
  });

  it("keeps no larger buffer alive while it waits", async () => {
    const [alice, bob, watched] = pair();
    bob.enter(6);
    bob.clock.advance(5000);
    const frame = (await bob.seal(pictures[name], name))!;
    const packets = new Uint8Array(10_000);
    packets.set(frame, 77);
    alice.push("view", packets.subarray(77, 77 + frame.length), name);
    packets.fill(0xff); // what is kept is not the packets' any more
    alice.enter(6);
    await settled();
    expect(alice.delivered).toEqual(["view"]);
    expect(watched.joined.map(({ buffer }) => buffer.byteLength)).toEqual([frame.length]);
  });
});

it("a codec that says no front has its frames taken apart to learn it, and once more when its key is there", async () => {
  const joined: number[] = [];
  const whole = frameCodec("opus")!;
  const codec: FrameCodec = {
    name: "opus",
    split: whole.split,
    join: (frame, isKeyFrame) => {
      joined.push(frame.length);
      return whole.join(frame, isKeyFrame);
    },
  };
  const [alice, bob] = [new Party(0, { codecs: () => codec }), new Party(1)];
  for (const party of [alice, bob]) party.enter(5);
  const frame = await sealed(bob);
  alice.push("a", frame);
  await settled();
  expect(joined).toEqual([frame.length, frame.length]);
});

it("a frame whose codec takes it for its own and then does not is dropped, also after it has waited", async () => {
  const whole = frameCodec("opus")!;
  for (const failure of ["foreign", "failed"] as const) {
    const codec: FrameCodec = {
      ...whole,
      join: () => {
        if (failure === "failed") throw new Error("the codec's own");
        return undefined;
      },
    };
    const [alice, bob] = [new Party(0, { codecs: () => codec }), new Party(1)];
    alice.enter(5);
    bob.enter(6);
    alice.push("a", await sealed(bob));
    alice.enter(6);
    await settled();
    expect(alice.causes).toEqual([failure]);
    expect(alice.dropped).toEqual(["a"]);
  }
});

/** WebCrypto whose opening is done when a test says so. */
function slowCrypto(): {
  readonly crypto: ReturnType<typeof webCrypto>;
  readonly open: (count: number) => Promise<void>;
} {
  const crypto = webCrypto();
  const waiting: (() => Promise<unknown>)[] = [];
  return {
    crypto: {
      ...crypto,
      gcm: (key) => {
        const cipher = crypto.gcm(key);
        return {
          ...cipher,
          // The place in the queue is taken at the call: threads may be done in another order.
          open: (...given) =>
            new Promise((resolve, reject) => {
              waiting.push(() => cipher.open(...given).then(resolve, reject));
            }),
        };
      },
    },
    open: async (count) => {
      while (waiting.length < count) await settled();
      await Promise.all(waiting.splice(0, count).map((go) => go()));
      await settled();
    },
  };
}

describe("frames that are being opened", () => {
  const size = 1000;

  async function frames(bob: Party, count: number): Promise<readonly Uint8Array[]> {
    const all: Uint8Array[] = [];
    for (let i = 0; i < count; i++) all.push(await sealed(bob, new Uint8Array(size - 26 + (i % 2))));
    return all;
  }

  it("are bounded in bytes: the others wait, and come in their order", async () => {
    const { crypto, open } = slowCrypto();
    const [alice, bob] = [new Party(0, { crypto, maxHeldBytes: 3 * size + 500 }), new Party(1)];
    for (const party of [alice, bob]) party.enter(5);
    for (const [i, frame] of (await frames(bob, 6)).entries()) alice.push(String(i), frame);
    await settled();
    expect(alice.track("in").waiting).toBe(3);
    await open(3);
    expect(alice.delivered).toEqual(["0", "1", "2"]);
    expect(alice.track("in").waiting).toBe(0);
    await open(3);
    expect(alice.delivered).toEqual(["0", "1", "2", "3", "4", "5"]);
    expect(alice.dropped).toEqual([]);
  });

  it("are bounded on all tracks together: a track that waits for others goes on when they are done", async () => {
    const { crypto, open } = slowCrypto();
    const [alice, bob] = [new Party(0, { crypto, maxHeldBytesInAll: 2 * size + 500 }), new Party(1)];
    for (const party of [alice, bob]) party.enter(5);
    const heard: string[] = [];
    const second = alice.engine.incoming<string>({
      track: "second",
      kind: "audio",
      deliver: (frame) => heard.push(frame),
    });
    const [a, b, c, d] = await frames(bob, 4);
    alice.push("a", a!);
    alice.push("b", b!);
    for (const [name, data] of Object.entries({ c: c!, d: d! }))
      second.push(name, { data, codec: "opus", isKeyFrame: false });
    await settled();
    expect(alice.track("second").waiting).toBe(2);
    await open(1);
    expect(alice.track("second").waiting).toBe(1);
    await open(1);
    expect(alice.track("second").waiting).toBe(0);
    await open(2);
    expect([alice.delivered, heard]).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
  });

  it("are forgotten with their track, which nobody wakes any more", async () => {
    const { crypto, open } = slowCrypto();
    const [alice, bob] = [new Party(0, { crypto, maxHeldBytesInAll: size + 500 }), new Party(1)];
    for (const party of [alice, bob]) party.enter(5);
    const fates: string[] = [];
    const second = alice.engine.incoming<string>({
      track: "second",
      kind: "audio",
      deliver: () => fates.push("delivered"),
      drop: () => fates.push("dropped"),
    });
    const [a, b, c] = await frames(bob, 3);
    alice.push("a", a!);
    second.push("b", { data: b!, codec: "opus", isKeyFrame: false });
    second.close();
    await open(1);
    alice.push("c", c!);
    await open(1);
    expect([alice.delivered, fates]).toEqual([["a", "c"], ["dropped"]]);
  });

  it("may be one that is larger than all bounds, or it would wait for good", async () => {
    const { crypto, open } = slowCrypto();
    const [alice, bob] = [new Party(0, { crypto, maxHeldBytes: 10, maxHeldBytesInAll: 10 }), new Party(1)];
    for (const party of [alice, bob]) party.enter(5);
    const [a, b] = await frames(bob, 2);
    alice.push("a", a!);
    await open(1);
    alice.push("b", b!);
    await open(1);
    expect(alice.delivered).toEqual(["a", "b"]);
  });
});
