import { expect, test } from "vitest";
import { decision, isThenable, yesOrNo } from "../../src/bytes/decision.ts";

const neither: readonly unknown[] = [undefined, null, 0, 1, "", "true", [], {}, new Boolean(true), () => true];

test("true is a yes, false a no, and nothing else an answer", async () => {
  for (const answer of [true, false]) {
    expect(yesOrNo("review", answer)).toBe(answer);
    expect(decision("review", answer)).toBe(answer); // at once, where the hook answers at once
    expect(await decision("review", Promise.resolve(answer))).toBe(answer);
  }
  for (const answer of neither) {
    const refused = new TypeError("review must answer with true or false");
    expect(() => yesOrNo("review", answer)).toThrow(refused);
    expect(() => decision("review", answer as never)).toThrow(refused);
    await expect(decision("review", Promise.resolve(answer as never))).rejects.toThrow(refused);
  }
  expect(() => yesOrNo("isValid", Promise.resolve(true))).toThrow(TypeError); // nobody waits for it
});

test("an answer is still to come where it can be waited for", () => {
  expect(isThenable(Promise.resolve(true))).toBe(true);
  for (const answer of neither) expect(isThenable(answer)).toBe(false);
});
