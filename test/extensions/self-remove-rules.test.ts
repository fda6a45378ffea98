/**
 * Each of the draft's rules for SelfRemove, broken once in a real group by somebody who knows how.
 */

import { describe, expect, it } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { utf8 } from "../../src/bytes/text.ts";
import { selfRemoval, selfRemoveRequired, selfRemoveType, withSelfRemove } from "../../src/extensions/self-remove.ts";
import { Group } from "../../src/group/group.ts";
import type { CreateOptions } from "../../src/group/options.ts";
import type { CommitEvent, ProposalEvent } from "../../src/public-group/events.ts";
import { externalSenders } from "../../src/public-group/extensions.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import { proposeAsExternalSender, proposeFromOutside } from "../../src/public-group/proposals/external-proposal.ts";
import type { CommittedProposal } from "../../src/rules/proposal-list.ts";
import type { ExtensionRegistry } from "../../src/rules/registry.ts";
import type { CustomProposal } from "../../src/wire/proposal.ts";
import { agree } from "../group/agreement.ts";
import { forge } from "../group/insider.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, trusting, type Client } from "../group/world.ts";
import { brokenBy, refuses } from "../rfc/breaking.ts";
import { forgeCommit, forgeExternalCommit } from "../rfc/forging.ts";

const registry = withSelfRemove();
const options = { handshake: "public", registry, extensions: [selfRemoveRequired] } as const;
const custom = selfRemoval;
const removal: CustomProposal = { type: "custom", ...selfRemoval };
/** A registry that holds nobody to anything: what a forger applies. */
const lenient: ExtensionRegistry = {
  proposals: [
    {
      type: selfRemoveType,
      pathRequired: false,
      external: true,
      externalCommit: true,
      after: "remove",
      removesSender: true,
      readBody: () => undefined,
    },
  ],
};

type Quartet = [alice: Group, bob: Group, carol: Group, dave: Group];

async function quartet(more: Partial<CreateOptions> = {}): Promise<Quartet> {
  const clients = await Promise.all(["alice", "bob", "carol", "dave"].map((name) => client(name)));
  return (await groupOf(clients, { ...options, ...more })) as Quartet;
}

async function observing(group: Group): Promise<Observer> {
  return Observer.follow({ ...trusting, registry, suite: group.suite, groupInfo: await group.groupInfo() });
}

async function joinBeside(
  { identity }: Client,
  host: Group,
  proposals: readonly Uint8Array[],
  more: object = {},
): ReturnType<typeof Group.joinExternally> {
  const groupInfo = await host.groupInfo();
  return Group.joinExternally({ ...trusting, ...options, identity, groupInfo, proposals, ...more });
}

/** A member's SelfRemove that these have received: by reference, for a commit. */
async function left(group: Group, others: readonly Group[]): Promise<CommittedProposal> {
  const [event] = (await deliver(await group.leave(), others)) as [ProposalEvent];
  return { proposal: removal, sender: event.sender, ref: event.ref };
}

describe("SelfRemove", () => {
  it("extensions 6.3 (1): a commit of one without a path is refused by members and observers", async () => {
    const [alice, bob, carol] = await quartet();
    const observer = await observing(alice);
    await observer.receive(await carol.leave());
    const entry = await left(carol, [alice, bob]);
    const commit = await forgeCommit(alice, { proposals: [entry], path: false, registry: lenient });
    await refuses(bob, commit, ["commit-path-required", "valn1206"]);
    expect(await brokenBy(() => observer.receive(commit))).toEqual(["commit-path-required", "valn1206"]);
    expect((await alice.commit()).change.updated).toHaveLength(1);
  });

  it("extensions 6.3 (2): no external sender and no newcomer sends one, and who would is refused", async () => {
    const { identity } = await client("server");
    const { credential, signatureKey } = identity;
    const senders = externalSenders([{ credential, signatureKey }]);
    const [alice] = await quartet({ extensions: [selfRemoveRequired, senders] });
    const observer = await observing(alice);
    const view = { groupId: alice.id, epoch: alice.epoch };
    const propose = (): unknown =>
      proposeAsExternalSender({ ...view, identity, senderIndex: 0, registry, change: { custom } });
    expect(await brokenBy(propose)).toEqual(["external-sender-proposal", "valn1502"]);
    for (const [sender, broken] of [
      [{ type: "external", senderIndex: 0 }, ["external-sender-proposal", "valn1502"]],
      [{ type: "new_member_proposal" }, ["new-member-proposal", "valn1504"]],
    ] as const) {
      const message = await proposeFromOutside(view, identity, sender, removal);
      await refuses(alice, message, broken);
      expect(await brokenBy(() => observer.receive(message))).toEqual(broken);
    }
  });

  it("extensions 6.3 (3): one by value is refused, in a member's commit and in an external one", async () => {
    const [alice, bob] = await quartet();
    const observer = await observing(alice);
    const { identity } = await client("eve");
    const groupInfo = await alice.groupInfo();
    const broken = ["self-remove-by-value", "extensions 6.3 (3)"] as const;
    const commit = await forgeExternalCommit(groupInfo, identity, { proposals: [removal], registry: lenient });
    await refuses(alice, commit, broken);
    expect(await brokenBy(() => observer.receive(commit))).toEqual(broken);
    const join = (): unknown => joinBeside({ name: "eve", identity }, alice, [], { custom: [custom] });
    expect(await brokenBy(join)).toEqual(broken);
    // A member's would remove the committer, which is what is seen first.
    await refuses(bob, await forgeCommit(alice, { proposals: [removal], registry: {} }), [
      "commit-self-remove",
      "valn0303",
    ]);
    await refuses(alice, () => alice.commit({ custom: [custom] }), ["commit-self-remove", "valn0303"]);
  });

  it("extensions 6.3 (4): one goes into an external commit by reference, and a type that does not say so may not", async () => {
    const groups = await quartet();
    const [alice, bob, carol] = groups;
    const message = await carol.leave();
    await deliver(message, groups, carol);
    const eve = await client("eve");
    const join = await joinBeside(eve, alice, [message]);
    expect(join.leftOut).toEqual([]);
    await deliver(join.commit, groups);
    agree([alice, bob, groups[3], await join.complete()]);
    const strict = { proposals: [{ ...registry.proposals![0]!, externalCommit: false }] };
    const others = await quartet({ registry: strict });
    const entry = await left(others[2], [others[0]]);
    const commit = await forgeExternalCommit(await others[0].groupInfo(), eve.identity, {
      proposals: [entry],
      registry: lenient,
    });
    await refuses(others[0], commit, ["external-commit-proposal", "valn0404"]);
  });

  it("extensions 6.3 (5): nobody proposes one where a member does not support it", async () => {
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
    const [alice, bob] = (await groupOf(clients, { handshake: "public", registry })) as [Group, Group];
    const { keyPackage, ...bundle } = await keyPackageOf(await client("old"));
    expect(bundle).toBeDefined();
    await commitTo([alice, bob], alice, { add: [keyPackage] });
    const broken = ["proposal-unsupported", "extensions 6.3 (5)"] as const;
    await refuses(bob, () => bob.leave(), broken);
    await refuses(bob, () => bob.propose({ custom }), broken);
    // Who sends one all the same is heard by nobody, and keeps nobody from speaking.
    const observer = await observing(alice);
    const message = await forge(bob, { type: "proposal", proposal: removal }, { format: "mls_public_message" });
    await refuses(alice, message, broken);
    expect(await brokenBy(() => observer.receive(message))).toEqual(broken);
    expect(await bob.receive(await alice.seal(utf8("still here")))).toMatchObject({ kind: "message" });
    const join = await joinBeside(await client("eve"), alice, [message], { extensions: undefined });
    expect(join.leftOut.map(({ error }) => error.code)).toEqual(["proposal-unsupported"]);
    // Others remove whoever can't leave by itself.
    await alice.receive(await bob.propose({ remove: 1 }));
    expect((await alice.commit()).change.removed.map(({ leafIndex }) => leafIndex)).toEqual([1]);
  });

  it("extensions 6.3 (6): one is public in a group of private handshakes, and a private one is refused", async () => {
    for (const acceptHandshake of ["any", "private"] as const) {
      const groups = await quartet({ handshake: "private", acceptHandshake });
      const [alice, bob, carol] = groups;
      const hidden = await forge(bob, { type: "proposal", proposal: removal });
      await refuses(alice, hidden, ["self-remove-private", "extensions 6.3 (6)"]);
      const message = await carol.leave();
      expect(alice.inspect(message)).toMatchObject({ wireFormat: "mls_public_message", contentType: "proposal" });
      await deliver(message, groups, carol);
      const { change } = await commitTo(groups, alice);
      expect(change.left.map(({ leafIndex }) => leafIndex)).toEqual([2]);
      agree([alice, bob, groups[3]]);
      // Nothing else is public there.
      const other = await forge(
        bob,
        { type: "proposal", proposal: { type: "remove", removed: 0 } },
        { format: "mls_public_message" },
      );
      if (acceptHandshake === "private") await refuses(alice, other, ["handshake-policy"]);
    }
  });

  it("extensions 6.3 (7): a Remove of the same leaf is left out by whoever commits, and both together are refused", async () => {
    const groups = await quartet();
    const [alice, bob, carol, dave] = groups;
    await deliver(await alice.propose({ remove: 2 }), groups, alice);
    const leaving = await carol.leave();
    await deliver(leaving, groups, carol);
    const pending = await bob.commit({ pending: ({ proposal }) => proposal.type !== "add" });
    const numbers = (members: CommitEvent["removed"]): readonly number[] => members.map(({ leafIndex }) => leafIndex);
    expect([numbers(pending.change.removed), numbers(pending.change.left)]).toEqual([[2], [2]]);
    expect(pending.leftOut.map(({ proposal }) => proposal.type)).toEqual(["remove"]);
    pending.drop();
    const byValue = await bob.commit({ remove: [2] });
    expect([numbers(byValue.change.removed), numbers(byValue.change.left)]).toEqual([[2], [2]]);
    byValue.drop();
    const hers = carol.pendingProposals.map(({ ref }) => ref);
    const broken = ["commit-leaf-changed-twice", "valn0304"] as const;
    await refuses(bob, () => bob.commit({ pending: hers }), broken);
    const entry = await left(dave, [alice, bob]);
    const proposals = [{ type: "remove", removed: 3 } as const, entry];
    await refuses(bob, await forgeCommit(alice, { proposals, registry: lenient }), broken);
    // Without the SelfRemove the Remove is as good as ever.
    const forced = await bob.commit({ remove: [2], pending: "none" });
    expect([numbers(forced.change.removed), numbers(forced.change.left)]).toEqual([[2], []]);
  });

  it("extensions 6.3 (8): whoever leaves goes after the Updates and before the Removes, wherever it stands in the commit", async () => {
    const groups = await quartet();
    const [alice, bob, carol, dave] = groups;
    await deliver(await bob.propose({ remove: 2 }), groups, bob);
    await deliver(await bob.propose({ update: {} }), groups, bob);
    await deliver(await dave.leave(), groups, dave);
    const { change } = await commitTo(groups, alice);
    expect(change.removed.map(({ leafIndex }) => leafIndex)).toEqual([3, 2]);
    expect(change.updated.map(({ before }) => before.leafIndex)).toEqual([1, 0]);
    expect([carol.isGone, dave.isGone, alice.treeWidth]).toEqual([true, true, 2]);
    agree([alice, bob]);
  });

  it("extensions 6.3 (9): a member asks once an epoch, and of two that came only one is committed", async () => {
    const groups = await quartet();
    const [alice, bob, carol] = groups;
    const message = await carol.leave();
    for (const again of [carol.leave(), carol.propose({ custom }, { authenticatedData: utf8("please") })]) {
      expect(await again).toEqual(message);
    }
    expect(carol.pendingProposals).toHaveLength(1);
    await deliver(message, groups, carol);
    const other = await forge(
      carol,
      { type: "proposal", proposal: removal },
      { format: "mls_public_message", authenticatedData: utf8("again") },
    );
    await deliver(other, [alice, bob]);
    const join = await joinBeside(await client("eve"), alice, [message, other]);
    expect(join.leftOut.map(({ index, error }) => [index, error.code])).toEqual([[1, "commit-leaf-changed-twice"]]);
    join.drop();
    // Nobody removes who is about to leave.
    await refuses(alice, () => alice.propose({ remove: 2 }), ["commit-leaf-changed-twice", "extensions 6.3 (7)"]);
    const { change, leftOut } = await alice.commit();
    expect([change.left.length, leftOut.length]).toEqual([1, 1]);
    const refs = alice.pendingProposals.map(({ ref }) => ref);
    alice.pendingCommit?.drop();
    await refuses(alice, () => alice.commit({ pending: refs }), ["commit-leaf-changed-twice", "valn0304"]);
    // In another epoch it asks again.
    await commitTo(groups, bob, { path: true, pending: "none" });
    expect(await carol.leave()).not.toEqual(message);
  });

  it("extensions 6.3 (10): a joiner checks all but the membership tag, and leaves out what is not valid", async () => {
    const groups = await quartet();
    const [alice, bob, carol, dave] = groups;
    const old = await carol.leave();
    await commitTo(groups, alice, { path: true, pending: "none" });
    const good = await carol.leave();
    const untagged = concat(good.subarray(0, -33), Uint8Array.of(0));
    const forged = good.slice();
    forged[forged.length - 40]! ^= 1; // before the membership tag stands the signature
    const plain = await bob.propose({ remove: 3 });
    const hidden = await forge(bob, { type: "proposal", proposal: removal });
    await deliver(good, groups, carol);
    const groupInfo = await alice.groupInfo();
    const join = await joinBeside(await client("eve"), alice, [old, forged, plain, hidden, groupInfo, untagged, good]);
    expect(join.leftOut.map(({ index, error }) => [index, error.code])).toEqual([
      [0, "proposal-epoch"],
      [1, "message-signature"],
      [2, "external-commit-reference"],
      [3, "not-a-group-message"],
      [4, "not-a-group-message"],
      [6, "commit-leaf-changed-twice"],
    ]);
    await deliver(join.commit, groups);
    expect(carol.isGone).toBe(true);
    agree([alice, bob, dave, await join.complete()]);
  });

  it("extensions 6.3 (11): who has received one commits before it sends anything else, and what it commits holds it", async () => {
    const groups = await quartet();
    const [alice, bob, carol] = groups;
    const message = await carol.leave();
    await deliver(message, groups, carol);
    for (const each of groups)
      await refuses(each, () => each.seal(utf8("wait")), ["pending-proposals", "section 12.4"]);
    await deliver(await bob.propose({ update: {} }), groups, bob);
    const { change, leftOut } = await commitTo(groups, alice);
    expect([change.left.length, change.updated.length, leftOut.length]).toEqual([1, 2, 0]);
    await alice.seal(utf8("now"));
  });

  it("extensions 6.3 (12): the leaf that goes is the sender's, who is a member", async () => {
    const groups = await quartet();
    const [alice, bob, carol] = groups;
    const leaving = await bob.leave();
    expect(await alice.receive(leaving)).toMatchObject({ sender: { type: "member", leafIndex: 1 } });
    // Said of somebody else, it is not signed by them.
    const sender = { type: "member", leafIndex: 3 } as const;
    const choice = { format: "mls_public_message", sender } as const;
    const lie = await forge(carol, { type: "proposal", proposal: removal }, choice);
    await refuses(alice, lie, ["message-signature", "valn1301"]);
    const { change } = await alice.commit();
    expect(change.removed.map(({ leafIndex }) => leafIndex)).toEqual([1]);
  });

  it("extensions 6.3 (13): a member receives the commit that lets it go, and is told why", async () => {
    const groups = await quartet();
    const [alice, bob, carol] = groups;
    await deliver(await carol.leave(), groups, carol);
    const pending = await bob.commit();
    const event = await carol.receive(pending.commit);
    expect(event).toMatchObject({
      kind: "removed",
      by: { type: "member", leafIndex: 1 },
      proposedBy: { type: "member", leafIndex: 2 },
      change: { left: [{ leafIndex: 2 }], removed: [{ leafIndex: 2 }] },
    });
    expect(carol.removal).toEqual(event);
    const snapshot = carol.snapshot();
    const restored = await Group.restore({ ...trusting, ...options, identity: carol.identity, snapshot });
    expect(restored.removal).toEqual(event);
    expect(await alice.receive(pending.commit)).toMatchObject({ kind: "commit", left: [{ leafIndex: 2 }] });
  });

  it("extensions 6.3 (14): observers and members hand on to joiners what they may refer to, and nothing else", async () => {
    const groups = await quartet();
    const [alice, bob, carol, dave] = groups;
    const observer = await observing(alice);
    const good = await carol.leave();
    for (const message of [await bob.propose({ remove: 0 }), good]) {
      await deliver(message, groups);
      await observer.receive(message);
    }
    expect(observer.proposalsForJoiners).toHaveLength(1);
    expect(alice.proposalsForJoiners).toEqual(observer.proposalsForJoiners);
    // For members it is not: only they can check the tag.
    expect(await brokenBy(() => dave.receive(observer.proposalsForJoiners[0]!))).toEqual([
      "membership-tag",
      "valn1302",
    ]);
    const join = await joinBeside(await client("eve"), alice, observer.proposalsForJoiners);
    expect(join.leftOut).toEqual([]);
    await deliver(join.commit, groups);
    expect(await observer.receive(join.commit)).toMatchObject({ left: [{ leafIndex: 2 }] });
    expect([observer.proposalsForJoiners, alice.proposalsForJoiners]).toEqual([[], []]);
    agree([alice, bob, dave, await join.complete()]);
  });
});
