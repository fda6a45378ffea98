import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { withPool } from "../../../src/crypto/node/pool.ts";

/** A pool that answers when it is told to, and who did what. */
function scene() {
  const waiting: { readonly index: number; readonly done: (answer: number) => void }[] = [];
  const here: number[] = [];
  let most = 0;
  const work = (count: number) =>
    withPool<number>({
      count,
      inPool(index, done) {
        waiting.push({ index, done });
        most = Math.max(most, waiting.length);
      },
      here(index) {
        here.push(index);
        return -index;
      },
    });
  const answer = (): void => {
    for (const { index, done } of waiting.splice(0)) done(index);
  };
  return { work, waiting, here, answer, most: () => most };
}

describe("work shared with the thread pool", () => {
  test.each([0, 1, 2, 3, 10, 1000])("%i computations are done once each, and answered in order", async (count) => {
    const { work, here, answer } = scene();
    const answers = work(count);
    for (let turn = 0; turn <= count; turn++) {
      answer();
      await setImmediate();
    }
    const expected = Array.from({ length: count }, (_, index) => (here.includes(index) ? -index : index));
    expect(await answers).toEqual(expected);
    expect(new Set(here).size).toBe(here.length);
  });

  test("the pool has begun before anybody waits", () => {
    const { work, waiting, here } = scene();
    void work(2000);
    expect(waiting.map(({ index }) => index)).toEqual(Array.from({ length: 512 }, (_, index) => index));
    expect(here).toEqual([]);
  });

  test("the pool never holds more than 512, nor more than what is left for this thread", async () => {
    const { work, most, waiting, here } = scene();
    void work(20);
    expect(waiting).toHaveLength(10);
    while (here.length < 10) await setImmediate();
    expect(waiting).toHaveLength(10);
    expect(most()).toBe(10);
  });

  test("of an odd number, the one in the middle is this thread's", () => {
    const { work, waiting } = scene();
    void work(21);
    expect(waiting).toHaveLength(10);
  });

  test("this thread does one a turn, and everything where the pool is busy with other things", async () => {
    const { work, here, answer } = scene();
    const answers = work(4);
    expect(here).toEqual([]);
    await setImmediate();
    expect(here).toEqual([2]);
    await setImmediate();
    expect(here).toEqual([2, 3]);
    answer();
    expect(await answers).toEqual([0, 1, -2, -3]);
  });

  test("a pool that answers at once is no exception", async () => {
    const inPool = (index: number, done: (answer: number) => void): void => done(index);
    expect(await withPool({ count: 5, inPool, here: (index) => index })).toEqual([0, 1, 2, 3, 4]);
  });
});
