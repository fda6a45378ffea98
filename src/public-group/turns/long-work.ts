/**
 * Long work in turns: what others make large must not keep the event loop to itself. Turns end by the work that was done, not
 * by a clock, so that they end at the same places each time.
 */

import { keepShape } from "../../codec/shapes.ts";

/** How much is done in a turn: some ten milliseconds of reading, hashing or checking so many bytes of a tree. */
const turnWork = 256 * 1024;

/** Work that is counted, and interrupted. */
export class LongWork {
  #left = turnWork;
  readonly #pause: () => Promise<void>;

  constructor(pause: () => Promise<void> = pauseOnce) {
    this.#pause = pause;
  }

  /** So much has been done. Where that ends the turn, there is something to wait for. */
  took(work: number): Promise<void> | undefined {
    this.#left -= work;
    if (this.#left > 0) return undefined;
    this.#left = turnWork;
    return this.#pause();
  }

  /** Carry out steps, each of which says how much it was. */
  async run(steps: Iterable<number>): Promise<void> {
    for (const work of steps) {
      const turn = this.took(work);
      if (turn !== undefined) await turn;
    }
  }
}

// One that lives for a join only: without it, whatever does long work would be optimized anew after each garbage collection.
keepShape(new LongWork());

/** What Node, Deno and Bun have. React Native's function of this name lets nothing else have its turn. */
interface Platform {
  readonly process?: {
    readonly getBuiltinModule?: (name: string) => { readonly setImmediate?: (call: () => void) => unknown } | undefined;
  };
}

/** Lets go of the thread for a turn. A timer takes a millisecond at least, in which nothing else may be ready. */
const nextTurn =
  (globalThis as Platform).process?.getBuiltinModule?.("node:timers")?.setImmediate ?? ((call) => setTimeout(call, 0));

/** Let everything else that is ready have its turn. */
function pauseOnce(): Promise<void> {
  return new Promise((resolve) => {
    nextTurn(resolve);
  });
}
