import { createSecretKey, type KeyObject } from "node:crypto";
import { expect, test } from "vitest";
import { KeyCache } from "../../../src/crypto/node/keys.ts";

/** A cache, and the first byte of every key that it has loaded. */
function watched(mostLatest?: number): { readonly keyOf: (bytes: Uint8Array) => KeyObject; readonly loaded: number[] } {
  const loaded: number[] = [];
  const cache = new KeyCache((bytes) => {
    loaded.push(bytes[0]!);
    return createSecretKey(bytes);
  }, mostLatest);
  return { keyOf: (bytes) => cache.keyOf(bytes), loaded };
}

const key = (first: number): Uint8Array => new Uint8Array(32).fill(first);

test("an array's key is loaded once, and that of another array with the same bytes again", () => {
  const { keyOf, loaded } = watched();
  const bytes = key(1);
  expect(keyOf(bytes)).toBe(keyOf(bytes));
  keyOf(key(1));
  expect(loaded).toEqual([1, 1]);
});

test("the latest keys are known in whichever array they come", () => {
  const { keyOf, loaded } = watched(2);
  expect(keyOf(key(1))).toBe(keyOf(key(1)));
  expect(keyOf(key(2))).not.toBe(keyOf(key(1)));
  expect(loaded).toEqual([1, 2]);
});

test("of more keys than that, the one that was used the longest ago is forgotten", () => {
  const { keyOf, loaded } = watched(2);
  for (const first of [1, 2, 1, 3, 1, 2]) keyOf(key(first));
  expect(loaded).toEqual([1, 2, 3, 2]);
});
