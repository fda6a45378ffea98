/**
 * Turnover: which epochs there are, and which of them frames are sent with. RFC 9605 sections 4.4.1 and 5.2.
 *
 * An epoch is for receiving as soon as its key is there. It is for sending once `sendDelay` has passed since it began,
 * or everybody who sends has shown a frame of it. It goes when the next one is `eraseDelay` old, when there are too
 * many, or when a new one has its low bits. Sending only ever moves forward: with the delay over, nothing is sent with
 * an older epoch any more, whether or not there is a key for the new one.
 */

import type { CommonSettings } from "./defaults.ts";
import type { EngineMember, EpochCommand } from "./protocol.ts";

/** An epoch that has begun and is not erased. */
export interface EngineEpoch {
  readonly epoch: bigint;
  /** Our own leaf. */
  readonly leafIndex: number;
  readonly treeWidth: number;
  /** The participant at each leaf. */
  readonly members: ReadonlyMap<number, number>;
  readonly beganAt: number;
  /** When its key came, where it has. */
  readonly keyedAt: number | undefined;
}

/**
 * The participants that send, and the newest epoch that each has shown: once all have shown a new epoch, frames are
 * sent with it early.
 */
export interface Senders {
  /** The newest epoch that a participant has sent a frame of, if it has sent one lately. */
  epochShownBy(participant: number, now: number): bigint | undefined;
}

/** What is known of the epoch that a KID's low bits stand for. */
export type EpochLookup =
  | { readonly kind: "held"; readonly epoch: EngineEpoch }
  /** An epoch that has not begun, or whose key has not come: both may still come. */
  | { readonly kind: "awaited" }
  /** One that is over, or too far ahead to be one of ours. */
  | { readonly kind: "unknown" };

/** The epochs of a call's recent past, in ascending order. */
export class Epochs {
  readonly #settings: CommonSettings;
  readonly #onErase: (epoch: EngineEpoch) => void;
  #epochs: EngineEpoch[] = [];
  /** No frame is sent with an older epoch than this one. */
  #floor = -1n;
  /** The newest epoch whose key came: `MlsSFrame` takes no older one any more. */
  #newestKeyed = -1n;

  constructor(settings: CommonSettings, onErase: (epoch: EngineEpoch) => void) {
    this.#settings = settings;
    this.#onErase = onErase;
  }

  /** The epochs that have begun and are not erased. */
  get all(): readonly EngineEpoch[] {
    return this.#epochs;
  }

  get newest(): EngineEpoch | undefined {
    return this.#epochs.at(-1);
  }

  /**
   * Take in that an epoch has begun, or that its key has come.
   *
   * @returns The epoch, where its key is to be used.
   */
  begin(command: EpochCommand, now: number): EngineEpoch | undefined {
    const { epoch, leafIndex, treeWidth, members, baseKey } = command;
    if (this.newest === undefined || epoch > this.newest.epoch) {
      const { epochBits, maxEpochs } = this.#settings;
      // "Receivers MUST remove an old epoch when a new epoch with the same low-order E bits is introduced" (section 5.2)
      this.#erase((old) => epoch - old.epoch >= 1n << BigInt(epochBits));
      this.#erase((old) => this.#epochs.indexOf(old) <= this.#epochs.length - maxEpochs);
      const byLeaf = new Map(members.map((member: EngineMember) => [member.leafIndex, member.participant]));
      this.#epochs.push({ epoch, leafIndex, treeWidth, members: byLeaf, beganAt: now, keyedAt: undefined });
    }
    const place = this.#epochs.findIndex((begun) => begun.epoch === epoch);
    const begun = this.#epochs[place];
    if (baseKey === undefined || begun === undefined || epoch <= this.#newestKeyed) return undefined;
    this.#newestKeyed = epoch;
    return (this.#epochs[place] = { ...begun, keyedAt: now });
  }

  /** The epoch of a KID. */
  find(kid: bigint): EpochLookup {
    const { epochBits, maxEpochs } = this.#settings;
    const low = BigInt.asUintN(epochBits, kid);
    const begun = this.#epochs.find(({ epoch }) => BigInt.asUintN(epochBits, epoch) === low);
    if (begun !== undefined) {
      return begun.keyedAt === undefined ? { kind: "awaited" } : { kind: "held", epoch: begun };
    }
    const ahead = this.newest === undefined ? 0n : BigInt.asUintN(epochBits, low - this.newest.epoch);
    return ahead <= BigInt(maxEpochs) && ahead <= 1n << BigInt(epochBits - 1)
      ? { kind: "awaited" }
      : { kind: "unknown" };
  }

  /** The epoch to send with now. Undefined where there is none that may be used. */
  sending(now: number, senders: Senders): EngineEpoch | undefined {
    for (const begun of this.#epochs) {
      if (begun.epoch > this.#floor && this.#isDue(begun, now, senders)) this.#floor = begun.epoch;
    }
    const chosen = this.#epochs.find(({ epoch, keyedAt }) => epoch >= this.#floor && keyedAt !== undefined);
    if (chosen !== undefined) this.#floor = chosen.epoch;
    return chosen;
  }

  /** Erase what is over. */
  expire(now: number): void {
    const { eraseDelay } = this.#settings;
    const last = this.#epochs.findLastIndex(({ beganAt }) => now - beganAt >= eraseDelay);
    this.#erase((old) => this.#epochs.indexOf(old) < last);
  }

  /** When `sending` or `expire` will have something to do next, if nothing else happens. */
  nextChange(now: number): number | undefined {
    const { sendDelay, eraseDelay } = this.#settings;
    const times = this.#epochs.flatMap(({ epoch, beganAt }, place) => [
      ...(epoch > this.#floor ? [beganAt + sendDelay] : []),
      ...(place > 0 ? [beganAt + eraseDelay] : []),
    ]);
    const coming = times.filter((time) => time > now);
    return coming.length === 0 ? undefined : Math.min(...coming);
  }

  /** Erase every epoch. */
  clear(): void {
    this.#erase(() => true);
  }

  #isDue({ epoch, leafIndex, members, beganAt }: EngineEpoch, now: number, senders: Senders): boolean {
    if (now - beganAt >= this.#settings.sendDelay || members.size <= 1) return true;
    let sending = 0;
    for (const [leaf, participant] of members) {
      const shown = leaf === leafIndex ? undefined : senders.epochShownBy(participant, now);
      if (shown === undefined) continue;
      if (shown < epoch) return false;
      sending++;
    }
    return sending > 0;
  }

  #erase(isOver: (epoch: EngineEpoch) => boolean): void {
    const over = this.#epochs.filter(isOver);
    this.#epochs = this.#epochs.filter((epoch) => !over.includes(epoch));
    for (const epoch of over) this.#onErase(epoch);
  }
}
