import { expect, it } from "vitest";
import { checkedClock } from "../../src/bytes/clock.ts";

it("a clock is a function", () => {
  for (const clock of [7, null, "now", {}]) expect(() => checkedClock(clock as never)).toThrow("a clock is a function");
  expect(checkedClock()()).toBeGreaterThan(0);
});

it("a clock gives milliseconds up to 2^53, and before 1970 it is 1970", () => {
  for (const now of [0, 1, 1.5, 2 ** 53]) expect(checkedClock(() => now)()).toBe(now);
  expect(checkedClock(() => -1)()).toBe(0);
  for (const now of [NaN, Infinity, -Infinity, 2 ** 53 + 2, "1", 1n, undefined, null]) {
    expect(() => checkedClock((() => now) as never)(), String(now)).toThrow("the clock must give a number");
  }
});
