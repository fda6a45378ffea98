import { expect, it } from "vitest";
import { isSameVerification, verificationOf } from "../../src/call/verification.ts";

it("makes thirty digits of the first thirty bytes: five a group, big-endian, modulo 100,000", () => {
  const authenticator = new Uint8Array(32);
  authenticator.set([0, 0, 0, 0, 7], 0); // 7
  authenticator.set([0, 0, 1, 0x86, 0xa0], 5); // 100,000
  authenticator.set([0xff, 0xff, 0xff, 0xff, 0xff], 10); // 2^40 - 1 = 1,099,511,627,775
  authenticator.set([1, 0, 0, 0, 0], 15); // 2^32 = 4,294,967,296
  authenticator.set([0, 0, 0, 0x30, 0x39], 20); // 12,345
  expect(verificationOf(3n, authenticator)).toEqual({
    epoch: 3n,
    digits: "00007 00000 27775 67296 12345 00000",
    bytes: authenticator,
  });
});

it("has no code for fewer than thirty bytes", () => {
  expect(() => verificationOf(3n, new Uint8Array(29))).toThrow(TypeError);
});

it("compares whole codes", () => {
  const ours = Uint8Array.of(1, 2, 3);
  expect(isSameVerification(ours, Uint8Array.of(1, 2, 3))).toBe(true);
  expect(isSameVerification(ours, Uint8Array.of(1, 2, 4))).toBe(false);
  expect(isSameVerification(ours, Uint8Array.of(1, 2))).toBe(false);
});
