/**
 * What holds for every struct of RFC 9420 alike.
 */

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { hex } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import { CopseError } from "../../src/errors.ts";
import { failure } from "../codec/failure.ts";
import { reading } from "./arbitraries.ts";
import { structs } from "./structs.ts";

// Thousands of refusals, and nobody looks at their stacks.
const { stackTraceLimit } = Error;
beforeAll(() => void (Error.stackTraceLimit = 0));
afterAll(() => void (Error.stackTraceLimit = stackTraceLimit));

describe.each(structs)("$name", ({ codec, values, naive }) => {
  test("is encoded as the RFC prints it, and read back", () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = encode(codec, value);
        expect(hex(bytes)).toBe(hex(naive(value)));
        const read = decode(codec, bytes, reading);
        expect(read).toEqual(value);
        expect(hex(encode(codec, read))).toBe(hex(bytes));
      }),
      { numRuns: 100 },
    );
  });

  test("is refused where it is cut off, at any length, and with a byte too many", () => {
    fc.assert(
      fc.property(values, fc.nat(255), (value, more) => {
        const bytes = encode(codec, value);
        for (let length = 0; length < bytes.length; length++) {
          expect(failure(() => decode(codec, bytes.subarray(0, length), reading))[0]).toBe("decode-truncated");
        }
        const longer = concat(bytes, new Uint8Array([more]));
        expect(failure(() => decode(codec, longer, reading))).toEqual(["decode-trailing", bytes.length]);
      }),
      { numRuns: 15 },
    );
  });

  test("has one encoding: damaged bytes are refused, or they are the encoding of another value", () => {
    const change = fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0x00, 0x40, 0x80, 0xc0)), fc.boolean());
    fc.assert(
      fc.property(values, fc.array(change, { minLength: 1, maxLength: 2 }), (value, changes) => {
        let bytes = encode(codec, value);
        for (const [place, byte, insert] of changes) {
          const at = place % (bytes.length + Number(insert));
          bytes = concat(bytes.subarray(0, at), new Uint8Array([byte]), bytes.subarray(at + Number(!insert)));
        }
        let read: unknown;
        try {
          read = decode(codec, bytes, reading);
        } catch (error) {
          if (!(error instanceof CopseError)) throw error;
          expect(error.code).toMatch(/^(decode-|limit-exceeded$|proposal-unknown-type$)/);
          expect(error.offset).toBeLessThanOrEqual(bytes.length);
          return;
        }
        expect(hex(naive(read))).toBe(hex(bytes));
      }),
      { numRuns: 400 },
    );
  });
});
