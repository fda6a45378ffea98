import { describe, expect, test } from "vitest";
import {
  checkConfirmationTag,
  checkEpoch,
  checkEpochLeft,
  checkGroupId,
  checkLeafParentHash,
  checkPathCiphertexts,
  checkPathKeysNew,
  checkPathKeysValid,
  checkPathLength,
  checkPathPresent,
  confirmationTagOf,
  requiresPath,
} from "../../src/rules/commit.ts";
import type { UpdatePath } from "../../src/wire/update-path.ts";
import { by, groupContext, leaf, member, nothing, proposals, registryOf, suite, treeOf } from "./scene.ts";
import { verdict } from "./verdict.ts";

const key = (number: number): Uint8Array => new Uint8Array([9, number]);
const sealed = { kemOutput: new Uint8Array(1), ciphertext: new Uint8Array(1) };
/** A path with these numbers of ciphertexts, and a key of its own for every node. */
const pathOf = (...ciphertexts: readonly number[]): UpdatePath => ({
  leafNode: leaf(60),
  nodes: ciphertexts.map((length, i) => ({
    encryptionKey: key(i),
    encryptedPathSecret: new Array<typeof sealed>(length).fill(sealed),
  })),
});

describe("a message", () => {
  test("names its group", () => {
    const { groupId } = groupContext;
    expect(verdict(() => checkGroupId({ groupId: groupId.slice() }, groupContext))).toBe("kept");
    for (const other of [groupId.subarray(1), groupId.with(0, 0), new Uint8Array(0)]) {
      expect(verdict(() => checkGroupId({ groupId: other }, groupContext))).toBe("wrong-group");
    }
  });

  test.each([
    ["valn1201", "wrong-epoch, valn1201"],
    ["valn1307", "proposal-epoch, valn1307"],
  ] as const)("is of the current epoch: %s", (rule, broken) => {
    expect(verdict(() => checkEpoch({ epoch: 10n }, groupContext, rule))).toBe("kept");
    for (const epoch of [9n, 11n, 0n]) {
      expect(verdict(() => checkEpoch({ epoch }, groupContext, rule))).toBe(broken);
    }
  });

  test("can't leave the last epoch", () => {
    const last = 2n ** 64n - 1n;
    expect(verdict(() => checkEpochLeft({ ...groupContext, epoch: last - 1n }))).toBe("kept");
    expect(verdict(() => checkEpochLeft({ ...groupContext, epoch: last }))).toBe("epoch-overflow, section 12");
  });
});

describe("a path", () => {
  test("is required by update, remove, external_init, group_context_extensions and types that say so", () => {
    const required = Object.values(proposals).filter((proposal) => requiresPath(proposal, registryOf({})));
    expect(required.map(({ type }) => type)).toEqual(["update", "remove", "external_init", "group_context_extensions"]);
    expect(requiresPath(proposals.custom, registryOf({ pathRequired: true }))).toBe(true);
    expect(requiresPath(proposals.custom, nothing)).toBe(true);
  });

  test("is there where a proposal requires it, and where there is no proposal: valn1206", () => {
    const add = by(member(0), proposals.add);
    const remove = by(member(0), proposals.remove);
    expect(verdict(() => checkPathPresent([add], undefined, nothing))).toBe("kept");
    for (const list of [[], [add], [remove]]) {
      expect(verdict(() => checkPathPresent(list, pathOf(), nothing))).toBe("kept");
    }
    for (const list of [[], [remove], [add, remove]]) {
      expect(verdict(() => checkPathPresent(list, undefined, nothing))).toBe("commit-path-required, valn1206");
    }
  });

  test("has one node for each of the filtered direct path", () => {
    const path = treeOf([leaf(0), leaf(1), leaf(2)]).filteredDirectPath(0);
    expect(verdict(() => checkPathLength(pathOf(1, 1), path))).toBe("kept");
    for (const update of [pathOf(), pathOf(1), pathOf(1, 1, 1)]) {
      expect(verdict(() => checkPathLength(update, path))).toBe("path-length, section 7.5");
    }
  });

  test("has one ciphertext for each node of a resolution, new leaves aside: valn1101", () => {
    const path = treeOf([leaf(0), leaf(1), leaf(2), leaf(3)]).filteredDirectPath(0);
    const check = (update: UpdatePath, newLeaves: readonly number[]): string =>
      verdict(() => checkPathCiphertexts(update, path, newLeaves));
    expect(check(pathOf(1, 2), [])).toBe("kept");
    expect(check(pathOf(1, 1), [3])).toBe("kept");
    expect(check(pathOf(1, 0), [2, 3])).toBe("kept");
    expect(check(pathOf(0, 1), [1, 2])).toBe("kept");
    for (const update of [pathOf(1, 1), pathOf(1, 3), pathOf(0, 2), pathOf(2, 2), pathOf(1)]) {
      expect(check(update, [])).toBe("path-ciphertexts, valn1101");
    }
    expect(check(pathOf(1, 2), [3])).toBe("path-ciphertexts, valn1101");
  });

  test("has public keys of the suite's KEM", () => {
    const good: UpdatePath = {
      leafNode: leaf(0),
      nodes: [1, 9].map((first) => ({ encryptionKey: new Uint8Array(32).fill(first), encryptedPathSecret: [] })),
    };
    const [node] = good.nodes;
    expect(verdict(() => checkPathKeysValid(good, suite))).toBe("kept");
    for (const encryptionKey of [new Uint8Array(31), new Uint8Array(33), new Uint8Array(32), new Uint8Array(0)]) {
      const update = { ...good, nodes: [node!, { ...node!, encryptionKey }] };
      expect(verdict(() => checkPathKeysValid(update, suite))).toBe("key-invalid, section 5.1.1");
    }
  });

  test("has keys that are in no node of the tree, nor twice in the path: valn1209", () => {
    const tree = treeOf([leaf(0), leaf(1), leaf(2)]);
    const planned = tree.planPath(tree.filteredDirectPath(2), [key(77)]);
    tree.mergePath(2, leaf(2), planned);
    const update = pathOf(1, 1);
    const withKeys = (...keys: readonly Uint8Array[]): UpdatePath => ({
      leafNode: { ...update.leafNode, encryptionKey: keys[0]! },
      nodes: keys.slice(1).map((encryptionKey) => ({ encryptionKey, encryptedPathSecret: [] })),
    });
    expect(verdict(() => checkPathKeysNew(update, tree))).toBe("kept");
    for (const keys of [
      [leaf(1).encryptionKey, key(1), key(2)],
      [key(3), leaf(0).encryptionKey, key(2)],
      [key(3), key(1), key(77)],
      [key(3), key(1), key(1)],
      [key(3), key(1), key(3)],
    ]) {
      expect(verdict(() => checkPathKeysNew(withKeys(...keys), tree))).toBe("duplicate-encryption-key, valn1209");
    }
  });

  test("is signed with its parent hash, in a leaf that came with a commit", () => {
    const parentHash = new Uint8Array([1, 2]);
    const planned = { parents: new Map(), parentHash };
    const committed = (hash: Uint8Array): string =>
      verdict(() => checkLeafParentHash(leaf(0, { leafNodeSource: { type: "commit", parentHash: hash } }), planned));
    expect(committed(parentHash.slice())).toBe("kept");
    for (const other of [new Uint8Array(0), parentHash.with(1, 3)]) {
      expect(committed(other)).toBe("parent-hash, section 7.9.2");
    }
    for (const leafNodeSource of [{ type: "update" } as const, leaf(0).leafNodeSource]) {
      const other = leaf(0, { leafNodeSource });
      expect(verdict(() => checkLeafParentHash(other, planned))).toBe("parent-hash, section 7.9.2");
    }
  });
});

test("a commit has a confirmation tag, which is as long as the suite's hash: section 12.4.2", () => {
  const signature = new Uint8Array(0);
  const tag = new Uint8Array(suite.hashLength).fill(1);
  expect(confirmationTagOf(suite, { signature, confirmationTag: tag })).toBe(tag);
  for (const without of [
    { signature },
    ...[0, 31, 33].map((n) => ({ signature, confirmationTag: new Uint8Array(n) })),
  ]) {
    expect(verdict(() => confirmationTagOf(suite, without))).toBe("confirmation-tag, section 12.4.2");
  }
});

test("the confirmation tag is the one that was computed: section 12.4.2, and valn1411 when joining", () => {
  const tag = new Uint8Array([1, 2, 3]);
  expect(verdict(() => checkConfirmationTag(tag, tag.slice()))).toBe("kept");
  for (const other of [tag.with(2, 0), tag.subarray(1), new Uint8Array(0)]) {
    expect(verdict(() => checkConfirmationTag(tag, other))).toBe("confirmation-tag, section 12.4.2");
    expect(verdict(() => checkConfirmationTag(tag, other, "valn1411"))).toBe("confirmation-tag, valn1411");
  }
});
