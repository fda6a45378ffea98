import { expect, test } from "vitest";
import { checkMessagesLeft, checkNothingPending } from "../../src/rules/sending.ts";
import { verdict } from "./verdict.ts";

test("no application data goes out while proposals are pending: section 12.4", () => {
  expect(verdict(() => checkNothingPending(new Map()))).toBe("kept");
  expect(verdict(() => checkNothingPending(new Set([1])))).toBe("pending-proposals, section 12.4");
});

test("no more is encrypted than the AEAD bears: section 15.2", () => {
  expect(verdict(() => checkMessagesLeft(9, 10))).toBe("kept");
  for (const encrypted of [10, 11]) {
    expect(verdict(() => checkMessagesLeft(encrypted, 10))).toBe("send-limit, section 15.2");
  }
});
