import fc from "fast-check";
import { expect, test } from "vitest";
import { ReplayWindow } from "../../src/sframe/replay.ts";

/** The same rule, written down as simply as possible: a set of everything ever seen. */
class NaiveWindow {
  readonly seen = new Set<bigint>();
  readonly size: bigint;

  constructor(size: number) {
    this.size = BigInt(size);
  }

  record(ctr: bigint): boolean {
    const highest = [...this.seen].reduce((a, b) => (a > b ? a : b), -1n);
    if (this.seen.has(ctr) || highest - ctr >= this.size) return false;
    this.seen.add(ctr);
    return true;
  }
}

/** Counters that stay close together, jump, and go back. */
const counters = fc.array(
  fc.oneof(fc.bigInt(0n, 40n), fc.bigInt(0n, 400n), fc.bigInt(2n ** 64n - 50n, 2n ** 64n - 1n)),
  { maxLength: 80 },
);

test("it accepts and refuses exactly what a set of all counters would", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 70 }), counters, (size, sequence) => {
      const [window, naive] = [new ReplayWindow(size), new NaiveWindow(size)];
      for (const ctr of sequence) {
        const accepted = naive.record(ctr);
        expect(window.isFresh(ctr)).toBe(accepted);
        expect(window.record(ctr)).toBe(accepted);
      }
    }),
    { numRuns: 500 },
  );
});

test("asking changes nothing", () => {
  const window = new ReplayWindow(8);
  expect(window.isFresh(1000n)).toBe(true);
  expect(window.record(1n)).toBe(true);
  expect(window.isFresh(1n)).toBe(false);
});

test("the last counter of the window is still known, the one behind it counts as seen", () => {
  const window = new ReplayWindow(4);
  window.record(10n);
  expect(window.isFresh(7n)).toBe(true);
  expect(window.isFresh(6n)).toBe(false);
});

test("a jump over the whole range costs no more than a step", () => {
  const window = new ReplayWindow(1024);
  window.record(0n);
  expect(window.record(2n ** 64n - 1n)).toBe(true);
  expect(window.record(0n)).toBe(false);
  expect(window.record(2n ** 64n - 1n)).toBe(false);
  expect(window.record(2n ** 64n - 2n)).toBe(true);
});

test("a window of size 0 refuses nothing", () => {
  const window = new ReplayWindow(0);
  for (const ctr of [5n, 5n, 0n, 5n]) expect(window.record(ctr)).toBe(true);
});
