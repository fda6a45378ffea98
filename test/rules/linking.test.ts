import { describe, expect, test } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import {
  checkBranched,
  checkBranchToMake,
  checkFirstEpoch,
  checkLink,
  checkNotReinitialized,
  checkReInitialized,
  checkSuccessorToMake,
  type LinkedEpoch,
} from "../../src/rules/linking.ts";
import type { LeafNode } from "../../src/wire/leaf-node.ts";
import type { ResumptionPskId } from "../../src/wire/pre-shared-key.ts";
import type { ReInit } from "../../src/wire/proposal.ts";
import { extension, groupContext, leaf, proposals, resumption } from "./scene.ts";
import { verdict } from "./verdict.ts";

const ended: LinkedEpoch = { context: groupContext, reinit: proposals.reinit };
const living: LinkedEpoch = { context: groupContext, reinit: undefined };

test("a group that was reinitialized is not used any more: section 12.4.2", () => {
  expect(verdict(() => checkNotReinitialized(living))).toBe("kept");
  expect(verdict(() => checkNotReinitialized(ended))).toBe("group-reinitialized, section 12.4.2");
});

describe("a Welcome links to the group at hand", () => {
  const { groupId: pskGroupId, epoch: pskEpoch } = groupContext;
  const linking = (usage: ResumptionPskId["usage"], fields: Partial<ResumptionPskId> = {}): ResumptionPskId => ({
    ...(resumption(usage) as ResumptionPskId),
    pskGroupId,
    pskEpoch,
    ...fields,
  });
  const check = (link: ResumptionPskId | undefined, previous: LinkedEpoch | undefined): string =>
    verdict(() => checkLink(link, previous));

  test("or to none where there is none", () => {
    expect(check(undefined, undefined)).toBe("kept");
    expect(check(linking("reinit"), undefined)).toBe("welcome-reinit");
    expect(check(linking("branch"), undefined)).toBe("welcome-branch");
  });

  test("as its successor where it was reinitialized: section 11.2", () => {
    expect(check(linking("reinit"), ended)).toBe("kept");
    expect(check(undefined, ended)).toBe("welcome-reinit, valn1413");
    expect(check(linking("branch"), ended)).toBe("welcome-branch, valn1414");
    expect(check(linking("reinit", { pskGroupId: new Uint8Array([1]) }), ended)).toBe("welcome-reinit");
    for (const epoch of [pskEpoch - 1n, pskEpoch + 1n]) {
      expect(check(linking("reinit", { pskEpoch: epoch }), ended)).toBe("welcome-reinit, section 11.2");
    }
  });

  test("as a branch where it goes on, of whatever epoch: section 11.3", () => {
    expect(check(linking("branch"), living)).toBe("kept");
    expect(check(linking("branch", { pskEpoch: pskEpoch - 1n }), living)).toBe("kept");
    expect(check(undefined, living)).toBe("welcome-branch, valn1414");
    expect(check(linking("reinit"), living)).toBe("welcome-reinit, valn1413");
    expect(check(linking("branch", { pskGroupId: new Uint8Array([1]) }), living)).toBe("welcome-branch");
  });
});

describe("whoever makes it", () => {
  const of = (...members: readonly string[]): ReadonlySet<string> => new Set(members);

  test("takes all members along into a successor, of the ReInit's suite: section 11.2", () => {
    const check = (
      suite: number,
      reinit: ReInit | undefined,
      before: ReadonlySet<string>,
      after: ReadonlySet<string>,
    ) => verdict(() => checkSuccessorToMake(suite, reinit, { before, after }));
    const { reinit } = proposals;
    const { cipherSuite } = reinit;
    expect(check(cipherSuite, reinit, of("a", "b"), of("b", "a", "c"))).toBe("kept");
    const broken = "welcome-reinit, section 11.2";
    expect(check(cipherSuite, reinit, of("a", "b"), of("a", "c"))).toBe(broken);
    expect(check(cipherSuite + 1, reinit, of("a"), of("a"))).toBe(broken);
    expect(check(cipherSuite, undefined, of("a"), of("a"))).toBe(broken);
  });

  test("takes none but members along into a branch, of the group's suite: section 11.3", () => {
    const check = (suite: number, before: ReadonlySet<string>, after: ReadonlySet<string>): string =>
      verdict(() => checkBranchToMake(suite, groupContext, { before, after }));
    const { cipherSuite } = groupContext;
    expect(check(cipherSuite, of("a", "b"), of("b"))).toBe("kept");
    const broken = "welcome-branch, section 11.3";
    expect(check(cipherSuite, of("a", "b"), of("b", "c"))).toBe(broken);
    expect(check(cipherSuite + 1, of("a"), of("a"))).toBe(broken);
  });
});

describe("a group that continues another", () => {
  const key = ({ signatureKey }: LeafNode): string => hex(signatureKey);
  const [a, b, c] = [leaf(0), leaf(1), leaf(2)];

  test("begins at epoch 1: valn1412", () => {
    expect(verdict(() => checkFirstEpoch({ ...groupContext, epoch: 1n }))).toBe("kept");
    for (const epoch of [0n, 2n]) {
      expect(verdict(() => checkFirstEpoch({ ...groupContext, epoch }))).toBe("welcome-epoch, valn1412");
    }
  });

  test("is what the ReInit said, with all members of the old group: valn1413", () => {
    const { groupId, version, cipherSuite } = groupContext;
    const extensions = [extension(9, new Uint8Array([1]))];
    const reinit: ReInit = { ...proposals.reinit, groupId, version, cipherSuite, extensions };
    const context = { ...groupContext, extensions: [extension(9, new Uint8Array([1]))] };
    const check = (said: ReInit, before: readonly LeafNode[], after: readonly LeafNode[]): string =>
      verdict(() => checkReInitialized(context, said, { before, after }, key));
    expect(check(reinit, [a, b], [b, a])).toBe("kept");
    expect(check(reinit, [a, b], [c, b, a])).toBe("kept");
    const broken = "welcome-reinit, valn1413";
    expect(check(reinit, [a, b], [a, c])).toBe(broken);
    for (const fields of [
      { groupId: new Uint8Array([7]) },
      { version: 2 },
      { cipherSuite: 2 },
      { extensions: [] },
      { extensions: [extension(9, new Uint8Array([2]))] },
      { extensions: [...extensions, extension(10)] },
    ]) {
      expect(check({ ...reinit, ...fields }, [a], [a])).toBe(broken);
    }
  });

  test("as a branch has its version, its suite, and no members but its own: valn1414", () => {
    const check = (before: readonly LeafNode[], after: readonly LeafNode[], fields = {}): string =>
      verdict(() => checkBranched({ ...groupContext, ...fields }, groupContext, { before, after }, key));
    expect(check([a, b], [a, b])).toBe("kept");
    expect(check([a, b], [b], { groupId: new Uint8Array([7]), extensions: [extension(9)] })).toBe("kept");
    const broken = "welcome-branch, valn1414";
    expect(check([a, b], [a, c])).toBe(broken);
    expect(check([a], [a, b])).toBe(broken);
    expect(check([a], [a], { version: 2 })).toBe(broken);
    expect(check([a], [a], { cipherSuite: 2 })).toBe(broken);
  });
});
