import { describe, expect, test, vi } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { signWithLabel } from "../../src/crypto/labels.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import {
  checkGroupInfoSignature,
  checkGroupIsNew,
  checkParentHashes,
  checkTreeHash,
  checkTreeKeys,
  checkUnmergedLeaves,
  checkIsForUs,
  checkKeyPackageSuiteOfWelcome,
  checkTreeAtHand,
  checkWelcomeSuite,
  ownLeafOf,
  welcomeLinkOf,
} from "../../src/rules/welcome.ts";
import { ParentSlot } from "../../src/tree/node.ts";
import { RatchetTree } from "../../src/tree/ratchet-tree.ts";
import type { LeafNode } from "../../src/wire/leaf-node.ts";
import type { Node } from "../../src/wire/ratchet-tree.ts";
import { groupInfoTbs, type GroupInfo } from "../../src/wire/welcome.ts";
import { extension, groupContext, leaf, psk, resumption, suite, treeOf } from "./scene.ts";
import { laterVerdict, verdict } from "./verdict.ts";

const _ = undefined;
const l = (number: number, fields: Partial<LeafNode> = {}): Node => ({ type: "leaf", leafNode: leaf(number, fields) });
const p = (number: number, ...unmergedLeaves: readonly number[]): Node => ({
  type: "parent",
  parentNode: { encryptionKey: new Uint8Array([8, number]), parentHash: new Uint8Array(0), unmergedLeaves },
});
const treeFrom = (...nodes: readonly (Node | undefined)[]): RatchetTree => RatchetTree.fromNodes(suite, nodes);

test("of PSKs with usage reinit or branch there is one at most: valn1401", () => {
  const [reinit, branch, application] = [resumption("reinit"), resumption("branch"), resumption("application")];
  expect(welcomeLinkOf([])).toBeUndefined();
  expect(welcomeLinkOf([psk, application, psk, application])).toBeUndefined();
  expect(welcomeLinkOf([psk, reinit, application])).toBe(reinit);
  expect(welcomeLinkOf([branch, application])).toBe(branch);
  for (const ids of [
    [reinit, branch],
    [reinit, psk, reinit],
    [branch, branch],
  ]) {
    expect(verdict(() => welcomeLinkOf(ids))).toBe("welcome-psks, valn1401");
  }
});

test("a GroupInfo is signed as GroupInfoTBS by a member: valn1402", async () => {
  const { privateKey, publicKey } = await suite.generateSignatureKeyPair(platformRandom);
  const signer = await suite.signer(privateKey);
  const tree = treeOf([leaf(0), leaf(1, { signatureKey: publicKey }), leaf(2)]);
  tree.remove(0);
  const unsigned: GroupInfo = {
    groupContext,
    extensions: [],
    confirmationTag: new Uint8Array([1]),
    signer: 1,
    signature: new Uint8Array(0),
  };
  const signature = await signWithLabel(signer, "GroupInfoTBS", groupInfoTbs(unsigned));
  const check = (fields: Partial<GroupInfo>): Promise<string> =>
    laterVerdict(() => checkGroupInfoSignature(suite, { ...unsigned, signature, ...fields }, tree));
  expect(await check({})).toBe("kept");
  for (const blank of [0, 3, 4]) expect(await check({ signer: blank })).toBe("group-info-signer, valn1402");
  for (const fields of [
    { confirmationTag: new Uint8Array([2]) },
    { extensions: [extension(9)] },
    { groupContext: { ...groupContext, epoch: 11n } },
    { signature: signature.with(0, signature[0]! ^ 1) },
    { signature: await signWithLabel(signer, "LeafNodeTBS", groupInfoTbs(unsigned)) },
  ]) {
    expect(await check(fields)).toBe("group-info-signature, valn1402");
  }
  expect(await check({ signer: 2 })).toBe("key-invalid, section 5.1.1"); // two bytes that are no key
});

test("the group is new to the client, who is asked with a copy of its id: valn1403", async () => {
  const { groupId } = groupContext;
  expect(await laterVerdict(() => checkGroupIsNew(groupId, undefined))).toBe("kept");
  const asked: string[] = [];
  const has = (answer: boolean | Promise<boolean>) => (id: Uint8Array) => {
    asked.push(hex(id));
    id.fill(0);
    return answer;
  };
  for (const answer of [false, Promise.resolve(false)]) {
    expect(await laterVerdict(() => checkGroupIsNew(groupId, has(answer)))).toBe("kept");
  }
  for (const answer of [true, Promise.resolve(true)]) {
    expect(await laterVerdict(() => checkGroupIsNew(groupId, has(answer)))).toBe("group-exists, valn1403");
  }
  expect(new Set(asked)).toEqual(new Set(["09090909"]));
});

test("version and cipher suite are those of the key package: valn1404", () => {
  expect(verdict(() => checkWelcomeSuite(groupContext, suite))).toBe("kept");
  expect(verdict(() => checkWelcomeSuite({ ...groupContext, cipherSuite: 2 }, suite))).toBe("welcome-suite, valn1404");
  expect(verdict(() => checkWelcomeSuite({ ...groupContext, version: 2 }, suite))).toBe("decode-version");
});

test("the tree hash is the group context's: valn1405", () => {
  const tree = treeOf([leaf(0), leaf(1)]);
  expect(verdict(() => checkTreeHash(tree, { ...groupContext, treeHash: tree.hash().slice() }))).toBe("kept");
  const other = treeOf([leaf(0), leaf(2)]).hash();
  for (const treeHash of [other, new Uint8Array(0)]) {
    expect(verdict(() => checkTreeHash(tree, { ...groupContext, treeHash }))).toBe("tree-hash, valn1405");
  }
});

test("every parent node is parent-hash valid: valn1406", () => {
  const tree = treeOf([leaf(0), leaf(1), leaf(2)]);
  expect(verdict(() => checkParentHashes(tree))).toBe("kept");
  const path = tree.filteredDirectPath(0);
  const planned = tree.planPath(path, [new Uint8Array([8, 1]), new Uint8Array([8, 2])]);
  const { parentHash } = planned;
  const committed = (hash: Uint8Array): RatchetTree => {
    const fork = tree.fork();
    fork.mergePath(0, leaf(0, { leafNodeSource: { type: "commit", parentHash: hash } }), planned);
    return fork;
  };
  expect(verdict(() => checkParentHashes(committed(parentHash)))).toBe("kept");
  for (const other of [new Uint8Array(0), parentHash.with(0, parentHash[0]! ^ 1)]) {
    expect(verdict(() => checkParentHashes(committed(other)))).toBe("parent-hash, valn1406");
  }
  expect(verdict(() => checkParentHashes(treeFrom(l(0), p(1), l(1))))).toBe("parent-hash, valn1406");
});

describe("an entry of unmerged_leaves", () => {
  const check = (...nodes: readonly (Node | undefined)[]): string =>
    verdict(() => checkUnmergedLeaves(treeFrom(...nodes)));

  test("may stand in every node above its leaf, and in all up to the highest", () => {
    expect(check(l(0), p(1, 1), l(1), p(2, 1), l(2))).toBe("kept");
    expect(check(l(0), p(1), l(1), p(2), l(2))).toBe("kept");
    expect(check(l(0), p(1, 0, 1), l(1), p(2, 0, 1, 2), l(2))).toBe("kept");
    expect(check(l(0), p(1, 1), l(1), p(2), l(2))).toBe("kept");
  });

  test("may have blank nodes between", () => {
    expect(check(l(0), _, l(1), p(2, 1, 2), l(2))).toBe("kept");
    expect(check(l(0), _, l(1), p(1, 0), l(2), _, _, p(2, 0, 4), l(4))).toBe("kept");
  });

  test("is in increasing order, strictly: section 7.1", () => {
    for (const list of [
      [1, 0],
      [0, 0],
      [2, 1],
      [0, 1, 1],
    ]) {
      expect(check(l(0), _, l(1), p(2, ...list), l(2))).toBe("unmerged-leaves, section 7.1");
    }
  });

  test("is a leaf that is not blank, below the node: valn1408", () => {
    expect(check(l(0), _, l(1), p(2, 3), l(2))).toBe("unmerged-leaves, valn1408"); // blank
    expect(check(l(0), p(1, 2), l(1), _, l(2))).toBe("unmerged-leaves, valn1408"); // beside it
    expect(check(l(0), _, l(1), p(2, 4), l(2))).toBe("unmerged-leaves, valn1408"); // outside the tree
    expect(check(l(0), _, _, p(2, 1), l(2))).toBe("unmerged-leaves, valn1408");
  });

  test("is in every node between the leaf and this one that is not blank: valn1409", () => {
    expect(check(l(0), p(1), l(1), p(2, 1), l(2))).toBe("unmerged-leaves, valn1409");
    expect(check(l(0), p(1, 0), l(1), p(2, 1), l(2))).toBe("unmerged-leaves, valn1409");
    // The node in the middle lists it, the lowest does not.
    expect(check(l(0), p(1), l(1), p(2, 1), l(2), _, _, p(3, 1), l(4))).toBe("unmerged-leaves, valn1409");
    expect(check(l(0), p(1), l(1), _, l(2), _, _, p(3, 1), l(4))).toBe("unmerged-leaves, valn1409");
  });
});

describe("the keys of a tree", () => {
  const key = (number: number): Uint8Array => new Uint8Array(32).fill(number);
  const leafWith = (number: number, encryptionKey: Uint8Array): Node => l(number, { encryptionKey });
  const parentWith = (encryptionKey: Uint8Array): Node => ({
    type: "parent",
    parentNode: { encryptionKey, parentHash: new Uint8Array(0), unmergedLeaves: [] },
  });
  const check = (a: Node, parent: Node, b: Node): string =>
    verdict(() => checkTreeKeys(treeFrom(a, parent, b, _, leafWith(3, key(9)))));

  test("are all different: valn0112 for leaves, valn1410 for parents", () => {
    expect(check(leafWith(1, key(1)), parentWith(key(2)), leafWith(2, key(3)))).toBe("kept");
    expect(check(leafWith(1, key(1)), parentWith(key(2)), leafWith(2, key(1)))).toBe(
      "duplicate-encryption-key, valn0112",
    );
    expect(check(leafWith(1, key(9)), parentWith(key(2)), leafWith(2, key(3)))).toBe(
      "duplicate-encryption-key, valn0112",
    );
    const two = treeFrom(
      leafWith(0, key(1)),
      parentWith(key(2)),
      leafWith(1, key(3)),
      parentWith(key(2)),
      leafWith(2, key(4)),
    );
    expect(verdict(() => checkTreeKeys(two))).toBe("duplicate-encryption-key, valn1410");
  });

  test("are the suite's: section 5.1.1", () => {
    const short = new Uint8Array(31).fill(1);
    expect(check(leafWith(1, short), parentWith(key(2)), leafWith(2, key(3)))).toBe("key-invalid, section 5.1.1");
    expect(check(leafWith(1, key(1)), parentWith(short), leafWith(2, key(3)))).toBe("key-invalid, section 5.1.1");
  });
});

test("blank subtrees are not walked, so that a wide tree of few members costs little", () => {
  const [first, last] = [0, 1].map((number) => leaf(number, { encryptionKey: new Uint8Array(32).fill(number + 1) }));
  const sparse = treeOf([first!]).withNodes([[2 * 1023, { type: "leaf", leafNode: last! }]]);
  for (const check of [checkTreeKeys, checkUnmergedLeaves]) {
    const steps = [vi.spyOn(ParentSlot.prototype, "left", "get"), vi.spyOn(ParentSlot.prototype, "right", "get")];
    try {
      check(sparse);
      expect(steps.reduce((sum, { mock }) => sum + mock.calls.length, 0)).toBeLessThanOrEqual(2 * 2 * 10);
    } finally {
      for (const step of steps) step.mockRestore();
    }
  }
});

test("a Welcome has an entry for us, of the suite that it says: section 12.4.3.1", () => {
  const entry = {};
  expect(verdict(() => checkIsForUs(entry))).toBe("kept");
  expect(verdict(() => checkIsForUs(undefined))).toBe("welcome-not-for-us, section 12.4.3.1");
  const check = (ofWelcome: number, ofKeyPackage: number): string =>
    verdict(() => checkKeyPackageSuiteOfWelcome({ cipherSuite: ofWelcome }, { cipherSuite: ofKeyPackage }, suite));
  expect(check(1, 1)).toBe("kept");
  for (const [welcome, keyPackage] of [
    [1, 2],
    [2, 1],
    [2, 2],
  ] as const) {
    expect(check(welcome, keyPackage)).toBe("welcome-suite, section 12.4.3.1");
  }
});

test("the tree is at hand: section 12.4.3.3", () => {
  expect(verdict(() => checkTreeAtHand(new Uint8Array(0)))).toBe("kept");
  expect(verdict(() => checkTreeAtHand(undefined))).toBe("tree-missing, section 12.4.3.3");
});

test("one of its leaves is that of the key package, byte for byte: section 12.4.3.1", () => {
  const tree = treeOf([leaf(0), leaf(1), leaf(2)]);
  expect(ownLeafOf(tree, leaf(1))).toBe(1);
  expect(ownLeafOf(tree, leaf(2))).toBe(2);
  for (const other of [leaf(3), leaf(1, { signature: new Uint8Array([1]) }), leaf(1, { extensions: [extension(9)] })]) {
    expect(verdict(() => ownLeafOf(tree, other))).toBe("welcome-leaf, section 12.4.3.1");
  }
});
