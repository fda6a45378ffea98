/**
 * Keeping a room going: reading its log, sending what waits, and again, until nothing is left to do. One worker a room; whatever
 * wakes it while it works makes it look once more.
 */

import { announce } from "./creating.ts";
import type { RoomCore } from "./core.ts";
import { catchUp } from "./incoming.ts";
import { isAway } from "../away.ts";
import { sendNext } from "./outgoing.ts";
import { rejoin } from "./rejoin.ts";

export class RoomWorker {
  readonly #core: RoomCore;
  #isAwake = false;
  #working: Promise<void> | undefined;

  constructor(core: RoomCore) {
    this.#core = core;
  }

  /** There may be something to do. */
  wake(): void {
    this.#isAwake = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      if (this.#isAwake) this.wake();
    });
  }

  get isWorking(): boolean {
    return this.#working !== undefined;
  }

  /** When it sleeps. */
  async settled(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  async #work(): Promise<void> {
    const { around } = this.#core;
    while (this.#isAwake) {
      this.#isAwake = false;
      try {
        if (around.connection() === undefined) return;
        await this.#core.turn(async () => {
          await this.#once();
        });
      } catch (error) {
        this.#isAwake = false;
        if (isAway(error))
          around.lost(); // every room is woken when it is back
        else around.fail(error);
        return;
      }
    }
  }

  async #once(): Promise<void> {
    const connection = this.#core.around.connection();
    if (this.#core.state.status === "creating" && connection !== undefined) await announce(this.#core, connection);
    await catchUp(this.#core);
    if (this.#core.state.status === "behind") await rejoin(this.#core);
    for (;;) {
      const sent = await sendNext(this.#core);
      if (sent !== "again") return;
      if (this.#core.around.connection() === undefined) return;
    }
  }
}
