import { beforeAll, describe, expect, it } from "vitest";
import { applyProposals, newLeaves } from "../../../src/public-group/proposals/apply-proposals.ts";
import type { Group } from "../../../src/group/group.ts";
import { keysThatStay } from "../../../src/group/held/own-keys.ts";
import { decode } from "../../../src/codec/codec.ts";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import { Secret } from "../../../src/bytes/secret.ts";
import { prepareRegistry } from "../../../src/rules/registry.ts";
import type { CommittedProposal } from "../../../src/rules/proposal-list.ts";
import { RatchetTree } from "../../../src/tree/ratchet-tree.ts";
import type { NodePrivateKey } from "../../../src/tree/treekem.ts";
import { decodeMessage } from "../../../src/wire/message.ts";
import type { Proposal } from "../../../src/wire/proposal.ts";
import { RatchetTreeNodes } from "../../../src/wire/ratchet-tree.ts";
import { client, commitTo, groupOf, keyPackageOf } from "../../group/world.ts";

const registry = prepareRegistry({
  proposals: (["group_context_extensions", "update", "remove", "add", "psk"] as const).map((after, i) => ({
    type: 0xf000 + i,
    pathRequired: false,
    external: false,
    externalCommit: false,
    after,
    removesSender: true,
  })),
});

let group: Group;
let tree: RatchetTree;
let adds: Proposal[];

/** Six members in a tree of eight, all of whom have committed. */
beforeAll(async () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const groups = await groupOf(await Promise.all(names.map((name) => client(name))));
  for (const each of groups) await commitTo(groups, each);
  [group] = groups as [Group];
  tree = RatchetTree.fromNodes(group.suite, decode(RatchetTreeNodes, group.ratchetTree()));
  adds = [];
  for (const name of ["x", "y", "z"]) {
    const message = decodeMessage((await keyPackageOf(await client(name))).keyPackage);
    if (message.wireFormat !== "mls_key_package") throw new TypeError("a key package was expected");
    adds.push({ type: "add", keyPackage: message.keyPackage });
  }
});

const sender = (leafIndex: number) => ({ type: "member", leafIndex }) as const;
const by = (leafIndex: number, proposal: Proposal): CommittedProposal => ({ proposal, sender: sender(leafIndex) });
const remove = (removed: number): Proposal => ({ type: "remove", removed });
const leave = (step: number): Proposal => ({ type: "custom", proposalType: 0xf000 + step, body: utf8("") });

function applied(...list: readonly CommittedProposal[]): ReturnType<typeof applyProposals> {
  return applyProposals({ tree, extensions: group.groupContext.extensions }, list, registry);
}

describe("applying a list of proposals", () => {
  it("leaves the tree that it came from alone", () => {
    const before = hex(tree.hash());
    const result = applied(by(0, remove(5)), by(0, remove(4)), by(0, adds[0]!));
    expect(hex(tree.hash())).toBe(before);
    expect(tree.size).toBe(6);
    expect(result.tree.size).toBe(5);
  });

  it("goes in the RFC's order, whatever the order of the list", () => {
    const list = [by(0, adds[0]!), by(0, adds[1]!), by(0, remove(3)), by(0, remove(1))];
    const result = applied(...list);
    // Both Removes first, in the list's order; then the Adds fill the blanks from the left.
    expect(result.removed.map(([leafIndex]) => leafIndex)).toEqual([3, 1]);
    expect(result.added.map(({ leafIndex }) => leafIndex)).toEqual([1, 3]);
    expect(newLeaves(result)).toEqual([1, 3]);
    expect(hex(applied(...[...list].reverse()).tree.hash())).not.toBe(hex(result.tree.hash()));
  });

  it("truncates after the Removes, before the Adds", () => {
    const result = applied(by(0, remove(4)), by(0, remove(5)));
    expect(result.tree.width).toBe(4);
    const refilled = applied(by(0, remove(4)), by(0, remove(5)), by(0, adds[0]!));
    expect([refilled.tree.width, refilled.added[0]!.leafIndex]).toEqual([8, 4]);
    expect(refilled.tree.toNodes()[7]).toBeUndefined(); // the new root is blank
  });

  it("applies a custom type after the step that it names", () => {
    const places = [0, 1, 2, 3, 4].map((step) => {
      const result = applied(by(1, leave(step)), by(0, remove(3)), by(0, adds[0]!));
      return [result.removed.map(([leafIndex]) => leafIndex), result.added[0]!.leafIndex];
    });
    expect(places).toEqual([
      [[1, 3], 1],
      [[1, 3], 1],
      [[3, 1], 1],
      [[3, 1], 3],
      [[3, 1], 3],
    ]);
    // The last of the right half leaves after the Adds: the tree is truncated all the same.
    expect(applied(by(5, leave(4)), by(0, remove(4))).tree.width).toBe(4);
  });

  it("refuses to add a client that is there", () => {
    expect(() => applied(by(0, adds[0]!), by(0, adds[0]!))).toThrow(
      expect.objectContaining({ code: "commit-add-existing" }),
    );
  });
});

describe("the private keys that stay", () => {
  it("are those whose public keys did not change on the way to the root", () => {
    const keys = new Map<number, NodePrivateKey>(
      [0, 1, 2, 3].map((level) => [level, Secret.of("node_private_key", new Uint8Array([level]))]),
    );
    const levels = (after: RatchetTree, leafIndex = 0): number[] =>
      [...keysThatStay(keys, leafIndex, tree, after).keys()].sort();
    expect(levels(tree)).toEqual([0, 1, 2, 3]);
    // A Remove blanks what is above both leaves.
    expect(levels(applied(by(0, remove(1))).tree)).toEqual([0]);
    expect(levels(applied(by(0, remove(2))).tree)).toEqual([0, 1]);
    expect(levels(applied(by(0, remove(5))).tree)).toEqual([0, 1, 2]);
    // A truncated tree has one level less; an Add leaves the keys, and its leaf unmerged.
    expect(levels(applied(by(0, remove(4)), by(0, remove(5))).tree)).toEqual([0, 1, 2]);
    expect(levels(applied(by(0, adds[0]!)).tree)).toEqual([0, 1, 2, 3]);
    expect(levels(applied(by(0, adds[0]!), by(0, adds[1]!), by(0, adds[2]!)).tree)).toEqual([0, 1, 2, 3]);
  });
});
