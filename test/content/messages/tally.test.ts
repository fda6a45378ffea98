/**
 * Counting votes, and what reports say together.
 */

import { describe, expect, test } from "vitest";
import type { Status } from "../../../src/content/messages/records.ts";
import { nextStatus, tally } from "../../../src/content/messages/tally.ts";

describe("a poll", () => {
  const poll = { options: ["a", "b", "c"] };
  const vote = (senderUri: string, ...options: number[]): { senderUri: string; vote: { options: number[] } } => ({
    senderUri,
    vote: { options },
  });

  test("counts the last vote of each", () => {
    const votes = [vote("a", 0), vote("b", 0, 1), vote("a", 2), vote("c", 1), vote("c")];
    expect(tally(poll, votes)).toEqual({ counts: [1, 1, 1], voters: 2 });
    expect(tally(poll, [])).toEqual({ counts: [0, 0, 0], voters: 0 });
  });

  test("counts an option once a vote, and none that there is not", () => {
    expect(tally(poll, [vote("a", 1, 1, 1), vote("b", 7)])).toEqual({ counts: [0, 1, 0], voters: 2 });
  });

  test("takes polls and votes", () => {
    expect(() => tally({} as never, [])).toThrow(TypeError);
    expect(() => tally(undefined as never, [])).toThrow(TypeError);
    expect(() => tally(poll, [{ senderUri: "a" }] as never)).toThrow(TypeError);
    expect(() => tally(poll, [{ senderUri: "a", vote: undefined }] as never)).toThrow(TypeError);
    expect(() => tally(poll, 1 as never)).toThrow(TypeError);
  });
});

describe("a status", () => {
  type Name = Status["status"];

  test.each<[Name | undefined, Name, Name]>([
    [undefined, "delivered", "delivered"],
    ["delivered", "read", "read"],
    ["read", "delivered", "read"],
    ["unread", "delivered", "unread"],
    ["hidden", "delivered", "hidden"],
    ["read", "unread", "unread"],
    ["error", "delivered", "delivered"],
    ["read", "expired", "expired"],
    ["expired", "read", "expired"],
    ["expired", "deleted", "deleted"],
    ["deleted", "read", "deleted"],
    ["deleted", "expired", "deleted"],
    ["delivered", 9, 9],
    [9, "read", "read"],
  ])("of %s becomes by %s: %s", (known, reported, expected) => {
    expect(nextStatus(known, reported)).toBe(expected);
  });

  test("is a name or a number", () => {
    for (const wrong of [undefined, null, 256, -1, 1.5, {}]) {
      expect(() => nextStatus("read", wrong as never)).toThrow(TypeError);
      if (wrong !== undefined) expect(() => nextStatus(wrong as never, "read")).toThrow(TypeError);
    }
  });
});
