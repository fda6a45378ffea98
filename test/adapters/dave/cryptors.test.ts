import { describe, expect, test } from "vitest";
import { deriveTreeSecret } from "../../../src/crypto/labels.ts";
import { cipherSuite } from "../../../src/crypto/choose.ts";
import { FrameReceiver, FrameSender } from "../../../src/adapters/dave/cryptors.ts";
import { type ProtocolFrame, readFrame, writeFrame } from "../../../src/adapters/dave/frame.ts";
import { KeyRatchet } from "../../../src/adapters/dave/ratchet.ts";

const base = (): Uint8Array => Uint8Array.from({ length: 16 }, (_, i) => i + 1);
const none = new Uint8Array(0);
const hello = new TextEncoder().encode("hello");
const generationFrames = 2 ** 24;
/** A generation takes at least so many milliseconds. */
const generationTime = Math.ceil((generationFrames / 170) * 1000);

/** The next frame of a sender, over the wire. */
function frameOf(sender: FrameSender, secret = hello): ProtocolFrame {
  const read = readFrame(writeFrame([], none, sender.seal(none, secret)));
  if (typeof read === "string") throw new Error(read);
  return read;
}

describe("the key ratchet", () => {
  test("goes as RFC 9420's ratchets, from a base secret of 16 bytes", () => {
    const suite = cipherSuite(2);
    const ratchet = new KeyRatchet(base());
    let secret = base();
    for (let generation = 0; generation < 300; generation++) {
      const expected = deriveTreeSecret(suite, secret, "key", generation, 16);
      expect(ratchet.next().use((key) => [...key])).toEqual([...expected]);
      secret = deriveTreeSecret(suite, secret, "secret", generation, 32);
    }
  });
});

describe("counters", () => {
  test("the first nonce is 1, and each is used once", () => {
    const sender = new FrameSender(base());
    expect([1, 2, 3].map(() => frameOf(sender).nonce)).toEqual([1, 2, 3]);
  });

  test("the generation goes on where the nonce wraps", () => {
    const sender = new FrameSender(base(), 2 ** 32 - 2);
    const receiver = new FrameReceiver(base(), 0);
    // a receiver that has heard every generation so far
    for (let generation = 0; generation < 256; generation++) {
      const heard = frameOf(new FrameSender(base(), generation * generationFrames + 5));
      expect(receiver.open(heard, generation * generationTime)).toEqual(hello);
    }
    const now = 256 * generationTime;
    const last = frameOf(sender);
    expect(last.nonce).toBe(0xffff_ffff);
    expect(receiver.open(last, now)).toEqual(hello);
    const first = frameOf(sender);
    expect(first.nonce).toBe(0);
    expect(receiver.open(first, now)).toEqual(hello);
    expect(receiver.open(frameOf(sender), now)).toEqual(hello);
    // the same nonce under the first generation's key, 256 generations ago
    expect(receiver.open(frameOf(new FrameSender(base(), 1)), now)).toBe("not-authentic");
  });

  test("a frame opens once, in any order, and not when it is too old to tell", () => {
    const sender = new FrameSender(base());
    const receiver = new FrameReceiver(base(), 0);
    const frames = Array.from({ length: 1100 }, () => frameOf(sender));
    const order = [3, 1, 2, 1099, 500];
    for (const i of order) expect(receiver.open(frames[i]!, 0)).toEqual(hello);
    for (const i of order) expect(receiver.open(frames[i]!, 0)).toBe("replayed");
    expect(receiver.open(frames[10]!, 0)).toBe("replayed");
  });

  test("a forged frame makes nothing old", () => {
    const sender = new FrameSender(base());
    const receiver = new FrameReceiver(base(), 0);
    const first = frameOf(sender);
    const forged = frameOf(new FrameSender(Uint8Array.from(base()).fill(9), 100_000));
    expect(receiver.open(forged, 0)).toBe("not-authentic");
    expect(receiver.open(first, 0)).toEqual(hello);
  });

  test("a generation before its time is refused, at no cost", () => {
    const receiver = new FrameReceiver(base(), 0);
    const at = (generation: number): ProtocolFrame =>
      frameOf(new FrameSender(base(), generation * generationFrames + 5));
    const far = at(200);
    expect(receiver.open(far, 0)).toBe("limit");
    expect(receiver.open(at(2), 0)).toBe("limit");
    expect(receiver.open(at(1), 0)).toEqual(hello);
    expect(receiver.open(at(2), generationTime)).toEqual(hello);
    expect(receiver.open(far, generationTime)).toBe("limit");
  });

  test("the key of an older generation is there for ten seconds", () => {
    const receiver = new FrameReceiver(base(), 0);
    const old = new FrameSender(base(), generationFrames - 5);
    const [first, second] = [frameOf(old), frameOf(old)];
    expect(receiver.open(frameOf(new FrameSender(base(), generationFrames)), 1000)).toEqual(hello);
    expect(receiver.open(first, 10_999)).toEqual(hello);
    expect(receiver.open(second, 11_001)).toBe("limit"); // its top byte is that of generation 256 now
  });
});
