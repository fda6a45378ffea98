/**
 * A room's whispers: what its members say past the log, and is lost without harm. Heard once and not long after it was said; whatever does
 * not fit is passed over and counted, and costs nobody anything.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { isDeliveryFailure } from "../away.ts";
import type { RoomCore } from "../room/core.ts";
import { longestContent, openWhisper, sealWhisper, type WhisperRefusal } from "./sealed.ts";

/** How far from this device's clock a whisper's time may be, in milliseconds: what was said before cannot be played again later. */
const freshFor = 5 * 60_000;
/** Whispers that wait for their turn in one room. */
const mostWaiting = 64;

/** What became of the whispers of a client since it was opened. */
export interface WhisperCounts {
  readonly sent: number;
  readonly heard: number;
  /** Those that were refused, by their reason. */
  readonly refused: Readonly<Partial<Record<WhisperRefusal, number>>>;
}

/** The counts of all rooms of a client. */
export class WhisperCounting {
  #sent = 0;
  #heard = 0;
  readonly #refused = new Map<WhisperRefusal, number>();

  sent(): void {
    this.#sent++;
  }

  heard(): void {
    this.#heard++;
  }

  refused(reason: WhisperRefusal): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }

  get counts(): WhisperCounts {
    return { sent: this.#sent, heard: this.#heard, refused: Object.fromEntries(this.#refused) };
  }
}

export class RoomWhispers {
  readonly #core: RoomCore;
  readonly #counting: WhisperCounting;
  /** The last number of this device. */
  #last = 0n;
  /** The last number of each leaf that was heard, in the epoch. */
  #heard = new Map<number, bigint>();
  #heardIn: bigint | undefined;
  #waiting = 0;

  constructor(core: RoomCore, counting: WhisperCounting) {
    this.#core = core;
    this.#counting = counting;
  }

  /** Say something to those members who are connected now. Whether it was sent: nobody knows whether it was heard. */
  async send(content: Uint8Array): Promise<boolean> {
    if (content.length > longestContent) throw new TypeError(`a whisper has at most ${String(longestContent)} bytes`);
    const { around } = this.#core;
    const bytes = await this.#core.turn(async () => {
      if (around.connection() === undefined || this.#core.state.status !== "member") return undefined;
      const group = await this.#core.group();
      // Numbers are times, so that they grow from one opening of the device to the next and nothing has to be stored.
      const now = BigInt(Math.max(0, Math.floor(around.clock())));
      const isWrong = this.#last > now + BigInt(freshFor); // the clock was, and nobody has taken these numbers
      this.#last = now > this.#last || isWrong ? now : this.#last + 1n;
      return sealWhisper(group, { number: this.#last, content, random: around.random });
    });
    const connection = around.connection();
    if (bytes === undefined || connection === undefined) return false;
    try {
      await connection.whisper({ room: this.#core.id, bytes });
    } catch (error) {
      if (!isDeliveryFailure(error)) throw error;
      return false;
    }
    this.#counting.sent();
    return true;
  }

  /** What a whisper says, and the device that said it; undefined where it is refused. */
  async take(
    bytes: Uint8Array,
  ): Promise<{ readonly device: string; readonly at: number; readonly content: Bytes } | undefined> {
    if (this.#waiting >= mostWaiting) {
      this.#counting.refused("busy");
      return undefined;
    }
    this.#waiting++;
    try {
      return await this.#core.turn(() => this.#open(bytes));
    } finally {
      this.#waiting--;
    }
  }

  async #open(bytes: Uint8Array): ReturnType<RoomWhispers["take"]> {
    if (this.#core.state.status !== "member") {
      this.#counting.refused("epoch");
      return undefined;
    }
    const group = await this.#core.group();
    if (this.#heardIn !== group.epoch) this.#heard = new Map(); // other keys: nothing of before opens again
    this.#heardIn = group.epoch;
    const opened = await openWhisper(group, bytes, (leafIndex, number) => this.#objection(leafIndex, number));
    if (typeof opened === "string") {
      this.#counting.refused(opened);
      return undefined;
    }
    const { leafIndex, device, number, content } = opened;
    this.#heard.set(leafIndex, number);
    this.#counting.heard();
    return { device, at: Number(number), content };
  }

  #objection(leafIndex: number, number: bigint): "replay" | "stale" | undefined {
    if (number <= (this.#heard.get(leafIndex) ?? -1n)) return "replay";
    const distance = Number(number) - this.#core.around.clock();
    return Math.abs(distance) > freshFor ? "stale" : undefined;
  }
}
