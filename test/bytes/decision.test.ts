import { describe, expect, test } from "vitest";
import { decision, isThenable, yesOrNo } from "../../src/bytes/decision.ts";

/** What a hook may give back by mistake: much of it would count as a yes, or as a no, wherever JavaScript asks. */
const noDecisions = [undefined, null, 0, 1, "", "no", "yes", {}, [], () => true] as unknown as boolean[];
const message = "review must answer with true or false";

describe("a decision", () => {
  test.each([true, false])("is %s, at once or later", async (answer) => {
    expect(yesOrNo("review", answer)).toBe(answer);
    expect(decision("review", answer)).toBe(answer);
    expect(await decision("review", Promise.resolve(answer))).toBe(answer);
  });

  test.each(noDecisions)("is not %j", async (answer) => {
    for (const decide of [yesOrNo, decision]) {
      expect(() => decide("review", answer)).toThrow(TypeError);
      expect(() => decide("review", answer)).toThrow(message);
    }
    await expect(decision("review", Promise.resolve(answer))).rejects.toThrow(message);
  });

  test("that nobody waits for is not a promise", () => {
    expect(() => yesOrNo("review", Promise.resolve(true))).toThrow(message);
  });
});

test("an answer is still to come where it has a `then` that can be called", () => {
  const later = { then: () => undefined } as unknown as Promise<boolean>;
  for (const answer of [Promise.resolve(true), later]) expect(isThenable(answer)).toBe(true);
  for (const answer of [...noDecisions, true, false, { then: true } as unknown as boolean])
    expect(isThenable(answer)).toBe(false);
});
