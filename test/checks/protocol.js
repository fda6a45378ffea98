/**
 * docs/delivery-protocol.md: the structs and requests of the delivery protocol, from the forms in src/delivery/protocol and the words of
 * src/delivery/delivery.ts. Without an argument the page is compared; with --write it is written. It reads what the build wrote.
 */

import { readFileSync, writeFileSync } from "node:fs";
import * as prettier from "prettier";
import ts from "typescript";

/** @typedef {import("../../src/delivery/protocol/forms.ts").Shape} Shape */

const page = "docs/delivery-protocol.md";
const begin = "<!-- What follows is written by test/checks/protocol.js --write -->";

/** @type {{ operations: Record<string, { number: number, mimi?: string, asks: { shape: Shape }, answers: { shape: Shape } }> }} */
const { operations } = await import(new URL("../../dist/delivery/protocol/operations.js", import.meta.url).href);
/** @type {Record<"ClientFrame" | "ServerFrame" | "Refusal", { shape: Shape }>} */
const frames = await import(new URL("../../dist/delivery/protocol/frames.js", import.meta.url).href);
/** @type {{ deliveryErrorCodes: Record<string, string> }} */
const { deliveryErrorCodes } = await import(new URL("../../dist/delivery/errors.js", import.meta.url).href);

/** What each method says of itself. */
const words = new Map();
const source = ts.createSourceFile(
  "delivery.ts",
  readFileSync("src/delivery/delivery.ts", "utf8"),
  ts.ScriptTarget.ESNext,
  true,
);
for (const statement of source.statements) {
  if (!ts.isInterfaceDeclaration(statement) || statement.name.text !== "Connection") continue;
  for (const member of statement.members) {
    const [doc] = ts.getJSDocCommentsAndTags(member);
    const said = doc && ts.isJSDoc(doc) ? ts.getTextOfJSDocComment(doc.comment) : "";
    if (member.name) words.set(member.name.getText(source), said?.replaceAll(/\s+/g, " "));
  }
}

/** Structs by their names, in the order in which they are first named. @type {Map<string, string>} */
const structs = new Map();

/** @param {string} name */
const capital = (name) => name.charAt(0).toUpperCase() + name.slice(1);

/** A type and what stands behind the field's name. @param {Shape} shape @param {string} place @returns {readonly [type: string, after: string]} */
function typeOf(shape, place) {
  switch (shape.kind) {
    case "uint":
      return [`uint${String(shape.bits)}`, ""];
    case "count":
      return ["uint64", ""];
    case "flag":
      return ["uint8", ""];
    case "bytes":
      return ["opaque", "<V>"];
    case "fixed":
      return ["opaque", `[${String(shape.length)}]`];
    case "text":
      return ["utf8", "<V>"];
    case "optional": {
      const [type, after] = typeOf(shape.of, place);
      return [`optional<${type}${after}>`, ""];
    }
    case "list": {
      const [type, after] = typeOf(shape.of, place);
      return [after === "" ? type : `(${type}${after})`, "<V>"];
    }
    case "names": {
      const name = capital(place);
      structs.set(
        name,
        `enum { ${shape.names.map((each, i) => `${each}(${String(i + 1)})`).join(", ")}, (255) } ${name};`,
      );
      return [name, ""];
    }
    case "struct":
      if (shape.name === "") return ["struct {}", ""];
      structs.set(shape.name, "");
      structs.set(shape.name, `struct {\n${fieldsOf(shape.fields, shape.name, "  ")}} ${shape.name};`);
      return [shape.name, ""];
    case "select": {
      structs.set(shape.name, "");
      const cases = Object.entries(shape.cases).map(
        ([name, fields], i) => `    case ${name}(${String(i + 1)}):\n${fieldsOf(fields, shape.name, "      ")}`,
      );
      structs.set(
        shape.name,
        `struct {\n  uint8 ${shape.tag};\n  select (${shape.tag}) {\n${cases.join("")}  }\n} ${shape.name};`,
      );
      return [shape.name, ""];
    }
  }
}

/** @param {Readonly<Record<string, Shape>>} fields @param {string} owner @param {string} indent */
function fieldsOf(fields, owner, indent) {
  return Object.entries(fields)
    .map(([name, shape]) => {
      const [type, after] = typeOf(shape, owner + capital(name));
      return `${indent}${type} ${name}${after};\n`;
    })
    .join("");
}

/** @param {Shape} shape @param {string} place */
function inline(shape, place) {
  const [type, after] = typeOf(shape, place);
  return type === "struct {}" ? "nothing" : `\`${type}${after}\``;
}

const lines = [begin, "", "## Requests", ""];
lines.push(
  "| number | request | asks | is answered with | what it does | MIMI |",
  "| ---: | --- | --- | --- | --- | --- |",
);
for (const [name, { number, mimi = "", asks, answers }] of Object.entries(operations).sort(
  ([, a], [, b]) => a.number - b.number,
)) {
  const answer = inline(answers.shape, `${capital(name)}Answer`);
  lines.push(
    `| ${String(number)} | \`${name}\` | ${inline(asks.shape, capital(name))} | ${answer} | ${String(words.get(name))} | ${mimi} |`,
  );
}
for (const { shape } of [frames.ClientFrame, frames.ServerFrame, frames.Refusal]) typeOf(shape, "");
lines.push("", "## Codes", "", "| code | meaning |", "| --- | --- |");
for (const [code, meaning] of Object.entries(deliveryErrorCodes)) lines.push(`| \`${code}\` | ${meaning} |`);
const all = [...structs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
lines.push("", "## Structs", "", "```", all.join("\n\n"), "```", "");

const before = readFileSync(page, "utf8");
const introduction = before.slice(0, before.indexOf(begin));
const config = await prettier.resolveConfig(page);
const written = await prettier.format(introduction + lines.join("\n"), { ...config, filepath: page });

if (!before.includes(begin) || [...words.values()].some((each) => !each)) {
  console.log(`${page} has no place for what is written, or a request has no words`);
  process.exitCode = 1;
} else if (process.argv.includes("--write")) writeFileSync(page, written);
else if (written !== before) {
  console.log(`${page} is not what the sources say: node test/checks/protocol.js --write`);
  process.exitCode = 1;
}
