/**
 * The worst that one message can ask for, by itself: work is counted, not timed.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import { externalSenders } from "../../src/public-group/extensions.ts";
import { proposeAsExternalSender } from "../../src/public-group/proposals/external-proposal.ts";
import type { Group } from "../../src/group/group.ts";
import { defaultWindow } from "../../src/public-group/options/settings-of.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import { RatchetTreeNodes, type Node } from "../../src/wire/ratchet-tree.ts";
import { counting } from "../group/counting.ts";
import { refusal, refuses } from "../group/refusal.ts";
import { client, groupOf, suiteOf, trusting } from "../group/world.ts";
import { joinKeyPairBound, joinSymmetricBound, keyPairOperations, symmetricOperations } from "./bounds.ts";
import { Insider } from "./insider.ts";

describe("a generation far ahead", () => {
  it("is refused before a key is derived for it", async () => {
    const counted = counting(suiteOf());
    const [alice, bob] = (await groupOf([await client("alice"), await client("bob", counted.suite)])) as [Group, Group];
    const insider = new Insider(alice);
    for (const generation of [defaultWindow.generationGap + 1, 2 ** 31, 2 ** 32 - 1]) {
      const bytes = insider.privateMessage("application", new Uint8Array(100), { leafIndex: 0, generation });
      counted.reset();
      await refuses(bob, () => bob.receive(bytes), "private-message-open < generation-gap");
      expect(symmetricOperations(counted.counts)).toBeLessThan(10);
    }
  });
});

describe("proposals that conflict", () => {
  it("cost a commit no more lists than select.ts tries", async () => {
    const counted = counting(suiteOf());
    const outsider = await client("outside");
    const { signatureKey, credential } = outsider.identity;
    const extensions = [externalSenders([{ signatureKey, credential }])];
    const members = [await client("alice", counted.suite), await client("bob"), await client("carol")];
    const [alice] = (await groupOf(members, { extensions })) as [Group, Group, Group];
    const { identity } = outsider;
    let count = 0;
    const send = async (change: Parameters<typeof proposeAsExternalSender>[0]["change"]): Promise<void> => {
      const authenticatedData = utf8(String(count++)); // else the same proposal again is no other
      const view = { groupId: alice.id, epoch: alice.epoch, identity, senderIndex: 0, authenticatedData };
      await alice.receive(await proposeAsExternalSender({ ...view, change }));
    };
    for (let i = 0; i < 150; i++) {
      // Each alone is fine, and no two are: one Remove a leaf, one GroupContextExtensions, one PSK of an id.
      await send(i % 3 === 0 ? { extensions } : i % 3 === 1 ? { remove: 1 } : { remove: 2 });
      await send({ psk: { type: "external", pskId: utf8(`nobody has ${String(i)}`) } });
    }
    counted.reset();
    const pending = await alice.commit();
    expect(pending.change.removed.length).toBe(2);
    expect(pending.leftOut.length).toBe(300 - 3);
    expect(symmetricOperations(counted.counts)).toBeLessThan(64 * 4 + 200);
    expect(keyPairOperations(counted.counts)).toBeLessThan(20);
  });
});

describe("a tree of lists", () => {
  it("whose every parent lists every leaf costs what its bytes allow", async () => {
    const counted = counting(suiteOf());
    const [alice] = (await groupOf([await client("alice"), await client("bob")])) as [Group, Group];
    const groupInfo = await alice.groupInfo({ ratchetTree: false });
    const width = 256;
    const leaf = [...groupInfoTree(alice)][0]!;
    const nodes = Array.from({ length: 2 * width - 1 }, (_, i): Node => {
      if (i % 2 === 0) return leaf;
      let level = 0;
      while (((i >> level) & 1) === 1) level++;
      const first = (i + 1 - 2 ** level) / 2;
      const unmergedLeaves = Array.from({ length: 2 ** level }, (_, k) => first + k);
      const key = Uint8Array.from({ length: 32 }, (_, k) => (i * 7 + k) & 0xff);
      return { type: "parent", parentNode: { encryptionKey: key, parentHash: new Uint8Array(0), unmergedLeaves } };
    });
    const ratchetTree = encode(RatchetTreeNodes, nodes);
    const follow = (): Promise<Observer> =>
      Observer.follow({ ...trusting, suite: counted.suite, groupInfo, ratchetTree });
    expect(await refusal(follow)).toBe("tree-hash");
    expect(keyPairOperations(counted.counts)).toBeLessThan(joinKeyPairBound(ratchetTree.length));
    expect(symmetricOperations(counted.counts)).toBeLessThan(joinSymmetricBound(ratchetTree.length));
    // And a real tree costs what it must, by the same measure.
    counted.reset();
    const beside = alice.ratchetTree();
    await Observer.follow({ ...trusting, suite: counted.suite, groupInfo, ratchetTree: beside });
    expect(keyPairOperations(counted.counts)).toBe(3);
  });
});

function groupInfoTree(group: Group): readonly Node[] {
  const nodes = decode(RatchetTreeNodes, group.ratchetTree());
  return nodes.filter((node) => node !== undefined);
}
