/**
 * Keeping a room going: reading its log, sending what waits, and again, until nothing is left to do. One worker a room; whatever
 * wakes it while it works makes it look once more.
 */

import type { RoomCore } from "./core.ts";
import { catchUp } from "./incoming.ts";
import { CopseError } from "../../errors.ts";
import { RoomError } from "../../rooms/errors.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import { isAway } from "../away.ts";
import { sendNext } from "./outgoing.ts";

/** How long a room is left alone whose service answers with what makes no sense here, in milliseconds. */
const pause = 30_000;

/**
 * What may be otherwise later: a refusal of the service, a group that is no room, which stops no other room, or a store that has not
 * taken something, for certain.
 */
function isPassing(error: unknown): boolean {
  if (error instanceof RoomError) return true;
  return error instanceof DeliveryError || (error instanceof CopseError && error.code === "state-not-written");
}

export class RoomWorker {
  readonly #core: RoomCore;
  #isAwake = false;
  /** Whether the log may have more than was read. */
  #isBehind = true;
  #isClear = false;
  #working: Promise<void> | undefined;

  constructor(core: RoomCore) {
    this.#core = core;
  }

  /** There may be something new in the log, and something to do. */
  wake(): void {
    this.#isBehind = true;
    this.wakeToSend();
  }

  /** There is something to send: the service says if the room has gone on meanwhile. */
  wakeToSend(): void {
    this.#isAwake = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      if (this.#isAwake) this.wakeToSend();
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
        this.#isBehind = true;
        if (isAway(error))
          around.lost(); // every room is woken when it is back
        else if (isPassing(error)) around.later(this.#core.id, pause);
        else around.fail(error);
        return;
      }
    }
  }

  /** What is left of a room that is over: the process may have died before it was gone. */
  async #clear(): Promise<void> {
    if (this.#isClear) return;
    this.#isClear = true;
    const changes = await this.#core.slot.forgetting();
    if (changes.length > 0) await this.#core.write({ changes });
  }

  async #once(): Promise<void> {
    const core = this.#core;
    const connection = core.around.connection();
    if (connection === undefined) return;
    if (core.state.status === "creating") {
      const { announce } = await import("./announcing.ts");
      await announce(core, connection);
    }
    if (core.state.status === "left") await this.#clear();
    if (this.#isBehind) {
      this.#isBehind = false;
      await catchUp(core);
    }
    if (core.state.status === "behind" || core.state.status === "frozen") {
      const { unstick } = await import("./stuck.ts");
      await unstick(core, connection);
      await catchUp(core);
    }
    for (;;) {
      const sent = await sendNext(this.#core);
      if (sent !== "again") return;
      if (this.#core.around.connection() === undefined) return;
    }
  }
}
