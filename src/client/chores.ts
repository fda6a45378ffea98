/**
 * What is no room's, done once at a time and again where it was asked for meanwhile: the device's queue, its key packages, and rooms whose
 * news were lost.
 */

import type { Connection } from "../delivery/delivery.ts";
import { DeliveryError } from "../delivery/errors.ts";
import { isAway } from "./away.ts";
import type { Clockwork } from "./clockwork.ts";

/** How often the service is asked for what hints may have missed, in milliseconds. */
const pollEvery = 30_000;

export interface ChoresOptions {
  readonly clockwork: Clockwork;
  readonly connection: () => Connection | undefined;
  /** All of them once. */
  readonly run: (connection: Connection) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

export class Chores {
  readonly #options: ChoresOptions;
  #running: Promise<void> | undefined;
  #isAsked = false;

  constructor(options: ChoresOptions) {
    this.#options = options;
  }

  /** Do them soon. */
  ask(): void {
    this.#isAsked = true;
    this.#running ??= this.#all().finally(() => {
      this.#running = undefined;
      if (this.#isAsked && this.#options.connection() !== undefined) this.ask(); // it came at the last moment
    });
  }

  /** What is under way. */
  get running(): Promise<void> | undefined {
    return this.#running;
  }

  async #all(): Promise<void> {
    const { connection: connected, run, failed, clockwork } = this.#options;
    while (this.#isAsked) {
      this.#isAsked = false;
      const connection = connected();
      if (connection === undefined) return;
      try {
        await run(connection);
      } catch (error) {
        // A service that refuses what every device may ask is asked again at the next turn.
        if (!(error instanceof DeliveryError) || isAway(error)) {
          failed(error);
          return;
        }
      }
    }
    clockwork.set("poll", pollEvery, () => {
      this.ask();
    });
  }
}
