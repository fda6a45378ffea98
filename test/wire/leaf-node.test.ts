import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { hex } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import { defaultLimits } from "../../src/codec/limits.ts";
import { Capabilities, LeafNode, LeafNodeSource, leafNodeTbs, withoutSignature } from "../../src/wire/leaf-node.ts";
import { failure } from "../codec/failure.ts";
import * as arbitrary from "./arbitraries.ts";
import * as naive from "./naive.ts";
import { bytes, leafNode } from "./values.ts";

describe("LeafNodeTBS", () => {
  test("is the naive encoding: all fields above the signature, and the place where the leaf was made in a group", () => {
    fc.assert(
      fc.property(arbitrary.leafNode, fc.uint8Array({ maxLength: 70 }), fc.nat(99), (leaf, groupId, leafIndex) => {
        const made = leaf.leafNodeSource.type !== "key_package";
        const place = made ? concat(naive.vec(groupId), naive.uint(4, leafIndex)) : new Uint8Array(0);
        const expected = hex(concat(naive.unsignedLeafNode(leaf), place));
        expect(hex(leafNodeTbs(leaf, { groupId, leafIndex }))).toBe(expected);
        expect(hex(leafNodeTbs(decode(LeafNode, naive.leafNode(leaf)), { groupId, leafIndex }))).toBe(expected);
      }),
    );
  });

  test("of a leaf from a key package has no place, of another one must have it", () => {
    expect(hex(leafNodeTbs(leafNode))).toBe(hex(naive.unsignedLeafNode(leafNode)));
    const sources: LeafNodeSource[] = [{ type: "update" }, { type: "commit", parentHash: bytes(1) }];
    for (const leafNodeSource of sources) {
      expect(() => leafNodeTbs({ ...leafNode, leafNodeSource })).toThrow(/signed with its position/);
    }
  });

  test.each([0, 1, 63, 64, 65, 16383, 16384])("ends before a signature of %i bytes", (length) => {
    const signed = { ...leafNode, signature: bytes(0xee, length) };
    const whole = encode(LeafNode, signed);
    expect(hex(withoutSignature(whole, signed.signature))).toBe(hex(naive.unsignedLeafNode(leafNode)));
  });
});

test.each([0, 4, 255])("a leaf node source of %i is refused", (number) => {
  const wrong = new Uint8Array([number, 0, 0]);
  expect(failure(() => decode(LeafNodeSource, wrong))).toEqual(["decode-value", 1]);
});

test.each(["versions", "cipherSuites", "extensions", "proposals", "credentials"] as const)(
  "capabilities list a bounded number of %s",
  (name) => {
    const value = { ...leafNode.capabilities, [name]: [1, 0x0a0a, 1] };
    const encoded = encode(Capabilities, value);
    expect(decode(Capabilities, encoded, { limits: { ...defaultLimits, capabilities: 3 } })).toEqual(value);
    const limits = { ...defaultLimits, capabilities: 2 };
    expect(failure(() => decode(Capabilities, encoded, { limits }))[0]).toBe("limit-exceeded");
  },
);
