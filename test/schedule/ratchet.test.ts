import { describe, expect, test } from "vitest";
import { nodeProvider } from "../../src/crypto/node.ts";
import { checkGap, isGeneration, isRatchetState, type RatchetState } from "../../src/schedule/ratchet.ts";

const suite = nodeProvider.cipherSuite(1);

test("a generation is a uint32", () => {
  for (const generation of [0, 1, 2 ** 31, 2 ** 32 - 1]) expect(isGeneration(generation)).toBe(true);
  for (const none of [-1, 2 ** 32, 0.5, NaN, Infinity]) expect(isGeneration(none)).toBe(false);
  expect([isGeneration(7, 7), isGeneration(8, 7)]).toEqual([true, false]);
});

test("a message may be as far ahead of the next generation as generationGap says", () => {
  const window = { generationGap: 20, outOfOrderKeys: 10 };
  checkGap(5, 25, window);
  checkGap(5, 0, window);
  expect(() => checkGap(5, 26, window)).toThrow(expect.objectContaining({ code: "generation-gap" }));
});

describe("the state of a ratchet", () => {
  const [secret, keyAndNonce] = [new Uint8Array(32), new Uint8Array(16 + 12)];
  const end = 2 ** 32;

  test.each<[string, RatchetState]>([
    ["that has not been used", [0, secret, []]],
    ["that keeps the keys of skipped generations", [3, secret, [[0, keyAndNonce, 5], [2, keyAndNonce, 6]]]], // prettier-ignore
    ["that has given its last key", [end, new Uint8Array(0), [[end - 1, keyAndNonce, 5]]]],
  ])("may be one %s", (_, state) => {
    expect(isRatchetState(suite, state)).toBe(true);
  });

  test.each<[string, RatchetState]>([
    ["with a generation that is none", [0.5, secret, []]],
    ["with a generation beyond the end", [end + 1, new Uint8Array(0), []]],
    ["without a secret before the end", [3, new Uint8Array(0), []]],
    ["with a secret after the end", [end, secret, []]],
    ["with the secret of another suite", [3, new Uint8Array(48), []]],
    ["with a kept key whose generation is still to come", [3, secret, [[3, keyAndNonce, 5]]]],
    ["with a kept key whose generation is none", [3, secret, [[-1, keyAndNonce, 5]]]],
    ["with two kept keys of one generation", [3, secret, [[1, keyAndNonce, 5], [1, keyAndNonce, 5]]]], // prettier-ignore
    ["with a kept key that is too short", [3, secret, [[1, new Uint8Array(27), 5]]]],
    ["with a kept key of no time", [3, secret, [[1, keyAndNonce, undefined as unknown as number]]]],
  ])("is not one %s", (_, state) => {
    expect(isRatchetState(suite, state)).toBe(false);
  });
});
