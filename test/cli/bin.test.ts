import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hex, utf8 } from "../../src/bytes/text.ts";
import { encode } from "../../src/codec/codec.ts";
import { RatchetTreeNodes, type Node } from "../../src/wire/ratchet-tree.ts";
import { compiledBin, runBin } from "./bin.ts";

/** Leaves with blank parents between them. */
function treeOf(leaves: number): Uint8Array {
  const leaf = (name: string): Node => ({
    type: "leaf",
    leafNode: {
      encryptionKey: new Uint8Array(32),
      signatureKey: new Uint8Array(32),
      credential: { type: "basic", identity: utf8(name) },
      capabilities: { versions: [1], cipherSuites: [1], extensions: [], proposals: [], credentials: [1] },
      leafNodeSource: { type: "update" },
      extensions: [],
      signature: new Uint8Array(64),
    },
  });
  return encode(
    RatchetTreeNodes,
    Array.from({ length: 2 * leaves - 1 }, (_, i) => (i % 2 === 0 ? leaf(`member ${i / 2}`) : undefined)),
  );
}

describe("the copse command as a process", () => {
  let bin = "";
  let directory = "";
  beforeAll(() => {
    bin = compiledBin();
    directory = mkdtempSync(join(tmpdir(), "copse-bin-"));
    mkdirSync(join(directory, "mls"));
    const entries = Array.from({ length: 60 }, (_, i) => ({ vlbytes_header: hex(new Uint8Array([i])), length: i }));
    writeFileSync(join(directory, "mls/deserialization.json"), JSON.stringify(entries));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test("--json goes whole through a pipe that is read slowly, far beyond 64 kB", async () => {
    const tree = treeOf(1024);
    const { code, out, err } = await runBin(bin, ["inspect", "--json"], { input: hex(tree), reading: "slowly" });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.length).toBeGreaterThan(500_000);
    const parsed = JSON.parse(out) as { readonly tree: readonly string[]; readonly bytes: number };
    expect(parsed.bytes).toBe(tree.length);
    expect(parsed.tree).toHaveLength(2047);
  });

  test("a reader that stops listening ends it quietly", async () => {
    const input = hex(treeOf(1024));
    const { code, err } = await runBin(bin, ["inspect", "--json"], { input, reading: "little" });
    expect({ code, err }).toEqual({ code: 0, err: "" });
  });

  test("runs a family under every provider, on threads", async () => {
    const { code, out, err } = await runBin(bin, [
      "vectors",
      "--dir",
      directory,
      "--family",
      "deserialization",
      "--json",
    ]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const rows = ["node", "web", "noble"].map((provider) => ({
      family: "deserialization",
      provider,
      passed: 60,
      failed: 0,
      skipped: 0,
      ms: expect.any(Number) as number,
    }));
    expect(JSON.parse(out)).toEqual(rows);
  });

  test("exits with 1 on a vector that fails, with JSON alone on standard output", async () => {
    const broken = join(directory, "broken");
    mkdirSync(join(broken, "mls"), { recursive: true });
    writeFileSync(join(broken, "mls/deserialization.json"), JSON.stringify([{ vlbytes_header: "05", length: 6 }]));
    const args = ["vectors", "--dir", broken, "--family", "deserialization", "--json"];
    const { code, out, err } = await runBin(bin, args);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject([{ failed: 1 }, { failed: 1 }, { failed: 1 }]);
    expect(err.match(/entry 0: length differs: published 6, ours 5/g)).toHaveLength(3);
  });

  test("tells its whole story through a pipe that is read slowly", async () => {
    const { code, out, err } = await runBin(bin, ["demo"], { reading: "slowly" });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const held = out.split("\n").filter((line) => line.startsWith("✓ "));
    expect(out.trimEnd().split("\n").at(-1)).toBe(`${held.length} checks held`);
  });

  test("exits with 2 on an option that it does not know", async () => {
    const { code, out, err } = await runBin(bin, ["vectors", "--loud"]);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain("--loud");
  });
});
