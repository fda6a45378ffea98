import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { hex } from "../../src/bytes/text.ts";
import { clientString, keyString, TreeIndexes, type ClientKey } from "../../src/tree/indexes.ts";
import { RatchetTree } from "../../src/tree/ratchet-tree.ts";
import { credentialTypeOf } from "../../src/wire/credential.ts";
import type { LeafNode } from "../../src/wire/leaf-node.ts";
import * as encode from "../wire/naive.ts";
import { History, history, keyPackageSource, leafNode, suite, type Epoch, type Fields } from "./histories.ts";
import type { NaiveTree } from "./naive-tree.ts";

/** Types that leaves list, more than once now and then. */
const types = [0x0a0a, 0xf001, 0xf002, 0xf003];
const credentialTypes = [1, 2, 0xf001];

/** Leaves that differ in everything that is counted, with keys that come back. */
const fields: Fields = (number) => {
  const list = (salt: number): number[] => types.filter((_, i) => (number >> i) % 3 !== salt).flatMap((t) => [t, t]);
  return {
    signatureKey: encode.uint(2, number % 17),
    credential:
      number % 5 === 0
        ? { type: 0xf001, data: new Uint8Array(1) }
        : { type: "basic", identity: encode.uint(1, number % 7) },
    capabilities: {
      versions: [1],
      cipherSuites: [1],
      extensions: list(0),
      proposals: list(1),
      credentials: [1, 1, ...(number % 2 === 0 ? [0xf001, 2] : [])],
    },
  };
};

/** One client a credential, whatever its keys. */
const byCredential: ClientKey = (credential) => encode.credential(credential);

/** What the indexes should say, by looking at every node. */
function expectScanned(indexes: TreeIndexes, naive: NaiveTree, clientKey?: ClientKey): void {
  const leaves = naive.members().map((leafIndex) => naive.leaf(leafIndex)!);
  const encryptionKeys = naive.nodes.flatMap((node) =>
    node === undefined ? [] : [hex((node.type === "leaf" ? node.leafNode : node.parentNode).encryptionKey)],
  );
  const count = (is: (leaf: LeafNode) => boolean): number => leaves.filter(is).length;
  for (const key of new Set([...encryptionKeys, "00", "00000001"])) {
    const expected = encryptionKeys.filter((other) => other === key).length;
    expect(indexes.encryptionKeyCount(Uint8Array.from(Buffer.from(key, "hex")))).toBe(expected);
  }
  expect(indexes.repeatsEncryptionKeys).toBe(new Set(encryptionKeys).size < encryptionKeys.length);
  const isRepeated = (strings: readonly string[]): boolean => new Set(strings).size < strings.length;
  const clientOf = ({ credential, signatureKey }: LeafNode): string =>
    hex(clientKey?.(credential, signatureKey) ?? signatureKey);
  expect(indexes.repeatsMembers).toBe(
    isRepeated(leaves.map(({ signatureKey }) => hex(signatureKey))) || isRepeated(leaves.map(clientOf)),
  );
  for (let number = 0; number <= 17; number++) {
    const signatureKey = encode.uint(2, number);
    const same = (leaf: LeafNode): boolean => hex(leaf.signatureKey) === hex(signatureKey);
    expect(indexes.signatureKeyCount(signatureKey)).toBe(count(same));
    const leaf = leafNode(number, keyPackageSource, fields(number));
    expect(indexes.clientCount(leaf)).toBe(count((other) => clientOf(other) === clientOf(leaf)));
  }
  for (const type of [...types, 0xeaea]) {
    expect(indexes.extensionSupport(type)).toBe(count(({ capabilities }) => capabilities.extensions.includes(type)));
    expect(indexes.proposalSupport(type)).toBe(count(({ capabilities }) => capabilities.proposals.includes(type)));
  }
  for (const type of credentialTypes) {
    expect(indexes.credentialSupport(type)).toBe(count(({ capabilities }) => capabilities.credentials.includes(type)));
  }
  const used = [...indexes.credentialTypesInUse()];
  expect(used.sort((a, b) => a - b)).toEqual(
    [...new Set(leaves.map((leaf) => credentialTypeOf(leaf.credential)))].sort((a, b) => a - b),
  );
}

describe.each([
  ["the signature key", undefined],
  ["a key of the application", byCredential],
] as const)("the indexes of a tree whose clients are told apart by %s", (_, clientKey) => {
  test("say what a scan of all nodes says, after every commit and for every fork, dropped ones aside", () => {
    fc.assert(
      fc.property(history, (steps) => {
        const run = new History(fields, clientKey);
        for (const step of steps) {
          const before = run.epoch;
          const next = run.prepare(step);
          const rival = run.prepare({ ...step, adds: step.adds + 1 });
          expectScanned(next.tree.indexes, next.naive, clientKey);
          expectScanned(rival.tree.indexes, rival.naive, clientKey);
          expectScanned(before.tree.indexes, before.naive, clientKey);
          if (!step.dropped) run.settle(next);
        }
        const { tree, naive } = run.epoch;
        expectScanned(tree.indexes, naive, clientKey);
        expectScanned(RatchetTree.fromNodes(suite, tree.toNodes(), clientKey).indexes, naive, clientKey);
      }),
      { numRuns: 15 },
    );
  });
});

test("a fork of a fork goes on when the first is settled with its name", () => {
  for (const clientKey of [undefined, byCredential]) {
    const run = new History(fields, clientKey);
    run.advance({ updates: [], removes: [], adds: 9, path: 0, dropped: false });
    const { tree, naive } = run.prepare({ updates: [2], removes: [3], adds: 1, path: 1, dropped: false });
    const [further, after] = [tree.fork(), naive.clone()];
    further.remove(5);
    after.remove(5);
    tree.settle(further);
    expectScanned(tree.indexes, naive, clientKey);
    expectScanned(further.indexes, after, clientKey);
    further.settle();
    expectScanned(further.indexes, after, clientKey);
  }
});

describe("an index that was outlived", () => {
  const outlived = (): { readonly chosen: Epoch; readonly stale: readonly RatchetTree[] } => {
    const run = new History();
    run.advance({ updates: [], removes: [], adds: 5, path: 0, dropped: false });
    const before = run.epoch.tree;
    const chosen = run.prepare({ updates: [2], removes: [], adds: 1, path: 1, dropped: false });
    const rival = run.prepare({ updates: [1], removes: [], adds: 0, path: 0, dropped: false }).tree;
    run.settle(chosen);
    return { chosen, stale: [before, rival] };
  };

  test("says so, instead of counting what is no longer there", () => {
    const { chosen, stale } = outlived();
    expectScanned(chosen.tree.indexes, chosen.naive);
    const leaf = leafNode(1, keyPackageSource);
    for (const { indexes } of stale) {
      expect(() => indexes.encryptionKeyCount(leaf.encryptionKey)).toThrow(TypeError);
      expect(() => indexes.fork()).toThrow(TypeError);
      expect(() => indexes.settle()).toThrow(TypeError);
    }
  });

  test("belongs to a tree that can still be read, and not be changed", () => {
    const { stale } = outlived();
    for (const tree of stale) {
      expect(tree.hash()).toHaveLength(32);
      expect([...tree.leaves()]).toHaveLength(6);
      expect(() => tree.add(leafNode(99, keyPackageSource))).toThrow(TypeError);
      expect(() => tree.settle()).toThrow(TypeError);
    }
  });
});

describe("keys as strings", () => {
  test("are equal for equal keys, and for no others", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5 }), fc.uint8Array({ maxLength: 5 }), (a, b) => {
        expect(keyString(a) === keyString(b)).toBe(hex(a) === hex(b));
      }),
      { numRuns: 500 },
    );
    expect(keyString(new Uint8Array([0xff, 0x00]))).not.toBe(keyString(new Uint8Array([0xff])));
  });

  test("end with a length that no key has", () => {
    expect(keyString(new Uint8Array(4096))).toHaveLength(4096);
    expect(() => keyString(new Uint8Array(4097))).toThrow(expect.objectContaining({ code: "key-invalid" }) as Error);
  });

  test("of clients are those of the signature key, or of the application's choice", () => {
    const leaf = leafNode(5, keyPackageSource);
    expect(clientString(undefined, leaf)).toBe(keyString(leaf.signatureKey));
    const both: ClientKey = (credential, signatureKey) => concat(encode.credential(credential), signatureKey);
    expect(clientString(both, leaf)).toBe(keyString(both(leaf.credential, leaf.signatureKey)));
  });
});

test("a capability counts once a leaf, however often it is listed, and goes with the leaf", () => {
  const indexes = new TreeIndexes();
  const { capabilities } = leafNode(1, keyPackageSource);
  const leaf = leafNode(1, keyPackageSource, {
    capabilities: { ...capabilities, extensions: [9, 9, 9], proposals: [8] },
  });
  indexes.addLeaf(leaf);
  expect([indexes.extensionSupport(9), indexes.proposalSupport(8), indexes.credentialSupport(1)]).toEqual([1, 1, 1]);
  indexes.removeLeaf(leaf);
  expect([indexes.extensionSupport(9), indexes.proposalSupport(8), indexes.credentialSupport(1)]).toEqual([0, 0, 0]);
  expect([...indexes.credentialTypesInUse()]).toEqual([]);
});
