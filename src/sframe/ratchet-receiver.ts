/**
 * A receiver of one sender of the sender keys scheme, which follows the sender's ratchet. RFC 9605 section 5.1.
 */

import { Secret } from "../bytes/secret.ts";
import { CopseError } from "../errors.ts";
import { checkBaseKey, checkOptions } from "./arguments.ts";
import { checkCount } from "../bytes/numbers.ts";
import type { Form, Result } from "./form.ts";
import { KeyTable, type Derivation, type OpenedFrame, type ReceivingOptions } from "./key-table.ts";
import { maxStepBits, ratchetBaseKey, ratchetKid, splitRatchetKid } from "./ratchet-kid.ts";
import type { SharedSenderKey } from "./ratchet-sender.ts";

/** What a ratcheting receiver is made of. */
export interface SFrameRatchetReceiverOptions<F extends Form> extends Omit<ReceivingOptions<F>, "maxKeys"> {
  /** R: how many bits of the step the sender's KIDs carry, 0 to 16. */
  readonly stepBits: number;
  /**
   * How many steps ahead of the newest a frame may be: the most work that a forged frame causes. Default 8, or fewer.
   */
  readonly maxAhead?: number;
  /**
   * How many steps behind the newest can still be opened. Default 7, or fewer: `maxAhead` and `keepSteps` together must
   * be less than 2^stepBits, else a KID would mean two steps.
   */
  readonly keepSteps?: number;
  /** How many key generations are held at once; the oldest gives way. Default 2. */
  readonly maxGenerations?: number;
}

/** One key of the sender and how far it has been followed. */
interface Generation {
  readonly generation: bigint;
  /**
   * The newest step. Of the first one only the low bits are known, from its KID; the later ones are counted from it.
   */
  step: bigint;
  /** The newest step's. */
  baseKey: Secret<"sframe base key">;
}

/** Opens the frames of one sender. The base key only moves forward, and only when a frame has proved authentic. */
export class SFrameRatchetReceiver<F extends Form = "sync"> {
  readonly stepBits: number;
  readonly #table: KeyTable<F>;
  readonly #maxAhead: number;
  readonly #keepSteps: number;
  readonly #maxGenerations: number;
  readonly #generations = new Map<bigint, Generation>();

  /** @throws TypeError where an option is not what it must be. */
  constructor(options: SFrameRatchetReceiverOptions<F>) {
    checkOptions(options, "suite crypto replayWindow stepBits maxAhead keepSteps maxGenerations");
    const { stepBits, maxGenerations = 2 } = options;
    checkCount("stepBits", stepBits, [0, maxStepBits]);
    const spare = 2 ** stepBits - 1;
    const { maxAhead = Math.min(8, (spare + 1) >> 1) } = options;
    checkCount("maxAhead", maxAhead, [0, spare]);
    const { keepSteps = Math.min(7, spare - maxAhead) } = options;
    checkCount("keepSteps", keepSteps, [0, spare - maxAhead]);
    checkCount("maxGenerations", maxGenerations, [1, 1024]);
    this.stepBits = stepBits;
    this.#table = new KeyTable({ ...options, maxKeys: 2 ** 32 }, (kid) => this.#derive(kid));
    this.#maxAhead = maxAhead;
    this.#keepSteps = keepSteps;
    this.#maxGenerations = maxGenerations;
  }

  /** The generations that frames can be opened of, the oldest first. */
  get generations(): readonly bigint[] {
    return [...this.#generations.keys()];
  }

  /**
   * Follow the sender from this key on. A generation that is already known stays as it is: its key was followed
   * further, and going back would open replays.
   *
   * @throws CopseError "sframe-key-order" where the generation is older than the newest that is known.
   * @throws TypeError where the KID or the base key (at least 16 bytes, copied) is not what it must be.
   */
  addKey({ kid, baseKey }: SharedSenderKey): void {
    const { generation, step } = splitRatchetKid(kid, this.stepBits);
    checkBaseKey(baseKey);
    if (this.#generations.has(generation)) return;
    const known = this.generations;
    if (known.some((other) => other > generation)) throw new CopseError("sframe-key-order");
    if (known.length === this.#maxGenerations) this.removeGeneration(known[0]!);
    this.#table.add(kid, baseKey);
    const secret = Secret.of("sframe base key", new Uint8Array(baseKey));
    this.#generations.set(generation, { generation, step, baseKey: secret });
  }

  /** Forget a generation. Says whether it was known. */
  removeGeneration(generation: bigint): boolean {
    this.#generations.get(generation)?.baseKey.wipe();
    this.#forgetWhere(generation, () => true);
    return this.#generations.delete(generation);
  }

  /**
   * Forget every key but the newest step of the newest generation. "The old key may be kept for some time to allow for
   * out-of-order delivery, but should be deleted promptly": call it that time after a frame under a new KID.
   */
  forgetOldKeys(): void {
    for (const generation of this.generations.slice(0, -1)) this.removeGeneration(generation);
    for (const known of this.#generations.values()) this.#forget(known, 0);
  }

  /**
   * Open a frame, ratcheting forward where its KID is ahead.
   *
   * @param metadata What the sender gave as metadata, byte for byte. Default: none.
   * @throws CopseError "sframe-header"; "sframe-unknown-kid", also for a step too far ahead or one whose key is gone;
   * "sframe-replay"; "sframe-open", also for a step so old that its KID means one ahead by now.
   * @throws TypeError where an argument is not a byte string.
   */
  open(frame: Uint8Array, metadata?: Uint8Array): Result<F, OpenedFrame> {
    return this.#table.open(frame, metadata);
  }

  /** Forget every key. */
  wipe(): void {
    for (const generation of this.generations) this.removeGeneration(generation);
  }

  /** The key of a KID ahead of the newest. The ratchet moves when the frame has proved authentic. */
  #derive(kid: bigint): Derivation<unknown> {
    const known = this.#generations.get(kid >> BigInt(this.stepBits));
    if (known === undefined) throw new CopseError("sframe-unknown-kid");
    const ahead = Number(BigInt.asUintN(this.stepBits, kid - known.step));
    if (ahead > this.#maxAhead) throw new CopseError("sframe-unknown-kid");
    let baseKey: Uint8Array = known.baseKey.use((bytes) => new Uint8Array(bytes));
    for (let i = 0; i < ahead; i++) {
      const next = this.#next(baseKey);
      baseKey.fill(0);
      baseKey = next;
    }
    const step = known.step + BigInt(ahead);
    return {
      baseKey,
      adopt: () => {
        if (this.#generations.get(known.generation) !== known || known.step >= step) {
          throw new CopseError("sframe-unknown-kid"); // it went, or was passed and forgotten, in the meantime
        }
        while (known.step < step) this.#advance(known);
        this.#table.delete(kid); // the entry that opened the frame takes its place
      },
    };
  }

  /** One step forward, for good. */
  #advance(known: Generation): void {
    const next = known.baseKey.use((bytes) => this.#next(bytes));
    known.baseKey.wipe();
    known.baseKey = Secret.of("sframe base key", next);
    known.step += 1n;
    this.#table.add(ratchetKid({ ...known, stepBits: this.stepBits }), next);
    this.#forget(known, this.#keepSteps);
  }

  /** Forget the keys of a generation that are more than so many steps behind its newest. */
  #forget({ generation, step }: Generation, keep: number): void {
    this.#forgetWhere(generation, (kid) => BigInt.asUintN(this.stepBits, step - kid) > keep);
  }

  /** Forget some keys of a generation. */
  #forgetWhere(generation: bigint, matches: (kid: bigint) => boolean): void {
    this.#table.deleteWhere((kid) => kid >> BigInt(this.stepBits) === generation && matches(kid));
  }

  #next(baseKey: Uint8Array): Uint8Array {
    return ratchetBaseKey(this.#table.crypto.symmetric, this.#table.suite, baseKey);
  }
}
