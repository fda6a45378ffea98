import { describe, expect, it } from "vitest";
import { createAppData } from "../../../src/extensions/app-data/app-data.ts";
import { dictionaryOf, readDictionary } from "../../../src/extensions/app-data/dictionary.ts";
import { readNumbers, writeNumbers } from "../../../src/extensions/app-data/lists.ts";
import { readMediaTypes } from "../../../src/extensions/app-data/media-types.ts";
import { draftNumbers, numbersOf } from "../../../src/extensions/app-data/numbers.ts";

const malformed = expect.objectContaining({ code: "extension-malformed" }) as Error;
/** What no list, dictionary or list of media types is: nothing, one cut off, one with a byte behind it. */
const damaged = [[], [4, 0x80], [0, 0]].map((bytes) => Uint8Array.from(bytes));

describe("what comes in an extension", () => {
  it("is a list of numbers, and nothing behind it", () => {
    expect(readNumbers(writeNumbers("ids", [1, 0xffff]))).toEqual([1, 0xffff]);
    for (const bytes of damaged) expect(() => readNumbers(bytes)).toThrow(malformed);
  });

  it("is a dictionary, and nothing behind it", () => {
    expect(readDictionary(Uint8Array.from([4, 0, 1, 1, 9]))).toEqual([{ componentId: 1, data: Uint8Array.of(9) }]);
    for (const bytes of damaged) expect(() => readDictionary(bytes)).toThrow(malformed);
  });

  it("is a list of media types, and nothing behind it", () => {
    const list = Uint8Array.from([5, 3, 0x61, 0x2f, 0x62, 0]);
    expect(readMediaTypes(list)).toEqual([{ type: "a/b", parameters: [] }]);
    for (const bytes of [...damaged, Uint8Array.of(0)]) expect(() => readMediaTypes(bytes)).toThrow(malformed);
  });
});

describe("what a caller gives", () => {
  const noUint16 = [-1, 0.5, NaN, 0x1_0000];

  it("is a list of numbers of 16 bits", () => {
    for (const number of noUint16)
      expect(() => writeNumbers("ids", [1, number])).toThrow(/^ids must be a whole number/);
  });

  it("is a dictionary of ids of 16 bits, each once, which is put in order", () => {
    const entry = (componentId: number): { componentId: number; data: Uint8Array } => {
      return { componentId, data: new Uint8Array(1) };
    };
    expect(dictionaryOf([entry(9), entry(7)]).map(({ componentId }) => componentId)).toEqual([7, 9]);
    for (const id of noUint16) expect(() => dictionaryOf([entry(id)])).toThrow(/^componentId must be a whole number/);
    const twice = [entry(7), entry(9), entry(7)];
    expect(() => dictionaryOf(twice)).toThrow(new TypeError("a dictionary has one entry a component"));
  });

  it("is code points of 16 bits in the place of the draft's", () => {
    expect(numbersOf({ appDataUpdate: 0xf008 })).toEqual({ ...draftNumbers, appDataUpdate: 0xf008 });
    for (const number of noUint16) {
      const options = { components: [], numbers: { appDataUpdate: number } };
      expect(() => createAppData(options)).toThrow(/^createAppData\.numbers\.appDataUpdate must be a whole number/);
    }
  });
});
