import { beforeAll, describe, expect, test } from "vitest";
import { CopseClient, DaveyClient, Gateway } from "./gateway.ts";
import { leb128Length, writeLeb128 } from "../../../src/adapters/dave/leb128.ts";
import { Caller, daveyHears, daveySays, frames, threeInCall } from "./world.ts";

const [aliceId, bobId, carolId] = [158049329150427136n, 158533742254751744n, 1090123456789012345n];

describe("frames with davey", () => {
  let alice: CopseClient;
  let bob: DaveyClient;
  let carol: CopseClient;
  let aliceCall: Caller;
  let carolCall: Caller;

  beforeAll(async () => {
    const gateway = await Gateway.create();
    alice = await CopseClient.create({ userId: aliceId });
    bob = new DaveyClient(bobId);
    carol = await CopseClient.create({ userId: carolId });
    aliceCall = new Caller(alice);
    carolCall = new Caller(carol);
    await threeInCall(gateway, alice, bob, carol);
  });

  test.each(frames)("$name: copse seals, davey and copse open", ({ data, codec, received = data }) => {
    const isAudio = codec === "opus";
    const first = aliceCall.say(data, codec)!;
    expect(first).not.toEqual(data);
    expect(daveyHears(bob, alice, first, isAudio)).toEqual(received);
    expect(carolCall.hear(aliceId, first, isAudio ? "audio" : "video")).toEqual(received);
  });

  test.each(frames)("$name: davey seals, copse opens", ({ data, number, codec, received = data }) => {
    const sealed = daveySays(bob, data, number);
    const heard = aliceCall.hear(bobId, sealed, codec === "opus" ? "audio" : "video");
    expect(heard).toEqual(received);
  });

  /** The frame, with something about it or its trailer changed. */
  function damaged(frame: Uint8Array, next: (below: number) => number): Uint8Array {
    const { length } = frame;
    const size = frame[length - 3]!;
    const body = length - size;
    const changed = frame.slice();
    /** With bytes put into the trailer. */
    const longer = (place: number, bytes: Uint8Array): Uint8Array => {
      const all = Uint8Array.of(...changed.subarray(0, place), ...bytes, ...changed.subarray(place));
      all[all.length - 3]! += bytes.length;
      return all;
    };
    switch (next(6)) {
      case 0:
        return frame.slice(0, next(length));
      case 1:
        changed[next(length)]! ^= 1 << next(8);
        return changed;
      case 2:
        changed[length - 3 - next(size)]! ^= 1 << next(8);
        return changed;
      case 3: {
        // the nonce in more bytes than it takes
        let last = body + 8;
        while (changed[last]! >= 0x80) last++;
        changed[last]! |= 0x80;
        return longer(last + 1, Uint8Array.of(0));
      }
      case 4: {
        // one more range, of nothing, at the body's end
        const range = new Uint8Array(leb128Length(body) + 1);
        writeLeb128(range, 0, body);
        return longer(length - 3, range);
      }
      default:
        return changed;
    }
  }

  test("whatever is done to a frame, davey and copse open the same bytes, or neither does", () => {
    let state = 16;
    const next = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const opened = { by: 0, not: 0 };
    for (let i = 0; i < 1500; i++) {
      const { codec, data } = frames[next(frames.length)]!;
      const isAudio = codec === "opus";
      const frame = damaged(aliceCall.say(data, codec)!, next);
      let expected: Uint8Array | undefined;
      try {
        expected = daveyHears(bob, alice, frame, isAudio);
        opened.by++;
      } catch {
        opened.not++;
      }
      expect(carolCall.hear(aliceId, frame, isAudio ? "audio" : "video")).toEqual(expected);
    }
    expect(Math.min(opened.by, opened.not)).toBeGreaterThan(300);
  });
});
