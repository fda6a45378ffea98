import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHex, hex } from "../../src/bytes/text.ts";
import { CopseError } from "../../src/errors.ts";
import { maxHeaderLength, readSFrameHeader, writeSFrameHeader } from "../../src/sframe/header.ts";
import { throwsCode } from "./cryptos.ts";

const most = 2n ** 64n - 1n;
/** Values of all lengths, not mostly long ones. */
const uint64 = fc.oneof(
  fc.bigInt(0n, 15n),
  fc.tuple(fc.integer({ min: 0, max: 64 }), fc.bigInt(0n, most)).map(([bits, value]) => BigInt.asUintN(bits, value)),
);

describe("writing", () => {
  test("the four forms", () => {
    expect(hex(writeSFrameHeader({ kid: 7n, ctr: 7n }))).toBe("77");
    expect(hex(writeSFrameHeader({ kid: 7n, ctr: 8n }))).toBe("7808");
    expect(hex(writeSFrameHeader({ kid: 8n, ctr: 7n }))).toBe("8708");
    expect(hex(writeSFrameHeader({ kid: 0x123n, ctr: 0x4567n }))).toBe("9901234567");
    expect(writeSFrameHeader({ kid: most, ctr: most })).toHaveLength(maxHeaderLength);
  });

  test("a value outside 64 bits, or a number, is the caller's mistake", () => {
    for (const wrong of [-1n, most + 1n, 1 as unknown as bigint]) {
      expect(() => writeSFrameHeader({ kid: wrong, ctr: 0n })).toThrow(TypeError);
      expect(() => writeSFrameHeader({ kid: 0n, ctr: wrong })).toThrow(TypeError);
    }
  });
});

describe("reading", () => {
  test("gives back what was written, wherever the frame goes on", () => {
    fc.assert(
      fc.property(uint64, uint64, fc.uint8Array({ maxLength: 20 }), (kid, ctr, rest) => {
        const header = writeSFrameHeader({ kid, ctr });
        const frame = new Uint8Array([...header, ...rest]);
        expect(readSFrameHeader(frame)).toEqual({ kid, ctr, length: header.length });
      }),
    );
  });

  test("accepts of all byte strings only those that writing makes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 18 }), (bytes) => {
        try {
          const { kid, ctr, length } = readSFrameHeader(bytes);
          expect(hex(writeSFrameHeader({ kid, ctr }))).toBe(hex(bytes.subarray(0, length)));
        } catch (error) {
          expect(error).toBeInstanceOf(CopseError);
          expect((error as CopseError).code).toBe("sframe-header");
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["8000", "a KID of 0 to 7 behind the config byte"],
    ["8007", "a KID of 0 to 7 behind the config byte"],
    ["0800", "a CTR of 0 to 7 behind the config byte"],
    ["0807", "a CTR of 0 to 7 behind the config byte"],
    ["900008", "a KID with a leading zero byte"],
    ["0900ff", "a CTR with a leading zero byte"],
    ["0f00ffffffffffffff", "a CTR of eight bytes with a leading zero byte"],
    ["89080008", "a CTR with a leading zero byte behind a KID"],
  ])("refuses %s: %s", (bytes) => {
    throwsCode("sframe-header", () => readSFrameHeader(fromHex(bytes)));
  });

  test("refuses every header that is cut short", () => {
    const whole = writeSFrameHeader({ kid: most, ctr: most });
    for (let length = 0; length < whole.length; length++) {
      throwsCode("sframe-header", () => readSFrameHeader(whole.subarray(0, length)));
    }
  });

  test("reads from a view at any offset", () => {
    const buffer = fromHex("ffff9901234567aabb");
    expect(readSFrameHeader(buffer.subarray(2))).toEqual({ kid: 0x123n, ctr: 0x4567n, length: 5 });
  });
});
