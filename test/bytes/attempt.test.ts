import { describe, expect, it } from "vitest";
import { attempt, attemptLong, isPassed } from "../../src/bytes/attempt.ts";
import { CopseError } from "../../src/errors.ts";

const refused = (): number => {
  throw new CopseError("decode-value");
};
const broken = (): never => {
  throw new RangeError("a fault");
};

describe("work that may be refused", () => {
  it("gives what it gives, or undefined where it is refused", async () => {
    expect([attempt(CopseError, () => 7), attempt(CopseError, refused)]).toEqual([7, undefined]);
    expect([await attemptLong(CopseError, () => Promise.resolve(7)), await attemptLong(CopseError, refused)]).toEqual([
      7,
      undefined,
    ]);
    expect([isPassed(CopseError, () => undefined), isPassed(CopseError, refused)]).toEqual([true, false]);
  });

  it("fails with whatever else is thrown", async () => {
    expect(() => attempt(CopseError, broken)).toThrow(RangeError);
    expect(() => isPassed(CopseError, broken)).toThrow(RangeError);
    await expect(attemptLong(CopseError, broken)).rejects.toThrow(RangeError);
    await expect(attemptLong(CopseError, () => Promise.reject(new TypeError("late")))).rejects.toThrow(TypeError);
  });
});
