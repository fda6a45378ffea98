import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { readSFrameHeader } from "../../src/sframe/header.ts";
import { ratchetKid, splitRatchetKid } from "../../src/sframe/ratchet-kid.ts";
import { SFrameRatchetReceiver, type SFrameRatchetReceiverOptions } from "../../src/sframe/ratchet-receiver.ts";
import { SFrameRatchetSender } from "../../src/sframe/ratchet-sender.ts";
import { sframeSuite } from "../../src/sframe/suites.ts";
import { webCrypto } from "../../src/sframe/web-crypto.ts";
import { baseKeyOf, cryptos, expectCode, throwsCode, web } from "./cryptos.ts";

const suite = sframeSuite(4);
const media = new Uint8Array([1, 2, 3]);
const stepBits = 3;

/** A KID of a step that is gone may mean one ahead by now. */
const goneOrAhead = expect.stringMatching(/^sframe-(unknown-kid|open)$/) as string;

function senderOf(generation = 0n): SFrameRatchetSender {
  return new SFrameRatchetSender({ suite, stepBits, baseKey: baseKeyOf(1), generation });
}

/** WebCrypto that has opened a frame only when it is told to go on. */
function slowFor(frame: Uint8Array): { readonly subtle: SubtleCrypto; readonly goOn: () => void } {
  const { subtle: platform } = globalThis.crypto;
  const sealed = hex(frame.subarray(readSFrameHeader(frame).length));
  let goOn = (): void => undefined;
  const told = new Promise<void>((go) => (goOn = go));
  const decrypt: SubtleCrypto["decrypt"] = async (algorithm, key, data) => {
    const plaintext = await platform.decrypt(algorithm, key, data);
    if (hex(new Uint8Array(data as ArrayBuffer)) === sealed) await told;
    return plaintext;
  };
  const importKey = platform.importKey.bind(platform);
  return { subtle: { importKey, decrypt } as SubtleCrypto, goOn };
}

describe("KIDs", () => {
  test("a generation above, the low bits of the step below", () => {
    expect(ratchetKid({ generation: 0n, step: 0n, stepBits: 4 })).toBe(0n);
    expect(ratchetKid({ generation: 5n, step: 3n, stepBits: 4 })).toBe(0x53n);
    expect(ratchetKid({ generation: 5n, step: 19n, stepBits: 4 })).toBe(0x53n);
    expect(ratchetKid({ generation: 5n, step: 19n, stepBits: 0 })).toBe(5n);
  });

  test("splitting gives back what was joined", () => {
    const parts = fc
      .integer({ min: 0, max: 16 })
      .chain((bits) =>
        fc.tuple(
          fc.constant(bits),
          fc.bigInt(0n, (1n << BigInt(64 - bits)) - 1n),
          fc.bigInt(0n, (1n << BigInt(bits)) - 1n),
        ),
      );
    fc.assert(
      fc.property(parts, ([bits, generation, step]) => {
        expect(splitRatchetKid(ratchetKid({ generation, step, stepBits: bits }), bits)).toEqual({ generation, step });
      }),
    );
  });

  test("a generation that does not fit is refused", () => {
    throwsCode("sframe-kid-range", () => ratchetKid({ generation: 1n << 60n, step: 0n, stepBits: 4 }));
    expect(ratchetKid({ generation: (1n << 60n) - 1n, step: 15n, stepBits: 4 })).toBe(2n ** 64n - 1n);
    throwsCode("sframe-kid-range", () => senderOf(1n << 61n));
    const last = senderOf((1n << 61n) - 1n);
    throwsCode("sframe-kid-range", () => {
      last.replaceKey(baseKeyOf(2));
    });
    expect(last.encrypt(media)).toBeInstanceOf(Uint8Array); // and the sender is as it was
  });

  test("wrong arguments are TypeErrors", () => {
    for (const bits of [-1, 17, 1.5]) {
      expect(() => ratchetKid({ generation: 0n, step: 0n, stepBits: bits })).toThrow(TypeError);
      expect(() => splitRatchetKid(0n, bits)).toThrow(TypeError);
    }
    expect(() => ratchetKid({ generation: 0n, step: -1n, stepBits: 4 })).toThrow(TypeError);
    for (const no of [-1n, 2n ** 64n, 1 as never]) {
      expect(() => ratchetKid({ generation: no, step: 0n, stepBits: 4 })).toThrow(/^generation must /);
      expect(() => ratchetKid({ generation: 0n, step: no, stepBits: 4 })).toThrow(/^step must /);
      expect(() => splitRatchetKid(no, 4)).toThrow(/^kid must /);
    }
  });
});

describe.each(cryptos)("over %s", (_name, crypto) => {
  const receiverOf = (
    options: Partial<SFrameRatchetReceiverOptions<"sync" | "async">> = {},
  ): SFrameRatchetReceiver<"sync" | "async"> => new SFrameRatchetReceiver({ suite, stepBits, crypto, ...options });

  test("a receiver follows the sender, step by step and over several at once", async () => {
    const [sender, receiver] = [senderOf(), receiverOf()];
    receiver.addKey(sender.share());
    for (const steps of [0, 1, 1, 4, 2, 4, 4, 1, 3]) {
      for (let i = 0; i < steps; i++) sender.ratchet();
      const { kid, plaintext } = await receiver.open(sender.encrypt(media));
      expect(kid).toBe(sender.kid);
      expect(hex(plaintext)).toBe(hex(media));
    }
    expect(sender.step).toBe(20n);
  });

  test("frames of earlier steps open within the bound, once", async () => {
    const [sender, receiver] = [senderOf(), receiverOf({ maxAhead: 4, keepSteps: 3 })];
    receiver.addKey(sender.share());
    const frames: Uint8Array[] = [];
    for (let step = 0; step < 5; step++) {
      if (step > 0) sender.ratchet();
      frames.push(sender.encrypt(media));
    }
    await receiver.open(frames[4]!);
    for (const step of [1, 3, 2]) await receiver.open(frames[step]!);
    await expectCode("sframe-open", () => receiver.open(frames[0]!)); // by now its KID means a step four ahead
    for (const step of [1, 2, 3, 4]) await expectCode("sframe-replay", () => receiver.open(frames[step]!));
  });

  test("a step too far ahead is an unknown KID, and nothing moves", async () => {
    const [sender, receiver] = [senderOf(), receiverOf({ maxAhead: 3, keepSteps: 2 })];
    receiver.addKey(sender.share());
    const first = sender.encrypt(media);
    for (let i = 0; i < 4; i++) sender.ratchet();
    await expectCode("sframe-unknown-kid", () => receiver.open(sender.encrypt(media)));
    await receiver.open(first);
  });

  test("a forged frame ahead does not move the ratchet", async () => {
    const [sender, receiver] = [senderOf(), receiverOf({ maxAhead: 7, keepSteps: 0 })];
    receiver.addKey(sender.share());
    const first = sender.encrypt(media);
    sender.ratchet();
    const next = sender.encrypt(media);
    for (let ahead = 1n; ahead <= 7n; ahead++) {
      const forged = new Uint8Array(next);
      forged[0] = Number(ahead) << 4;
      forged[forged.length - 1]! ^= 1;
      await expectCode("sframe-open", () => receiver.open(forged));
    }
    await receiver.open(first); // with no step kept, this would be gone if the ratchet had moved
    await receiver.open(next);
    await expectCode("sframe-open", () => receiver.open(first)); // by now its KID means a step seven ahead
  });

  test("a new generation needs its key, and old frames open until they are forgotten", async () => {
    const [sender, receiver] = [senderOf(), receiverOf()];
    receiver.addKey(sender.share());
    sender.ratchet();
    const before = [sender.encrypt(media), sender.encrypt(media)];
    sender.replaceKey(baseKeyOf(2));
    expect([sender.generation, sender.step, sender.kid]).toEqual([1n, 0n, 8n]);
    const after = sender.encrypt(media);
    await expectCode("sframe-unknown-kid", () => receiver.open(after));
    receiver.addKey(sender.share());
    await receiver.open(after);
    await receiver.open(before[0]!);
    receiver.forgetOldKeys();
    await expectCode("sframe-unknown-kid", () => receiver.open(before[1]!));
    await receiver.open(sender.encrypt(media));
  });

  test("who joins later opens what follows, and nothing from before", async () => {
    const sender = senderOf();
    const before = sender.encrypt(media);
    for (let i = 0; i < 11; i++) sender.ratchet();
    const receiver = receiverOf();
    receiver.addKey(sender.share());
    await receiver.open(sender.encrypt(media));
    sender.ratchet();
    await receiver.open(sender.encrypt(media));
    await expect((async () => receiver.open(before))()).rejects.toMatchObject({ name: "CopseError" });
  });

  test("a key that comes again does not open replays", async () => {
    const [sender, receiver] = [senderOf(), receiverOf()];
    const share = sender.share();
    receiver.addKey(share);
    const frame = sender.encrypt(media);
    await receiver.open(frame);
    receiver.addKey(share);
    await expectCode("sframe-replay", () => receiver.open(frame));
  });

  test("a key that comes again after the ratchet has moved changes nothing", async () => {
    const [sender, receiver] = [senderOf(), receiverOf({ maxAhead: 4, keepSteps: 1 })];
    const share = sender.share();
    receiver.addKey(share);
    const frame = sender.encrypt(media);
    await receiver.open(frame);
    for (let i = 0; i < 4; i++) {
      sender.ratchet();
      await receiver.open(sender.encrypt(media));
    }
    receiver.addKey(share);
    await expect((async () => receiver.open(frame))()).rejects.toMatchObject({ code: goneOrAhead });
    await receiver.open(sender.encrypt(media));
  });

  test("random histories: every frame within the bounds opens exactly once", async () => {
    const history = fc.array(
      fc.record({ ratchets: fc.integer({ min: 0, max: 3 }), frames: fc.integer({ min: 1, max: 3 }) }),
      { minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(history, async (phases) => {
        const [sender, receiver] = [senderOf(), receiverOf({ maxAhead: 4, keepSteps: 3 })];
        receiver.addKey(sender.share());
        const sent: { readonly step: bigint; readonly frame: Uint8Array }[] = [];
        for (const { ratchets, frames } of phases) {
          for (let i = 0; i < ratchets; i++) sender.ratchet();
          for (let i = 0; i < frames; i++) sent.push({ step: sender.step, frame: sender.encrypt(media) });
          await receiver.open(sent.at(-1)!.frame); // the newest comes first, the others late
          for (const { step, frame } of sent.splice(0, sent.length - 1)) {
            if (sender.step - step <= 3n) expect(hex((await receiver.open(frame)).plaintext)).toBe(hex(media));
            else await expect((async () => receiver.open(frame))()).rejects.toMatchObject({ code: goneOrAhead });
          }
          await expectCode("sframe-replay", () => receiver.open(sent[0]!.frame));
          sent.length = 0;
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("frames of the same new step that are opened without waiting for each other", () => {
  test("all open, and each once", async () => {
    const sender = senderOf();
    const receiver = new SFrameRatchetReceiver({ suite, stepBits, crypto: web });
    receiver.addKey(sender.share());
    sender.ratchet();
    const frames = [sender.encrypt(media), sender.encrypt(media)];
    sender.ratchet();
    frames.push(sender.encrypt(media), sender.encrypt(media));
    const twice = [...frames, ...frames];
    const results = await Promise.allSettled(twice.map((frame) => receiver.open(frame)));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(4);
    for (const frame of frames) await expectCode("sframe-replay", () => receiver.open(frame));
  });

  test("a step that was passed and forgotten in the meantime stays forgotten", async () => {
    const sender = senderOf();
    const shared = sender.share();
    const [passed, , newest] = [1, 2, 3].map(() => {
      sender.ratchet();
      return sender.encrypt(media);
    }) as [Uint8Array, Uint8Array, Uint8Array];
    const { subtle, goOn } = slowFor(passed);
    const crypto = webCrypto({ subtle });
    const receiver = new SFrameRatchetReceiver({ suite, stepBits, crypto, maxAhead: 3, keepSteps: 0 });
    receiver.addKey(shared);
    const slow = receiver.open(passed);
    await receiver.open(newest);
    goOn();
    await expectCode("sframe-unknown-kid", () => slow);
    await expect(receiver.open(passed)).rejects.toMatchObject({ code: goneOrAhead });
  });

  test("a generation that is removed in the meantime opens nothing more", async () => {
    const sender = senderOf();
    const receiver = new SFrameRatchetReceiver({ suite, stepBits, crypto: web });
    receiver.addKey(sender.share());
    sender.ratchet();
    const opening = receiver.open(sender.encrypt(media));
    receiver.wipe();
    await expectCode("sframe-unknown-kid", () => opening);
    expect(receiver.generations).toEqual([]);
  });
});

describe("keys and their order", () => {
  test("the oldest generation gives way, and none comes back", () => {
    const receiver = new SFrameRatchetReceiver({ suite, stepBits, maxGenerations: 2 });
    for (const generation of [3n, 4n, 7n]) receiver.addKey(senderOf(generation).share());
    expect(receiver.generations).toEqual([4n, 7n]);
    throwsCode("sframe-key-order", () => {
      receiver.addKey(senderOf(3n).share());
    });
    expect(receiver.removeGeneration(4n)).toBe(true);
    expect(receiver.removeGeneration(4n)).toBe(false);
    throwsCode("sframe-unknown-kid", () => receiver.open(senderOf(4n).encrypt(media)));
  });

  test("forgetting old keys with no key at all does nothing", () => {
    const receiver = new SFrameRatchetReceiver({ suite, stepBits });
    receiver.forgetOldKeys();
    expect(receiver.generations).toEqual([]);
  });

  test("wrong arguments of a sender are TypeErrors that say which", () => {
    const build = (option: object) => () =>
      new SFrameRatchetSender({ suite, stepBits, baseKey: baseKeyOf(1), ...option });
    expect(build({ suite: {} })).toThrow(/^suite must /);
    expect(build({ stepBits: 17 })).toThrow(/^stepBits must /);
    const sender = senderOf();
    // A number or a list would make bytes, too.
    for (const no of [32, Array.from(baseKeyOf(1)), new Uint8Array(15)] as never[]) {
      expect(build({ baseKey: no })).toThrow(/^baseKey.* must /);
      expect(() => {
        sender.replaceKey(no);
      }).toThrow(/^baseKey.* must /);
    }
    expect(sender.generation).toBe(0n);
  });

  test("the sender's key is copied in and out", () => {
    const baseKey = baseKeyOf(1);
    const sender = new SFrameRatchetSender({ suite, stepBits, baseKey });
    baseKey.fill(0);
    sender.share().baseKey.fill(0);
    expect(hex(sender.share().baseKey)).toBe(hex(baseKeyOf(1)));
    sender.ratchet();
    expect(sender.share().baseKey).toHaveLength(suite.hashLength);
  });

  test("what was wiped neither seals nor moves", () => {
    const sender = senderOf();
    sender.wipe();
    const calls: (() => unknown)[] = [
      () => sender.encrypt(media),
      () => sender.share(),
      () => {
        sender.ratchet();
      },
      () => {
        sender.replaceKey(baseKeyOf(2));
      },
    ];
    for (const call of calls) throwsCode("secret-wiped", call);
  });

  test("the counter begins anew under each KID", () => {
    const sender = senderOf();
    const counters = [0, 1, 2].map((ratchets) => {
      for (let i = 0; i < ratchets; i++) sender.ratchet();
      return [sender.encrypt(media), sender.encrypt(media)].map((frame) => readSFrameHeader(frame));
    });
    expect(counters.flat().map(({ kid, ctr }) => [kid, ctr])).toEqual([
      [0n, 0n],
      [0n, 1n],
      [1n, 0n],
      [1n, 1n],
      [3n, 0n],
      [3n, 1n],
    ]);
  });

  test("a key that is no base key is refused, and nothing follows it", () => {
    const receiver = new SFrameRatchetReceiver({ suite, stepBits });
    for (const baseKey of [new Uint8Array(15), new Uint8Array(1025), "a".repeat(16) as never]) {
      expect(() => receiver.addKey({ kid: 0n, baseKey })).toThrow(TypeError);
      expect(() => receiver.addKey({ kid: 0n, baseKey })).toThrow(/^baseKey.* must /);
    }
    expect(receiver.generations).toEqual([]);
  });

  test("bounds that would make a KID mean two steps are refused", () => {
    const build = (options: Partial<SFrameRatchetReceiverOptions<"sync">>) => () =>
      new SFrameRatchetReceiver({ suite, stepBits, ...options });
    for (const bits of [-1, 17, 1.5]) expect(build({ stepBits: bits })).toThrow(/^stepBits must /);
    expect(build({ maxAhead: -1 })).toThrow(/^maxAhead must /);
    expect(build({ maxAhead: 8, keepSteps: 0 })).toThrow(/^maxAhead must /);
    for (const bad of [{ maxAhead: 8 }, { maxAhead: 4, keepSteps: 4 }, { keepSteps: -1 }, { maxGenerations: 0 }]) {
      expect(build(bad)).toThrow(TypeError);
    }
    for (const good of [{ maxAhead: 7 }, { maxAhead: 4, keepSteps: 3 }, { stepBits: 0 }, { stepBits: 1 }]) {
      expect(build(good)).not.toThrow();
    }
  });
});
