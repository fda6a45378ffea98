/**
 * The fuzzer itself: that it sees what it is for.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { encode } from "../../src/codec/codec.ts";
import { CopseError } from "../../src/errors.ts";
import { reading } from "../wire/arbitraries.ts";
import { structs } from "../wire/structs.ts";
import { bytesOf, fieldsOf } from "./fields.ts";
import { fuzz, hold, outcome, target, Tally, type Target } from "./harness.ts";
import { anyEdits, mutated } from "./mutation.ts";

describe("fields", () => {
  it.each(structs)("of $name are all of its bytes", ({ codec, values }) => {
    const property = fc.property(values, (value) => {
      const bytes = encode(codec, value);
      expect(hex(bytesOf(fieldsOf(codec, bytes, reading)))).toBe(hex(bytes));
    });
    fc.assert(property, { seed: 9420, numRuns: 20 });
  });

  it("of lists are known item by item", () => {
    const { codec, values } = structs.find(({ name }) => name === "Extension extensions<V>")!;
    const property = fc.property(values, (value) => {
      const [list] = fieldsOf(codec, encode(codec, value));
      expect(list?.kind === "vector" && list.items.length).toBe((value as readonly unknown[]).length);
    });
    fc.assert(property, { seed: 9420, numRuns: 20 });
  });
});

it("an edit changes most messages, and the same edit makes the same bytes", () => {
  const { codec, values } = structs.find(({ name }) => name === "KeyPackage")!;
  let changed = 0;
  const property = fc.property(values, anyEdits, (value, edits) => {
    const bytes = encode(codec, value);
    const once = mutated(fieldsOf(codec, bytes), edits);
    expect(hex(mutated(fieldsOf(codec, bytes), edits))).toBe(hex(once));
    if (hex(once) !== hex(bytes)) changed++;
  });
  fc.assert(property, { seed: 9420, numRuns: 200 });
  expect(changed).toBeGreaterThan(120);
});

describe("a finding", () => {
  const cases = fc.nat(1_000);
  const of = (run: Target<number>["run"]): Target => target({ name: "t", counts: "others", share: 1, cases, run });

  it("is any error but CopseError, shrunk", async () => {
    const found = await fuzz(
      of(async (value, tally) => {
        await outcome(tally, () => {
          if (value >= 10) throw new TypeError("from inside");
        });
      }),
      200,
      1,
      new Tally(),
    );
    expect(found?.report).toContain('{"target":"t","case":10}');
    expect(found?.report).toContain("from inside");
  });

  it("is an error of the platform that was wrapped in a refusal", async () => {
    const refuse = of(async (_, tally) => {
      await outcome(tally, () => {
        throw new CopseError("welcome-open", { cause: new RangeError("offset is out of bounds") });
      });
    });
    expect((await fuzz(refuse, 1, 1, new Tally()))?.report).toContain("out of bounds");
  });

  it("is a statement that does not hold", async () => {
    const broken = of((value) => {
      hold(value < 500, "small");
    });
    expect((await fuzz(broken, 100, 1, new Tally()))?.report).toContain('"case":500');
  });

  it("is no refusal with a code", async () => {
    const tally = new Tally();
    const refuse = of(async (_, counted) => {
      await outcome(counted, () => {
        throw new CopseError("welcome-open", { cause: new CopseError("aead-open") });
      });
    });
    expect(await fuzz(refuse, 5, 1, tally)).toBeUndefined();
    expect([...tally.codes]).toEqual([["welcome-open", 5]]);
  });
});
