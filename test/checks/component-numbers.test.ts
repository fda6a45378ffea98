/**
 * Components that have no number from IANA yet have one of the range for private use. Each must be another: a number sets what one
 * component signs, exports and encrypts apart from all others. Section 4 of draft-ietf-mls-extensions
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const src = join(import.meta.dirname, "../../src");

it("no two components of copse's own have one number", () => {
  const named = new Map<string, string[]>();
  for (const name of readdirSync(src, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts") || /^(testing|crypto|cli)\//.test(name)) continue;
    for (const [, component, number] of readFileSync(join(src, name), "utf8").matchAll(
      /(\w+)(?:: | = )(0xf0[0-9a-f]{2})[,;]/g,
    )) {
      named.set(number!, [...(named.get(number!) ?? []), `${name} ${component!}`]);
    }
  }
  expect(named.size).toBeGreaterThan(15);
  expect([...named].filter(([, names]) => names.length > 1)).toEqual([]);
});
