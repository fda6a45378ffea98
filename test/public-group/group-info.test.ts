import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { Group } from "../../src/group/group.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import { externalPub } from "../../src/rules/extensions.ts";
import type { ExtensionRegistry } from "../../src/rules/registry.ts";
import { decodeMessage } from "../../src/wire/message.ts";
import { extensionTypes, isGreaseValue } from "../../src/wire/registries.ts";
import type { GroupInfo } from "../../src/wire/welcome.ts";
import { refusal } from "../group/refusal.ts";
import { client, groupOf, trusting } from "../group/world.ts";

function read(message: Uint8Array): GroupInfo {
  const decoded = decodeMessage(message);
  if (decoded.wireFormat !== "mls_group_info") throw new TypeError("a GroupInfo was expected");
  return decoded.groupInfo;
}

describe("a GroupInfo", () => {
  it("carries what is asked for, and GREASE where that is asked for, too", async () => {
    const registry: ExtensionRegistry = { extensions: [{ type: 0xf000, places: ["group_info"] }] };
    const [alice, bob] = (await groupOf([await client("alice"), await client("bob")], {
      registry,
      grease: { extensions: true },
    })) as [Group, Group];
    const types = async (options: Parameters<Group["groupInfo"]>[0]): Promise<(number | "grease")[]> =>
      read(await bob.groupInfo(options)).extensions.map(({ type }) => (isGreaseValue(type) ? "grease" : type));
    const { ratchet_tree, external_pub } = extensionTypes;
    expect(await types({})).toEqual([ratchet_tree, external_pub, "grease"]);
    expect(await types({ ratchetTree: false })).toEqual([external_pub, "grease"]);
    expect(await types({ externalPub: false })).toEqual([ratchet_tree, "grease"]);
    const extensions = [{ type: 0xf000, data: utf8("x") }];
    expect(await types({ extensions, ratchetTree: false, externalPub: false })).toEqual([0xf000, "grease"]);
    const groupInfo = read(await bob.groupInfo());
    expect(groupInfo.signer).toBe(1);
    expect(groupInfo.groupContext).toEqual(alice.groupContext);
    // Everybody derives the same external key.
    expect(externalPub(groupInfo.extensions)).toEqual(externalPub(read(await alice.groupInfo()).extensions));
    expect(await refusal(() => bob.groupInfo({ extensions: [{ type: 2, data: utf8("x") }] }))).toBe(
      "extension-duplicate",
    );
    expect(await refusal(() => bob.groupInfo({ extensions: [{ type: 3, data: utf8("x") }] }))).toBe(
      "extension-misplaced",
    );
    expect(await refusal(() => bob.groupInfo({ extensions: [...extensions, ...extensions] }))).toBe(
      "extension-duplicate",
    );
  });

  it("has no ratchet tree beside it that is longer than a message may be", async () => {
    const [alice] = (await groupOf([await client("alice"), await client("bob")])) as [Group];
    const groupInfo = await alice.groupInfo({ ratchetTree: false });
    const ratchetTree = alice.ratchetTree();
    const follow = (messageBytes: number): Promise<Observer> =>
      Observer.follow({ ...trusting, limits: { messageBytes }, suite: alice.suite, groupInfo, ratchetTree });
    expect(groupInfo.length).toBeLessThan(ratchetTree.length);
    expect((await follow(ratchetTree.length)).epoch).toBe(alice.epoch);
    expect(await refusal(() => follow(ratchetTree.length - 1))).toBe("limit-exceeded");
  });

  it("has no more leaves in its ratchet tree than a group may have", async () => {
    const [alice] = (await groupOf([await client("alice"), await client("bob"), await client("carol")])) as [Group];
    const groupInfo = await alice.groupInfo();
    const follow = (leaves: number): Promise<Observer> =>
      Observer.follow({ ...trusting, limits: { leaves }, suite: alice.suite, groupInfo });
    expect((await follow(3)).epoch).toBe(alice.epoch);
    expect(await refusal(() => follow(2))).toBe("limit-exceeded");
  });

  it("that was tampered with is refused, wherever", async () => {
    const [alice] = (await groupOf([await client("alice"), await client("bob")])) as [Group];
    const groupInfo = await alice.groupInfo();
    const { identity } = await client("carol");
    const codes = new Set<string>();
    for (let at = 0; at < groupInfo.length; at += at < 90 ? 1 : 11) {
      const forged = groupInfo.slice();
      forged[at]! ^= 1 << (at % 8);
      codes.add(await refusal(() => Group.joinExternally({ ...trusting, identity, groupInfo: forged })));
    }
    expect(codes).toContain("group-info-signature");
    expect(codes).toContain("tree-hash");
    expect(codes).not.toContain("confirmation-tag");
  });
});
