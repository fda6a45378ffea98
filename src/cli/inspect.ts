/**
 * `copse inspect`: say in words what a byte string is. It needs no key, changes nothing and believes nothing: no
 * signature is verified.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { CopseError } from "../errors.ts";
import { readings, type Reading } from "./inspect/input.ts";
import { toJson } from "./inspect/json.ts";
import { leafCount } from "./inspect/draw-tree.ts";
import { drawing, find, kinds, type Finding } from "./inspect/kinds.ts";
import { svgTree } from "./inspect/svg-tree.ts";
import { count, render } from "./inspect/words.ts";
import { Failure, UsageError, type Terminal } from "./terminal.ts";
import { wrapped } from "./wrap.ts";

const help = `usage: copse inspect [FILE] [--as KIND] [--json] [--svg PICTURE [--leaf N]]

Explains an MLS message, a KeyPackage, a GroupInfo, a Welcome, a ratchet tree, an SFrame header, or what copse has stored, whose
secrets are not shown. FILE holds the bytes
themselves, or hex or base64 text of them; without FILE, or with -, standard input is read. Nothing is verified.

  --as KIND    take the bytes for this kind, and for nothing else
  --json       print one JSON object {kind, encoding, bytes, value}: bytes in hex, 64-bit integers as strings;
               a tree is drawn in the field "tree", a line a node
  --svg FILE   also draw the tree as a picture, in SVG: blank and populated nodes, and unmerged leaves
  --leaf N     mark the path of the leaf with this index to the root

kinds: ${kinds.map(({ name }) => name).join(", ")}
`;

/** Run the command. */
export async function inspect(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      as: { type: "string" },
      json: { type: "boolean", default: false },
      svg: { type: "string" },
      leaf: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
    allowPositionals: true,
  });
  if (values.help) {
    terminal.out(help);
    return 0;
  }
  if (positionals.length > 1) throw new UsageError("one FILE at a time");
  const finder = finderFor(values.as);
  const leaf = leafIndexOf(values.leaf, values.svg);
  const file = positionals[0] ?? "-";
  const bytes = file === "-" ? await terminal.input() : new Uint8Array(readFileSync(file));
  const { finding, reading } = explain(bytes, finder);
  if (values.svg !== undefined) writeFileSync(values.svg, picture(finding, leaf));
  terminal.out(values.json ? jsonText(finding, reading) : wrapped(plainText(finding, reading), terminal.columns));
  return 0;
}

/** The index that --leaf names. Whether there is such a leaf is seen when the tree is. */
function leafIndexOf(text: string | undefined, svg: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (svg === undefined) throw new UsageError("--leaf is for --svg");
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`no leaf index: ${JSON.stringify(text)}`);
  return Number(text);
}

function picture({ kind, tree }: Finding, leaf: number | undefined): string {
  if (tree === undefined) throw new UsageError(`a ${kind} without a ratchet tree can't be drawn`);
  if (leaf !== undefined && leaf >= leafCount(tree)) {
    throw new UsageError(`there is no leaf ${leaf}: the tree has ${count(leafCount(tree), "leaf", "leaves")}`);
  }
  return svgTree(tree, leaf);
}

function finderFor(name: string | undefined): (bytes: Uint8Array) => Finding {
  if (name === undefined) return find;
  const kind = kinds.find((candidate) => candidate.name === name);
  if (kind !== undefined) return kind.find;
  const known = kinds.map((candidate) => candidate.name).join(", ");
  throw new UsageError(`no such kind: ${JSON.stringify(name)}; there are ${known}`);
}

/** The first reading of the input that makes sense; where none does, what was wrong with the likeliest. */
function explain(
  file: Uint8Array,
  finder: (bytes: Uint8Array) => Finding,
): { readonly finding: Finding; readonly reading: Reading } {
  let first: CopseError | undefined;
  let unknown: Failure | undefined;
  for (const reading of readings(file)) {
    try {
      return { finding: finder(reading.bytes), reading };
    } catch (error) {
      if (error instanceof Failure) unknown ??= error;
      else if (error instanceof CopseError) first ??= error;
      else throw error;
    }
  }
  throw first ?? unknown!;
}

function plainText(finding: Finding, { bytes }: Reading): string {
  const tree = drawing(finding).map((line) => `  ${line}\n`);
  const lines = finding.lines.length === 0 ? "" : render(finding.lines);
  return `${finding.sentence} (${count(bytes.length, "byte")})\n${lines}${tree.length === 0 ? "" : "\n"}${tree.join("")}`;
}

function jsonText(finding: Finding, { encoding, bytes }: Reading): string {
  const tree = drawing(finding);
  const whole = { kind: finding.kind, encoding, bytes: bytes.length, value: toJson(finding.value) };
  return `${JSON.stringify(tree.length === 0 ? whole : { ...whole, tree })}\n`;
}
