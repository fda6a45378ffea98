import fc from "fast-check";
import { expect, test } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { decode } from "../../src/codec/codec.ts";
import { KeyPackage, keyPackageTbs } from "../../src/wire/key-package.ts";
import * as arbitrary from "./arbitraries.ts";
import * as naive from "./naive.ts";

test("KeyPackageTBS is the naive encoding of all fields but the signature, made here or read", () => {
  fc.assert(
    fc.property(arbitrary.keyPackage, (keyPackage) => {
      const expected = hex(naive.unsignedKeyPackage(keyPackage));
      expect(hex(keyPackageTbs(keyPackage))).toBe(expected);
      expect(hex(keyPackageTbs(decode(KeyPackage, naive.keyPackage(keyPackage))))).toBe(expected);
    }),
  );
});
