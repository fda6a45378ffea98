/**
 * What a client hears past the log: typing, presence and the signals of calls, each told to whoever listens now and to nobody later.
 */

import { decodeEphemeral, type Ephemeral } from "../../content/ephemeral.ts";
import { ContentError } from "../../content/errors.ts";
import { userOfDevice } from "../../rooms/uri.ts";
import type { RoomCore } from "../room/core.ts";
import type { RoomWhispers, WhisperCounting } from "./whispers.ts";

/** Something that was said past the log. It is told once, and stored nowhere. */
export interface EphemeralEvent {
  readonly room: string;
  readonly user: string;
  /** The device that said it. */
  readonly device: string;
  /** When, by that device's clock, in milliseconds since 1970. */
  readonly at: number;
  readonly said: Ephemeral;
}

/** Told of what is said past the log. What it throws is reported as an error that nobody caught. */
export type EphemeralListener = (event: EphemeralEvent) => void;

/** Calls, which hear who is in them still. */
export interface CallHearing {
  isListening(room: string): boolean;
  /** Whether it is for nobody else. */
  heard(room: string, device: string, said: Ephemeral): boolean;
}

/** What they need of the client. */
export interface EphemeralParts {
  readonly blocking: { isBlocked(user: string): boolean };
  readonly calls: CallHearing;
}

export class Ephemerals {
  readonly #counting: WhisperCounting;
  readonly #parts: EphemeralParts;
  readonly #listeners = new Set<EphemeralListener>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(counting: WhisperCounting, parts: EphemeralParts) {
    this.#counting = counting;
    this.#parts = parts;
  }

  /** Hear them until the returned function is called. */
  listen(listener: EphemeralListener): () => void {
    const own: EphemeralListener = (event) => {
      listener(event);
    };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** A whisper of a room. Where nobody listens, nothing is opened. */
  take(core: RoomCore, whispers: RoomWhispers, bytes: Uint8Array, fail: (cause: unknown) => void): void {
    if (this.#listeners.size === 0 && !this.#parts.calls.isListening(core.id)) return;
    const taking = this.#take(core, whispers, bytes)
      .catch(fail)
      .finally(() => this.#underWay.delete(taking));
    this.#underWay.add(taking);
  }

  /** When all that have come are told. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async #take(core: RoomCore, whispers: RoomWhispers, bytes: Uint8Array): Promise<void> {
    const heard = await whispers.take(bytes);
    if (heard === undefined) return;
    const { device, at, content } = heard;
    const said = this.#read(content);
    if (said === undefined || this.#parts.calls.heard(core.id, device, said)) return;
    if (this.#parts.blocking.isBlocked(userOfDevice(device))) return;
    const event = { room: core.id, user: userOfDevice(device), device, at, said };
    for (const listener of [...this.#listeners]) tell(listener, event);
  }

  #read(content: Uint8Array): Ephemeral | undefined {
    try {
      const said = decodeEphemeral(content);
      return said.kind === "unknown" ? undefined : said; // of a newer copse
    } catch (error) {
      if (!(error instanceof ContentError)) throw error;
      this.#counting.refused("shape");
      return undefined;
    }
  }
}

/** A listener's error is reported as one that nobody caught. */
function tell(listener: EphemeralListener, event: EphemeralEvent): void {
  try {
    listener(event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
