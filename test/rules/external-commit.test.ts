import { describe, expect, test } from "vitest";
import {
  checkAtMostOneRemove,
  checkExternalCommitTypes,
  checkExternalPubIsThere,
  externalPathOf,
  checkExternalSenderType,
  checkNoReferences,
  checkOneExternalInit,
  checkReferredSender,
} from "../../src/rules/external-commit.ts";
import type { Sender } from "../../src/wire/framing.ts";
import type { Proposal } from "../../src/wire/proposal.ts";
import type { ProposalList } from "../../src/rules/proposal-list.ts";
import { by, leaf, member, nothing, proposals, registryOf } from "./scene.ts";
import { verdict } from "./verdict.ts";

const joiner: Sender = { type: "new_member_commit" };
const listOf = (...list: readonly Proposal[]) => list.map((proposal) => by(joiner, proposal));
const { external_init: init, remove, psk, custom } = proposals;

describe("the list of an external commit", () => {
  test("has exactly one ExternalInit: valn0401", () => {
    expect(verdict(() => checkOneExternalInit(listOf(psk, init, remove)))).toBe("kept");
    for (const list of [listOf(), listOf(remove, psk), listOf(init, init), listOf(init, psk, { ...init })]) {
      expect(verdict(() => checkOneExternalInit(list))).toBe("external-commit-init, valn0401");
    }
  });

  test("has at most one Remove: valn0402", () => {
    expect(verdict(() => checkAtMostOneRemove(listOf(init, remove)))).toBe("kept");
    expect(verdict(() => checkAtMostOneRemove(listOf(init)))).toBe("kept");
    for (const other of [remove, { ...remove, removed: 2 }]) {
      expect(verdict(() => checkAtMostOneRemove(listOf(remove, init, other)))).toBe(
        "external-commit-removes, valn0402",
      );
    }
  });

  test("has any number of PreSharedKeys, and nothing else but those: valn0403, valn0404", () => {
    const check = (...list: readonly Proposal[]): string =>
      verdict(() => checkExternalCommitTypes(listOf(...list), registryOf({})));
    expect(check(init, remove, psk, psk, psk)).toBe("kept");
    for (const type of ["add", "update", "reinit", "group_context_extensions", "custom"] as const) {
      expect(check(init, proposals[type])).toBe("external-commit-proposal, valn0404");
    }
  });

  test("has custom proposals where their type allows it: valn0404", () => {
    const check = (registry = nothing): string =>
      verdict(() => checkExternalCommitTypes(listOf(init, custom), registry));
    expect(check(registryOf({ externalCommit: true }))).toBe("kept");
    expect(check(registryOf({ externalCommit: "by value" }))).toBe("kept");
    expect(check(registryOf({ externalCommit: false }))).toBe("external-commit-proposal, valn0404");
    expect(check()).toBe("external-commit-proposal, valn0404");
  });

  test("has no references, except to custom proposals whose type allows it: valn0406", () => {
    const ref = new Uint8Array([1]);
    const check = (list: ProposalList, registry = registryOf({ externalCommit: true })): string =>
      verdict(() => checkNoReferences(list, registry));
    expect(check(listOf(init, remove, psk))).toBe("kept");
    expect(check([...listOf(init), by(member(1), custom, ref)])).toBe("kept");
    const refused = "external-commit-reference, valn0406";
    for (const proposal of [init, remove, psk]) {
      expect(check([...listOf(init), by(member(1), proposal, ref)])).toBe(refused);
    }
    for (const externalCommit of [false, "by value"] as const) {
      expect(check([...listOf(init), by(member(1), custom, ref)], registryOf({ externalCommit }))).toBe(refused);
    }
  });
});

test("an external commit has a path: valn0405", () => {
  const path = { leafNode: leaf(0), nodes: [] };
  expect(externalPathOf({ proposals: [], path })).toBe(path);
  expect(verdict(() => externalPathOf({ proposals: [], path: undefined }))).toBe("external-commit-path, valn0405");
});

test("an external commit is a new member's: valn0408", () => {
  expect(verdict(() => checkExternalSenderType(joiner))).toBe("kept");
  const others: readonly Sender[] = [member(0), { type: "external", senderIndex: 0 }, { type: "new_member_proposal" }];
  for (const sender of others) {
    expect(verdict(() => checkExternalSenderType(sender))).toBe("external-commit-sender, valn0408");
  }
});

test("is made from a GroupInfo with an external_pub: section 12.4.3.2", () => {
  expect(verdict(() => checkExternalPubIsThere(new Uint8Array(0)))).toBe("kept");
  expect(verdict(() => checkExternalPubIsThere(undefined))).toBe("group-info-external-pub, section 12.4.3.2");
});

test("refers to proposals of members: valn0406", () => {
  expect(verdict(() => checkReferredSender(member(1)))).toBe("kept");
  for (const other of [joiner, { type: "external", senderIndex: 0 }, { type: "new_member_proposal" }] as const) {
    expect(verdict(() => checkReferredSender(other))).toBe("external-commit-reference, valn0406");
  }
});
