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
  /** All of them once, or the history alone. */
  readonly run: (connection: Connection, of: "all" | "history") => Promise<void>;
  readonly failed: (error: unknown) => void;
}

export class Chores {
  readonly #options: ChoresOptions;
  #running: Promise<void> | undefined;
  /** From before `#running` is there: the first of them may ask again at once. */
  #isBegun = false;
  #asked: "all" | "history" | undefined;

  constructor(options: ChoresOptions) {
    this.#options = options;
  }

  /** Do them soon. What the history waits for is its own: a client that sends now and then does not do all of them for that. */
  ask(of: "all" | "history" = "all"): void {
    if (this.#asked !== "all") this.#asked = of;
    if (this.#isBegun) return;
    this.#isBegun = true;
    this.#running = this.#all().finally(() => {
      this.#running = undefined;
      this.#isBegun = false;
      if (this.#asked !== undefined && this.#options.connection() !== undefined) this.ask(this.#asked); // it came at the last moment
    });
  }

  /** What is under way. */
  get running(): Promise<void> | undefined {
    return this.#running;
  }

  async #all(): Promise<void> {
    const { connection: connected, run, failed, clockwork } = this.#options;
    let isPolled = false;
    while (this.#asked !== undefined) {
      const of = this.#asked;
      this.#asked = undefined;
      isPolled ||= of === "all";
      const connection = connected();
      if (connection === undefined) return;
      try {
        await run(connection, of);
      } catch (error) {
        // A service that refuses what every device may ask is asked again at the next turn.
        if (!(error instanceof DeliveryError) || isAway(error)) {
          failed(error);
          return;
        }
      }
    }
    const poll = (): void => {
      this.ask();
    };
    if (isPolled) clockwork.set("poll", pollEvery, poll);
    else clockwork.setOnce("poll", pollEvery, poll);
  }
}
