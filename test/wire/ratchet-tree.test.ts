import { describe, expect, test } from "vitest";
import { fromHex, hex } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import { defaultLimits } from "../../src/codec/limits.ts";
import { Node, ParentNode, RatchetTreeNodes, TreeHashInput } from "../../src/wire/ratchet-tree.ts";
import { failure } from "../codec/failure.ts";
import { leafNode } from "./values.ts";

const parentNode: ParentNode = { encryptionKey: fromHex("aa"), parentHash: fromHex("bb"), unmergedLeaves: [] };

describe("a node", () => {
  test.each([0, 3, 255])("of type %i is refused", (type) => {
    expect(failure(() => decode(Node, new Uint8Array([type, 0, 0])))).toEqual(["decode-value", 1]);
    expect(failure(() => decode(TreeHashInput, new Uint8Array([type, 0, 0])))).toEqual(["decode-value", 1]);
  });

  test("lists its unmerged leaves as they stand: that they are sorted is a rule's business", () => {
    const value = { ...parentNode, unmergedLeaves: [5, 2, 2 ** 32 - 1, 2] };
    const bytes = encode(ParentNode, value);
    expect(hex(bytes)).toBe("01aa01bb10" + "00000005" + "00000002" + "ffffffff" + "00000002");
    expect(decode(ParentNode, bytes)).toEqual(value);
  });
});

describe("a list of nodes", () => {
  test("says of each whether it is blank", () => {
    const nodes = [undefined, { type: "parent" as const, parentNode }, undefined];
    expect(hex(encode(RatchetTreeNodes, nodes))).toBe("09" + "00" + "0102" + "01aa01bb00" + "00");
    expect(decode(RatchetTreeNodes, encode(RatchetTreeNodes, nodes))).toEqual(nodes);
  });

  test("of n leaves has 2n - 1 nodes, and the limit counts leaves", () => {
    const nodes = Array.from({ length: 15 }, (_, i) => (i % 2 === 0 ? { type: "leaf" as const, leafNode } : undefined));
    const bytes = encode(RatchetTreeNodes, nodes);
    expect(decode(RatchetTreeNodes, bytes, { limits: { ...defaultLimits, leaves: 8 } })).toEqual(nodes);
    const limits = { ...defaultLimits, leaves: 7 };
    expect(failure(() => decode(RatchetTreeNodes, bytes, { limits }))[0]).toBe("limit-exceeded");
  });

  test("has presence octets of 0 or 1", () => {
    expect(failure(() => decode(RatchetTreeNodes, fromHex("020002")))).toEqual(["decode-presence", 3]);
  });
});
