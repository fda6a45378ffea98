import { describe, expect, test } from "vitest";
import {
  checkCustomProposal,
  checkPreSharedKey,
  checkPskIsKnown,
  checkPskNonce,
  checkReInit,
  checkRemove,
  checkRequiredCapabilitiesSupported,
  updateSenderOf,
} from "../../src/rules/proposal.ts";
import type { ProposedPlace } from "../../src/rules/registry.ts";
import type { RequiredCapabilities } from "../../src/wire/extension.ts";
import type { Sender } from "../../src/wire/framing.ts";
import { groupContext, leaf, member, nothing, proposals, psk, registryOf, resumption, suite, treeOf } from "./scene.ts";
import { verdict } from "./verdict.ts";

const asProposed: ProposedPlace = { wireFormat: undefined, tree: treeOf([leaf(0)]) };
const outsiders: readonly Sender[] = [
  { type: "external", senderIndex: 0 },
  { type: "new_member_proposal" },
  { type: "new_member_commit" },
];

test("an Update comes from a member: section 12.1.2", () => {
  expect(updateSenderOf(member(0))).toBe(0);
  expect(updateSenderOf(member(7))).toBe(7);
  for (const sender of outsiders) {
    expect(verdict(() => updateSenderOf(sender))).toBe("update-sender, section 12.1.2");
  }
});

test("a Remove names a leaf that is not blank: valn0701", () => {
  const tree = treeOf([leaf(0), leaf(1), leaf(2)]);
  tree.remove(1);
  for (const removed of [0, 2]) {
    expect(verdict(() => checkRemove({ type: "remove", removed }, tree))).toBe("kept");
  }
  for (const removed of [1, 3, 4, 2 ** 32 - 1]) {
    expect(verdict(() => checkRemove({ type: "remove", removed }, tree))).toBe("remove-blank-leaf, valn0701");
  }
});

describe("a PreSharedKey", () => {
  test.each([
    ["application", { ordinary: "kept", reinit: "kept", branch: "kept" }],
    ["reinit", { ordinary: "psk-usage-reinit, valn0801", reinit: "kept", branch: "psk-usage-reinit, valn0801" }],
    ["branch", { ordinary: "psk-usage-branch, valn0802", reinit: "psk-usage-branch, valn0802", branch: "kept" }],
  ] as const)("of usage %s has its place", (usage, verdicts) => {
    for (const purpose of ["ordinary", "reinit", "branch"] as const) {
      expect(verdict(() => checkPreSharedKey(resumption(usage), suite, purpose))).toBe(verdicts[purpose]);
      expect(verdict(() => checkPreSharedKey(psk, suite, purpose))).toBe("kept");
    }
  });

  test("has a nonce of length KDF.Nh: valn0803", () => {
    for (const id of [psk, resumption("application")]) {
      expect(verdict(() => checkPskNonce(id, suite))).toBe("kept");
      for (const length of [0, 31, 33, 64]) {
        const other = { ...id, pskNonce: new Uint8Array(length) };
        expect(verdict(() => checkPskNonce(other, suite))).toBe("psk-nonce-length, valn0803");
        expect(verdict(() => checkPreSharedKey(other, suite, "ordinary"))).toBe("psk-nonce-length, valn0803");
      }
    }
  });
});

test("a ReInit asks for no older version: valn0901", () => {
  const context = { ...groupContext, version: 3 };
  for (const version of [3, 4, 0xffff]) {
    expect(verdict(() => checkReInit({ ...proposals.reinit, version }, context))).toBe("kept");
  }
  for (const version of [0, 1, 2]) {
    expect(verdict(() => checkReInit({ ...proposals.reinit, version }, context))).toBe("reinit-version, valn0901");
  }
});

test("required capabilities are supported by every member, unless they are default: valn1001", () => {
  const able = { extensions: [0xf001], proposals: [0xf002], credentials: [1, 0xf003] };
  const tree = treeOf([leaf(0, {}, able), leaf(1, {}, { ...able, extensions: [0xf001, 0xf004] })]);
  const check = (required: Partial<RequiredCapabilities> | undefined): string =>
    verdict(() =>
      checkRequiredCapabilitiesSupported(
        required && { extensionTypes: [], proposalTypes: [], credentialTypes: [], ...required },
        tree,
      ),
    );
  expect(check(undefined)).toBe("kept");
  expect(check({})).toBe("kept");
  expect(check({ extensionTypes: [0xf001, 1, 5], proposalTypes: [0xf002, 1, 7], credentialTypes: [1, 0xf003] })).toBe(
    "kept",
  );
  for (const required of [
    { extensionTypes: [0xf004] }, // one of two
    { extensionTypes: [0xf001, 6] },
    { proposalTypes: [0xf001] },
    { proposalTypes: [8] },
    { credentialTypes: [2] },
    { credentialTypes: [1, 2] },
  ]) {
    expect(check(required)).toBe("required-capabilities-unsupported, valn1001");
  }
});

describe("a custom proposal", () => {
  const { custom } = proposals;

  test("is of a registered type", () => {
    expect(verdict(() => checkCustomProposal(custom, member(0), registryOf({}), asProposed))).toBe("kept");
    for (const registry of [nothing, registryOf({ type: 0xf001 })]) {
      expect(verdict(() => checkCustomProposal(custom, member(0), registry, asProposed))).toBe(
        "proposal-unknown-type, valn0311",
      );
    }
  });

  test("is accepted by its type's own validation, which sees its body and its sender", () => {
    const registry = registryOf({ isValid: (body, sender) => body[0] === 7 && sender.type === "member" });
    const check = (byte: number, sender: Sender): string =>
      verdict(() => checkCustomProposal({ ...custom, body: new Uint8Array([byte]) }, sender, registry, asProposed));
    expect(check(7, member(0))).toBe("kept");
    expect(check(8, member(0))).toBe("custom-proposal-refused");
    expect(check(7, outsiders[0]!)).toBe("custom-proposal-refused");
  });

  test("that removes its sender is a member's", () => {
    const registry = registryOf({ removesSender: true, external: true });
    expect(verdict(() => checkCustomProposal(custom, member(0), registry, asProposed))).toBe("kept");
    for (const sender of outsiders) {
      expect(verdict(() => checkCustomProposal(custom, sender, registry, asProposed))).toBe("sender-content");
      expect(verdict(() => checkCustomProposal(custom, sender, registryOf({ external: true }), asProposed))).toBe(
        "kept",
      );
    }
  });
});

test("a PSK is at hand, even an empty one: valn1401 and valn1210", () => {
  expect(verdict(() => checkPskIsKnown(new Uint8Array(0), "valn1401"))).toBe("kept");
  for (const rule of ["valn1401", "valn1210"]) {
    expect(verdict(() => checkPskIsKnown(undefined, rule))).toBe(`psk-not-found, ${rule}`);
  }
});
