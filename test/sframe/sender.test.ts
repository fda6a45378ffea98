import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { syncCrypto, type SFrameCrypto } from "../../src/sframe/crypto.ts";
import { readSFrameHeader } from "../../src/sframe/header.ts";
import { SFrameReceiver } from "../../src/sframe/receiver.ts";
import { SFrameSender, type SFrameSenderOptions } from "../../src/sframe/sender.ts";
import { sframeSuite } from "../../src/sframe/suites.ts";
import { webCrypto } from "../../src/sframe/web-crypto.ts";
import { baseKeyOf, cryptos, expectCode, throwsCode } from "./cryptos.ts";

const suite = sframeSuite(4);
const options = { suite, kid: 9n, baseKey: baseKeyOf(1) };
const frame = new Uint8Array([1, 2, 3]);

describe.each(cryptos)("over %s", (_name, crypto) => {
  test("counters begin at 0 and go up by one", async () => {
    const sender = new SFrameSender({ ...options, crypto });
    for (let ctr = 0n; ctr < 20n; ctr++) {
      expect(sender.nextCounter).toBe(ctr);
      expect(readSFrameHeader(await sender.encrypt(frame))).toMatchObject({ kid: 9n, ctr });
    }
  });

  test("frames that are sealed without waiting for each other have counters of their own", async () => {
    const sender = new SFrameSender({ ...options, crypto });
    const frames = await Promise.all(Array.from({ length: 50 }, async () => sender.encrypt(frame)));
    expect(new Set(frames.map((sealed) => readSFrameHeader(sealed).ctr)).size).toBe(50);
  });

  test("after the last counter nothing is sealed", async () => {
    const sender = new SFrameSender({ ...options, crypto, lastCounter: 1n });
    await sender.encrypt(frame);
    await sender.encrypt(frame);
    await expectCode("sframe-counter-overflow", () => sender.encrypt(frame));
    await expectCode("sframe-counter-overflow", () => sender.encrypt(frame));
  });

  test("2^64 - 1 is used, and is the end", async () => {
    const last = 2n ** 64n - 1n;
    const sender = new SFrameSender({ ...options, crypto });
    sender.advanceTo(last);
    expect(readSFrameHeader(await sender.encrypt(frame)).ctr).toBe(last);
    await expectCode("sframe-counter-overflow", () => sender.encrypt(frame));
  });

  test("what was wiped seals nothing", async () => {
    const sender = new SFrameSender({ ...options, crypto });
    sender.wipe();
    await expectCode("secret-wiped", () => sender.encrypt(frame));
  });

  test("wrong arguments are TypeErrors, and cost no counter", async () => {
    const sender = new SFrameSender({ ...options, crypto });
    const calls = [() => sender.encrypt("text" as never), () => sender.encrypt(frame, [1] as never)];
    for (const call of calls) await expect((async () => call())()).rejects.toThrow(TypeError);
    expect(sender.nextCounter).toBe(0n);
  });

  test("what is sealed or opened may be changed, or given away, once the call has returned", async () => {
    const sender = new SFrameSender({ ...options, crypto });
    const receiver = new SFrameReceiver({ suite, crypto });
    receiver.addKey(9n, options.baseKey);
    for (let i = 0; i < 3; i++) {
      const [plaintext, metadata] = [new Uint8Array([7, 7, 7]), new Uint8Array([8])];
      const sealing = sender.encrypt(plaintext, metadata);
      plaintext.fill(0);
      structuredClone(metadata, { transfer: [metadata.buffer] });
      const sealed = await sealing;
      const again = new Uint8Array([8]);
      const opening = receiver.open(sealed, again);
      sealed.fill(0);
      again.fill(0);
      expect(hex((await opening).plaintext)).toBe("070707");
    }
  });

  test("frames may lie in memory that is shared or can grow", async () => {
    const sender = new SFrameSender({ ...options, crypto });
    const receiver = new SFrameReceiver({ suite, crypto });
    receiver.addKey(9n, options.baseKey);
    const growing = Reflect.construct(ArrayBuffer, [64, { maxByteLength: 128 }]) as ArrayBuffer;
    for (const memory of [new SharedArrayBuffer(64), growing, new SharedArrayBuffer(64), growing]) {
      const plaintext = new Uint8Array(memory, 0, 3).fill(7);
      const sealed = await sender.encrypt(plaintext);
      const received = new Uint8Array(memory, 8, sealed.length);
      received.set(sealed);
      expect(hex((await receiver.open(received)).plaintext)).toBe("070707");
    }
  });

  test("WebCrypto gets no memory that is shared or can grow: not every platform's takes it", async () => {
    const given: unknown[] = [];
    const { subtle } = globalThis.crypto;
    const watched = {
      importKey: subtle.importKey.bind(subtle),
      encrypt: (...args: Parameters<SubtleCrypto["encrypt"]>) => {
        given.push((args[2] as Uint8Array).buffer);
        return subtle.encrypt(...args);
      },
    } as SubtleCrypto;
    const sender = new SFrameSender({ ...options, crypto: webCrypto({ subtle: watched }) });
    await sender.encrypt(new Uint8Array(3));
    const growing = Reflect.construct(ArrayBuffer, [64, { maxByteLength: 128 }]) as ArrayBuffer;
    for (const memory of [new SharedArrayBuffer(64), growing]) await sender.encrypt(new Uint8Array(memory));
    expect(given).toHaveLength(3);
    for (const buffer of given) {
      expect(buffer).toBeInstanceOf(ArrayBuffer);
      expect(buffer).not.toHaveProperty("resizable", true);
    }
  });

  test("a ciphertext has memory of its own, which is as long as it is", async () => {
    const sender = new SFrameSender({ ...options, crypto });
    for (const length of [0, 100, 1200, 20_000]) {
      const sealed = await sender.encrypt(new Uint8Array(length));
      expect(sealed.constructor).toBe(Uint8Array);
      expect([sealed.byteOffset, sealed.buffer.byteLength]).toEqual([0, 2 + length + suite.tagLength]);
    }
  });
});

describe("no counter is used twice", () => {
  test("moving the counter back is refused, moving it on is not", () => {
    const sender = new SFrameSender(options);
    sender.encrypt(frame);
    sender.advanceTo(1n);
    sender.advanceTo(10n);
    throwsCode("sframe-counter-reuse", () => {
      sender.advanceTo(9n);
    });
    expect(readSFrameHeader(sender.encrypt(frame)).ctr).toBe(10n);
    throwsCode("sframe-counter-reuse", () => {
      sender.advanceTo(10n);
    });
  });

  test("a counter that is no 64-bit integer is the caller's mistake", () => {
    const sender = new SFrameSender(options);
    for (const wrong of [-1n, 2n ** 64n, 1 as never]) {
      expect(() => {
        sender.advanceTo(wrong);
      }).toThrow(TypeError);
    }
  });

  test("whatever is called in whatever order", () => {
    const step = fc.oneof(fc.constant("encrypt" as const), fc.bigInt(0n, 30n));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const sender = new SFrameSender({ ...options, lastCounter: 25n });
        const used = new Set<bigint>();
        for (const what of steps) {
          try {
            if (what === "encrypt") {
              const { ctr } = readSFrameHeader(sender.encrypt(frame));
              expect(used.has(ctr)).toBe(false);
              used.add(ctr);
            } else sender.advanceTo(what);
          } catch (error) {
            expect((error as { code?: string }).code).toMatch(/^sframe-counter-(reuse|overflow)$/);
          }
        }
        expect(Math.max(-1, ...[...used].map(Number))).toBeLessThanOrEqual(25);
      }),
    );
  });

  test("a frame that could not be sealed has used its counter up", async () => {
    const broken = (crypto: SFrameCrypto<"sync">): SFrameCrypto<"sync"> => ({
      ...crypto,
      gcm: (key) => ({
        ...crypto.gcm(key),
        seal: () => {
          throw new Error("out of memory");
        },
      }),
    });
    const sender = new SFrameSender({ ...options, crypto: broken(syncCrypto()) });
    expect(() => sender.encrypt(frame)).toThrow("out of memory");
    expect(sender.nextCounter).toBe(1n);
    const subtle = { importKey: () => Promise.reject(new Error("no keys here")) } as unknown as SubtleCrypto;
    const later = new SFrameSender({ ...options, crypto: webCrypto({ subtle }) });
    await expect(later.encrypt(frame)).rejects.toThrow("no keys here");
    expect(later.nextCounter).toBe(1n);
  });

  test("a stored counter goes on where it was", () => {
    const first = new SFrameSender(options);
    const sealed = [first.encrypt(frame), first.encrypt(frame)];
    const second = new SFrameSender(options);
    second.advanceTo(first.nextCounter);
    const counters = [...sealed, second.encrypt(frame)].map((bytes) => readSFrameHeader(bytes).ctr);
    expect(counters).toEqual([0n, 1n, 2n]);
  });
});

test("wrong options are TypeErrors", () => {
  const wrong: Partial<Record<keyof SFrameSenderOptions<"sync">, unknown>>[] = [
    { suite: 4 },
    { kid: 9 },
    { kid: -1n },
    { kid: 2n ** 64n },
    { baseKey: "secret" },
    { baseKey: new Uint8Array(15) },
    { baseKey: new Uint8Array(1025) },
    { lastCounter: 2n ** 64n },
  ];
  for (const option of wrong) {
    const build = (): unknown => new SFrameSender({ ...options, ...option } as SFrameSenderOptions<"sync">);
    expect(build).toThrow(TypeError);
    expect(build).toThrow(new RegExp(`^${Object.keys(option)[0]!}.* must `)); // ours, that says which
  }
});

test("the base key is read, not kept", () => {
  const baseKey = baseKeyOf(1);
  const sender = new SFrameSender({ ...options, baseKey });
  baseKey.fill(0);
  expect(hex(sender.encrypt(frame))).toBe(hex(new SFrameSender(options).encrypt(frame)));
});

test("where there is no WebCrypto, that is said at once", () => {
  const { crypto } = globalThis;
  Object.defineProperty(globalThis, "crypto", { value: {}, configurable: true });
  try {
    throwsCode("suite-unsupported", () => webCrypto());
  } finally {
    Object.defineProperty(globalThis, "crypto", { value: crypto, configurable: true });
  }
});
