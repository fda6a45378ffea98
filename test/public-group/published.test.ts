/**
 * What is published beside messages, as a service checks it that has no secrets: each rule broken once, by somebody who signs it.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { encode } from "../../src/codec/codec.ts";
import { makeKeyPackageRef, signWithLabel } from "../../src/crypto/labels.ts";
import type { Group } from "../../src/group/group.ts";
import type { Identity } from "../../src/public-group/identity.ts";
import { settingsOf } from "../../src/public-group/options/settings-of.ts";
import { checkBegunGroupInfo, checkPublishedKeyPackage, type BegunEpoch } from "../../src/public-group/published.ts";
import { GroupContext } from "../../src/wire/group-context.ts";
import { KeyPackage } from "../../src/wire/key-package.ts";
import { decodeMessage, encodeMessage } from "../../src/wire/message.ts";
import { extensionTypes } from "../../src/wire/registries.ts";
import { groupInfoTbs, type GroupInfo } from "../../src/wire/welcome.ts";
import { refusal } from "../group/refusal.ts";
import { client, groupOf, suiteOf, trusting } from "../group/world.ts";
import { forgeKeyPackage, published, type KeyPackageChange } from "../rfc/leaves.ts";

const settings = settingsOf(trusting);

interface Begun {
  readonly alice: Group;
  readonly bob: Group;
  readonly epoch: BegunEpoch;
  readonly groupInfo: GroupInfo;
  readonly message: Uint8Array;
}

/** An epoch that Alice has begun, with the GroupInfo that she publishes. */
async function begun(): Promise<Begun> {
  const [alice, bob] = (await groupOf([await client("alice"), await client("bob")])) as [Group, Group];
  const pending = await alice.commit({ groupInfo: { ratchetTree: false } });
  const message = pending.groupInfo!;
  await bob.receive(pending.commit);
  await alice.apply(pending);
  const decoded = decodeMessage(message);
  if (decoded.wireFormat !== "mls_group_info") throw new TypeError("a GroupInfo was expected");
  const { groupInfo } = decoded;
  const epoch: BegunEpoch = {
    context: encode(GroupContext, groupInfo.groupContext),
    confirmationTag: groupInfo.confirmationTag,
    committer: alice.member(0)!,
  };
  return { alice, bob, epoch, groupInfo, message };
}

/** A GroupInfo with some fields changed, signed by a member; a `signature` among the changes stands as it is. */
async function forged({ signer }: Identity, groupInfo: GroupInfo, change: Partial<GroupInfo>): Promise<Uint8Array> {
  const unsigned = { ...groupInfo, ...change };
  const signature = change.signature ?? (await signWithLabel(signer, "GroupInfoTBS", groupInfoTbs(unsigned)));
  return encodeMessage({ wireFormat: "mls_group_info", groupInfo: { ...unsigned, signature } });
}

describe("the GroupInfo of an epoch that a commit begins", () => {
  it("is taken where its committer has signed it, for that epoch", async () => {
    const { epoch, message, alice, groupInfo } = await begun();
    await checkBegunGroupInfo(suiteOf(), message, epoch, settings);
    await checkBegunGroupInfo(suiteOf(), await forged(alice.identity, groupInfo, {}), epoch, settings);
  });

  it("is refused where a rule is broken, each with its code", async () => {
    const { epoch, alice, bob, groupInfo } = await begun();
    const check = (bytes: Uint8Array): Promise<string> =>
      refusal(() => checkBegunGroupInfo(suiteOf(), bytes, epoch, settings));
    const { groupContext, extensions } = groupInfo;
    const changes: readonly (readonly [string, Partial<GroupInfo>])[] = [
      ["wrong-epoch", { groupContext: { ...groupContext, epoch: groupContext.epoch + 1n } }],
      ["wrong-epoch", { groupContext: { ...groupContext, treeHash: new Uint8Array(32) } }],
      ["confirmation-tag", { confirmationTag: new Uint8Array(32) }],
      ["group-info-signer", { signer: 1 }],
      [
        "extension-misplaced",
        { extensions: [...extensions, { type: extensionTypes.ratchet_tree, data: alice.ratchetTree() }] },
      ],
      ["extension-duplicate", { extensions: [...extensions, ...extensions] }],
      ["key-invalid", { extensions: [{ type: extensionTypes.external_pub, data: Uint8Array.of(1, 9) }] }],
      ["group-info-signature", { signature: new Uint8Array(64) }],
    ];
    for (const [code, change] of changes) {
      expect([code, await check(await forged(alice.identity, groupInfo, change))]).toEqual([code, code]);
    }
    // Another member's word is none of the committer's.
    expect(await check(await forged(bob.identity, groupInfo, {}))).toBe("group-info-signature");
    expect(await check(await alice.seal(utf8("no GroupInfo")))).toBe("not-a-group-message");
  });
});

describe("a key package that is published", () => {
  const check = (bytes: Uint8Array, suite = suiteOf(), now = 0): ReturnType<typeof checkPublishedKeyPackage> =>
    checkPublishedKeyPackage(suite, bytes, now === 0 ? settings : settingsOf({ ...trusting, clock: () => now }));

  it("is taken as it was made, with its reference and its end", async () => {
    const keyPackage = await forgeKeyPackage(await client("dave"));
    const { leafNodeSource: source } = keyPackage.leafNode;
    const { ref, notAfter } = await check(published(keyPackage));
    expect(ref).toEqual(makeKeyPackageRef(suiteOf(), encode(KeyPackage, keyPackage)));
    expect(source).toMatchObject({ lifetime: { notAfter } });
  });

  it("is refused where a rule is broken, each with its code", async () => {
    const unlisted = { type: 0xf0f0, data: new Uint8Array(0) };
    const changes: readonly (readonly [string, KeyPackageChange])[] = [
      ["key-package-init-key", { fields: ({ leafNode }) => ({ initKey: leafNode.encryptionKey }) }],
      ["key-invalid", { fields: () => ({ initKey: new Uint8Array(31) }) }],
      ["extension-duplicate", { fields: () => ({ extensions: [unlisted, unlisted] }) }],
      ["leaf-source", { leaf: () => ({ leafNodeSource: { type: "update" } }) }],
      ["leaf-extension-unlisted", { leaf: () => ({ extensions: [unlisted] }) }],
      ["leaf-signature", { leaf: () => ({ signature: new Uint8Array(64) }) }],
      ["key-package-signature", { fields: () => ({ signature: new Uint8Array(64) }) }],
    ];
    for (const [code, change] of changes) {
      const bytes = published(await forgeKeyPackage(await client("dave"), change));
      expect([code, await refusal(() => check(bytes))]).toEqual([code, code]);
    }
    const genuine = published(await forgeKeyPackage(await client("dave")));
    expect(await refusal(() => check(genuine, suiteOf(2)))).toBe("key-package-suite");
    expect(await refusal(() => check(genuine, suiteOf(), Date.UTC(2060, 1)))).toBe("leaf-lifetime");
  });
});
