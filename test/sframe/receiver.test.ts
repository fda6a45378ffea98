import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { CopseError } from "../../src/errors.ts";
import type { ReceivingOptions } from "../../src/sframe/key-table.ts";
import { syncCrypto, type SFrameCrypto } from "../../src/sframe/crypto.ts";
import { SFrameReceiver } from "../../src/sframe/receiver.ts";
import { SFrameSender } from "../../src/sframe/sender.ts";
import { sframeSuite } from "../../src/sframe/suites.ts";
import { baseKeyOf, cryptos, expectCode, throwsCode, web } from "./cryptos.ts";

const suite = sframeSuite(3);
const kid = 5n;
const baseKey = baseKeyOf(1);
const media = new Uint8Array([1, 2, 3]);

describe.each(cryptos)("over %s", (_name, crypto) => {
  const receiverOf = (options: Partial<ReceivingOptions<"sync" | "async">> = {}): SFrameReceiver<"sync" | "async"> => {
    const receiver = new SFrameReceiver({ suite, crypto, ...options });
    receiver.addKey(kid, baseKey);
    return receiver;
  };
  const framesOf = (count: number): Uint8Array[] => {
    const sender = new SFrameSender({ suite, kid, baseKey });
    return Array.from({ length: count }, () => sender.encrypt(media));
  };

  test("an unknown KID is told apart from a frame that does not open", async () => {
    const [frame] = framesOf(1);
    const stranger = new SFrameSender({ suite, kid: 6n, baseKey }).encrypt(media);
    await expectCode("sframe-unknown-kid", () => receiverOf().open(stranger));
    const forged = Uint8Array.from(frame!, (byte, i) => (i === 1 ? byte ^ 1 : byte));
    await expectCode("sframe-open", () => receiverOf().open(forged));
  });

  test("a frame held back under an unknown KID opens once the key is there", async () => {
    const receiver = new SFrameReceiver({ suite, crypto });
    const [frame] = framesOf(1);
    await expectCode("sframe-unknown-kid", () => receiver.open(frame!));
    receiver.addKey(kid, baseKey);
    expect(hex((await receiver.open(frame!)).plaintext)).toBe(hex(media));
  });

  test("frames open once, in any order within the window", async () => {
    const receiver = receiverOf({ replayWindow: 4 });
    const frames = framesOf(8);
    for (const at of [3, 0, 2]) await receiver.open(frames[at]!);
    for (const at of [3, 0, 2]) await expectCode("sframe-replay", () => receiver.open(frames[at]!));
    await receiver.open(frames[5]!);
    await expectCode("sframe-replay", () => receiver.open(frames[1]!)); // fresh, but older than the window
    await receiver.open(frames[4]!);
  });

  test("what does not authenticate moves no window", async () => {
    const receiver = receiverOf({ replayWindow: 2 });
    const frames = framesOf(1001);
    const forged = new Uint8Array(frames[1000]!);
    forged[forged.length - 1]! ^= 1;
    await expectCode("sframe-open", () => receiver.open(forged));
    await receiver.open(frames[0]!);
    await expectCode("sframe-open", () => receiver.open(frames[1]!, media)); // wrong metadata
    await receiver.open(frames[1]!);
  });

  test("replay protection can be turned off", async () => {
    const receiver = receiverOf({ replayWindow: 0 });
    const [frame] = framesOf(1);
    for (let i = 0; i < 3; i++) await receiver.open(frame!);
  });

  test("our own KIDs are refused on receipt", async () => {
    const receiver = new SFrameReceiver({ suite, crypto });
    const [frame] = framesOf(1);
    receiver.addSendingKid(kid);
    await expectCode("sframe-kid-role", () => receiver.open(frame!));
    throwsCode("sframe-kid-role", () => {
      receiver.addKey(kid, baseKey);
    });
    receiver.addKey(6n, baseKey);
    throwsCode("sframe-kid-role", () => {
      receiver.addSendingKid(6n);
    });
    expect(receiver.removeSendingKid(kid)).toBe(true);
    receiver.addKey(kid, baseKey);
    await receiver.open(frame!);
  });

  test("the same key again keeps the window, another key starts anew", async () => {
    const receiver = receiverOf();
    const [frame] = framesOf(1);
    await receiver.open(frame!);
    receiver.addKey(kid, baseKey);
    await expectCode("sframe-replay", () => receiver.open(frame!));
    receiver.addKey(kid, baseKeyOf(2));
    await expectCode("sframe-open", () => receiver.open(frame!));
    await receiver.open(new SFrameSender({ suite, kid, baseKey: baseKeyOf(2) }).encrypt(media));
  });

  test("a removed key opens nothing", async () => {
    const receiver = receiverOf();
    const [frame] = framesOf(1);
    expect(receiver.removeKey(kid)).toBe(true);
    expect(receiver.removeKey(kid)).toBe(false);
    expect(receiver.hasKey(kid)).toBe(false);
    await expectCode("sframe-unknown-kid", () => receiver.open(frame!));
    receiver.addKey(kid, baseKey);
    receiver.wipe();
    await expectCode("sframe-unknown-kid", () => receiver.open(frame!));
  });

  test("any byte string gives a CopseError of SFrame", async () => {
    const receiver = receiverOf();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (bytes) => {
        const error: unknown = await (async () => receiver.open(bytes))().catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(CopseError);
        expect((error as CopseError).code).toMatch(/^sframe-(header|unknown-kid|open)$/);
      }),
      { numRuns: 300 },
    );
    await expect((async () => receiver.open("frame" as never))()).rejects.toThrow(TypeError);
    await expect((async () => receiver.open(media, "metadata" as never))()).rejects.toThrow(TypeError);
  });
});

test("the number of keys is bounded", () => {
  const receiver = new SFrameReceiver({ suite, maxKeys: 2 });
  receiver.addKey(1n, baseKey);
  receiver.addKey(2n, baseKey);
  throwsCode("limit-exceeded", () => {
    receiver.addKey(3n, baseKey);
  });
  receiver.addKey(2n, baseKeyOf(2));
  receiver.removeKey(1n);
  receiver.addKey(3n, baseKey);
});

test("wrong arguments are TypeErrors", () => {
  const options: unknown[] = [
    { suite: {} },
    { suite, replayWindow: -1 },
    { suite, replayWindow: 2 ** 16 + 1 },
    { suite, replayWindow: 1.5 },
    { suite, maxKeys: 0 },
  ];
  for (const option of options) expect(() => new SFrameReceiver(option as ReceivingOptions<"sync">)).toThrow(TypeError);
  const receiver = new SFrameReceiver({ suite });
  const calls = [
    () => {
      receiver.addKey(1 as never, baseKey);
    },
    () => {
      receiver.addKey(1n, new Uint8Array(15));
    },
    () => {
      receiver.addKey(1n, "key" as never);
    },
    () => {
      receiver.addSendingKid(-1n);
    },
    () => receiver.removeSendingKid(-1n),
    () => receiver.removeKey(2n ** 64n),
    () => receiver.hasKey(1 as never),
  ];
  for (const call of calls) {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(/^(kid|baseKey).* must /); // ours, that says which
  }
});

test("a replayed counter is refused before any decryption, forged or not", () => {
  let opened = 0;
  const counting: SFrameCrypto<"sync"> = {
    ...syncCrypto(),
    ctrHmac: (...input) => {
      const keys = syncCrypto().ctrHmac(...input);
      const hmac = (data: Uint8Array): Uint8Array => {
        opened++;
        return keys.hmac(data);
      };
      return { ...keys, hmac };
    },
  };
  const receiver = new SFrameReceiver({ suite, crypto: counting });
  receiver.addKey(kid, baseKey);
  const frame = new SFrameSender({ suite, kid, baseKey }).encrypt(media);
  receiver.open(frame);
  expect(opened).toBe(1);
  const forged = Uint8Array.from(frame, (byte, i) => (i === frame.length - 1 ? byte ^ 1 : byte));
  for (const bytes of [frame, forged]) throwsCode("sframe-replay", () => receiver.open(bytes));
  expect(opened).toBe(1);
});

describe("frames that are opened without waiting for each other", () => {
  test("the same frame is handed over once", async () => {
    const receiver = new SFrameReceiver({ suite, crypto: web });
    receiver.addKey(kid, baseKey);
    const frame = new SFrameSender({ suite, kid, baseKey }).encrypt(media);
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => receiver.open(frame)));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const result of results) {
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "sframe-replay" });
    }
  });

  test("a key that is removed in the meantime opens nothing more", async () => {
    const receiver = new SFrameReceiver({ suite, crypto: web });
    receiver.addKey(kid, baseKey);
    const opening = receiver.open(new SFrameSender({ suite, kid, baseKey }).encrypt(media));
    receiver.removeKey(kid);
    await expectCode("sframe-unknown-kid", () => opening);
  });

  test.each([3, 4])("a frame that changes in the meantime is not decrypted as changed (suite %i)", async (id) => {
    const receiver = new SFrameReceiver({ suite: sframeSuite(id), crypto: web });
    receiver.addKey(kid, baseKey);
    const frame = new SFrameSender({ suite: sframeSuite(id), kid, baseKey }).encrypt(media);
    const opening = receiver.open(frame);
    frame.fill(0);
    expect(hex((await opening).plaintext)).toBe(hex(media));
  });
});
