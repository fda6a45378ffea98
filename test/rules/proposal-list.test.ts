import { describe, expect, test } from "vitest";
import {
  changedLeaf,
  checkCommitterStays,
  checkIsKnown,
  checkNoDuplicateAdds,
  checkNoDuplicatePsks,
  checkNoExternalInit,
  checkNoOwnUpdate,
  checkNotYetMember,
  checkOneChangePerLeaf,
  checkOneGroupContextExtensions,
  checkProposalSupport,
  checkReInitAlone,
  pskString,
  type ProposalList,
} from "../../src/rules/proposal-list.ts";
import type { ClientKey } from "../../src/tree/indexes.ts";
import type { LeafNode } from "../../src/wire/leaf-node.ts";
import type { Proposal } from "../../src/wire/proposal.ts";
import { by, keyPackageOf, leaf, member, nothing, proposals, psk, registryOf, resumption, treeOf } from "./scene.ts";
import { verdict } from "./verdict.ts";

const external = { type: "external", senderIndex: 3 } as const;
const leaving = registryOf({ removesSender: true });
const staying = registryOf({});
const { update, custom } = proposals;
const remove = (removed: number): Proposal => ({ type: "remove", removed });
const add = (leafNode: LeafNode): Proposal => ({ type: "add", keyPackage: keyPackageOf(leafNode) });
const listOf = (...list: readonly Proposal[]): ProposalList => list.map((proposal) => by(member(0), proposal));

test("the leaf that a proposal changes is the updated, the removed or the leaving one", () => {
  expect(changedLeaf(by(member(4), update), nothing)).toBe(4);
  expect(changedLeaf(by(member(4), remove(5)), nothing)).toBe(5);
  expect(changedLeaf(by(external, remove(5)), nothing)).toBe(5);
  expect(changedLeaf(by(external, update), nothing)).toBeUndefined();
  expect(changedLeaf(by(member(4), custom), leaving)).toBe(4);
  expect(changedLeaf(by(member(4), custom), staying)).toBeUndefined();
  expect(changedLeaf(by(member(4), custom), nothing)).toBeUndefined();
  expect(changedLeaf(by(external, custom), leaving)).toBeUndefined();
  expect(changedLeaf(by(member(4), proposals.add), leaving)).toBeUndefined();
});

describe("the committer", () => {
  test("has no Update in the list: valn0302", () => {
    const others = [by(member(1), update), by(member(3), update), by(external, remove(2))];
    expect(verdict(() => checkNoOwnUpdate(others, 2))).toBe("kept");
    expect(verdict(() => checkNoOwnUpdate(others, 3))).toBe("commit-own-update, valn0302");
    expect(verdict(() => checkNoOwnUpdate([by(member(0), update)], 0))).toBe("commit-own-update, valn0302");
  });

  test("is not removed: valn0303", () => {
    const list = [by(member(1), remove(2)), by(member(2), update), by(member(3), custom)];
    expect(verdict(() => checkCommitterStays(list, 1, leaving))).toBe("kept");
    expect(verdict(() => checkCommitterStays(list, 2, leaving))).toBe("commit-self-remove, valn0303");
    expect(verdict(() => checkCommitterStays(list, 3, leaving))).toBe("commit-self-remove, valn0303");
    expect(verdict(() => checkCommitterStays(list, 3, staying))).toBe("kept");
    expect(verdict(() => checkCommitterStays([by(member(2), update)], 2, leaving))).toBe("kept"); // that is valn0302's
    expect(verdict(() => checkCommitterStays([by(external, remove(0))], 0, nothing))).toBe(
      "commit-self-remove, valn0303",
    );
  });
});

test("a leaf is changed once: valn0304", () => {
  const different = [by(member(1), update), by(member(2), update), by(member(1), remove(3)), by(member(1), custom)];
  expect(verdict(() => checkOneChangePerLeaf(different, staying))).toBe("kept");
  expect(verdict(() => checkOneChangePerLeaf(different, leaving))).toBe("commit-leaf-changed-twice, valn0304");
  for (const more of [by(member(2), update), by(member(5), remove(2)), by(external, remove(3))]) {
    expect(verdict(() => checkOneChangePerLeaf([...different, more], staying))).toBe(
      "commit-leaf-changed-twice, valn0304",
    );
  }
});

describe("a client", () => {
  const byIdentity: ClientKey = (credential) => (credential.type === "basic" ? credential.identity : new Uint8Array(0));
  const sameIdentity = leaf(2, { credential: leaf(1).credential });
  const sameKey = leaf(3, { signatureKey: leaf(1).signatureKey });

  test("is added once: valn0305", () => {
    const tree = treeOf([leaf(9)]);
    const check = (first: LeafNode, second: LeafNode, in_ = tree): string =>
      verdict(() => checkNoDuplicateAdds(listOf(add(first), remove(1), add(second)), in_));
    expect(check(leaf(1), leaf(2))).toBe("kept");
    expect(check(leaf(1), sameIdentity)).toBe("kept"); // two devices of one user, section 5.3.3
    expect(check(leaf(1), sameKey)).toBe("commit-duplicate-add, valn0305");
    const named = treeOf([leaf(9)], byIdentity);
    expect(check(leaf(1), sameIdentity, named)).toBe("commit-duplicate-add, valn0305");
    expect(check(leaf(1), sameKey, named)).toBe("kept");
  });

  test("is not a member yet: valn0306", () => {
    const tree = treeOf([leaf(0), leaf(1)]);
    expect(verdict(() => checkNotYetMember(leaf(2), tree))).toBe("kept");
    expect(verdict(() => checkNotYetMember(sameIdentity, tree))).toBe("kept");
    expect(verdict(() => checkNotYetMember(sameKey, tree))).toBe("commit-add-existing, valn0306");
    tree.remove(1);
    expect(verdict(() => checkNotYetMember(sameKey, tree))).toBe("kept");
    const named = treeOf([leaf(0), leaf(1)], byIdentity);
    expect(verdict(() => checkNotYetMember(sameIdentity, named))).toBe("commit-add-existing, valn0306");
    expect(verdict(() => checkNotYetMember(sameKey, named))).toBe("kept");
  });
});

describe("PreSharedKeys, valn0307", () => {
  const psks = (...ids: readonly (typeof psk)[]): ProposalList =>
    listOf(...ids.map((id): Proposal => ({ type: "psk", psk: id })));

  test("name different PSKs, in any part of their identifiers", () => {
    const id = resumption("application");
    const different = psks(psk, { ...psk, pskNonce: psk.pskNonce.with(0, 1) }, id, resumption("reinit"), {
      ...id,
      pskNonce: psk.pskNonce.with(0, 1),
    });
    expect(verdict(() => checkNoDuplicatePsks(different))).toBe("kept");
    for (const again of [psk, id]) {
      const twice = [...different, ...psks({ ...again, pskNonce: again.pskNonce.slice() })];
      expect(verdict(() => checkNoDuplicatePsks(twice))).toBe("commit-duplicate-psk, valn0307");
    }
  });

  test("may have identifiers of any length", () => {
    const long = { ...psk, type: "external" as const, pskId: new Uint8Array(10_000) };
    expect(verdict(() => checkNoDuplicatePsks(psks(long, psk)))).toBe("kept");
    expect(verdict(() => checkNoDuplicatePsks(psks(long, long)))).toBe("commit-duplicate-psk, valn0307");
    expect(pskString(long)).not.toBe(pskString({ ...long, pskId: long.pskId.with(9999, 1) }));
  });
});

test("GroupContextExtensions stand once: valn0308", () => {
  const { group_context_extensions: one, add: other } = proposals;
  expect(verdict(() => checkOneGroupContextExtensions(listOf(other, one, other)))).toBe("kept");
  expect(verdict(() => checkOneGroupContextExtensions(listOf()))).toBe("kept");
  expect(verdict(() => checkOneGroupContextExtensions(listOf(one, other, { ...one })))).toBe(
    "commit-duplicate-extensions, valn0308",
  );
});

test("a ReInit stands alone: valn0309", () => {
  const { reinit, psk: other } = proposals;
  expect(verdict(() => checkReInitAlone(listOf(reinit)))).toBe("kept");
  expect(verdict(() => checkReInitAlone(listOf(other, other)))).toBe("kept");
  for (const list of [listOf(reinit, other), listOf(other, reinit), listOf(reinit, reinit)]) {
    expect(verdict(() => checkReInitAlone(list))).toBe("commit-reinit-not-alone, valn0309");
  }
});

test("an ExternalInit stands nowhere: valn0310", () => {
  const { external_init: init, ...others } = proposals;
  expect(verdict(() => checkNoExternalInit(listOf(...Object.values(others))))).toBe("kept");
  expect(verdict(() => checkNoExternalInit(listOf(others.add, init)))).toBe("commit-external-init, valn0310");
});

describe("a type that is not default is supported by all who process the commit, valn0311", () => {
  const able = (number: number): LeafNode => leaf(number, {}, { proposals: [0xf000] });
  const broken = "proposal-unsupported, valn0311";

  test("and default ones need no support", () => {
    const list = listOf(...Object.values(proposals).filter(({ type }) => type !== "custom"));
    expect(verdict(() => checkProposalSupport(list, treeOf([leaf(0), leaf(1)]), nothing))).toBe("kept");
  });

  test("by every member", () => {
    const list = listOf(custom);
    expect(verdict(() => checkProposalSupport(list, treeOf([able(0), able(1)]), staying))).toBe("kept");
    expect(verdict(() => checkProposalSupport(list, treeOf([able(0), leaf(1)]), staying))).toBe(broken);
  });

  test("but not by members that are removed or leave, nor by those that are added", () => {
    const tree = treeOf([able(0), leaf(1), able(2)]);
    const check = (list: ProposalList, registry = staying): string =>
      verdict(() => checkProposalSupport(list, tree, registry));
    expect(check(listOf(custom, remove(1), add(leaf(7))))).toBe("kept");
    expect(check(listOf(custom, remove(2)))).toBe(broken);
    expect(check([by(member(1), custom)], leaving)).toBe("kept");
    expect(check([by(member(2), custom)], leaving)).toBe(broken);
    expect(check([by(member(1), custom)], staying)).toBe(broken);
    // Whoever is removed twice, or is nobody, is not counted twice.
    expect(check(listOf(custom, remove(1), remove(1), remove(7)))).toBe("kept");
    expect(check(listOf(custom, remove(2), remove(2)))).toBe(broken);
  });

  test("and an Update does not make its sender support anything", () => {
    const tree = treeOf([able(0), leaf(1)]);
    const list = [...listOf(custom), by(member(1), { type: "update", leafNode: able(1) })];
    expect(verdict(() => checkProposalSupport(list, tree, staying))).toBe(broken);
  });
});

test("a proposal that a commit refers to has been received: section 12.4", () => {
  expect(verdict(() => checkIsKnown(update, new Uint8Array(0)))).toBe("kept");
  expect(verdict(() => checkIsKnown(undefined, new Uint8Array(0)))).toBe("proposal-not-found, section 12.4");
});
