/**
 * What is checked of a leaf costs as much as its lists are long, never one list times another.
 */

import { describe, expect, it } from "vitest";
import { checkLeafSupportsGroupExtensions } from "../../src/rules/extensions.ts";
import { checkCredentialSupport, checkExtensionsListed, checkRequiredCapabilities } from "../../src/rules/leaf-node.ts";
import type { LeafNode } from "../../src/wire/leaf-node.ts";
import { TreeIndexes } from "../../src/tree/indexes.ts";

/** A list of n types that counts how often one of them is looked at. */
function counted(n: number): { readonly list: readonly number[]; readonly reads: () => number } {
  let reads = 0;
  const list = new Proxy(types(n), {
    get(target, property, receiver) {
      if (typeof property === "string" && /^\d+$/.test(property)) reads++;
      return Reflect.get(target, property, receiver) as unknown;
    },
  });
  return { list, reads: () => reads };
}

function types(n: number): number[] {
  return Array.from({ length: n }, (_, i) => 0xf000 + i);
}

function leafOf(listed: readonly number[], n: number): LeafNode {
  const nothing = new Uint8Array(0);
  return {
    encryptionKey: nothing,
    signatureKey: nothing,
    credential: { type: 0xf000, data: nothing },
    capabilities: { versions: [1], cipherSuites: [1], extensions: listed, proposals: listed, credentials: listed },
    leafNodeSource: { type: "update" },
    extensions: types(n).map((type) => ({ type, data: nothing })),
    signature: nothing,
  };
}

describe.each<[string, (leaf: LeafNode, n: number) => void]>([
  [
    "required capabilities",
    (leaf, n) => {
      const all = types(n);
      checkRequiredCapabilities(leaf, { extensionTypes: all, proposalTypes: all, credentialTypes: all });
    },
  ],
  [
    "the group's extensions",
    (leaf, n) => {
      checkLeafSupportsGroupExtensions(
        leaf,
        types(n).map((type) => ({ type, data: new Uint8Array(0) })),
      );
    },
  ],
  [
    "a leaf's own extensions",
    (leaf) => {
      checkExtensionsListed(leaf);
    },
  ],
  [
    "the credential types in use",
    (leaf, n) => {
      const indexes = new TreeIndexes();
      const all = types(n);
      for (const type of all) {
        const other = leafOf(all, 0);
        indexes.addLeaf({ ...other, credential: { type, data: new Uint8Array(0) } });
      }
      checkCredentialSupport(leaf, { indexes, size: n });
    },
  ],
])("%s", (_, check) => {
  it("cost twice as much where everything is twice as long", () => {
    const cost = (n: number): number => {
      const { list, reads } = counted(n);
      check(leafOf(list, n), n);
      return reads();
    };
    expect(cost(64)).toBeGreaterThan(0);
    expect(cost(128)).toBeLessThanOrEqual(2 * cost(64));
    expect(cost(128)).toBeLessThanOrEqual(3 * 128);
  });
});
