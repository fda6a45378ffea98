/**
 * docs/rfc-coverage.md: every MUST of RFC 9420, the function that holds it and the tests that break it. Without an argument the
 * page is compared; with --write it is written.
 *
 * The rules are those of test/rfc/rules.json, the functions are found by the rules' ids in src, the tests by the ids that their
 * names begin with. A rule without a test or a function, and a test of test/rfc that names no rule, are failures.
 *
 * The rules of draft-ietf-mls-extensions are those of test/extensions/rules.json, with ids like "extensions 4.7 (1)"; the tests
 * of that folder that hold one name it, the others need not.
 */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as prettier from "prettier";
import ts from "typescript";

/**
 * @typedef {{ id: string, words: string, where?: string }} Rule a rule that copse holds; `where` is the place of one whose id src
 *   does not name, as "file.ts name"
 * @typedef {{ id: string, words: string, whose: string, serves: string }} Foreign a rule for somebody else
 * @typedef {{ section: string, words: string, as: readonly string[] }} Repeated a rule that stands elsewhere, too, as these
 * @typedef {{ rules: readonly Rule[], foreign: readonly Foreign[], repeated: readonly Repeated[] }} Rules
 */

const page = "docs/rfc-coverage.md";
const begin = "<!-- The tables are written by test/checks/rfc-coverage.js --write -->";
const { rules, foreign, repeated } = /** @type {Rules} */ (JSON.parse(readFileSync("test/rfc/rules.json", "utf8")));
const draft = /** @type {Rules} */ (JSON.parse(readFileSync("test/extensions/rules.json", "utf8")));

/** @type {string[]} */
const faults = [];

/** @param {string} folder @returns {string[]} every file below it */
function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** @param {string} file */
function parsed(file) {
  return ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ESNext, true);
}

/** @param {ts.Statement} statement @returns {string | undefined} the name that it declares */
function nameOf(statement) {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations[0]?.name.getText();
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) return statement.name?.text;
  return undefined;
}

/** Where src names a rule: the rules' own folder first, then the decoders, then whoever puts them together. */
const layers = [
  "src/rules/",
  "src/extensions/",
  "src/wire/",
  "src/tree/",
  "src/schedule/",
  "src/public-group/",
  "src/group/",
  "src/crypto/",
  "src/codec/",
];

/** The text of everything that src declares at the top of a file, by file and name. @type {Map<string, string>} */
const functions = new Map();
/** Those that are functions or classes. @type {Set<string>} */
const callable = new Set();
for (const folder of layers) {
  for (const file of filesOf(folder)) {
    for (const statement of parsed(file).statements) {
      const name = nameOf(statement);
      if (name === undefined) continue;
      functions.set(`${file} ${name}`, statement.getFullText());
      if (!ts.isVariableStatement(statement)) callable.add(`${file} ${name}`);
    }
  }
}

/** @param {Rule} rule @returns {string[]} the functions that hold it, as "file name" */
function placesOf({ id, where }) {
  if (where !== undefined) {
    const [file, name] = where.split(" ");
    // A method is named with its class in front.
    const found = functions.has(`${file} ${name?.split(".")[0]}`);
    if (!found) faults.push(`${id}: there is no ${where}`);
    return [where];
  }
  const named = [...functions].filter(([, text]) => text.includes(id)).map(([place]) => place);
  const first = layers.find((folder) => named.some((place) => place.startsWith(folder)));
  const nearest = named.filter((place) => first !== undefined && place.startsWith(first));
  return nearest.some((place) => callable.has(place)) ? nearest.filter((place) => callable.has(place)) : nearest;
}

const ids =
  /^((?:valn\d{4}|(?:section|appendix|extensions) [0-9A-Z.]+ \(\d+\))(?:, (?:valn\d{4}|(?:section|appendix|extensions) [0-9A-Z.]+ \(\d+\)))*): /;

/** The tests of test/rfc by the rules that they name. @type {Map<string, string[]>} */
const tests = new Map();
for (const file of [...filesOf("test/rfc"), ...filesOf("test/extensions")].filter((name) =>
  name.endsWith(".test.ts"),
)) {
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isCallExpression(node) && isTest(node.expression)) {
      const [title] = node.arguments;
      const name = title !== undefined && ts.isStringLiteralLike(title) ? title.text : "";
      const named = ids.exec(name)?.[1]?.split(", ") ?? [];
      if (named.length === 0 && file.startsWith("test/rfc/")) faults.push(`${file}: a test names no rule: ${name}`);
      for (const id of named)
        tests.set(id, [...(tests.get(id) ?? []), `${file}: ${name.slice(name.indexOf(": ") + 2)}`]);
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed(file));
}

/** @param {ts.Expression} callee whether it is `it` or `it.each(...)` */
function isTest(callee) {
  if (ts.isIdentifier(callee)) return callee.text === "it";
  return ts.isCallExpression(callee) && /^it\.each$/.test(callee.expression.getText());
}

const all = [...rules, ...foreign, ...draft.rules, ...draft.foreign];
const known = new Set(all.map(({ id }) => id));
if (known.size !== all.length) faults.push("an id stands twice in test/rfc/rules.json or test/extensions/rules.json");
for (const id of tests.keys()) if (!known.has(id)) faults.push(`${id}: tests name it, and it is no rule`);

/** @param {string} text */
const cell = (text) => text.replaceAll("|", "\\|");

/** @param {string} place as "file name" */
function link(place) {
  const [file = "", name = ""] = place.split(" ");
  return `[\`${name}\`](../${file})`;
}

/** @param {string} test as "file: name" */
function titled(test) {
  const [file = ""] = test.split(": ");
  return `[${file.replace(/^test\/(rfc\/)?/, "")}](../${file}): ${test.slice(file.length + 2)}`;
}

/** @param {Rule} rule */
function row(rule) {
  const cells = [
    rule.id,
    rule.words,
    placesOf(rule).map(link).join(", "),
    (tests.get(rule.id) ?? []).map(titled).join("<br>"),
  ];
  for (const [i, what] of ["id", "words", "function", "test"].entries()) {
    if (/^\W*$/.test(cells[i] ?? "")) faults.push(`${rule.id}: it has no ${what}`);
  }
  return `| ${cells.map(cell).join(" | ")} |`;
}

/** @param {Foreign} rule */
function foreignRow({ id, words, whose, serves }) {
  for (const text of [id, words, whose, serves]) if (/^\W*$/.test(text)) faults.push(`${id}: a cell is empty`);
  return `| ${[id, words, whose, serves].map(cell).join(" | ")} |`;
}

/** @param {Repeated} rule */
function repeatedRow({ section, words, as }) {
  for (const id of as) if (!known.has(id)) faults.push(`${section}: ${id} is no rule`);
  if (as.length === 0 || words === "") faults.push(`${section}: a cell is empty`);
  return `| ${[section, words, as.join(", ")].map(cell).join(" | ")} |`;
}

const isListed = (/** @type {Rule} */ { id }) => id.startsWith("valn");
const head = ["| rule | words | function | tests |", "| --- | --- | --- | --- |"];
const tables = [
  "",
  "## The working group's checks",
  "",
  ...head,
  ...rules.filter(isListed).map(row),
  "",
  "## The other MUSTs",
  "",
  ...head,
  ...rules.filter((rule) => !isListed(rule)).map(row),
  "",
  "## MUSTs that the RFC says again",
  "",
  "| section | words | held as |",
  "| --- | --- | --- |",
  ...repeated.map(repeatedRow),
  "",
  "## MUSTs for others",
  "",
  "| rule | words | whose it is | what serves it |",
  "| --- | --- | --- | --- |",
  ...foreign.map(foreignRow),
  "",
  "## draft-ietf-mls-extensions",
  "",
  "By the sections of the draft as it stood in July 2026.",
  "",
  ...head,
  ...draft.rules.map(row),
  "",
  "For others:",
  "",
  "| rule | words | whose it is | what serves it |",
  "| --- | --- | --- | --- |",
  ...draft.foreign.map(foreignRow),
  "",
];

const before = readFileSync(page, "utf8");
const introduction = before.slice(0, before.indexOf(begin));
if (!before.includes(begin)) faults.push(`${page} has no place for the tables`);
const config = await prettier.resolveConfig(page);
const written = await prettier.format([introduction + begin, ...tables].join("\n"), { ...config, filepath: page });

if (faults.length === 0 && process.argv.includes("--write")) writeFileSync(page, written);
else if (faults.length === 0 && written !== before) {
  faults.push(`${page} is stale: node test/checks/rfc-coverage.js --write`);
}
for (const fault of faults) console.log(fault);
if (faults.length > 0) process.exitCode = 1;
