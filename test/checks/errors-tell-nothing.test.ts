/**
 * No secret, plaintext or identity in an error: for every code of src/errors.ts, every place that raises it is read, and may
 * say no more than words that are written there, names of types, and numbers.
 */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import { Secret } from "../../src/bytes/secret.ts";
import { hex, utf8 } from "../../src/bytes/text.ts";
import "../../src/extensions/explained.ts";
import "../../src/public-group/explained.ts";
import { CopseError, errorCodes, type ErrorCode } from "../../src/errors.ts";

const src = fileURLToPath(new URL("../../src", import.meta.url));
const codes = Object.keys(errorCodes) as ErrorCode[];

/** What the sources say beside a code, and which codes they name. */
interface Findings {
  /** Details that are made of anything but literals and numbers, by place. */
  readonly telling: readonly string[];
  /** Codes that some expression outside errors.ts names. */
  readonly named: ReadonlySet<string>;
  readonly places: number;
}

/**
 * What is looked at elsewhere: a cause has a code of its own, or is the platform's or the application's; the fuzzer holds rules
 * to their form (test/fuzz/harness.ts); what the reader passes on is looked at where its `fail` is called, and what another error
 * knew already where that was made. A ref is a hash of what is public.
 */
const beside: ReadonlySet<string> = new Set(["cause", "rule", "ref", "limit", "...details", "...known"]);

const { NumberLike, BigIntLike, StringLiteral, Undefined } = ts.TypeFlags;
const plainTypes = NumberLike | BigIntLike | StringLiteral | Undefined;

/** Read files for what they give to the constructor of CopseError. */
function read(files: readonly string[]): Findings {
  const program = ts.createProgram(files, {
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    skipLibCheck: true,
  });
  const checker = program.getTypeChecker();
  const telling: string[] = [];
  const named = new Set<string>();
  let places = 0;
  const isPlain = (type: ts.Type): boolean =>
    type.isUnion() ? type.types.every(isPlain) : (type.flags & plainTypes) > 0;
  for (const file of program.getSourceFiles().filter(({ fileName }) => files.includes(fileName))) {
    const at = (node: ts.Node): string =>
      `${file.fileName.slice(src.length)}:${String(file.getLineAndCharacterOfPosition(node.getStart()).line + 1)}`;
    const checkDetail = (detail: ts.Expression): void => {
      const parts = ts.isTemplateExpression(detail)
        ? detail.templateSpans.map(({ expression }) => expression)
        : [detail];
      for (let part of parts) {
        // 64-bit numbers in digits
        if (ts.isCallExpression(part) && part.expression.getText() === "String") part = part.arguments[0]!;
        if (!isPlain(checker.getTypeAtLocation(part))) telling.push(`${at(part)} ${part.getText()}`);
      }
    };
    const checkShorthand = (property: ts.ShorthandPropertyAssignment): void => {
      const symbol = checker.getShorthandAssignmentValueSymbol(property);
      if (symbol === undefined || !isPlain(checker.getTypeOfSymbol(symbol))) {
        telling.push(`${at(property)} ${property.getText()}`);
      }
    };
    const checkGiven = (given: ts.Expression | undefined): void => {
      if (given === undefined) return;
      if (ts.isConditionalExpression(given)) {
        checkGiven(given.whenTrue);
        checkGiven(given.whenFalse);
        return;
      }
      if (!ts.isObjectLiteralExpression(given)) return void telling.push(`${at(given)} ${given.getText()}`);
      for (const property of given.properties) {
        const name = property.name?.getText() ?? property.getText();
        if (beside.has(name)) continue;
        if (ts.isPropertyAssignment(property)) checkDetail(property.initializer);
        else if (ts.isShorthandPropertyAssignment(property)) checkShorthand(property);
        else telling.push(`${at(property)} ${name}`);
      }
    };
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteral(node) && !file.fileName.endsWith("src/errors.ts")) named.add(node.text);
      if (ts.isCallExpression(node) && /\.fail$/.test(node.expression.getText())) {
        checkGiven(node.arguments[1]);
      }
      if (ts.isNewExpression(node) && node.expression.getText() === "CopseError") {
        places++;
        checkGiven(node.arguments?.[1]);
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return { telling, named, places };
}

describe("an error tells nothing but its code, words that are written in src, and numbers", () => {
  let findings: Findings;
  beforeAll(() => {
    const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
    findings = read(files.map((name) => join(src, name)));
  });

  it("or the test finds it", () => {
    const directory = mkdtempSync(join(tmpdir(), "copse-errors-"));
    const file = join(directory, "telling.ts");
    const given = [
      "{ detail: name }",
      "{ detail: `of ${name}` }",
      "{ detail }",
      "given",
      "{ ...given }",
      "{ offset: length }",
    ];
    const throws = given.map((each) => `new CopseError("aead-open", ${each});`);
    writeFileSync(
      file,
      `declare class CopseError { constructor(code: string, given?: object) }
       export function tell(name: string, length: number, given: object): void {
         const detail = name;
         ${throws.join("\n")}
       }`,
    );
    const { telling, places } = read([file]);
    rmSync(directory, { recursive: true });
    expect(places).toBe(given.length);
    expect(telling.map((place) => place.split(" ").slice(1).join(" "))).toEqual([
      "name",
      "name",
      "detail",
      "given",
      "...given",
    ]);
  });

  it("wherever it is raised", () => {
    expect(findings.places).toBeGreaterThan(200);
    // The command speaks of files and addresses, which are its user's own, and holds no group. Cipher suites have public names, and
    // DAVE's payloads name their fields.
    const allowed = /^\/cli\/|^\/crypto\/choose\.ts:\d+ names$|^\/adapters\/dave\/payloads\.ts:\d+ name$/;
    expect(findings.telling.filter((place) => !allowed.test(place))).toEqual([]);
  });

  it.each(codes)("with the code %s, which src raises, and however it is printed", (code) => {
    expect(findings.named).toContain(code);
    const bytes = utf8("alice@example.org says: a secret");
    const cause = new CopseError("aead-open", { cause: Secret.of("epoch_secret", bytes.slice()) });
    const details = { leafIndex: 3, ref: Uint8Array.of(1, 0xab), got: "5", expected: 4, type: 9, limit: "psks" };
    const error = new CopseError(code, { rule: "valn0101", offset: 7, cause, ...details });
    const printed = [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), String(error), error.stack];
    for (const text of printed) expect(text).not.toMatch(new RegExp(`alice|${hex(bytes)}|${bytes.join(",")}`));
    const facts = "leaf 3, ref 01ab, type 9, limit psks, got 5, expected 4, valn0101";
    expect(error.message).toBe(`${code}: ${errorCodes[code]} at byte 7 [${facts}]`);
    expect(error.details).toEqual(details);
    expect(new CopseError(code).message).toBe(`${code}: ${errorCodes[code]}`);
    expect(new CopseError(code).details).toEqual({});
  });
});
