/**
 * Every claim of a page that names its test: the test must exist. In a table with a column whose head begins with "Test", each
 * title in quotes must be part of a test's title, where "..." stands for any words; each `test/...` in code on any page must be a
 * file or a folder, and each `name.test.ts` the name of a file. A row of such a table that names no test says why.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import ts from "typescript";

/** @param {string} folder @param {string} end @returns {string[]} every file below it */
function filesOf(folder, end) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(end))
    .map((entry) => join(entry.parentPath, entry.name));
}

const tests = filesOf("test", ".ts");
const names = new Set(tests.map((file) => basename(file)));

/** The titles: what stands first in the calls of `describe`, `it` and `test`, and every string of the tables of their `each`. */
const titles = tests.flatMap((file) => {
  /** @type {string[]} */
  const found = [];
  /** @param {ts.Node} node @param {boolean} isTable */
  const visit = (node, isTable) => {
    if (isTable && (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node))) found.push(node.getText());
    if (ts.isCallExpression(node) && /^(describe|it|test)\b/.test(node.expression.getText())) {
      const [first] = node.arguments;
      if (first !== undefined && !ts.isArrayLiteralExpression(first)) found.push(first.getText());
    }
    const isEach = ts.isCallExpression(node) && /^(describe|it|test)\.each$/.test(node.expression.getText());
    node.forEachChild((child) => {
      visit(child, isTable || isEach);
    });
  };
  visit(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ESNext, true), false);
  return found;
});

/** @param {string} quoted @returns {boolean} */
function isTitle(quoted) {
  const pieces = quoted.split("...").map((piece) => piece.trim());
  return titles.some((title) => {
    let from = 0;
    return pieces.every((piece) => {
      const at = title.indexOf(piece, from);
      from = at + piece.length;
      return at >= 0;
    });
  });
}

/** @param {string} row @returns {string[]} */
const cells = (row) =>
  row
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The pages that somebody has written: those of docs/api are made of the sources and of these. */
const made = join("docs", "api");
const written = filesOf("docs", ".md").filter((page) => !page.startsWith(made));
const pages = ["README.md", "SECURITY.md", "vectors/README.md", ...written];

/** @type {string[]} */
const faults = [];
let claims = 0;
for (const page of pages) {
  let column = -1;
  for (const [at, line] of readFileSync(page, "utf8").split("\n").entries()) {
    const place = `${page}:${String(at + 1)}`;
    for (const [, named = ""] of line.matchAll(/`(test\/[\w./-]+|[\w-]+\.test\.ts)`/g)) {
      const isThere = named.includes("/") ? existsSync(named) : names.has(named);
      if (!isThere) faults.push(`${place}: there is no ${named}`);
    }
    if (!line.startsWith("|")) {
      column = -1;
      continue;
    }
    if (column < 0) column = cells(line).findIndex((cell) => cell.startsWith("Test"));
    else if (!/^\|[ -]+\|/.test(line)) {
      const cell = cells(line)[column] ?? "";
      if (cell === "") faults.push(`${place}: a row without a test, or the reason why there is none`);
      for (const [, quoted = ""] of cell.matchAll(/"([^"]+)"/g)) {
        claims++;
        if (!isTitle(quoted)) faults.push(`${place}: no test has the title "${quoted}"`);
      }
    }
  }
}
if (claims < 40) faults.push(`only ${String(claims)} titles found: is this check still reading the tables?`);

for (const fault of faults) console.log(fault);
if (faults.length > 0) process.exitCode = 1;
else console.log(`${String(claims)} titles found in the tests`);
