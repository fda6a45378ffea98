/**
 * Recovery codes: up to three wrong characters are mended and told, more are refused, and nothing becomes another seed.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { Secret } from "../../src/bytes/secret.ts";
import { AccountError } from "../../src/accounts/errors.ts";
import { createRecoveryCode, readRecoveryCode, writeRecoveryCode } from "../../src/accounts/recovery-code.ts";
import { isExplainedBy, withCheck } from "../../src/accounts/checked-characters.ts";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const seedOf = (bytes: Uint8Array): ReturnType<typeof createRecoveryCode>["seed"] =>
  Secret.of("recovery_seed", Uint8Array.from(bytes));
const seeds = fc.uint8Array({ minLength: 16, maxLength: 16 });
const letters = (code: string): string[] => Array.from(code.replaceAll("-", ""));

/** So many places, each with what is added to the character there. */
const wrongs = (count: number): fc.Arbitrary<readonly (readonly [number, number])[]> =>
  fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 39 }), fc.integer({ min: 1, max: 31 })), {
    minLength: count,
    maxLength: count,
    selector: ([place]) => place,
  });

function spoiled(code: string, changes: readonly (readonly [number, number])[]): string {
  const characters = letters(code);
  for (const [place, change] of changes) {
    characters[place] = alphabet.charAt((alphabet.indexOf(characters[place]!) + change) % 32);
  }
  return characters.join("");
}

function refusal(text: string): AccountError {
  try {
    readRecoveryCode(text);
  } catch (error) {
    if (error instanceof AccountError) return error;
    throw error;
  }
  throw new Error("the code was read");
}

const [fixed] = [writeRecoveryCode(seedOf(new Uint8Array(16).map((_, i) => i * 17)))];
const groupsOf = (places: readonly number[]): number[] =>
  [...new Set(places.map((place) => Math.floor(place / 5) + 1))].sort((a, b) => a - b);

describe("a recovery code", () => {
  it("is forty characters in eight groups, and says its seed again", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const code = writeRecoveryCode(seedOf(seed));
        expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){7}[0-9A-HJKMNP-TV-Z]{5}$/);
        const read = readRecoveryCode(code);
        expect(read.seed.use(hex)).toBe(hex(seed));
        expect(read.mended).toEqual([]);
        expect(read.code).toBe(code);
      }),
    );
  });

  it("stays what it is from one version to the next", () => {
    expect(fixed).toBe("008J4-CT4AN-K7F24-SNAXW-SQFEZ-W0TQ6-MJSR5-Z60E7");
    expect(readRecoveryCode("008J4-CT4AN-K7F24-SNAXW-SQFEZ-W0TQ6-MJSR5-Z60E7").seed.use(hex)).toBe(
      "00112233445566778899aabbccddeeff",
    );
  });

  it("is made of the caller's randomness, and of the platform's without", () => {
    const made = createRecoveryCode({ random: (length) => new Uint8Array(length).map((_, i) => i * 17) });
    expect(made.code).toBe(fixed);
    expect(createRecoveryCode().code).not.toBe(createRecoveryCode().code);
  });

  it("is read in either case, with anything between its characters, and with what looks like them", () => {
    const code = fixed;
    const forms = [
      code.toLowerCase(),
      code.replaceAll("-", ""),
      code.replaceAll("-", " "),
      `  ${letters(code).join(" ")}\n`,
      code.replaceAll("-", " \u2013 "),
      code.replaceAll("-", "\u00a0"),
      code.replaceAll("0", "O"),
      code.replaceAll("0", "o").replaceAll("1", "l").replaceAll("V", "u"),
      code.replaceAll("1", "I").replaceAll("A", "\u0410").replaceAll("C", "\u0421"),
      code.replaceAll("1", "i").replaceAll("E", "\u0395"),
      code.replaceAll("1", "|"),
      Array.from(code, (c) => (c === "-" ? c : String.fromCharCode(c.charCodeAt(0) + 0xfee0))).join(""), // full width
    ];
    for (const form of forms) {
      const read = readRecoveryCode(form);
      expect(read.code, form).toBe(code);
      expect(read.mended, form).toEqual([]);
    }
  });

  it("is mended in each single character, which is named", () => {
    for (let place = 0; place < 40; place++) {
      for (let change = 1; change < 32; change++) {
        const read = readRecoveryCode(spoiled(fixed, [[place, change]]));
        expect(read.code).toBe(fixed);
        expect(read.mended).toEqual([
          { group: Math.floor(place / 5) + 1, place: (place % 5) + 1, right: letters(fixed)[place] },
        ]);
      }
    }
  });

  it.each([2, 3])("is mended in any %i characters, which are named", (count) => {
    fc.assert(
      fc.property(seeds, wrongs(count), (seed, changes) => {
        const code = writeRecoveryCode(seedOf(seed));
        const read = readRecoveryCode(spoiled(code, changes));
        expect(read.code).toBe(code);
        expect(read.seed.use(hex)).toBe(hex(seed));
        expect(read.mended.map(({ group, place }) => (group - 1) * 5 + place - 1)).toEqual(
          changes.map(([place]) => place).sort((a, b) => a - b),
        );
      }),
      { numRuns: 200 },
    );
  });

  it("is refused with four wrong characters, whose groups are named", () => {
    fc.assert(
      fc.property(seeds, wrongs(4), (seed, changes) => {
        const error = refusal(spoiled(writeRecoveryCode(seedOf(seed)), changes));
        expect(error.code).toBe("recovery-mistakes");
        expect(error.groups).toEqual(groupsOf(changes.map(([place]) => place)));
      }),
      { numRuns: 15 },
    );
  });

  it("is refused with more, and no word is near that would be taken for it", () => {
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 5, max: 40 }).chain((count) => wrongs(count)),
        (seed, changes) => {
          expect(refusal(spoiled(writeRecoveryCode(seedOf(seed)), changes)).code).toBe("recovery-mistakes");
        },
      ),
      { numRuns: 8 },
    );
  });

  it("names a group, or two, in which everything is wrong", () => {
    const all = (group: number): [number, number][] => [0, 1, 2, 3, 4].map((i) => [(group - 1) * 5 + i, 1 + i]);
    for (const group of [1, 4, 8]) expect(refusal(spoiled(fixed, all(group))).groups).toEqual([group]);
    for (const [one, other] of [
      [1, 2],
      [3, 7],
    ] as const) {
      expect(refusal(spoiled(fixed, [...all(one), ...all(other)])).groups).toEqual([one, other]);
    }
    expect(refusal(spoiled(fixed, [...all(1), ...all(2), ...all(5)])).groups).toEqual([]);
  });

  it("has two groups explained in one way only", () => {
    const word = withCheck(new Array<number>(27).fill(0));
    for (let one = 0; one < 40; one += 5) {
      for (let other = one + 5; other < 40; other += 5) {
        const places = [0, 1, 2, 3, 4].flatMap((i) => [one + i, other + i]);
        expect(isExplainedBy(word, places)).toBe(true); // by no change at all: the places are independent
      }
    }
  });

  it("is mended where two characters have changed places, wherever they stand", () => {
    for (let i = 0; i < 40; i++) {
      for (let k = i + 1; k < 40; k++) {
        const characters = letters(fixed);
        [characters[i], characters[k]] = [characters[k]!, characters[i]!];
        expect(readRecoveryCode(characters.join("")).code).toBe(fixed);
      }
    }
  });

  it("is refused where two groups have changed places", () => {
    const [one, two, ...others] = fixed.split("-");
    expect(refusal([two, one, ...others].join("-")).groups).toEqual([1, 2]);
  });

  it("takes a character that it can't have for a mistake at its place, and mends up to three", () => {
    const characters = letters(fixed);
    characters[7] = "?";
    characters[21] = "ß";
    characters[39] = "\u{1f600}";
    expect(readRecoveryCode(characters.join("")).mended.map(({ group, place }) => [group, place])).toEqual([
      [2, 3],
      [5, 2],
      [8, 5],
    ]);
    expect(readRecoveryCode(characters.join("")).code).toBe(fixed);
    // Also where what stands in its place would have been right, it is one of the three.
    const zeros = writeRecoveryCode(seedOf(new Uint8Array(16)));
    expect(readRecoveryCode(`???${zeros.slice(3)}`).mended).toHaveLength(3);
    expect(refusal(`????${zeros.slice(4)}`)).toMatchObject({ code: "recovery-mistakes", groups: [1] });
    expect(refusal(`???${spoiled(zeros, [[30, 1]]).slice(3)}`)).toMatchObject({ groups: [1, 7] });
  });

  it("is refused with a character too few or too many, and where it is in groups, that group is named", () => {
    const parts = fixed.split("-");
    expect(refusal("").code).toBe("recovery-length");
    expect(refusal(fixed.slice(1))).toMatchObject({ code: "recovery-length", groups: [1] });
    expect(refusal(`${fixed}A`)).toMatchObject({ code: "recovery-length", groups: [8] });
    expect(refusal(parts.with(2, "ABCD").join(" ")).groups).toEqual([3]);
    expect(refusal(`- ${parts.with(2, "ABCD").join(" - ")} -`).groups).toEqual([3]);
    expect(refusal(parts.slice(1).join("-"))).toMatchObject({ code: "recovery-length", groups: [] });
    expect(refusal(`${fixed.replaceAll("-", "")}A`).groups).toEqual([]);
    expect(refusal(`${fixed}${" ".repeat(400)}`).code).toBe("recovery-length");
    // Forty characters in groups of other lengths are still forty.
    expect(readRecoveryCode(`${fixed.slice(0, 4)} ${fixed.slice(4)}`).code).toBe(fixed);
  });

  it("of a newer version says so", () => {
    const data = letters(fixed).map((c) => alphabet.indexOf(c));
    const newer = withCheck([...data.slice(0, 26), data[26]! ^ 1]).map((value) => alphabet.charAt(value));
    expect(refusal(newer.join("")).code).toBe("recovery-version");
  });

  it("is not told by an error, and its seed not by printing", () => {
    const error = refusal(
      spoiled(fixed, [
        [0, 1],
        [6, 1],
        [12, 1],
        [18, 1],
      ]),
    );
    for (const part of fixed.split("-")) expect(String(error)).not.toContain(part);
    expect(JSON.stringify(readRecoveryCode(fixed).seed)).toBe('"Secret(recovery_seed)"');
  });

  it("takes nothing but a seed, and nothing but text", () => {
    expect(() => writeRecoveryCode(seedOf(new Uint8Array(15)))).toThrow(TypeError);
    expect(() => writeRecoveryCode(new Uint8Array(16) as never)).toThrow("seed must be a Secret of 16 bytes");
    expect(() => readRecoveryCode(1 as never)).toThrow(TypeError);
    expect(() => createRecoveryCode({ rnd: 1 } as never)).toThrow(TypeError);
    expect(() => createRecoveryCode({ random: (n) => new Uint8Array(n - 1) })).toThrow("random-source");
  });
});
