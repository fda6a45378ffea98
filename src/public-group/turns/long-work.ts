/**
 * Long work in turns: what others make large must not keep the event loop to itself. Turns end by the work that was done, not
 * by a clock, so that they end at the same places each time.
 */

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

/** Let everything else that is ready have its turn. */
function pauseOnce(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
