import { expect, it } from "vitest";
import { NalUnits } from "../../../src/call/codecs/h264-nal.ts";

/** Where the clear bytes of a slice end, whose payload this is. */
function clearEnd(...payload: readonly number[]): number | undefined {
  const units = new NalUnits(Uint8Array.of(0, 0, 1, 0x65, ...payload));
  expect(units.next()).toBe(true);
  return units.clearEnd();
}

it("a slice header ends behind its third code, and nowhere where that is cut off", () => {
  expect(clearEnd(0b1110_0001)).toBe(5);
  expect(clearEnd(0b1100_0001, 0b1000_0001)).toBe(6); // five zeros, a one, and five bits
  expect(clearEnd(0b1100_0001)).toBeUndefined();
  expect(clearEnd(0b1100_0000, 0b1)).toBeUndefined();
  expect(clearEnd(0b1000_0000, 0, 0, 3, 0, 0, 3, 0xff)).toBeUndefined(); // more zeros than a number has
});
