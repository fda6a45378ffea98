/**
 * Targets: SFrame's receivers, in all suites, over every way of doing the cryptography.
 */

import fc from "fast-check";
import { bytesEqual } from "../../src/bytes/compare.ts";
import * as noble from "../../src/crypto/symmetric-noble.ts";
import * as node from "../../src/crypto/symmetric-node.ts";
import { syncCrypto, type SFrameCrypto } from "../../src/sframe/crypto.ts";
import type { Form } from "../../src/sframe/form.ts";
import { readSFrameHeader, writeSFrameHeader } from "../../src/sframe/header.ts";
import { MlsSFrame } from "../../src/sframe/mls.ts";
import { SFrameRatchetReceiver } from "../../src/sframe/ratchet-receiver.ts";
import { SFrameRatchetSender } from "../../src/sframe/ratchet-sender.ts";
import { SFrameReceiver } from "../../src/sframe/receiver.ts";
import { SFrameSender } from "../../src/sframe/sender.ts";
import { sframeSuite, type SFrameSuite } from "../../src/sframe/suites.ts";
import { webCrypto } from "../../src/sframe/web-crypto.ts";
import type { Field } from "./fields.ts";
import { hold, outcome, outcomeNow, target, type Target } from "./harness.ts";
import { anyEdits, mutated, noise, rarely } from "./mutation.ts";
import { pick } from "./receiving.ts";

/** Something that opens frames, and a frame that it has not opened yet. */
interface Receiving {
  open(frame: Uint8Array, metadata?: Uint8Array): unknown;
  readonly frame: Uint8Array;
}

/** As decimal digits in a case, so that a case is JSON. */
const value64 = fc.bigInt(0n, 2n ** 64n - 1n).map(String);
const metadata = noise(11, 5);
const plaintext = noise(60, 9);
const baseKey = noise(32, 77);

/** The header's parser alone, and every receiver. */
export async function frameTargets(): Promise<readonly Target[]> {
  const receivers: Receiving[] = [];
  const cryptos: readonly SFrameCrypto<Form>[] = [syncCrypto(node), syncCrypto(noble), webCrypto()];
  for (let id = 1; id <= 8; id++) {
    const suite = sframeSuite(id, { experimental: true });
    for (const crypto of cryptos) receivers.push(...(await receiversOf(suite, crypto)));
  }
  return [
    target({
      name: "frame header",
      counts: "decodes",
      share: 20_000,
      cases: fc.array(fc.nat(255), { maxLength: 20 }),
      run: (numbers, tally) => {
        const bytes = Uint8Array.from(numbers);
        const result = outcomeNow(tally, () => readSFrameHeader(bytes));
        if (!result.ok) return;
        const again = writeSFrameHeader(result.value);
        hold(bytesEqual(again, bytes.subarray(0, result.value.length)), "a header in another form");
      },
    }),
    target({
      name: "open frame",
      counts: "others",
      share: 2_000,
      cases: fc.record({
        receiver: fc.nat(receivers.length - 1),
        edits: anyEdits,
        aad: rarely(fc.nat(40)),
        header: rarely(fc.record({ kid: value64, ctr: value64 })),
      }),
      run: async ({ receiver: index, edits, aad, header }, tally) => {
        const receiver = pick(receivers, index);
        const fields = header === null ? frameFields(receiver.frame) : withHeader(receiver.frame, header);
        const frame = mutated(fields, edits);
        const given = aad === null ? metadata : noise(aad, aad);
        const result = await outcome(tally, () => receiver.open(frame, given));
        if (!result.ok) hold(result.error.code.startsWith("sframe-"), result.error.code);
        // Only the frame itself opens, and once; another under its counter does not take its place.
        else hold(bytesEqual(frame, receiver.frame), "a changed frame has opened");
        if (result.ok) receivers[index] = await renewed(index, receivers);
      },
    }),
  ];

  async function renewed(index: number, all: readonly Receiving[]): Promise<Receiving> {
    const perSuite = all.length / 8;
    const perCrypto = perSuite / cryptos.length;
    const suite = sframeSuite(1 + Math.floor(index / perSuite), { experimental: true });
    const crypto = cryptos[Math.floor((index % perSuite) / perCrypto)]!;
    return (await receiversOf(suite, crypto))[index % perCrypto]!;
  }
}

/** The header's byte and values, and the rest. */
function frameFields(frame: Uint8Array): readonly Field[] {
  const { length } = readSFrameHeader(frame);
  const cuts = [0, 1, length, frame.length - 4, frame.length];
  return cuts.slice(1).map((end, i) => ({ kind: "bytes", bytes: frame.slice(cuts[i], end) }));
}

function withHeader(frame: Uint8Array, header: { readonly kid: string; readonly ctr: string }): readonly Field[] {
  const { length } = readSFrameHeader(frame);
  return [
    { kind: "bytes", bytes: writeSFrameHeader({ kid: BigInt(header.kid), ctr: BigInt(header.ctr) }) },
    { kind: "bytes", bytes: frame.slice(length) },
  ];
}

async function receiversOf(suite: SFrameSuite, crypto: SFrameCrypto<Form>): Promise<readonly Receiving[]> {
  const sender = new SFrameSender({ suite, kid: 0x1234n, baseKey, crypto });
  const receiver = new SFrameReceiver({ suite, crypto });
  receiver.addKey(0x1234n, baseKey);
  receiver.addSendingKid(3n);
  await receiver.open(await sender.encrypt(plaintext, metadata), metadata);

  const ratcheting = new SFrameRatchetSender({ suite, stepBits: 4, generation: 9n, baseKey, crypto });
  const following = new SFrameRatchetReceiver({ suite, stepBits: 4, crypto });
  following.addKey({ kid: ratcheting.kid, baseKey });
  for (let i = 0; i < 3; i++) ratcheting.ratchet();

  const exporter = (_label: string, _context: Uint8Array, length: number): Uint8Array => noise(length, 3);
  const ours = new MlsSFrame({ suite, epochBits: 4, crypto });
  const theirs = new MlsSFrame({ suite, epochBits: 4, crypto });
  for (const epoch of [16n, 17n]) {
    ours.addEpoch({ epoch, leafIndex: 1, treeWidth: 8, exporter });
    theirs.addEpoch({ epoch, leafIndex: 6, treeWidth: 8, exporter });
  }
  return [
    { open: (frame, aad) => receiver.open(frame, aad), frame: await sender.encrypt(plaintext, metadata) },
    { open: (frame, aad) => following.open(frame, aad), frame: await ratcheting.encrypt(plaintext, metadata) },
    {
      open: (frame, aad) => ours.open(frame, aad),
      frame: await theirs.sender({ epoch: 17n, context: 2n }).encrypt(plaintext, metadata),
    },
  ];
}
