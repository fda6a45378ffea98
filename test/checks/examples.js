/**
 * The examples in docstrings: every method of the classes below has one, and all of them compile against the built package.
 *
 * An example is what stands four columns in, behind a blank line. What the application would have at hand is declared in
 * `around`; each example is a function of its own.
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { run } from "./run.js";

const folder = ".examples";
/** Files whose docstrings hold examples, with the classes whose methods must have one. */
const sources = {
  "src/group/group.ts": ["Group"],
  "src/public-group/observer/observer.ts": ["Observer"],
  "src/public-group/unverified/inspect.ts": [],
  "src/public-group/unverified/group-info.ts": [],
  "src/public-group/unverified/read-key-package.ts": [],
  "src/public-group/extensions.ts": [],
};

/** What the examples take for granted: the application's own, and what it has at hand. */
const around = `import {
  externalSenders,
  Group,
  inspectMessage,
  Observer,
  readGroupInfo,
  readKeyPackage,
  requiredCapabilities,
  type AuthenticationService,
  type CipherSuite,
  type ExternalJoin,
  type KeyPackageBundle,
  type LocalIdentity,
  type Pending,
  type Persist,
} from "copse";

declare const suite: CipherSuite;
declare const alice: LocalIdentity, bob: LocalIdentity, aliceThere: LocalIdentity, server: LocalIdentity;
declare const authentication: AuthenticationService;
declare let group: Group;
declare const chat: Group;
declare const observer: Observer;
declare const pending: Pending;
declare const bundle: KeyPackageBundle;
declare const keyPackage: Uint8Array, keyPackages: readonly Uint8Array[];
declare const bytes: Uint8Array, message: Uint8Array, winner: Uint8Array, welcome: Uint8Array, groupInfo: Uint8Array;
declare const groupId: Uint8Array;
declare const leafIndex: number;
declare const persist: Persist;
declare const store: { range(prefix: string): Iterable<readonly [string, Uint8Array]> };
/** Whether the delivery service has taken it. */
declare function publish(message: Uint8Array): Promise<boolean>;
declare function show(...what: readonly unknown[]): void;
declare function hold(message: Uint8Array): void;
declare function queueOf(ref: Uint8Array): Uint8Array[];
`;

/** @typedef {{ where: string, code: string }} Example */

/** @param {ts.SourceFile} file @param {ts.Node} node @returns {string | undefined} the example of its docstring */
function exampleOf(file, node) {
  const comments = ts.getLeadingCommentRanges(file.text, node.pos) ?? [];
  const last = comments.at(-1);
  if (last === undefined) return;
  const lines = file.text.slice(last.pos, last.end).split("\n");
  const code = lines.flatMap((line) => /^\s*\*( {5}.*|)$/.exec(line)?.[1] ?? []);
  return code.some((line) => line !== "") ? code.join("\n") : undefined;
}

/** @type {Example[]} */
const examples = [];
/** @type {string[]} */
const problems = [];
for (const [path, classes] of Object.entries(sources)) {
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const missing = new Set(classes);
  /** @param {ts.Node} node @param {string} name */
  const take = (node, name) => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
    const code = exampleOf(file, node);
    if (code !== undefined) examples.push({ where: `${path}:${String(line + 1)} ${name}`, code });
    return code !== undefined;
  };
  for (const statement of file.statements) {
    if (ts.isFunctionDeclaration(statement)) take(statement, statement.name?.text ?? "");
    if (!ts.isClassDeclaration(statement) || statement.name === undefined) continue;
    const { name, members } = statement;
    if (!missing.delete(name.text)) continue;
    /** Of an overloaded method, one declaration has the docstring. @type {Map<string, boolean>} */
    const methods = new Map();
    for (const member of members) {
      if (!ts.isMethodDeclaration(member) || !ts.isIdentifier(member.name)) continue;
      const method = member.name.text;
      const has = take(member, `${name.text}.${method}`);
      methods.set(method, (methods.get(method) ?? false) || has);
    }
    for (const [method, has] of methods) {
      if (!has && method !== "toJSON") problems.push(`${path}: ${name.text}.${method} has no example`);
    }
  }
  for (const name of missing) problems.push(`${path} has no class ${name}`);
}
if (examples.length === 0) problems.push("no example was found");

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
const functions = examples.map(({ code }, index) => `async function example${String(index)}() {\n${code}\n}`);
writeFileSync(join(folder, "examples.ts"), [around, ...functions].join("\n"));
writeFileSync(
  join(folder, "tsconfig.json"),
  JSON.stringify({
    extends: "../tsconfig.json",
    compilerOptions: {
      isolatedDeclarations: false,
      noUnusedLocals: false,
      noUnusedParameters: false,
      customConditions: [],
      rootDir: ".",
    },
    include: [],
    files: ["examples.ts"],
  }),
);
const { ok, output } = await run("tsc", ["-p", folder, "--noEmit"]);
if (!ok) problems.push(`examples do not compile (they stand in ${folder}/examples.ts, in this order):`, output);
if (!ok) examples.forEach(({ where }, index) => problems.push(`  example${String(index)} is ${where}`));
else rmSync(folder, { recursive: true });
for (const problem of problems) console.log(problem);
if (problems.length > 0) process.exitCode = 1;
console.log(`${String(examples.length)} examples of docstrings`);
