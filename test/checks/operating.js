/**
 * The table of settings in docs/operating.md, from src/server/settings.ts as it was built. Without an argument the page is compared; with
 * --write it is written.
 */

import { readFileSync, writeFileSync } from "node:fs";
import * as prettier from "prettier";

const page = "docs/operating.md";
const begin = "<!-- The table is written by test/checks/operating.js --write -->";
const end = "<!-- end of the table -->";

/** @typedef {{ words: string, choices?: readonly string[], default?: string | number | boolean, value?: string }} Setting */
/** @type {{ settings: Record<string, Setting>, environmentName: (name: string) => string }} */
const { settings, environmentName } = await import(new URL("../../dist/server/settings.js", import.meta.url).href);

const lines = ["", "| flag | environment | default | |", "| --- | --- | --- | --- |"];
for (const [name, { words, choices, default: usual, value }] of Object.entries(settings)) {
  const may = choices === undefined ? "" : `: ${choices.map((each) => `\`${each}\``).join(", ")}`;
  const flag = `\`--${name}${value === undefined ? "" : ` ${value}`}\``;
  const otherwise = usual === undefined || usual === false ? "" : `\`${String(usual)}\``;
  lines.push(`| ${flag} | \`${environmentName(name)}\` | ${otherwise} | ${words}${may} |`);
}

const before = readFileSync(page, "utf8");
const [head = "", rest = ""] = before.split(begin);
const tail = rest.slice(rest.indexOf(end));
const config = await prettier.resolveConfig(page);
const written = await prettier.format(`${head}${begin}\n${lines.join("\n")}\n\n${tail}`, { ...config, filepath: page });

if (!before.includes(begin) || !before.includes(end)) {
  console.log(`${page} has no place for the table`);
  process.exitCode = 1;
} else if (process.argv.includes("--write")) writeFileSync(page, written);
else if (written !== before) {
  console.log(`${page} has not the settings of the sources: node test/checks/operating.js --write`);
  process.exitCode = 1;
}
