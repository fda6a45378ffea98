import { expect, test } from "vitest";
import { MlsSFrame } from "../../src/sframe/mls.ts";
import { sframeSuite } from "../../src/sframe/suites.ts";
import { reachable } from "../reachable.ts";
import { LiveSecrets } from "../schedule/live-secrets.ts";
import { baseKeyOf } from "./cryptos.ts";

const suite = sframeSuite(4);
const epochBits = 2;
const treeWidth = 4;

/** Two members, each with a track of sound and one of pictures. */
class VirtualCall {
  readonly #members = [0, 1].map(() => new MlsSFrame({ suite, epochBits }));
  #epoch = 0n;

  commit(): void {
    const epoch = ++this.#epoch;
    const baseKey = baseKeyOf(Number(epoch), suite.keyLength);
    for (const [leafIndex, member] of this.#members.entries()) {
      member.addEpoch({ epoch, leafIndex, treeWidth, exporter: () => new Uint8Array(baseKey) });
    }
  }

  /** So many seconds, with 25 frames of sound and 15 pictures each; one frame a second is late, one comes twice. */
  run(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      for (const [from, member] of this.#members.entries()) {
        const [sound, pictures] = [1n, 2n].map((context) => member.sender({ epoch: this.#epoch, context }));
        const frames = Array.from({ length: 25 }, () => sound!.encrypt(new Uint8Array(100)));
        for (let i = 0; i < 15; i++) frames.push(pictures!.encrypt(new Uint8Array(1200)));
        frames.push(frames.shift()!);
        const receiver = this.#members[1 - from]!;
        for (const frame of frames) receiver.open(frame);
        expect(() => receiver.open(frames[0]!)).toThrow("sframe-replay");
      }
    }
  }
}

test("ten minutes of a call take no more memory than its first", { timeout: 300_000 }, () => {
  const live = new LiveSecrets();
  const call = new VirtualCall();
  const manyEpochs = (seconds: number): void => {
    for (let i = 0; i < seconds / 10; i++) {
      call.commit();
      call.run(10);
    }
  };
  try {
    manyEpochs(60);
    const [bytes, secrets] = [reachable(), live.count];
    manyEpochs(240);
    call.run(300); // one epoch, and one key, for long
    expect(live.count).toBe(secrets);
    expect(reachable() - bytes).toBeLessThan(256 * 1024);
  } finally {
    live.stop();
  }
});
