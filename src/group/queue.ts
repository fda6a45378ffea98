/**
 * One thing at a time: calls on a group are carried out in the order in which they were made, whatever the caller awaits.
 */

import type { Awaitable } from "../crypto/provider.ts";

/** A queue of operations. */
export class Queue {
  #last: Promise<unknown> | undefined;

  /** Run an operation after all that were queued before it. */
  run<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.#last === undefined ? operation() : this.#last.then(operation);
    const settled = result.catch(() => undefined);
    this.#last = settled;
    void settled.then(() => {
      if (this.#last === settled) this.#last = undefined;
    });
    return result;
  }

  /** Run a synchronous operation: at once where nothing is under way, else in its turn. */
  runNow<T>(operation: () => T): Awaitable<T> {
    if (this.#last === undefined) return operation();
    // inside a promise's executor a throw becomes a rejection
    return this.run(
      () =>
        new Promise((resolve) => {
          resolve(operation());
        }),
    );
  }
}
