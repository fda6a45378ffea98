import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import type { Form } from "../../src/sframe/form.ts";
import { writeSFrameHeader } from "../../src/sframe/header.ts";
import { leafBits, mlsKid, sframeBaseKey, splitMlsKid, type MlsExporter } from "../../src/sframe/mls-kid.ts";
import { MlsSFrame, type MlsEpoch, type MlsSFrameOptions } from "../../src/sframe/mls.ts";
import { sframeSuite } from "../../src/sframe/suites.ts";
import { baseKeyOf, cryptos, expectCode, throwsCode, web } from "./cryptos.ts";

const suite = sframeSuite(1);
const media = new Uint8Array([1, 2, 3]);

/** An exporter that answers one question, differently in each epoch. */
function exporterOf(epoch: bigint): MlsExporter {
  return (label, context, length) => {
    expect([label, hex(context)]).toEqual(["SFrame 1.0 Base Key", ""]);
    return baseKeyOf(Number(epoch), length);
  };
}

function epochOf(epoch: bigint, leafIndex: number, treeWidth = 4): MlsEpoch {
  return { epoch, leafIndex, treeWidth, exporter: exporterOf(epoch) };
}

test("a base key is as long as the suite's keys, whatever the exporter gives", () => {
  const long = sframeSuite(5);
  expect(sframeBaseKey((_, __, length) => new Uint8Array(length), long).length).toBe(32);
  for (const wrong of [new Uint8Array(0), new Uint8Array(31), new Uint8Array(33), "a".repeat(32) as never]) {
    expect(() => sframeBaseKey(() => wrong, long)).toThrow(TypeError);
    expect(() => sframeBaseKey(() => wrong, long)).toThrow(/^exporter\(\).* must /);
  }
  for (const none of [undefined, 5]) {
    expect(() => sframeBaseKey(none as never, long)).toThrow("exporter must be a function");
    expect(() => sframeBaseKey(() => new Uint8Array(16), none as never)).toThrow("options must be an object");
  }
});

describe("KIDs", () => {
  test("are those of the RFC's figure: E = 4, S = 6", () => {
    const kid = (epoch: bigint, leafIndex: number, context = 0n): bigint =>
      mlsKid({ context, leafIndex, epoch, epochBits: 4, treeWidth: 64 });
    expect([kid(14n, 3), kid(14n, 7), kid(14n, 20)]).toEqual([0x3en, 0x7en, 0x14en]);
    expect([kid(15n, 3), kid(15n, 5)]).toEqual([0x3fn, 0x5fn]);
    expect([kid(16n, 2, 2n), kid(16n, 2, 3n)]).toEqual([0x820n, 0xc20n]);
    expect([kid(17n, 33), kid(17n, 51)]).toEqual([0x211n, 0x331n]);
  });

  test("S is the smallest with the tree's width <= 2^S", () => {
    expect([1, 2, 3, 4, 5, 8, 9, 1024, 1025, 2 ** 31].map(leafBits)).toEqual([0, 1, 2, 2, 3, 3, 4, 10, 11, 31]);
  });

  test("splitting gives back what was joined", () => {
    const parts = fc
      .record({ epochBits: fc.integer({ min: 0, max: 16 }), s: fc.integer({ min: 0, max: 31 }) })
      .chain(({ epochBits, s }) =>
        fc.record({
          epochBits: fc.constant(epochBits),
          treeWidth: fc.constant(2 ** s),
          context: fc.bigInt(0n, (1n << BigInt(64 - epochBits - s)) - 1n),
          leafIndex: fc.integer({ min: 0, max: 2 ** s - 1 }),
          epoch: fc.bigInt(0n, 2n ** 64n - 1n),
        }),
      );
    fc.assert(
      fc.property(parts, ({ context, leafIndex, epoch, epochBits, treeWidth }) => {
        const kid = mlsKid({ context, leafIndex, epoch, epochBits, treeWidth });
        expect(splitMlsKid(kid, { epochBits, treeWidth })).toEqual({
          context,
          leafIndex,
          epoch: BigInt.asUintN(epochBits, epoch),
        });
      }),
    );
  });

  test("what does not fit is refused", () => {
    const fits = { context: (1n << 58n) - 1n, leafIndex: 3, epoch: 0n, epochBits: 4, treeWidth: 4 };
    expect(mlsKid({ ...fits, epoch: 15n })).toBe(2n ** 64n - 1n);
    throwsCode("sframe-kid-range", () => mlsKid({ ...fits, context: 1n << 58n }));
    throwsCode("sframe-kid-range", () => mlsKid({ ...fits, leafIndex: 4 }));
    throwsCode("sframe-kid-range", () => mlsKid({ ...fits, context: 0n, leafIndex: 5, treeWidth: 5 }));
  });

  test("wrong arguments are TypeErrors", () => {
    const right = { context: 0n, leafIndex: 0, epoch: 0n, epochBits: 4, treeWidth: 4 };
    const wrong: object[] = [
      { context: 0 },
      { leafIndex: -1 },
      { leafIndex: 0.5 },
      { epoch: 2n ** 64n },
      { epochBits: 17 },
      { treeWidth: 0 },
    ];
    for (const change of wrong) {
      expect(() => mlsKid({ ...right, ...change })).toThrow(TypeError);
      expect(() => mlsKid({ ...right, ...change })).toThrow(new RegExp(`^${Object.keys(change)[0]!} must `));
    }
    for (const kid of [1 as never, -1n, 2n ** 64n]) expect(() => splitMlsKid(kid, right)).toThrow(/^kid must /);
    for (const epochBits of [-1, 17])
      expect(() => splitMlsKid(1n, { ...right, epochBits })).toThrow(/^epochBits must /);
    for (const layout of [undefined, null, 7]) {
      expect(() => splitMlsKid(1n, layout as never)).toThrow(new TypeError("options must be an object"));
    }
  });
});

describe.each(cryptos)("over %s", (_name, crypto) => {
  const memberOf = (options: Partial<MlsSFrameOptions<Form>> = {}): MlsSFrame<Form> =>
    new MlsSFrame({ suite, epochBits: 2, crypto, ...options });

  /** Members at the first leaves, in these epochs. */
  const groupOf = (count: number, epochs: readonly bigint[], options: Partial<MlsSFrameOptions<Form>> = {}) =>
    Array.from({ length: count }, (_, leafIndex) => {
      const member = memberOf(options);
      for (const epoch of epochs) member.addEpoch(epochOf(epoch, leafIndex));
      return member;
    });

  test("what each member sends, all others open, and know whose it says it is", async () => {
    const members = groupOf(4, [7n, 8n]);
    for (const [leafIndex, member] of members.entries()) {
      for (const epoch of [8n, 7n]) {
        for (const context of [0n, 1n, 900n]) {
          const frame = await member.sender({ epoch, context }).encrypt(media, new Uint8Array([9]));
          for (const other of members) {
            if (other === member) continue;
            const opened = await other.open(frame, new Uint8Array([9]));
            expect(opened).toMatchObject({ epoch, leafIndex, context, ctr: 0n });
            expect(hex(opened.plaintext)).toBe(hex(media));
          }
        }
      }
    }
  });

  test("our own frames are refused, whatever their context", async () => {
    const [alice, bob] = groupOf(2, [1n]);
    const frame = await alice!.sender({ epoch: 1n, context: 5n }).encrypt(media);
    await expectCode("sframe-kid-role", () => alice!.open(frame));
    await bob!.open(frame);
  });

  test("a frame opens once, in each epoch and context for itself", async () => {
    const [alice, bob] = groupOf(2, [1n, 2n]);
    for (const epoch of [1n, 2n]) {
      for (const context of [0n, 1n]) {
        const frame = await alice!.sender({ epoch, context }).encrypt(media);
        await bob!.open(frame);
        await expectCode("sframe-replay", () => bob!.open(frame));
      }
    }
  });

  test("a new epoch takes the place of the old one with its low bits", async () => {
    const [alice, bob] = groupOf(2, [0n]);
    const old = await alice!.sender({ epoch: 0n }).encrypt(media);
    for (const epoch of [1n, 2n, 3n]) bob!.addEpoch(epochOf(epoch, 1));
    expect(bob!.epochs).toEqual([0n, 1n, 2n, 3n]);
    bob!.addEpoch(epochOf(4n, 1));
    expect(bob!.epochs).toEqual([1n, 2n, 3n, 4n]);
    await expectCode("sframe-open", () => bob!.open(old)); // its KID now means epoch 4
  });

  test("epochs that were skipped leave none behind that is 2^E old", () => {
    const member = memberOf();
    for (const epoch of [0n, 1n, 6n]) member.addEpoch(epochOf(epoch, 0));
    expect(member.epochs).toEqual([6n]);
  });

  test("an erased epoch opens nothing, and its senders seal nothing", async () => {
    const [alice, bob] = groupOf(2, [1n, 2n]);
    const sender = alice!.sender({ epoch: 1n });
    const frames = [await sender.encrypt(media), await sender.encrypt(media)];
    await bob!.open(frames[0]!);
    expect(bob!.removeEpoch(1n)).toBe(true);
    expect(bob!.removeEpoch(1n)).toBe(false);
    await expectCode("sframe-unknown-kid", () => bob!.open(frames[1]!));
    alice!.removeEpoch(1n);
    await expectCode("secret-wiped", () => sender.encrypt(media));
    throwsCode("epoch-unavailable", () => alice!.sender({ epoch: 1n }));
    await bob!.open(await alice!.sender({ epoch: 2n }).encrypt(media));
  });

  test("a removed member can't open what follows", async () => {
    const [alice, bob, mallory] = groupOf(3, [1n]);
    for (const [leafIndex, member] of [alice!, bob!].entries()) member.addEpoch(epochOf(2n, leafIndex));
    const frame = await alice!.sender({ epoch: 2n }).encrypt(media);
    await bob!.open(frame);
    await expectCode("sframe-unknown-kid", () => mallory!.open(frame));
    mallory!.addEpoch({ ...epochOf(2n, 2), exporter: exporterOf(1n) }); // the newest secret that it has
    await expectCode("sframe-open", () => mallory!.open(frame));
  });

  test("the tree grows from one epoch to the next, and each epoch's KIDs are read by its own width", async () => {
    const [alice, bob] = groupOf(2, [1n]);
    for (const [leafIndex, member] of [alice!, bob!].entries()) member.addEpoch(epochOf(2n, leafIndex, 256));
    const late = memberOf();
    late.addEpoch(epochOf(2n, 200, 256));
    expect(await bob!.open(await late.sender({ epoch: 2n, context: 3n }).encrypt(media))).toMatchObject({
      leafIndex: 200,
      context: 3n,
    });
    expect(await bob!.open(await alice!.sender({ epoch: 1n, context: 3n }).encrypt(media))).toMatchObject({
      leafIndex: 0,
      context: 3n,
    });
  });

  test("forged frames under new KIDs leave nothing behind", async () => {
    const [alice, bob] = groupOf(2, [1n], { maxContexts: 2, maxKeys: 2 });
    for (let context = 0n; context < 20n; context++) {
      const kid = mlsKid({ context, leafIndex: 0, epoch: 1n, epochBits: 2, treeWidth: 4 });
      const forged = new Uint8Array([...writeSFrameHeader({ kid, ctr: 0n }), ...new Uint8Array(30)]);
      await expectCode("sframe-open", () => bob!.open(forged));
    }
    for (const context of [0n, 1n]) await bob!.open(await alice!.sender({ epoch: 1n, context }).encrypt(media));
  });

  test("contexts are bounded on both sides, for each sender and epoch", async () => {
    const [bob] = groupOf(1, [1n, 2n], { maxContexts: 2 });
    const senders = [1, 2].map((leafIndex) => {
      const member = memberOf();
      for (const epoch of [1n, 2n]) member.addEpoch(epochOf(epoch, leafIndex));
      return member;
    });
    for (const member of senders) {
      for (const epoch of [1n, 2n]) {
        for (const context of [10n, 11n]) await bob!.open(await member.sender({ epoch, context }).encrypt(media));
        const third = await member.sender({ epoch, context: 12n }).encrypt(media);
        await expectCode("limit-exceeded", () => bob!.open(third));
        third[third.length - 1]! ^= 1; // and it costs no decryption
        await expectCode("limit-exceeded", () => bob!.open(third));
        await bob!.open(await member.sender({ epoch, context: 10n }).encrypt(media));
      }
    }
    bob!.sender({ epoch: 1n, context: 0n });
    bob!.sender({ epoch: 1n, context: 1n });
    throwsCode("limit-exceeded", () => bob!.sender({ epoch: 1n, context: 2n }));
    bob!.sender({ epoch: 1n, context: 1n });
  });

  test("the number of KIDs is bounded, over all senders", async () => {
    const [bob] = groupOf(1, [1n], { maxKeys: 2 });
    const frames: Uint8Array[] = [];
    for (const leafIndex of [1, 2, 3]) {
      const member = memberOf();
      member.addEpoch(epochOf(1n, leafIndex));
      frames.push(await member.sender({ epoch: 1n }).encrypt(media));
    }
    await bob!.open(frames[0]!);
    await bob!.open(frames[1]!);
    await expectCode("limit-exceeded", () => bob!.open(frames[2]!));
  });
});

describe("first frames of a KID that are opened without waiting for each other", () => {
  test("all open, each once, and count as one context", async () => {
    const alice = new MlsSFrame({ suite, epochBits: 4 });
    const bob = new MlsSFrame({ suite, epochBits: 4, crypto: web, maxContexts: 1 });
    alice.addEpoch(epochOf(1n, 0));
    bob.addEpoch(epochOf(1n, 1));
    const sender = alice.sender({ epoch: 1n });
    const frames = Array.from({ length: 5 }, () => sender.encrypt(media));
    const results = await Promise.allSettled([...frames, ...frames].map((frame) => bob.open(frame)));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
    const other = alice.sender({ epoch: 1n, context: 1n }).encrypt(media);
    await expectCode("limit-exceeded", () => bob.open(other));
  });

  test.each([{ maxContexts: 2 }, { maxKeys: 2 }])("bounds hold when the frames race: %o", async (bound) => {
    const alice = new MlsSFrame({ suite, epochBits: 4 });
    const bob = new MlsSFrame({ suite, epochBits: 4, crypto: web, ...bound });
    alice.addEpoch(epochOf(1n, 0));
    bob.addEpoch(epochOf(1n, 1));
    const frames = [0n, 1n, 2n, 3n].map((context) => alice.sender({ epoch: 1n, context }).encrypt(media));
    const results = await Promise.allSettled(frames.map((frame) => bob.open(frame)));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
  });

  test("an epoch that is erased in the meantime opens nothing more", async () => {
    const alice = new MlsSFrame({ suite, epochBits: 4 });
    const bob = new MlsSFrame({ suite, epochBits: 4, crypto: web });
    alice.addEpoch(epochOf(1n, 0));
    bob.addEpoch(epochOf(1n, 1));
    const opening = bob.open(alice.sender({ epoch: 1n }).encrypt(media));
    bob.wipe();
    await expectCode("sframe-unknown-kid", () => opening);
  });
});

describe("no counter begins anew", () => {
  test("an epoch comes once, and epochs in ascending order", () => {
    const member = new MlsSFrame({ suite, epochBits: 4 });
    member.addEpoch(epochOf(5n, 0));
    const sender = member.sender({ epoch: 5n });
    const again = [5n, 4n].map((epoch) => () => {
      member.addEpoch(epochOf(epoch, 0));
    });
    for (const add of again) throwsCode("sframe-key-order", add);
    expect(member.sender({ epoch: 5n })).toBe(sender);
    member.removeEpoch(5n);
    for (const add of again) throwsCode("sframe-key-order", add);
    member.wipe();
    for (const add of again) throwsCode("sframe-key-order", add);
  });

  test("an epoch with the same low bits is another epoch", () => {
    const member = new MlsSFrame({ suite, epochBits: 4 });
    member.addEpoch(epochOf(5n, 0));
    throwsCode("epoch-unavailable", () => member.sender({ epoch: 21n }));
    expect(member.removeEpoch(21n)).toBe(false);
    expect(member.epochs).toEqual([5n]);
  });

  test("a context has one sender", () => {
    const member = new MlsSFrame({ suite, epochBits: 4 });
    member.addEpoch(epochOf(5n, 0));
    expect(member.sender({ epoch: 5n, context: 3n })).toBe(member.sender({ epoch: 5n, context: 3n }));
    expect(member.sender({ epoch: 5n })).not.toBe(member.sender({ epoch: 5n, context: 3n }));
  });
});

describe("what a caller passes", () => {
  test("our leaf must be in the tree, and the context must fit", () => {
    const member = new MlsSFrame({ suite, epochBits: 4 });
    throwsCode("sframe-kid-range", () => {
      member.addEpoch(epochOf(1n, 4));
    });
    member.addEpoch(epochOf(1n, 3));
    throwsCode("sframe-kid-range", () => member.sender({ epoch: 1n, context: 1n << 58n }));
    expect(member.sender({ epoch: 1n, context: (1n << 58n) - 1n }).kid).toBe(2n ** 64n - 15n);
  });

  test("an exporter that gives another length is refused, and the epoch is not taken", () => {
    const member = new MlsSFrame({ suite, epochBits: 4 });
    const short: MlsEpoch = { ...epochOf(1n, 0), exporter: () => new Uint8Array(16) };
    expect(() => {
      member.addEpoch(short);
    }).toThrow(TypeError);
    expect(member.epochs).toEqual([]);
    member.addEpoch(epochOf(1n, 0));
  });

  test("wrong options are TypeErrors", () => {
    const wrong: object[] = [{ suite: 1 }, { epochBits: 17 }, { maxContexts: 0 }, { maxKeys: 0 }];
    for (const option of wrong) expect(() => new MlsSFrame({ suite, epochBits: 4, ...option })).toThrow(TypeError);
    const member = new MlsSFrame({ suite, epochBits: 4 });
    expect(() => member.sender({ epoch: 1 as never })).toThrow(TypeError);
    expect(() => member.open([] as never)).toThrow(TypeError);
  });
});
