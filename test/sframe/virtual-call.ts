/**
 * Two members who speak and are seen, each with a track of sound and one of pictures.
 */

import { CopseError } from "../../src/errors.ts";
import { MlsSFrame } from "../../src/sframe/mls.ts";
import { sframeSuite } from "../../src/sframe/suites.ts";
import { baseKeyOf } from "./cryptos.ts";

const suite = sframeSuite(4);
const epochBits = 2;
const treeWidth = 4;

export class VirtualCall {
  readonly #members = [0, 1].map(() => new MlsSFrame({ suite, epochBits }));
  #epoch = 0n;

  commit(): void {
    const epoch = ++this.#epoch;
    const baseKey = baseKeyOf(Number(epoch), suite.keyLength);
    for (const [leafIndex, member] of this.#members.entries()) {
      member.addEpoch({ epoch, leafIndex, treeWidth, exporter: () => new Uint8Array(baseKey) });
    }
  }

  /** A second, with 25 frames of sound and 15 pictures each; one frame is late, one comes twice. */
  second(): void {
    for (const [from, member] of this.#members.entries()) {
      const [sound, pictures] = [1n, 2n].map((context) => member.sender({ epoch: this.#epoch, context }));
      const frames = Array.from({ length: 25 }, () => sound!.encrypt(new Uint8Array(100)));
      for (let i = 0; i < 15; i++) frames.push(pictures!.encrypt(new Uint8Array(1200)));
      frames.push(frames.shift()!);
      const receiver = this.#members[1 - from]!;
      for (const frame of frames) receiver.open(frame);
      if (!isReplay(() => receiver.open(frames[0]!))) throw new Error("a replay was opened");
    }
  }
}

function isReplay(open: () => unknown): boolean {
  try {
    open();
    return false;
  } catch (error) {
    return error instanceof CopseError && error.code === "sframe-replay";
  }
}
