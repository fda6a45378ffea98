/**
 * Many short computations on the thread pool of `node:crypto` and on this thread at once. Joining a group of a thousand is
 * a thousand signatures: a thread that only handed them out would wait for most of the time.
 */

import { setImmediate } from "node:timers";

/**
 * How many computations wait in the pool at most: enough to keep its threads busy while this thread hashes a large tree,
 * and few enough that the file and network operations of the process, which share the pool, are not held up for more than
 * some 10 ms, or 40 where there is a single core.
 */
const mostInPool = 512;

/** One computation, by its number: in the pool, where `done` is called with its answer, or at once on this thread. */
export interface Computations<Answer> {
  readonly count: number;
  inPool(index: number, done: (answer: Answer) => void): void;
  here(index: number): Answer;
}

/**
 * The answers in their order. The pool begins before this returns. This thread takes one computation each turn of the
 * event loop, so that it never blocks for longer, and leaves the pool no more than what it can do in the same time.
 */
export function withPool<Answer>({ count, inPool, here }: Computations<Answer>): Promise<readonly Answer[]> {
  const answers = new Array<Answer>(count);
  let next = 0;
  let waiting = 0;
  const fillPool = (): void => {
    while (waiting < mostInPool && waiting + 1 < count - next) {
      const index = next++;
      waiting++;
      inPool(index, (answer) => {
        answers[index] = answer;
        waiting--;
        if (waiting === 0 && next === count) finish();
      });
    }
  };
  let finish: () => void = () => undefined;
  const turn = (): void => {
    fillPool();
    if (next < count) {
      const index = next++;
      answers[index] = here(index);
    }
    if (next < count) setImmediate(turn);
    else if (waiting === 0) finish();
  };
  fillPool();
  return new Promise((resolve) => {
    finish = () => resolve(answers);
    setImmediate(turn);
  });
}
