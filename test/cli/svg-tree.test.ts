/**
 * `copse inspect --svg`: the picture says of each node what it is.
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { encode } from "../../src/codec/codec.ts";
import { svgTree } from "../../src/cli/inspect/svg-tree.ts";
import { KeyPackage } from "../../src/wire/key-package.ts";
import type { LeafNode } from "../../src/wire/leaf-node.ts";
import { RatchetTreeNodes, type Node } from "../../src/wire/ratchet-tree.ts";
import { copse, type Run } from "./terminal.ts";

const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);

function leafNode(identity: Uint8Array): LeafNode {
  return {
    encryptionKey: bytes(32, 0xee),
    signatureKey: bytes(32, 0x51),
    credential: { type: "basic", identity },
    capabilities: { versions: [1], cipherSuites: [1], extensions: [], proposals: [], credentials: [1] },
    leafNodeSource: { type: "update" },
    extensions: [],
    signature: bytes(64, 0x5a),
  };
}

function leaf(name: string): Node {
  return { type: "leaf", leafNode: leafNode(utf8(name)) };
}

function parent(fill: number, unmergedLeaves: readonly number[]): Node {
  return { type: "parent", parentNode: { encryptionKey: bytes(32, fill), parentHash: bytes(0, 0), unmergedLeaves } };
}

/** Four leaves: leaf 3 is blank, and so is the right parent; leaf 1 is unmerged at the root. */
const nodes: RatchetTreeNodes = [leaf("alice"), parent(0x01, []), leaf("bob <&>"), parent(0x03, [1]), leaf("carol")];

/** The classes of each shape, in the order of the drawing: parents from the root down, then the leaves. */
function shapes(svg: string): readonly string[] {
  const drawn = svg.slice(0, svg.indexOf("<g "));
  return Array.from(drawn.matchAll(/<(?:circle|rect) class="([^"]+)"/g), ([, classes]) => classes!);
}

describe("the picture of a tree", () => {
  test("shows which nodes are populated, blank and unmerged", () => {
    expect(shapes(svgTree(nodes))).toEqual([
      "parent populated",
      "parent populated",
      "parent blank",
      "leaf populated",
      "leaf populated waiting",
      "leaf populated",
      "leaf blank",
    ]);
    expect(svgTree(nodes)).toContain(">unmerged: 1</text>");
    expect(svgTree(nodes)).toContain(">key 030303…</text>");
    expect(svgTree(nodes)).toContain("3 members in 4 leaves");
  });

  test("marks the path of a leaf to the root, and nothing else", () => {
    const svg = svgTree(nodes, 2);
    expect(shapes(svg).map((classes) => classes.endsWith(" own"))).toEqual([
      true,
      false,
      true,
      false,
      false,
      true,
      false,
    ]);
    expect(svg.slice(0, svg.indexOf("<g ")).match(/class="edge own"/g)).toHaveLength(2);
    expect(svg).toContain("the path of leaf 2 to the root");
    expect(svgTree(nodes)).not.toContain('own"');
  });

  test("holds the names of others as text alone, and cuts long ones off between letters", () => {
    expect(svgTree(nodes)).toContain(">bob &lt;&amp;&gt;</text>");
    expect(svgTree([leaf("zoë 🌳🌳🌳🌳🌳🌳🌳🌳🌳🌳")])).toContain(">zoë 🌳🌳🌳🌳🌳🌳🌳…</text>");
    const control = svgTree([leaf("\u0007\u202e")]);
    expect(control).not.toMatch(/[\u0007\u202e]/);
  });

  test("of one leaf is that leaf", () => {
    expect(shapes(svgTree([leaf("alice")], 0))).toEqual(["leaf populated own"]);
  });
});

describe("copse inspect --svg", () => {
  let directory = "";
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "copse-svg-"));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  function inspect(input: Uint8Array, ...args: readonly string[]): Promise<Run> {
    return copse(["inspect", ...args], { input });
  }

  test("writes the picture beside the explanation", async () => {
    const file = join(directory, "tree.svg");
    const { code, out } = await inspect(encode(RatchetTreeNodes, nodes), "--svg", file, "--leaf", "1");
    expect(code).toBe(0);
    expect(out).toContain("Ratchet tree: 3 members in 4 leaves");
    expect(readFileSync(file, "utf8")).toBe(svgTree(nodes, 1));
  });

  test.each([
    ["a leaf that is not there", ["--svg", "never", "--leaf", "4"]],
    ["a leaf that is no number", ["--svg", "never", "--leaf", "-1"]],
    ["a leaf without a picture", ["--leaf", "1"]],
  ])("refuses %s", async (_, args) => {
    const { code, out } = await inspect(encode(RatchetTreeNodes, nodes), ...args);
    expect([code, out]).toEqual([2, ""]);
  });

  test("refuses what has no tree", async () => {
    const keyPackage: KeyPackage = {
      version: 1,
      cipherSuite: 1,
      initKey: bytes(32, 0x11),
      leafNode: {
        ...leafNode(utf8("alice")),
        leafNodeSource: { type: "key_package", lifetime: { notBefore: 0n, notAfter: 1n } },
      },
      extensions: [],
      signature: bytes(64, 0x99),
    };
    const { code, err } = await inspect(encode(KeyPackage, keyPackage), "--svg", join(directory, "never"));
    expect(code).toBe(2);
    expect(err).toContain("a key-package without a ratchet tree can't be drawn");
  });
});
