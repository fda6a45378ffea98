/**
 * docs/errors.md: the table of all error codes, from src/errors.ts. Without an argument the page is compared; with
 * --write it is written.
 *
 * The codes' groups are the comments in the source, which is where they are kept in order.
 */

import { readFileSync, writeFileSync } from "node:fs";
import * as prettier from "prettier";
import ts from "typescript";

const page = "docs/errors.md";
const begin = "<!-- The tables are written by test/checks/errors.js --write -->";

const source = readFileSync("src/errors.ts", "utf8");
const { outputText } = ts.transpileModule(source, {
  compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext },
});
const { errorCodes } = /** @type {{ errorCodes: Record<string, string> }} */ (
  await import(`data:text/javascript,${encodeURIComponent(outputText)}`)
);

const tables = source
  .slice(source.indexOf("export const errorCodes"), source.indexOf("} as const;"))
  .split("\n")
  .flatMap((line) => {
    const heading = /^ {2}\/\/ (.+)$/.exec(line)?.[1];
    if (heading !== undefined) return ["", `## ${heading}`, "", "| code | meaning |", "| --- | --- |"];
    const code = /^ {2}"?([a-z0-9-]+)"?:/.exec(line)?.[1];
    return code === undefined ? [] : [`| \`${code}\` | ${String(errorCodes[code])} |`];
  });
const listed = tables.filter((line) => line.startsWith("| `")).length;

const before = readFileSync(page, "utf8");
const introduction = before.slice(0, before.indexOf(begin));
const config = await prettier.resolveConfig(page);
const written = await prettier.format([introduction + begin, ...tables, ""].join("\n"), { ...config, filepath: page });

if (!before.includes(begin) || listed !== Object.keys(errorCodes).length) {
  console.log(`${page} has no place for the tables, or ${String(listed)} codes were found in src/errors.ts`);
  process.exitCode = 1;
} else if (process.argv.includes("--write")) writeFileSync(page, written);
else if (written !== before) {
  console.log(`${page} is not the table of src/errors.ts: node test/checks/errors.js --write`);
  process.exitCode = 1;
}
