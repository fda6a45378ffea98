/**
 * docs/limits.md says what the code does: every option, with its default.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../src/codec/limits.ts";
import { defaultCounts, defaultDelays } from "../../src/call/engine/defaults.ts";
import { defaultFramesPerKey } from "../../src/call/engine/settings.ts";
import { defaultHolding } from "../../src/call/group/held.ts";
import { defaultTiming } from "../../src/call/group/transport.ts";
import { defaultLifetime, defaultWindow } from "../../src/public-group/options/settings-of.ts";

const page = readFileSync(new URL("../../docs/limits.md", import.meta.url), "utf8");

/** The options and defaults of the table below a heading. */
function table(heading: string): Readonly<Record<string, string>> {
  const section = page.split(/^## /m).find((text) => text.startsWith(heading)) ?? "";
  const rows = section.matchAll(/^\| `(\w+)` +\| +(\w+) \| (.+?) *\|$/gm);
  return Object.fromEntries(Array.from(rows, ([, name, value]) => [name!, value!]));
}

describe.each([
  ["What is accepted", defaultLimits],
  ["How long old keys are kept", defaultWindow],
  ["How old leaves may be", defaultLifetime],
  ["Calls\n", defaultDelays],
  ["Call groups", { ...defaultTiming, ...defaultHolding }],
  ["Calls: what may grow", { ...defaultCounts, maxFramesPerKey: defaultFramesPerKey }],
])("docs/limits.md, %s", (heading, defaults) => {
  it("lists every option with its default", () => {
    expect(table(heading)).toEqual(
      Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, String(value)])),
    );
  });
});

it("docs/limits.md lists SFrame's options as the sources have them", () => {
  const source = ["key-table", "mls", "ratchet-receiver"]
    .map((name) => readFileSync(new URL(`../../src/sframe/${name}.ts`, import.meta.url), "utf8"))
    .join("\n");
  const listed = table("SFrame");
  expect(Object.keys(listed).sort()).toEqual([
    "keepSteps",
    "maxAhead",
    "maxContexts",
    "maxGenerations",
    "maxKeys",
    "replayWindow",
  ]);
  for (const [name, value] of Object.entries(listed)) {
    const [, first] = new RegExp(`\\b${name} = (?:Math\\.min\\()?([\\d_]+)`).exec(source) ?? [];
    expect(first?.replaceAll("_", ""), name).toBe(value);
  }
});
