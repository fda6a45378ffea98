/** What is explained keeps to the terminal's width, and says the same. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { wrapped } from "../../src/cli/wrap.ts";
import type { Group } from "../../src/group/group.ts";
import { client, groupOf } from "../group/world.ts";
import { copse } from "./terminal.ts";

describe("wrapped text", () => {
  it("goes on below what a line says, at a space where there is one", () => {
    expect(wrapped("  capabilities  versions mls10; suites 1, 2, 3; none", 31)).toBe(
      ["  capabilities  versions mls10;", "                suites 1, 2, 3;", "                none"].join("\n"),
    );
    expect(wrapped(`  key  ${"0123456789".repeat(4)}`, 25)).toBe(
      ["  key  012345678901234567", "       890123456789012345", "       6789"].join("\n"),
    );
  });

  it("keeps the branches of a tree", () => {
    expect(wrapped("  ├─ leaf 0: basic of somebody who has a long name\n  └─ leaf 1: basic of somebody else", 30)).toBe(
      [
        "  ├─ leaf 0: basic of somebody",
        "  │    who has a long name",
        "  └─ leaf 1: basic of somebody",
        "       else",
      ].join("\n"),
    );
  });

  it("is as it was where the width is not known, or suffices", () => {
    const text = `a ${"b".repeat(200)}\n`;
    expect(wrapped(text, undefined)).toBe(text);
    expect(wrapped(text, 300)).toBe(text);
  });

  it("is never wider than the terminal, and loses nothing but spaces", () => {
    const line = fc.string({ unit: fc.constantFrom("a", "é", "😀", " ", "│", "├", "└", "─", "_"), maxLength: 200 });
    const bare = (text: string): string => text.replaceAll(/[\s│├└─]/g, "");
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 20, max: 100 }), (lines, width) => {
        const text = lines.join("\n");
        const result = wrapped(text, width);
        for (const each of result.split("\n")) expect(Array.from(each).length).toBeLessThanOrEqual(width);
        expect(bare(result)).toBe(bare(text));
      }),
    );
  });
});

describe("copse inspect", () => {
  it.each([40, 80, 120])("keeps to %i columns, also of a tree", async (columns) => {
    const clients = await Promise.all(
      Array.from({ length: 20 }, (_, i) => client(`somebody with a name ${String(i)}`)),
    );
    const [first] = (await groupOf(clients)) as [Group];
    const input = hex(await first.groupInfo());
    const { out } = await copse(["inspect"], { input, columns });
    for (const line of out.split("\n")) expect(Array.from(line).length).toBeLessThanOrEqual(columns);
    const whole = await copse(["inspect"], { input });
    const bare = (text: string): string => text.replaceAll(/[\s│├└─]/g, "");
    expect(bare(out)).toBe(bare(whole.out));
    expect(whole.out.split("\n").some((line) => Array.from(line).length > 40)).toBe(true);
  });
});
