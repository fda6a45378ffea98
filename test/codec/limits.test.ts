import { describe, expect, test } from "vitest";
import { decode, decodeCopy, encode, opaque, u16, u8, vector } from "../../src/codec/codec.ts";
import { defaultLimits, unlimited, type CountLimit, type Limits } from "../../src/codec/limits.ts";
import { failure } from "./failure.ts";

const counts = (Object.keys(defaultLimits) as (keyof Limits)[]).filter(
  (name): name is CountLimit => name !== "messageBytes" && name !== "proposalBytes",
);

/** The limits with one of them lowered, and the others too low for anything. */
function only(name: keyof Limits, value: number): Limits {
  const none = Object.fromEntries(Object.keys(defaultLimits).map((other) => [other, 0])) as unknown as Limits;
  return { ...none, messageBytes: Infinity, [name]: value };
}

/** A tree of n leaves has 2n - 1 nodes, which a list of them may hold. */
function most(name: CountLimit, limit: number): number {
  return name === "leaves" ? 2 * limit : limit;
}

describe.each(counts)("%s", (name) => {
  test("as many as the limit says are read, and not one more", () => {
    const codec = vector(u16, name);
    for (const limit of [0, 1, 7]) {
      const limits = only(name, limit);
      const values = Array.from({ length: most(name, limit) }, (_, i) => i);
      expect(decode(codec, encode(codec, values), { limits })).toEqual(values);
      const [code, offset] = failure(() => decode(codec, encode(codec, [...values, 0]), { limits }));
      expect(code).toBe("limit-exceeded");
      expect(offset).toBe(1 + 2 * values.length);
    }
  });

  test("the default holds where nothing is said, and the error names the limit", () => {
    const codec = vector(u8, name);
    const limit = most(name, defaultLimits[name]);
    expect(decode(codec, encode(codec, new Array<number>(limit).fill(1)))).toHaveLength(limit);
    const one = (): unknown => decode(codec, encode(codec, new Array<number>(limit + 1).fill(1)));
    expect(failure(one)[0]).toBe("limit-exceeded");
    expect(one).toThrow(name);
  });

  test("it bounds vectors inside of vectors, each by itself", () => {
    const codec = vector(vector(u8, name), "proposals");
    const limits = { ...only(name, 2), proposals: Math.max(2, name === "proposals" ? 2 : 3) };
    const full = new Array<number>(most(name, 2)).fill(9);
    expect(decode(codec, encode(codec, [full, full]), { limits })).toEqual([full, full]);
    const tooMany = encode(codec, [full, [...full, 9]]);
    expect(failure(() => decode(codec, tooMany, { limits }))).toEqual(["limit-exceeded", tooMany.length - 1]);
  });
});

test("unlimited lifts every limit", () => {
  expect(Object.keys(unlimited).sort()).toEqual(Object.keys(defaultLimits).sort());
  for (const name of counts) {
    const values = new Array<number>(most(name, defaultLimits[name]) + 1).fill(1);
    expect(decode(vector(u8, name), encode(vector(u8, name), values), { limits: unlimited })).toEqual(values);
  }
  expect(Object.values(unlimited).every((limit) => limit === Infinity)).toBe(true);
});

describe("messageBytes", () => {
  test.each([
    ["decode", decode],
    ["decodeCopy", decodeCopy],
  ] as const)("is what %s reads at most", (_, read) => {
    const bytes = encode(opaque, new Uint8Array(10));
    expect(read(opaque, bytes, { limits: only("messageBytes", 11) })).toHaveLength(10);
    expect(failure(() => read(opaque, bytes, { limits: only("messageBytes", 10) }))[0]).toBe("limit-exceeded");
  });

  test("is looked at before anything is copied", () => {
    const bytes = new Proxy(new Uint8Array(100), {
      get(target, key) {
        if (key === "length") return 2 ** 40;
        return Reflect.get(target, key, target) as unknown;
      },
    });
    expect(failure(() => decodeCopy(opaque, bytes))[0]).toBe("limit-exceeded");
  });
});
