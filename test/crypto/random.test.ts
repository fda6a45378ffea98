import { expect, test } from "vitest";
import { checkedRandom, platformRandom, randomBytes } from "../../src/crypto/random.ts";
import { CopseError } from "../../src/errors.ts";

const failure = (work: () => unknown): CopseError => {
  try {
    work();
  } catch (error) {
    if (error instanceof CopseError) return error;
  }
  throw new Error("no CopseError");
};

test("the platform's source gives as many bytes as were asked for, also more than it gives at once", () => {
  for (const length of [0, 1, 16]) expect(platformRandom(length).length).toBe(length);
  for (const length of [65_536, 200_000]) {
    const bytes = platformRandom(length);
    expect(bytes.length).toBe(length);
    expect(bytes.subarray(-1000).some((byte) => byte !== 0)).toBe(true);
  }
});

test("a source gives bytes, as many as were asked for", () => {
  const right = new Uint8Array(4);
  expect(randomBytes(() => right, 4)).toBe(right);
  for (const wrong of [new Uint8Array(3), new Uint8Array(5), [1, 2, 3, 4], "text", undefined]) {
    expect(failure(() => randomBytes(() => wrong as Uint8Array, 4)).code).toBe("random-source");
    expect(failure(() => checkedRandom(() => wrong as Uint8Array)(4)).code).toBe("random-source");
  }
});

test("a source that fails says why, and its own code stays", () => {
  const cause = new Error("no entropy");
  const failing = (error: Error) => (): never => {
    throw error;
  };
  expect(failure(() => randomBytes(failing(cause), 4))).toMatchObject({ code: "random-source", cause });
  const own = new CopseError("limit-exceeded");
  expect(failure(() => randomBytes(failing(own), 4))).toBe(own);
});

test("a source that is no function is the caller's mistake", () => {
  for (const none of [undefined, {}, new Uint8Array(4)]) {
    expect(() => checkedRandom(none as never)).toThrow(new TypeError("a random source is a function"));
  }
});
