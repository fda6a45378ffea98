/**
 * A call of copse's as the benchmark of SFrame sees it: fifty members of one epoch, with the KIDs of a real call.
 */

import { cipherSuite } from "../../src/crypto/choose.ts";
import { Group } from "../../src/group/group.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import { trustAnyCredential } from "../../src/public-group/options/settings.ts";
import type { SFrameCrypto } from "../../src/sframe/crypto.ts";
import type { Form, Result } from "../../src/sframe/form.ts";
import { MlsSFrame, type MlsOpenedFrame } from "../../src/sframe/mls.ts";
import type { SFrameSender } from "../../src/sframe/sender.ts";
import { sframeSuite } from "../../src/sframe/suites.ts";
import { callSize } from "./sframe-rows.ts";

const suite = sframeSuite(4); // AES_128_GCM_SHA256_128
const epochBits = 4;
const treeWidth = 64;

/** A session's random 40 bits and a track's number, as a call makes them: the KID takes all of its 8 bytes. */
const context = (0x9e_3779_b97fn << 8n) | 1n;

/** Where counters begin, so that each takes 3 bytes for as long as the benchmark runs. */
const firstCounter = 0x1_0000n;

/** Header and so AAD: the config byte, 8 bytes of KID, 3 of the counter. No metadata. */
export const aadLength = 12;

/** A member's frames, and the others' that it opens. */
export class Call<F extends Form> {
  readonly #group: Group;
  readonly #own: MlsSFrame<F>;
  readonly #others: readonly MlsSFrame<F>[];
  #sender: SFrameSender<F> | undefined;

  private constructor(group: Group, crypto: SFrameCrypto<F>) {
    const options = { suite, epochBits, crypto };
    this.#group = group;
    this.#own = new MlsSFrame(options);
    this.#others = Array.from({ length: callSize - 1 }, () => new MlsSFrame(options));
  }

  /** Fifty members in their first epoch. */
  static async start<F extends Form>(crypto: SFrameCrypto<F>): Promise<Call<F>> {
    const identity = await createIdentity({ suite: cipherSuite(1), credential: basic("a caller") });
    const call = new Call(await Group.create({ identity, authentication: trustAnyCredential }), crypto);
    call.othersEnter();
    call.enter();
    return call;
  }

  /** The group's next epoch, which nobody has taken for the call yet. */
  async commit(): Promise<void> {
    await this.#group.apply(await this.#group.commit());
  }

  /** All others take the group's epoch. Of MLS they see what every member sees: the same exporter. */
  othersEnter(): void {
    this.#others.forEach((other, i) => {
      enter(other, this.#group, i + 1);
    });
  }

  /** We take the group's epoch, and make our sender's key in it. */
  enter(): void {
    this.#sender = enter(this.#own, this.#group, 0);
  }

  /** Seal a frame of ours. */
  seal(plaintext: Uint8Array): Result<F, Uint8Array> {
    return this.#sender!.encrypt(plaintext);
  }

  /** The next frames of one other, as the AEAD alone has one key. */
  async frames(plaintext: Uint8Array, count: number): Promise<readonly Uint8Array[]> {
    const sender = this.#others[0]!.sender({ epoch: this.#group.epoch, context });
    const frames: Uint8Array[] = [];
    for (let i = 0; i < count; i++) frames.push(await sender.encrypt(plaintext));
    return frames;
  }

  /** The next frame of each of the others. */
  frameOfEach(plaintext: Uint8Array): Promise<readonly Uint8Array[]> {
    const { epoch } = this.#group;
    return Promise.all(this.#others.map((other) => other.sender({ epoch, context }).encrypt(plaintext)));
  }

  /** Open a frame of another. */
  open(frame: Uint8Array): Result<F, MlsOpenedFrame> {
    return this.#own.open(frame);
  }
}

function enter<F extends Form>(member: MlsSFrame<F>, group: Group, leafIndex: number): SFrameSender<F> {
  const { epoch } = group;
  const exporter = group.exportSecret.bind(group);
  member.addEpoch({ epoch, leafIndex, treeWidth, exporter });
  const sender = member.sender({ epoch, context });
  sender.advanceTo(firstCounter);
  return sender;
}
