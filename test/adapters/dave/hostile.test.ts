import { beforeAll, describe, expect, test } from "vitest";
import type { DropCause } from "../../../src/call/engine/protocol.ts";
import { readFrame, writeFrame } from "../../../src/adapters/dave/frame.ts";
import { layoutOf, isTransportable } from "../../../src/adapters/dave/codecs.ts";
import { CopseClient, Gateway } from "./gateway.ts";
import { Caller, frames, noise } from "./world.ts";

const [aliceId, bobId, carolId] = [1n, 2n, 3n];

describe("hostile frames", () => {
  let alice: Caller;
  let bob: Caller;
  let carol: CopseClient;

  beforeAll(async () => {
    const gateway = await Gateway.create();
    const clients = [
      await CopseClient.create({ userId: aliceId }),
      await CopseClient.create({ userId: bobId }),
    ] as const;
    carol = await CopseClient.create({ userId: carolId });
    for (const client of [...clients, carol]) await gateway.connect(client);
    alice = new Caller(clients[0]);
    bob = new Caller(clients[1]);
    await gateway.create(clients[0], [clients[1], carol]);
  });

  /** Why a frame is dropped. */
  async function causeOf(data: Uint8Array, from = aliceId): Promise<DropCause | undefined> {
    const track = bob.backend.engine.incoming<string>({
      track: "hostile",
      kind: "audio",
      userId: from,
      deliver: () => {
        throw new Error("nothing may be delivered");
      },
    });
    track.push("frame", { data, codec: "opus", isKeyFrame: false });
    const { tracks } = await bob.call.statistics();
    track.close();
    const dropped = tracks.find(({ track: name }) => name === "hostile")?.dropped ?? {};
    return Object.keys(dropped)[0] as DropCause | undefined;
  }

  const sealed = (data: Uint8Array = noise(50)): Uint8Array => alice.say(data)!;

  test("each is dropped for its cause", async () => {
    const good = sealed();
    expect(bob.hear(aliceId, good)).toEqual(noise(50));
    expect(await causeOf(good)).toBe("replayed");
    expect(await causeOf(new Uint8Array(0))).toBe("empty");
    expect(await causeOf(new Uint8Array(2 ** 22 + 1))).toBe("oversized");
    expect(await causeOf(noise(50))).toBe("foreign");
    expect(await causeOf(Uint8Array.of(0xfa, 0xfa))).toBe("foreign");
    for (const marker of [
      [0xfa, 0xfb],
      [0xfb, 0xfa],
    ]) {
      expect(await causeOf(Uint8Array.of(...sealed().slice(0, -2), ...marker))).toBe("foreign");
    }
    expect(await causeOf(sealed(), bobId)).toBe("own");
    expect(await causeOf(sealed(), 77n)).toBe("not-a-member");
    expect(await causeOf(sealed(), carolId)).toBe("not-authentic");
    const frame = sealed();
    for (const place of [0, 49, 50, 57]) {
      const changed = frame.slice();
      changed[place]! ^= 1;
      expect(await causeOf(changed)).toBe("not-authentic");
    }
    expect(bob.hear(aliceId, frame)).toEqual(noise(50)); // and the true one is still good
  });

  test("a trailer that does not hold together is none", async () => {
    const trailer = (...bytes: readonly number[]): Uint8Array =>
      Uint8Array.of(...noise(20), ...noise(8), ...bytes, 0xfa, 0xfa);
    for (const broken of [
      trailer(1, 0), // a size of nothing
      trailer(1, 10), // less than the least
      trailer(1, 255), // more than the frame has
      trailer(1, 33), // by one
      Uint8Array.of(...Array<number>(8).fill(1), 12, 0xfa, 0xfa), // where nothing but a nonce is read
      trailer(1, 40), // by as much as a tag has
      trailer(11), // no nonce
      trailer(0x80, 0x80, 0x80, 0x80, 16), // a nonce without an end
      trailer(0xff, 0xff, 0xff, 0xff, 0x1f, 16), // of more than 32 bits
      trailer(1, 0, 13), // half a range
      trailer(1, 0, 21, 14), // a range past the body
      trailer(1, 5, 5, 4, 2, 16), // ranges that overlap
      trailer(1, 19, 1, 3, 2, 16), // out of order
      trailer(1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 22), // an offset beyond 2^53
      trailer(1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 21), // a length beyond it
    ]) {
      expect(await causeOf(broken)).toBe("header");
    }
  });

  test("what is clear is authentic, wherever its ranges are moved", async () => {
    const data = Uint8Array.of(0x10, 2, 0, 0x9d, 1, 0x2a, ...noise(60));
    const frame = alice.say(data, "vp8")!;
    const place = frame.length - 5; // offset 0, length 10, size, marker
    expect([...frame.subarray(place)]).toEqual([0, 10, frame[frame.length - 3], 0xfa, 0xfa]);
    for (const length of [0, 9, 11, 66]) {
      const moved = frame.slice();
      moved[place + 1] = length;
      expect(await causeOf(moved)).toBe("not-authentic");
    }
    const changed = frame.slice();
    changed[3]! ^= 1;
    expect(await causeOf(changed)).toBe("not-authentic");
    expect(bob.hear(aliceId, frame, "video")).toEqual(data);
  });

  test("no bytes at all make an engine throw, and none are delivered", async () => {
    const track = bob.backend.engine.incoming<string>({
      track: "noise",
      kind: "video",
      userId: aliceId,
      deliver: () => {
        throw new Error("nothing may be delivered");
      },
    });
    for (let seed = 1; seed <= 2000; seed++) {
      const data = noise(12 + (seed % 90), seed);
      data.set([seed & 0xff, 0xfa, 0xfa], data.length - 3);
      track.push("frame", { data, codec: "vp8", isKeyFrame: false });
    }
    const { tracks } = await bob.call.statistics();
    const counted = tracks.find(({ track: name }) => name === "noise");
    expect(counted?.passed).toBe(0);
    expect(counted?.keyFrameRequests).toBe(1); // however many there were
    expect(Object.values(counted?.dropped ?? {}).reduce((sum, count) => sum + count, 0)).toBe(2000);
    expect(counted?.dropped.failed).toBeUndefined();
    track.close();
  });

  test("whatever an encoder gives is sealed whole, or as its codec's frames are", () => {
    for (const { codec, data } of frames) {
      for (let seed = 1; seed <= 60; seed++) {
        // a frame that is cut off or damaged, of this codec or of none
        const damaged = seed % 2 === 0 ? data.slice(0, 1 + ((seed * 7) % data.length)) : data.slice();
        damaged[(seed * 13) % damaged.length]! ^= seed;
        const { body, ranges } = layoutOf(codec, damaged);
        const length = ranges.reduce((sum, number, i) => (i % 2 === 1 ? sum + number : sum), 0);
        expect(length).toBeLessThanOrEqual(body.length);
        const sealedFrame = alice.say(damaged, codec);
        if (sealedFrame === undefined) continue;
        expect(bob.hear(aliceId, sealedFrame, "video")).toEqual(body);
      }
    }
  });

  test("what says it is a key frame of VP8 and is none is sealed whole", () => {
    const key = Uint8Array.of(0x10, 2, 0, 0x9d, 1, 0x2a, ...noise(4));
    expect(layoutOf("vp8", key).ranges).toEqual([0, 10]);
    expect(layoutOf("vp8", key.subarray(0, 9)).ranges).toEqual([]);
    for (const place of [3, 4, 5]) {
      const other = key.slice();
      other[place]!++;
      expect(layoutOf("vp8", other).ranges).toEqual([]);
    }
    const words = new TextEncoder().encode("four score and seven years ago"); // its first byte is even
    const frame = alice.say(words, "vp8")!;
    expect(frame.subarray(0, 10)).not.toEqual(words.subarray(0, 10));
    expect(bob.hear(aliceId, frame, "video")).toEqual(words);
  });

  test("a frame of more units than a trailer can name is dropped, not sent in clear", async () => {
    const slices = Uint8Array.from(Array.from({ length: 200 }, () => [0, 0, 1, 0x41, 0x9a, 7, 7, 7]).flat());
    expect(alice.say(slices, "h264")).toBeUndefined();
    const units = Uint8Array.from(Array.from({ length: 5000 }, () => [0, 0, 1, 0x09, 0x10]).flat());
    expect(layoutOf("h264", units).ranges).toEqual([]); // too many to look at: sealed whole
    const { tracks } = await alice.call.statistics();
    expect(tracks.find(({ track }) => track === "my video")?.dropped.limit).toBe(1);
  });

  test("no start code is made by a ciphertext", () => {
    const h264 = frames.find(({ codec }) => codec === "h264")!;
    for (let i = 0; i < 300; i++) {
      const frame = alice.say(h264.data, "h264")!;
      const read = readFrame(frame);
      expect(typeof read).toBe("object");
      expect(isTransportable("h264", frame, layoutOf("h264", h264.data).ranges)).toBe(true);
    }
    const [clear, tag] = [Uint8Array.of(0, 0, 0, 1, 0x65, 0x88), noise(8)];
    const withCode = Uint8Array.of(5, 0, 0, 1, 5);
    const frame = writeFrame([0, 6], clear, { ciphertext: withCode, tag, nonce: 1 });
    expect(isTransportable("h264", frame, [0, 6])).toBe(false);
    const across = writeFrame([0, 6], Uint8Array.of(0, 0, 0, 1, 0, 0), {
      ciphertext: Uint8Array.of(1, 2),
      tag,
      nonce: 1,
    });
    expect(isTransportable("h264", across, [0, 6])).toBe(false);
    expect(isTransportable("vp8", across, [0, 6])).toBe(true);
    // a zero in front of the next start code is no part of a NAL unit for packetizers
    const next = Uint8Array.of(...clear, ...clear);
    const ranges = [0, 6, 8, 6];
    for (const [last, passes] of [
      [9, true],
      [0, false],
    ] as const) {
      const two = writeFrame(ranges, next, { ciphertext: Uint8Array.of(5, last, 7), tag, nonce: 1 });
      expect(isTransportable("h264", two, ranges)).toBe(passes);
    }
  });

  test("a codec that nobody knows is not sent", () => {
    expect(alice.say(noise(10), "theora" as "opus")).toBeUndefined();
    expect(alice.say(noise(10), "video/H265" as "h265")).toBeDefined();
  });
});
