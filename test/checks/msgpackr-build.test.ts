/**
 * msgpackr as it is built into the package, cut down to what is called: what it writes and reads is what the whole library does.
 */

import fc from "fast-check";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Packr } from "#msgpack";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { buildMsgpackr } from "./package-build.js";

const folder = mkdtempSync(join(tmpdir(), "copse-msgpackr-"));
const options = { useRecords: false, structuredClone: false, variableMapSize: true } as const;
const whole = new Packr({ ...options });
let built: Packr;

beforeAll(async () => {
  const file = join(folder, "msgpackr.mjs");
  await buildMsgpackr(file);
  const module = (await import(pathToFileURL(file).href)) as { readonly Packr: typeof Packr };
  built = new module.Packr({ ...options });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const { value: plain } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    fc.maxSafeInteger(),
    fc.integer({ min: -300, max: 300 }),
    fc.double(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.string({ unit: "grapheme", maxLength: 100 }),
    fc.string({ minLength: 300, maxLength: 400 }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie("value"), { maxLength: 20 }),
    fc.dictionary(fc.string({ maxLength: 40 }), tie("value"), { maxKeys: 20, noNullPrototype: true }),
  ),
}));

function read(packr: Packr, bytes: Uint8Array): unknown {
  try {
    return packr.unpack(new Uint8Array(bytes));
  } catch {
    return "refused";
  }
}

it("it writes and reads what the whole library does", () => {
  fc.assert(
    fc.property(plain, (value) => {
      const packed = new Uint8Array(whole.pack(value));
      expect(hex(new Uint8Array(built.pack(value)))).toBe(hex(packed));
      expect(read(built, packed)).toEqual(read(whole, packed));
    }),
    { numRuns: 500 },
  );
  for (const length of [65_535, 65_536, 300_000]) {
    const value = [new Uint8Array(length).fill(7), "x".repeat(length), new Array<number>(length >> 4).fill(300)];
    const packed = new Uint8Array(built.pack(value));
    expect(Buffer.compare(packed, whole.pack(value))).toBe(0);
    expect(JSON.stringify(read(built, packed))).toBe(JSON.stringify(read(whole, packed)));
  }
});

it("bytes that nobody has packed are refused, or read as the whole library reads them", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const value = read(built, bytes);
      // What the library has beside msgpack's own types is an extension that nobody knows.
      if (value !== "refused") expect(value).toEqual(read(whole, bytes));
    }),
    { numRuns: 5_000 },
  );
  for (const own of ["d4720a9161", "d57240009161a1", "d6ff00000000", "d47300929101", "c70474010203"]) {
    expect(
      read(
        built,
        Uint8Array.from(own.match(/../g)!, (byte) => Number.parseInt(byte, 16)),
      ),
    ).toBe("refused");
  }
});
