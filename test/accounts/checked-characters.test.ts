/**
 * Why any two recovery codes differ in nine places: the roots of the generator, by the definition of a BCH code.
 */

import { describe, expect, it } from "vitest";
import { checkLength, times, withCheck, wordLength } from "../../src/accounts/checked-characters.ts";

/** GF(1024) as GF(2)[x] / (x^10 + x^3 + 1). */
const powers: number[] = [];
for (let i = 0, value = 1; i < 1023; i++, value = (value << 1) ^ (value & 512 ? 0b10000001001 : 0)) powers.push(value);
const logarithms = new Map(powers.map((value, i) => [value, i]));
const power = (i: number): number => powers[i % 1023]!;
function product(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : power(logarithms.get(a)! + logarithms.get(b)!);
}

/** Of the 31 places where the smaller field may lie in the larger one, one at which x^5 + x^2 + 1 is zero. */
const root = power(33 * 11);
function embedded(value: number): number {
  let sum = 0;
  for (let bit = 0, unit = 1; bit < 5; bit++, unit = product(unit, root)) if ((value >> bit) & 1) sum ^= unit;
  return sum;
}

/** The word of zeros and a one in the last place that is free: all that is added to it is the generator. */
const zeros = new Array<number>(wordLength - checkLength).fill(0);
const words = [withCheck(zeros), withCheck([...zeros.slice(1), 1])] as const;
const generator = words[1].map((value, i) => value ^ words[0][i]!).slice(-checkLength - 1);

describe("the code of recovery codes", () => {
  it("has a smaller field that is a part of the larger one", () => {
    for (let a = 0; a < 32; a++) {
      for (let b = 0; b < 32; b++) {
        expect(embedded(times(a, b))).toBe(product(embedded(a), embedded(b)));
        expect(embedded(a ^ b)).toBe(embedded(a) ^ embedded(b));
      }
    }
  });

  it("has a generator with eight roots in a row, powers of an element of the order 93: so its distance is nine", () => {
    expect(generator).toHaveLength(14);
    expect(generator[0]).toBe(1);
    const roots = Array.from({ length: 93 }, (_, i) => i).filter((i) => {
      const at = power(11 * i);
      return generator.reduce((sum, coefficient) => product(sum, at) ^ embedded(coefficient), 0) === 0;
    });
    expect(roots).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 32, 35, 38, 64, 67]);
  });

  it("is linear beside its offset, and no word is all the same", () => {
    const add = (a: readonly number[], b: readonly number[]): number[] => a.map((value, i) => value ^ b[i]!);
    const one = withCheck([...zeros.keys()].map((i) => (i * 7) % 32));
    const two = withCheck([...zeros.keys()].map((i) => (i * 5 + 1) % 32));
    expect(add(add(one, two), words[0])).toEqual(withCheck(add(one, two).slice(0, zeros.length)));
    for (let value = 0; value < 32; value++) {
      const same = zeros.map(() => value);
      expect(withCheck(same).slice(-checkLength)).not.toEqual(new Array<number>(checkLength).fill(value));
    }
  });
});
