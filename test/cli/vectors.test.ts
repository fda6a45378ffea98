import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { families } from "../../src/cli/vectors/families.ts";
import { findFiles, packageRoot, vectorDirectories } from "../../src/cli/vectors/locate.ts";
import type { Row } from "../../src/cli/vectors/report.ts";
import { copse, type Run, type Surroundings } from "./terminal.ts";

/** Vectors of our own, in the published format: these tests need nobody else's. */
const headers = [
  { vlbytes_header: "00", length: 0 },
  { vlbytes_header: "4040", length: 64 },
];
const treeOfTwo = {
  n_leaves: 2,
  n_nodes: 3,
  root: 1,
  left: [null, 0, null],
  right: [null, 2, null],
  parent: [1, null, 1],
  sibling: [2, null, 0],
};

describe("copse vectors", () => {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "copse-cli-"));
    mkdirSync(join(directory, "mls"));
    write("deserialization", headers);
    write("tree-math", [treeOfTwo]);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function write(family: string, contents: unknown): void {
    const text = typeof contents === "string" ? contents : JSON.stringify(contents);
    writeFileSync(join(directory, "mls", `${family}.json`), text);
  }

  function vectors(args: readonly string[], surroundings?: Surroundings): Promise<Run> {
    return copse(["vectors", "--dir", directory, "--family", "deserialization", ...args], surroundings);
  }

  test("runs all three providers, and prints a row for each", async () => {
    const { code, out, err } = await vectors([]);
    expect(code).toBe(0);
    expect(err).toBe("");
    const rows = out.trimEnd().split("\n");
    expect(rows[0]!.trim().split(/\s+/)).toEqual(["family", "provider", "passed", "failed", "skipped", "ms"]);
    expect(rows.slice(1).map((row) => row.trim().split(/\s+/).slice(0, 5))).toEqual([
      ["deserialization", "node", "2", "0", "0"],
      ["deserialization", "web", "2", "0", "0"],
      ["deserialization", "noble", "2", "0", "0"],
    ]);
  });

  test("--json prints one array and nothing else, its rows in the families' order", async () => {
    const { code, out } = await vectors(["--family", "tree-math", "--provider", "noble", "--json"]);
    expect(code).toBe(0);
    const rows = JSON.parse(out) as Row[];
    expect(rows).toEqual([
      { family: "tree-math", provider: "noble", passed: 1, failed: 0, skipped: 0, ms: expect.any(Number) as number },
      {
        family: "deserialization",
        provider: "noble",
        passed: 2,
        failed: 0,
        skipped: 0,
        ms: expect.any(Number) as number,
      },
    ]);
  });

  test("exits with 1 on a vector that fails, and says which entry and what differs", async () => {
    write("deserialization", [headers[0], { ...headers[1], length: 65 }]);
    const { code, out, err } = await vectors(["--provider", "node", "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject([{ passed: 1, failed: 1, skipped: 0 }]);
    expect(err).toContain("deserialization, node: entry 1: length differs: published 65, ours 64");
  });

  test.for([
    ["no JSON", "{", "SyntaxError"],
    ["no array", '{"a":[1]}', "not an array of entries"],
    ["no object", "1", "holds no entries"],
    ["no entry", "[]", "holds no entries"],
    ["an entry of another shape", "[null]", "entry 0"],
    ["a field that is missing", '[{"length":0}]', "entry 0"],
    ["a field that is no hex", '[{"vlbytes_header":"0x","length":0}]', "entry 0"],
    ["a length that is not minimal", '[{"vlbytes_header":"4001","length":1}]', "decode-length"],
  ] as const)("counts %s as a failure", async ([, contents, words]) => {
    write("deserialization", contents);
    const { code, out, err } = await vectors(["--provider", "node", "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject([{ passed: 0, failed: 1 }]);
    expect(err).toContain(words);
  });

  test("tells ten failures of a row, and how many more there are", async () => {
    write(
      "deserialization",
      Array.from({ length: 13 }, () => ({ vlbytes_header: "00", length: 1 })),
    );
    const { err } = await vectors(["--provider", "node"]);
    expect(err.match(/✗/g)).toHaveLength(10);
    expect(err).toContain("… and 3 more");
  });

  test("reports families that are not there as skipped, by name and reason, never as passed", async () => {
    rmSync(join(directory, "mls/deserialization.json"));
    const { code, out, err } = await vectors(["--family", "tree-math", "--json"]);
    expect(code).toBe(0);
    const rows = JSON.parse(out) as Row[];
    expect(rows.filter(({ family }) => family === "deserialization")).toEqual(
      ["node", "web", "noble"].map((provider) => ({
        family: "deserialization",
        provider,
        passed: 0,
        failed: 0,
        skipped: 1,
        ms: 0,
      })),
    );
    expect(rows.filter(({ family }) => family === "tree-math").every(({ passed }) => passed === 1)).toBe(true);
    expect(err).toContain(`skipped: mls/deserialization.json is not in ${directory}`);
    expect(err).toContain("copse vectors --download");
  });

  test("fails on missing vectors where they are required", async () => {
    const required = { environment: { COPSE_REQUIRE_VECTORS: "1" } };
    expect((await vectors(["--provider", "node"], required)).code).toBe(0);
    const { code, err } = await copse(["vectors", "--dir", mkdtempSync(join(directory, "empty-"))], required);
    expect(code).toBe(1);
    expect(err).toContain("vectors-unavailable");
  });

  test("a directory that is named stands alone: nothing is looked for elsewhere", async () => {
    const { code, out } = await copse(["vectors", "--dir", mkdtempSync(join(directory, "empty-")), "--json"]);
    expect(code).toBe(0);
    const rows = JSON.parse(out) as Row[];
    expect(rows).toHaveLength(3 * families.length);
    expect(rows.every(({ passed, failed, skipped }) => passed === 0 && failed === 0 && skipped === 1)).toBe(true);
  });

  test("looks in $COPSE_VECTORS, then in vectors/published, then in ../shared/vectors", () => {
    const usual = ["vectors/published", "../shared/vectors", "vectors"].map((each) => join(packageRoot, each));
    expect(vectorDirectories(undefined, { COPSE_VECTORS: directory })).toEqual([directory, ...usual]);
    expect(vectorDirectories(undefined, {})).toEqual(usual);
    expect(vectorDirectories(undefined, { COPSE_VECTORS: "" })).toEqual(usual);
    const family = families.find(({ name }) => name === "deserialization")!;
    expect(findFiles(family, ["/nowhere", directory])).toEqual({ texts: [JSON.stringify(headers)] });
  });

  test.for([
    ["--family", "tree"],
    ["--provider", "openssl"],
  ] as const)("refuses %s %s", async ([option, name]) => {
    const { code, out, err } = await copse(["vectors", option, name]);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(`"${name}"`);
  });

  test("draws a bar on a terminal, on standard error, and takes it away again", async () => {
    const { out, err } = await vectors(["--provider", "node"], { interactive: true });
    expect(err).toMatch(/█.*1\/2 deserialization, node/);
    expect(err.endsWith("\r\x1b[K")).toBe(true);
    expect(out).not.toContain("\r");
    expect(out).not.toContain("█");
  });

  test("says that a directory is not there, and exits with 1", async () => {
    const none = join(directory, "none");
    const { code, out, err } = await copse(["vectors", "--dir", none]);
    expect({ code, out, err }).toEqual({ code: 1, out: "", err: `copse: there is no directory ${none}\n` });
  });
});
