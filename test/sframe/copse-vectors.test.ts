/**
 * copse's own SFrame vectors: the committed files are what longhand.ts computes, and the library agrees with them.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { Secret } from "../../src/bytes/secret.ts";
import { fromHex, hex } from "../../src/bytes/text.ts";
import { nodeProvider } from "../../src/crypto/node.ts";
import { exportSecret } from "../../src/schedule/key-schedule.ts";
import { readSFrameHeader } from "../../src/sframe/header.ts";
import { deriveKeyAndSalt, sframeSecret } from "../../src/sframe/key.ts";
import { leafBits, mlsKid, splitMlsKid } from "../../src/sframe/mls-kid.ts";
import { MlsSFrame } from "../../src/sframe/mls.ts";
import { ratchetBaseKey, ratchetKid, splitRatchetKid } from "../../src/sframe/ratchet-kid.ts";
import { SFrameRatchetReceiver } from "../../src/sframe/ratchet-receiver.ts";
import { SFrameRatchetSender } from "../../src/sframe/ratchet-sender.ts";
import { SFrameReceiver } from "../../src/sframe/receiver.ts";
import { SFrameSender } from "../../src/sframe/sender.ts";
import { sframeSuite, type SFrameSuite } from "../../src/sframe/suites.ts";
import { copseVectors } from "./copse-vectors.ts";
import { cryptos, expectCode, throwsCode } from "./cryptos.ts";

type Hex = string;
type Uint64 = string;

interface Frame {
  readonly ctr: Uint64;
  readonly metadata: Hex;
  readonly plaintext: Hex;
  readonly ciphertext: Hex;
}
interface Keys {
  readonly kid: Uint64;
  readonly sframe_secret: Hex;
  readonly sframe_key: Hex;
  readonly sframe_salt: Hex;
  readonly frames: readonly Frame[];
}
interface MlsKidEntry {
  readonly context: Uint64;
  readonly leaf_index: number;
  readonly epoch: Uint64;
  readonly epoch_bits: number;
  readonly tree_width: number;
  readonly leaf_bits: number;
  readonly kid: Uint64;
}
interface RatchetKidEntry {
  readonly generation: Uint64;
  readonly step: Uint64;
  readonly step_bits: number;
  readonly kid: Uint64;
}
interface KidFile {
  readonly mls: readonly MlsKidEntry[];
  readonly mls_refused: readonly MlsKidEntry[];
  readonly ratchet: readonly RatchetKidEntry[];
  readonly ratchet_refused: readonly RatchetKidEntry[];
}
interface MlsGroup {
  readonly cipher_suite: number;
  readonly mls_cipher_suite: number;
  readonly epoch_bits: number;
  readonly epochs: readonly {
    readonly epoch: Uint64;
    readonly tree_width: number;
    readonly exporter_secret: Hex;
    readonly base_key: Hex;
    readonly senders: readonly (Keys & { readonly leaf_index: number; readonly context: Uint64 })[];
  }[];
}
interface RatchetEntry {
  readonly cipher_suite: number;
  readonly step_bits: number;
  readonly generations: readonly {
    readonly generation: Uint64;
    readonly steps: readonly (Keys & { readonly step: Uint64; readonly base_key: Hex })[];
  }[];
}
interface Step {
  readonly frame: Hex;
  readonly plaintext?: Hex;
  readonly error?: Parameters<typeof expectCode>[0];
}
interface BaseKey {
  readonly kid: Uint64;
  readonly base_key: Hex;
}
interface NegativeFile {
  readonly header: readonly { readonly header: Hex; readonly reason: string }[];
  readonly receiver: readonly {
    readonly cipher_suite: number;
    readonly metadata: Hex;
    readonly replay_window: number;
    readonly sending_kids: readonly Uint64[];
    readonly keys: readonly BaseKey[];
    readonly steps: readonly Step[];
  }[];
  readonly ratchet: readonly {
    readonly cipher_suite: number;
    readonly metadata: Hex;
    readonly step_bits: number;
    readonly max_ahead: number;
    readonly keep_steps: number;
    readonly key: BaseKey;
    readonly steps: readonly Step[];
  }[];
  readonly mls: readonly {
    readonly cipher_suite: number;
    readonly metadata: Hex;
    readonly epoch_bits: number;
    readonly leaf_index: number;
    readonly tree_width: number;
    readonly max_contexts: number;
    readonly phases: readonly { readonly epoch: Uint64; readonly base_key: Hex; readonly steps: readonly Step[] }[];
  }[];
}

const directory = resolve(import.meta.dirname, "../../vectors/copse");
const read = (name: string): unknown => JSON.parse(readFileSync(join(directory, name), "utf8"));
const suiteOf = (id: number): SFrameSuite => sframeSuite(id, { experimental: true });

/** The files, as they must stand in vectors/copse. */
const computed = Object.entries(copseVectors()).map(
  ([name, content]) => [name, `${JSON.stringify(content, null, 1)}\n`] as const,
);
if (process.env["COPSE_WRITE_VECTORS"] === "1") {
  for (const [name, text] of computed) writeFileSync(join(directory, name), text);
}

test.each(computed)("the committed %s is what the RFC's words come to", (name, text) => {
  expect(readFileSync(join(directory, name), "utf8") === text, `${name} differs from what is computed`).toBe(true);
});

describe("KIDs", () => {
  const file = read("sframe-kid.json") as KidFile;
  const layoutOf = (entry: MlsKidEntry) => ({ epochBits: entry.epoch_bits, treeWidth: entry.tree_width });
  const partsOf = (entry: MlsKidEntry) => ({
    context: BigInt(entry.context),
    leafIndex: entry.leaf_index,
    epoch: BigInt(entry.epoch),
  });

  test.each(file.mls.map((entry) => [entry.kid, entry] as const))("MLS, %s", (_kid, entry) => {
    expect(leafBits(entry.tree_width)).toBe(entry.leaf_bits);
    expect(mlsKid({ ...partsOf(entry), ...layoutOf(entry) })).toBe(BigInt(entry.kid));
    const { context, leafIndex, epoch } = partsOf(entry);
    expect(splitMlsKid(BigInt(entry.kid), layoutOf(entry))).toEqual({
      context,
      leafIndex,
      epoch: epoch % 2n ** BigInt(entry.epoch_bits),
    });
  });

  test.each(file.ratchet.map((entry) => [entry.kid, entry] as const))("ratchet, %s", (_kid, entry) => {
    const [generation, step, stepBits] = [BigInt(entry.generation), BigInt(entry.step), entry.step_bits];
    expect(ratchetKid({ generation, step, stepBits })).toBe(BigInt(entry.kid));
    expect(splitRatchetKid(BigInt(entry.kid), stepBits)).toEqual({ generation, step: step % 2n ** BigInt(stepBits) });
  });

  test("what has no KID", () => {
    expect(file.mls_refused.length + file.ratchet_refused.length).toBeGreaterThan(2);
    for (const entry of file.mls_refused) {
      throwsCode("sframe-kid-range", () => mlsKid({ ...partsOf(entry), ...layoutOf(entry) }));
    }
    for (const { generation, step, step_bits: stepBits } of file.ratchet_refused) {
      throwsCode("sframe-kid-range", () =>
        ratchetKid({ generation: BigInt(generation), step: BigInt(step), stepBits }),
      );
    }
  });
});

describe.each(cryptos)("over %s", (_name, crypto) => {
  const { symmetric } = crypto;

  /** Key, salt and frames of a KID; `encrypt` is a sender of it. */
  async function checkKeys(suite: SFrameSuite, baseKey: Uint8Array, entry: Keys): Promise<void> {
    const kid = BigInt(entry.kid);
    expect(hex(sframeSecret(symmetric, suite, baseKey))).toBe(entry.sframe_secret);
    const { key, salt } = deriveKeyAndSalt(symmetric, { suite, kid, baseKey });
    expect(key.use(hex)).toBe(entry.sframe_key);
    expect(salt.use(hex)).toBe(entry.sframe_salt);
    for (const frame of entry.frames) {
      const sender = new SFrameSender({ suite, kid, baseKey, crypto });
      sender.advanceTo(BigInt(frame.ctr));
      const sealed = await sender.encrypt(fromHex(frame.plaintext), fromHex(frame.metadata));
      expect(hex(sealed)).toBe(frame.ciphertext);
    }
  }

  test.each((read("sframe-mls.json") as MlsGroup[]).map((group) => [group.cipher_suite, group] as const))(
    "MLS epochs, suite %i",
    async (id, group) => {
      const suite = suiteOf(id);
      const provider = nodeProvider.cipherSuite(group.mls_cipher_suite);
      const own = group.epochs.map(() => new MlsSFrame({ suite, epochBits: group.epoch_bits, crypto }));
      const other = new MlsSFrame({ suite, epochBits: group.epoch_bits, crypto });
      for (const [
        index,
        { epoch: text, tree_width: treeWidth, base_key: baseKey, ...entry },
      ] of group.epochs.entries()) {
        const epoch = BigInt(text);
        const secret = Secret.of("exporter_secret", fromHex(entry.exporter_secret));
        const exporter = (label: string, context: Uint8Array, length: number): Uint8Array =>
          exportSecret(provider, secret, label, context, length);
        other.addEpoch({ epoch, treeWidth, leafIndex: 0, exporter });
        for (const sender of entry.senders) {
          await checkKeys(suite, fromHex(baseKey), sender);
          const context = BigInt(sender.context);
          own[index]!.addEpoch({ epoch, treeWidth, leafIndex: sender.leaf_index, exporter });
          const sealing = own[index]!.sender({ epoch, context });
          expect(sealing.kid).toBe(BigInt(sender.kid));
          for (const { ctr, metadata, plaintext, ciphertext } of sender.frames) {
            sealing.advanceTo(BigInt(ctr));
            expect(hex(await sealing.encrypt(fromHex(plaintext), fromHex(metadata)))).toBe(ciphertext);
            const opened = await other.open(fromHex(ciphertext), fromHex(metadata));
            expect(opened).toMatchObject({ epoch, context, leafIndex: sender.leaf_index, ctr: BigInt(ctr) });
            expect(hex(opened.plaintext)).toBe(plaintext);
          }
        }
      }
    },
  );

  test.each((read("sframe-ratchet.json") as RatchetEntry[]).map((entry) => [entry.cipher_suite, entry] as const))(
    "the ratchet, suite %i",
    async (id, { step_bits: stepBits, generations }) => {
      const suite = suiteOf(id);
      const receiver = new SFrameRatchetReceiver({ suite, stepBits, crypto });
      let sender: SFrameRatchetSender<"sync" | "async"> | undefined;
      for (const { steps } of generations) {
        let baseKey: Uint8Array = fromHex(steps[0]!.base_key);
        if (sender === undefined) sender = new SFrameRatchetSender({ suite, stepBits, baseKey, crypto });
        else sender.replaceKey(baseKey);
        receiver.addKey(sender.share());
        for (const [index, step] of steps.entries()) {
          if (index > 0) {
            sender.ratchet();
            baseKey = ratchetBaseKey(symmetric, suite, baseKey);
          }
          expect(hex(baseKey)).toBe(step.base_key);
          expect(hex(sender.share().baseKey)).toBe(step.base_key);
          expect(sender.kid).toBe(BigInt(step.kid));
          await checkKeys(suite, baseKey, step);
          for (const { metadata, plaintext, ciphertext } of step.frames) {
            const opened = await receiver.open(fromHex(ciphertext), fromHex(metadata));
            expect(hex(opened.plaintext)).toBe(plaintext);
          }
        }
      }
    },
  );

  const negative = read("sframe-negative.json") as NegativeFile;

  /** Play frames to a receiver: each opens or is refused as the file says. */
  async function play(
    target: { open(frame: Uint8Array, metadata: Uint8Array): unknown },
    { metadata, steps }: { readonly metadata: Hex; readonly steps: readonly Step[] },
  ): Promise<void> {
    for (const [index, { frame, plaintext, error }] of steps.entries()) {
      const open = (): unknown => target.open(fromHex(frame), fromHex(metadata));
      if (error !== undefined) await expectCode(error, open);
      else expect(hex(((await open()) as { plaintext: Uint8Array }).plaintext), `step ${index}`).toBe(plaintext);
    }
  }

  test.each(negative.receiver.map((entry) => [entry.cipher_suite, entry] as const))(
    "what a receiver refuses, suite %i",
    async (id, entry) => {
      const receiver = new SFrameReceiver({ suite: suiteOf(id), crypto, replayWindow: entry.replay_window });
      for (const kid of entry.sending_kids) receiver.addSendingKid(BigInt(kid));
      for (const { kid, base_key: baseKey } of entry.keys) receiver.addKey(BigInt(kid), fromHex(baseKey));
      await play(receiver, entry);
    },
  );

  test.each(negative.ratchet.map((entry) => [entry.cipher_suite, entry] as const))(
    "what a ratcheting receiver refuses, suite %i",
    async (id, entry) => {
      const receiver = new SFrameRatchetReceiver({
        suite: suiteOf(id),
        crypto,
        stepBits: entry.step_bits,
        maxAhead: entry.max_ahead,
        keepSteps: entry.keep_steps,
      });
      receiver.addKey({ kid: BigInt(entry.key.kid), baseKey: fromHex(entry.key.base_key) });
      await play(receiver, entry);
    },
  );

  test.each(negative.mls.map((entry) => [entry.cipher_suite, entry] as const))(
    "what a member refuses, suite %i",
    async (id, entry) => {
      const member = new MlsSFrame({
        suite: suiteOf(id),
        crypto,
        epochBits: entry.epoch_bits,
        maxContexts: entry.max_contexts,
      });
      for (const { epoch, base_key: baseKey, steps } of entry.phases) {
        member.addEpoch({
          epoch: BigInt(epoch),
          leafIndex: entry.leaf_index,
          treeWidth: entry.tree_width,
          exporter: () => fromHex(baseKey),
        });
        await play(member, { metadata: entry.metadata, steps });
      }
    },
  );
});

test("headers that are none", () => {
  const { header } = read("sframe-negative.json") as NegativeFile;
  expect(header.length).toBeGreaterThan(10);
  for (const entry of header) throwsCode("sframe-header", () => readSFrameHeader(fromHex(entry.header)));
});
