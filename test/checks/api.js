/**
 * The API snapshot, docs/api.d.ts: every public declaration of every subpath in one file, so that a change of the API
 * is seen in review. Compares, or with --write rewrites. Reads the built declarations.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { format, resolveConfig } from "prettier";
import ts from "typescript";
import { root, run } from "./run.js";

const snapshot = "docs/api.d.ts";

/** @typedef {{ name: string, exports: Record<string, string | { types: string }> }} Manifest */
const manifest = /** @type {Manifest} */ (JSON.parse(readFileSync("package.json", "utf8")));

/** The entries: the name that a consumer imports, and the declarations that he gets. */
const entries = Object.entries(manifest.exports).flatMap(([subpath, target]) =>
  typeof target === "string" ? [] : [{ name: manifest.name + subpath.slice(1), file: resolve(root, target.types) }],
);

const program = ts.createProgram(
  entries.map(({ file }) => file),
  { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023, strict: true, noEmit: true, types: [] },
);
const checker = program.getTypeChecker();
const printer = ts.createPrinter({ removeComments: true });

/** @param {ts.Symbol} symbol */
const original = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);

/**
 * The statements that declare a symbol in our own files: more than one where an interface and a constant share a name.
 *
 * @param {ts.Symbol} symbol
 * @returns {ts.Statement[]}
 */
function statementsOf(symbol) {
  const statements = (symbol.declarations ?? []).flatMap((declaration) => {
    const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
    const ours = node.getSourceFile().fileName.startsWith(resolve(root, "dist"));
    return ours && ts.isStatement(node) && ts.isSourceFile(node.parent) ? [node] : [];
  });
  return [...new Set(statements)];
}

/**
 * Whether an export gives only the type of what it names: `export type { X }`, or `export { type X }`.
 *
 * @param {ts.Symbol} symbol
 */
const isTypeOnly = (symbol) =>
  symbol.declarations?.every((declaration) => ts.isTypeOnlyImportOrExportDeclaration(declaration)) ?? false;

/**
 * The symbols that a declaration names.
 *
 * @param {ts.Node} node
 * @returns {ts.Symbol[]}
 */
function named(node) {
  /** @type {ts.Symbol[]} */
  const symbols = [];
  /** @param {ts.Node} child */
  const visit = (child) => {
    const symbol = ts.isIdentifier(child) ? checker.getSymbolAtLocation(child) : undefined;
    if (symbol) symbols.push(original(symbol));
    ts.forEachChild(child, visit);
  };
  visit(node);
  return symbols;
}

/** @param {ts.Statement} statement */
const print = (statement) => printer.printNode(ts.EmitHint.Unspecified, statement, statement.getSourceFile());

/** @param {{ name: string }} a @param {{ name: string }} b */
const byName = (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** Every public symbol, and the first entry that exports it. */
/** @type {Map<ts.Symbol, string>} */
const homes = new Map();
/** @type {ts.Statement[]} */
const written = [];
const lines = [
  "// The public declarations of every subpath. Written by `npm run api`; compared by `npm run verify`.",
  "// Read it in a diff: a line that goes or changes is a breaking change.",
];

for (const { name: entry, file } of entries) {
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${file} is missing, or exports nothing: build first`);
  lines.push("", `// ---- ${entry}`, "");
  for (const symbol of checker.getExportsOfModule(module).sort(byName)) {
    const target = original(symbol);
    const home = homes.get(target);
    if (home !== undefined) {
      lines.push(`export { ${symbol.name} } from ${JSON.stringify(home)};`);
      continue;
    }
    homes.set(target, entry);
    const statements = statementsOf(target).filter(
      (statement) => !(isTypeOnly(symbol) && ts.isVariableStatement(statement)),
    );
    if (statements.length === 0) throw new Error(`${entry}: ${symbol.name} has no declaration of ours`);
    written.push(...statements);
    lines.push(...statements.map(print));
    if (target.name !== symbol.name) lines.push(`export { ${target.name} as ${symbol.name} };`);
  }
}

/** What the above names without exporting it: part of the API's shape, though nobody can import it. */
/** @type {Map<ts.Symbol, ts.Statement[]>} */
const hidden = new Map();
for (const statement of written) {
  for (const symbol of named(statement)) {
    if (homes.has(symbol) || hidden.has(symbol)) continue;
    const statements = statementsOf(symbol);
    if (statements.length === 0) continue;
    hidden.set(symbol, statements);
    written.push(...statements);
  }
}
lines.push("", "// ---- not exported, but named above", "");
for (const symbol of [...hidden.keys()].sort(byName)) {
  lines.push(...(hidden.get(symbol) ?? []).map((statement) => print(statement).replace(/^export /, "")));
}

const text = await format(lines.join("\n"), { ...(await resolveConfig(snapshot)), parser: "typescript" });
if (process.argv.includes("--write")) {
  writeFileSync(snapshot, text);
} else if (!existsSync(snapshot) || readFileSync(snapshot, "utf8") !== text) {
  const folder = mkdtempSync(join(tmpdir(), "copse-api-"));
  const now = join(folder, "api.d.ts");
  writeFileSync(now, text);
  const diff = await run("git", ["diff", "--no-index", existsSync(snapshot) ? snapshot : "/dev/null", now]);
  console.log(diff.output);
  console.log(`The public API is not what ${snapshot} says. If that is meant: npm run api`);
  rmSync(folder, { recursive: true });
  process.exitCode = 1;
}
