import { afterEach, beforeEach, expect, test } from "vitest";
import { MlsSFrame } from "../../src/sframe/mls.ts";
import { SFrameRatchetReceiver } from "../../src/sframe/ratchet-receiver.ts";
import { SFrameRatchetSender } from "../../src/sframe/ratchet-sender.ts";
import { SFrameReceiver } from "../../src/sframe/receiver.ts";
import { SFrameSender } from "../../src/sframe/sender.ts";
import { sframeSuite } from "../../src/sframe/suites.ts";
import { LiveSecrets } from "../schedule/live-secrets.ts";
import { baseKeyOf, cryptos, expectCode } from "./cryptos.ts";

const media = new Uint8Array([1, 2, 3]);
const stepBits = 4;

let live: LiveSecrets;
beforeEach(() => {
  live = new LiveSecrets();
});
afterEach(() => {
  live.stop();
});

/** The frame with its last byte changed. */
function forged(frame: Uint8Array): Uint8Array {
  return Uint8Array.from(frame, (byte, i) => (i === frame.length - 1 ? byte ^ 1 : byte));
}

for (const [name, crypto] of cryptos) {
  for (const suite of [sframeSuite(1), sframeSuite(4)]) {
    test(`senders and receivers leave nothing behind, ${suite.name} over ${name}`, async () => {
      const sender = new SFrameSender({ suite, kid: 9n, baseKey: baseKeyOf(1), crypto });
      const receiver = new SFrameReceiver({ suite, crypto });
      for (const key of [1, 1, 2, 1]) receiver.addKey(9n, baseKeyOf(key));
      receiver.addKey(10n, baseKeyOf(1));
      const frame = await sender.encrypt(media);
      await expectCode("sframe-open", () => receiver.open(forged(frame)));
      await receiver.open(frame);
      expect(live.count).toBeGreaterThan(0);
      receiver.removeKey(9n);
      receiver.wipe();
      sender.wipe();
      expect(live.names()).toEqual([]);
    });

    test(`what is derived for a forged frame is forgotten, ${suite.name} over ${name}`, async () => {
      const epoch = { epoch: 1n, treeWidth: 4, exporter: () => baseKeyOf(1, suite.keyLength) };
      const alice = new MlsSFrame({ suite, epochBits: 4 });
      const bob = new MlsSFrame({ suite, epochBits: 4, crypto });
      alice.addEpoch({ ...epoch, leafIndex: 0 });
      bob.addEpoch({ ...epoch, leafIndex: 1 });
      const frame = alice.sender({ epoch: 1n }).encrypt(media);
      const before = live.names();
      await expectCode("sframe-open", () => bob.open(forged(frame)));
      expect(live.names()).toEqual(before);
      await Promise.allSettled([frame, frame, forged(frame)].map(async (bytes) => bob.open(bytes)));
      const after = live.count;
      await expectCode("sframe-replay", () => bob.open(frame));
      expect(live.count).toBe(after);
      alice.removeEpoch(1n);
      bob.removeEpoch(1n);
      expect(live.names()).toEqual([]);
    });

    test(`a ratchet forgets what it has passed, ${suite.name} over ${name}`, async () => {
      const sender = new SFrameRatchetSender({ suite, stepBits, baseKey: baseKeyOf(1), crypto });
      const receiver = new SFrameRatchetReceiver({ suite, stepBits, crypto, maxAhead: 3, keepSteps: 2 });
      receiver.addKey(sender.share());
      const one = live.count; // the sender's key and the receiver's
      for (let i = 0; i < 3; i++) sender.ratchet();
      expect(live.count).toBe(one);
      const frame = await sender.encrypt(media);
      await expectCode("sframe-open", () => receiver.open(forged(frame)));
      expect(live.count).toBe(one);
      await receiver.open(frame);
      receiver.forgetOldKeys();
      expect(live.count).toBe(one);
      for (let generation = 2; generation < 6; generation++) {
        sender.replaceKey(baseKeyOf(generation));
        receiver.addKey(sender.share());
      }
      receiver.forgetOldKeys();
      expect(live.count).toBe(one);
      sender.wipe();
      receiver.wipe();
      expect(live.names()).toEqual([]);
    });
  }
}

test("base keys that a caller passes are left alone, the exporter's is wiped with its epoch", () => {
  const suite = sframeSuite(4);
  const exported = baseKeyOf(1, suite.keyLength);
  const member = new MlsSFrame({ suite, epochBits: 4 });
  member.addEpoch({ epoch: 1n, leafIndex: 0, treeWidth: 2, exporter: () => exported });
  member.removeEpoch(1n);
  expect([...exported]).toEqual([...new Uint8Array(suite.keyLength)]);
  const baseKey = baseKeyOf(2);
  const receiver = new SFrameReceiver({ suite });
  receiver.addKey(1n, baseKey);
  receiver.wipe();
  expect([...baseKey]).toEqual([...baseKeyOf(2)]);
});
