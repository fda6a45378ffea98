/**
 * Arbitrary frames of every codec, as an encoder could give them.
 */

import fc from "fast-check";
import { concat } from "../../../src/bytes/concat.ts";
import type { CodecName } from "../../../src/call/media.ts";

type Arbitrary<T> = fc.Arbitrary<T>;

const bytes = (minLength: number, maxLength: number): Arbitrary<Uint8Array> => fc.uint8Array({ minLength, maxLength });

/** Bytes that are mostly small: full of start codes, lengths and escapes. */
export const smallBytes: Arbitrary<Uint8Array> = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: 3 }) }, fc.integer({ min: 0, max: 255 })), {
    maxLength: 60,
  })
  .map((values) => Uint8Array.from(values));

const whole = fc.oneof(bytes(0, 80), smallBytes);

const vp8 = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 127 }), whole).map(([tag, rest]) => concat(Uint8Array.of(tag * 2 + 1), rest)),
  fc
    .tuple(fc.integer({ min: 0, max: 127 }), bytes(2, 2), bytes(4, 4), whole)
    .map(([tag, size, dimensions, rest]) =>
      concat(Uint8Array.of(tag * 2), size, Uint8Array.of(0x9d, 0x01, 0x2a), dimensions, rest),
    ),
);

/** What may stand in a NAL unit: no start code, and no zero at the end. */
const nalBody = fc.oneof(bytes(0, 40), smallBytes).map((body) => {
  const kept: number[] = [];
  for (const byte of body) {
    if (byte < 3 && kept.at(-1) === 0 && kept.at(-2) === 0) kept.push(3);
    kept.push(byte);
  }
  if (kept.at(-1) === 0) kept.push(0x80);
  return Uint8Array.from(kept);
});

const startCode = fc.constantFrom(Uint8Array.of(0, 0, 1), Uint8Array.of(0, 0, 0, 1));

/** A slice begins with three Exp-Golomb codes: here 0, a slice type and a small parameter set number. */
const slice = fc
  .tuple(fc.constantFrom(0x41, 0x65, 0x01, 0x61), fc.constantFrom([0xb8], [0x88, 0x84], [0x9a, 0x40]), nalBody)
  .map(([header, front, body]) => concat(Uint8Array.of(header, ...front), body));

/** Parameter sets, supplemental information, delimiters: anything that is no slice. */
const otherNal = fc
  .tuple(fc.constantFrom(0x67, 0x68, 0x06, 0x09, 0x0c), nalBody)
  .map(([header, body]) => concat(Uint8Array.of(header), body));

const nalUnits = (nal: Arbitrary<Uint8Array>, maxLength: number): Arbitrary<Uint8Array> =>
  fc.array(fc.tuple(startCode, nal), { maxLength }).map((units) => concat(...units.flat()));

const h264 = fc
  .tuple(nalUnits(fc.oneof(otherNal, slice), 4), startCode, slice, nalUnits(otherNal, 1))
  .map(([before, code, last, after]) => concat(before, code, last, after));

/** An OBU with its size; the extension byte where a layer is named. */
const obu = (type: number): Arbitrary<Uint8Array> =>
  fc
    .tuple(fc.option(fc.integer({ min: 0, max: 255 }), { nil: undefined }), whole)
    .map(([extension, payload]) =>
      concat(
        Uint8Array.of((type << 3) | (extension === undefined ? 0b010 : 0b110)),
        extension === undefined ? new Uint8Array(0) : Uint8Array.of(extension),
        Uint8Array.of(payload.length),
        payload,
      ),
    );

const many = (type: number): Arbitrary<Uint8Array> =>
  fc.array(obu(type), { maxLength: 1 }).map((obus) => concat(...obus));

const av1 = fc
  .tuple(many(2), many(1), fc.constantFrom(3, 4, 5, 6).chain(obu), fc.constantFrom(4, 6, 1, 2).chain(many))
  .map((obus) => concat(...obus));

/** Frames that an encoder of the codec could give. */
export const frames: Readonly<Record<CodecName, Arbitrary<Uint8Array>>> = { opus: whole, vp8, vp9: whole, h264, av1 };

/** Anything at all. */
export const junk: Arbitrary<Uint8Array> = fc.oneof(bytes(0, 60), smallBytes);
