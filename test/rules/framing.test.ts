import { describe, expect, test } from "vitest";
import { signWithLabel } from "../../src/crypto/labels.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import {
  checkMembershipTag,
  sendingLeafOf,
  checkMessageSignature,
  checkNotApplication,
  senderLeafOf,
} from "../../src/rules/framing.ts";
import { leaf, member, proposals, suite, treeOf } from "./scene.ts";
import { laterVerdict, verdict } from "./verdict.ts";

test("a message is signed by its sender, as FramedContentTBS: valn1301", async () => {
  const { privateKey, publicKey } = await suite.generateSignatureKeyPair(platformRandom);
  const other = await suite.generateSignatureKeyPair(platformRandom);
  const tbs = new Uint8Array([1, 2, 3]);
  const signer = await suite.signer(privateKey);
  const signature = await signWithLabel(signer, "FramedContentTBS", tbs);
  expect(await laterVerdict(() => checkMessageSignature(suite, { publicKey, tbs, signature }))).toBe("kept");
  const wrong = [
    { publicKey, tbs: tbs.with(0, 0), signature },
    { publicKey, tbs, signature: signature.with(0, signature[0]! ^ 1) },
    { publicKey, tbs, signature: new Uint8Array(0) },
    { publicKey: other.publicKey, tbs, signature },
    { publicKey, tbs, signature: await signWithLabel(signer, "LeafNodeTBS", tbs) },
  ];
  for (const signed of wrong) {
    expect(await laterVerdict(() => checkMessageSignature(suite, signed))).toBe("message-signature, valn1301");
  }
  const unreadable = { publicKey: new Uint8Array(0), tbs, signature };
  expect(await laterVerdict(() => checkMessageSignature(suite, unreadable))).toBe("key-invalid, section 5.1.1");
});

test("a membership tag is the computed one: valn1302", () => {
  const tag = new Uint8Array([1, 2, 3]);
  expect(verdict(() => checkMembershipTag(tag, tag.slice()))).toBe("kept");
  for (const other of [undefined, tag.with(0, 0), tag.subarray(1), new Uint8Array(0)]) {
    expect(verdict(() => checkMembershipTag(tag, other))).toBe("membership-tag, valn1302");
  }
});

test("application data is not public: section 6", () => {
  expect(verdict(() => checkNotApplication({ type: "proposal", proposal: proposals.add }))).toBe("kept");
  expect(verdict(() => checkNotApplication({ type: "commit", commit: { proposals: [], path: undefined } }))).toBe(
    "kept",
  );
  expect(verdict(() => checkNotApplication({ type: "application", applicationData: new Uint8Array(0) }))).toBe(
    "application-public, section 6",
  );
});

describe("who sends privately", () => {
  test("is a member: valn1305", () => {
    expect(sendingLeafOf(member(7))).toBe(7);
    for (const type of ["new_member_proposal", "new_member_commit"] as const) {
      expect(verdict(() => sendingLeafOf({ type }))).toBe("sender-content, valn1305");
    }
    expect(verdict(() => sendingLeafOf({ type: "external", senderIndex: 0 }))).toBe("sender-content, valn1305");
  });

  test("has a leaf that is not blank: valn1306", () => {
    const tree = treeOf([leaf(0), leaf(1), leaf(2)]);
    tree.remove(1);
    expect(senderLeafOf(tree, 2)).toBe(tree.leaf(2));
    for (const index of [1, 3, 4, 2 ** 32 - 1]) {
      expect(verdict(() => senderLeafOf(tree, index))).toBe("sender-blank, valn1306");
    }
  });
});
