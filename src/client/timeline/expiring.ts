/**
 * Deleting what is over, message by message, each in one batch and in the turn of its room, and coming back when the next one is.
 */

import type { Store } from "../../storage/store.ts";
import type { Clockwork } from "../clockwork.ts";
import type { EventLog } from "../event-log.ts";
import type { RoomCore } from "../room/core.ts";
import type { Timeline } from "./timeline.ts";

export interface ExpiringOptions {
  readonly timeline: Timeline;
  readonly store: Store;
  readonly events: EventLog;
  readonly clock: () => number;
  readonly clockwork: Clockwork;
  /** The room, where this device knows it. */
  readonly find: (room: string) => RoomCore | undefined;
  readonly fail: (cause: unknown) => void;
}

export class Expiring {
  readonly #options: ExpiringOptions;
  /** The time for which the clockwork is set. */
  #next = Infinity;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: ExpiringOptions) {
    this.#options = options;
  }

  /** Delete what is over now. One run at a time. */
  run(): Promise<void> {
    this.#running = this.#running.then(() => this.#run());
    return this.#running;
  }

  /** Come back for what goes at this time, where nothing goes earlier. */
  at(time: number): void {
    if (this.#isStopped || time >= this.#next) return;
    this.#next = time;
    const { clockwork, clock } = this.#options;
    clockwork.set("expiry", Math.max(0, time + 1 - clock()), () => {
      void this.run();
    });
  }

  /** When nothing is being deleted. */
  settled(): Promise<void> {
    return this.#running;
  }

  /** Delete nothing more. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return this.#running;
  }

  async #run(): Promise<void> {
    const { timeline, store, events, clock, find, fail } = this.#options;
    try {
      for await (const { room, fold } of timeline.expiring(clock())) {
        const core = find(room);
        const { leaving } = await import("../reports/originals.ts");
        if (core !== undefined) await core.turn(async () => core.write(await leaving(core, await fold())));
        else {
          const { changes, events: happened } = await fold();
          const told = events.adding(happened);
          await store.batch([...changes, ...told.changes]);
          told.after();
        }
      }
      this.#next = Infinity;
      const next = await timeline.nextExpiry();
      if (next !== undefined) this.at(next);
    } catch (error) {
      if (!this.#isStopped) fail(error);
    }
  }
}
