import { describe, expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { proposeToJoin } from "../../../src/group/joining/propose-to-join.ts";
import { Group } from "../../../src/group/group.ts";
import type { JoinExternallyOptions } from "../../../src/group/options.ts";
import type { Candidate, GroupOptions } from "../../../src/public-group/options/settings.ts";
import type { ExtensionRegistry } from "../../../src/rules/registry.ts";
import { agree, talk } from "../agreement.ts";
import { forgeExternalCommit } from "../../rfc/forging.ts";
import { forge } from "../insider.ts";
import { leave, leaveRegistry, leaveType } from "../leaving.ts";
import { refuses, refusal } from "../refusal.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, trusting, type Client } from "../world.ts";

async function members(names: readonly string[], options: Partial<GroupOptions> = {}): Promise<Group[]> {
  return groupOf(await Promise.all(names.map((name) => client(name))), options);
}

async function joining(who: Client, options: Partial<JoinExternallyOptions> & { readonly groupInfo: Uint8Array }) {
  return Group.joinExternally({ ...trusting, identity: who.identity, ...options });
}

describe("an external join", () => {
  it.each(["private", "public"] as const)("makes a member like any other (%s)", async (handshake) => {
    const groups = await members(["alice", "bob"], { handshake });
    const carol = await client("carol");
    const authenticatedData = utf8("knock");
    const join = await joining(carol, { handshake, groupInfo: await groups[0]!.groupInfo(), authenticatedData });
    for (const group of groups) {
      const event = await group.receive(join.commit);
      expect(event).toMatchObject({
        kind: "commit",
        external: true,
        committer: { leafIndex: 2, credential: carol.identity.credential },
        added: [{ leafIndex: 2 }],
        removed: [],
        updated: [],
        authenticatedData,
      });
    }
    const joined = await join.complete();
    expect(await joined.receive(join.commit)).toEqual({ kind: "own", what: "commit", epoch: 1n });
    agree([...groups, joined]);
    await talk([...groups, joined]);
    await commitTo([...groups, joined], joined, { remove: [0] });
    agree([groups[1]!, joined]);
  });

  it("gives the GroupInfo of its epoch before anybody has accepted it, for a service that takes the two together", async () => {
    const [alice] = (await members(["alice"], { handshake: "public" })) as [Group];
    const join = await joining(await client("bob"), { groupInfo: await alice.groupInfo() });
    const groupInfo = await join.groupInfo();
    await alice.receive(join.commit);
    const next = await joining(await client("carol"), { groupInfo });
    expect(await alice.receive(next.commit)).toMatchObject({ kind: "commit", added: [{ leafIndex: 2 }] });
    const slim = await join.groupInfo({ ratchetTree: false });
    expect(slim.length).toBeLessThan(groupInfo.length);
    join.drop();
    await expect(join.groupInfo()).rejects.toMatchObject({ code: "group-gone" });
  });

  it("takes the leftmost blank leaf, also where the tree grows or shrinks for it", async () => {
    let groups = await members(["a", "b", "c", "d"]);
    const widths: number[] = [];
    for (const [remove, name] of [
      [[], "e"],
      [[1, 3], "f"],
      [[2, 4], "g"],
    ] as const) {
      if (remove.length > 0) {
        await commitTo(groups, groups[0]!, { remove });
        groups = groups.filter((group) => !group.isGone);
      }
      const join = await joining(await client(name), { groupInfo: await groups[0]!.groupInfo() });
      await deliver(join.commit, groups);
      groups.push(await join.complete());
      agree(groups);
      widths.push(groups[0]!.treeWidth, groups.at(-1)!.self.leafIndex);
    }
    expect(widths).toEqual([8, 4, 8, 1, 4, 2]);
  });

  it("replaces an old appearance of the same client (section 12.4.3.2)", async () => {
    const asked: Candidate[] = [];
    const authentication = { validate: (candidate: Candidate) => asked.push(candidate) > 0 };
    const groups = await members(["alice", "bob", "carol", "dave"], { authentication });
    const [alice, bob, carol, dave] = groups as [Group, Group, Group, Group];
    const groupInfo = await alice.groupInfo();
    // With the same key, or with another: the members are told whom it succeeds.
    for (const [lost, identity] of [
      [dave, dave.identity],
      [bob, (await client("bob, with a new phone")).identity],
    ] as const) {
      const join = await Group.joinExternally({
        authentication,
        identity,
        groupInfo: lost === dave ? groupInfo : await alice.groupInfo(),
        replace: lost.self.leafIndex,
        hasGroup: () => true,
      });
      const old = lost.self;
      asked.length = 0;
      const present = [alice, carol, lost];
      const events = await deliver(join.commit, present);
      expect(events.map((event) => (event as { kind: string }).kind)).toEqual(["commit", "commit", "removed"]);
      const { credential, signatureKey } = identity;
      const candidate = { credential, signatureKey, groupId: alice.id, reason: "commit", previous: old.credential };
      expect(asked.map(({ leafExtensions, ...all }) => leafExtensions && all)).toContainEqual(candidate);
      if (lost === dave) {
        await bob.receive(join.commit);
        agree([alice, bob, carol, await join.complete()]);
        const other = await join.complete();
        expect(other.self.leafIndex).toBe(3);
        other.wipe();
      } else agree([alice, carol, await join.complete()]);
    }
  });

  it("is refused, and nothing was done", async () => {
    const [alice, bob] = (await members(["alice", "bob"])) as [Group, Group];
    const carol = await client("carol");
    const groupInfo = await alice.groupInfo();
    const noPub = await alice.groupInfo({ externalPub: false });
    const beside = await alice.groupInfo({ ratchetTree: false });
    const forged = groupInfo.slice();
    forged[forged.length - 1]! ^= 1;
    const cases: readonly (readonly [string, Partial<JoinExternallyOptions> & { readonly groupInfo: Uint8Array }])[] = [
      ["group-info-external-pub", { groupInfo: noPub }],
      ["tree-missing", { groupInfo: beside }],
      ["tree-hash", { groupInfo: beside, ratchetTree: (await members(["x", "y"]))[0]!.ratchetTree() }],
      ["group-info-signature", { groupInfo: forged }],
      ["group-exists", { groupInfo, hasGroup: () => true }],
      ["credential-invalid", { groupInfo, authentication: { validate: () => false } }],
      ["remove-blank-leaf", { groupInfo, replace: 2 }],
      ["duplicate-signature-key", { groupInfo, identity: bob.identity }],
      ["duplicate-signature-key", { groupInfo, identity: bob.identity, replace: 0 }],
      ["not-a-group-message", { groupInfo: (await keyPackageOf(carol)).keyPackage }],
      ["limit-exceeded", { groupInfo, limits: { leaves: 1 } }],
      ["limit-exceeded", { groupInfo, limits: { leaves: 2 } }], // there is room for the tree, not for a third leaf
      ["limit-exceeded", { groupInfo, limits: { messageBytes: 100 } }],
      ["welcome-suite", { groupInfo, identity: { ...carol.identity, suite: { ...alice.suite, id: 3 } } }],
    ];
    for (const [code, options] of cases) expect(await refusal(() => joining(carol, options)), code).toBe(code);
    const join = await joining(carol, { groupInfo: beside, ratchetTree: alice.ratchetTree() });
    await deliver(join.commit, [alice, bob]);
    agree([alice, bob, await join.complete()]);
  });

  it("loses against another commit of the epoch", async () => {
    const groups = await members(["alice", "bob"]);
    const join = await joining(await client("carol"), { groupInfo: await groups[0]!.groupInfo() });
    await commitTo(groups, groups[1]!);
    for (const group of groups) await refuses(group, () => group.receive(join.commit), "wrong-epoch");
    join.drop();
  });

  it("is reviewed by the members' applications", async () => {
    let verdict = false;
    const groups = await members(["alice", "bob"], { review: ({ external }) => !external || verdict });
    const join = await joining(await client("carol"), { groupInfo: await groups[0]!.groupInfo() });
    for (const group of groups) await refuses(group, () => group.receive(join.commit), "commit-refused");
    verdict = true;
    await deliver(join.commit, groups);
    agree([...groups, await join.complete()]);
  });

  it("may be to a group of one, by who made it last: the GroupInfo beside a commit", async () => {
    const [alice] = (await members(["alice"])) as [Group];
    const pending = await alice.commit({ groupInfo: { ratchetTree: false } });
    await alice.apply(pending);
    const join = await joining(await client("bob"), {
      groupInfo: pending.groupInfo!,
      ratchetTree: alice.ratchetTree(),
    });
    await alice.receive(join.commit);
    agree([alice, await join.complete()]);
  });

  it("may refer to a custom proposal that says so: one who asked to leave goes with it", async () => {
    for (const externalCommit of [true, false]) {
      const registry: ExtensionRegistry = { proposals: [{ ...leaveType, externalCommit }] };
      const groups = (await members(["alice", "bob", "carol"], { registry })) as [Group, Group, Group];
      const [alice, bob, carol] = groups;
      await deliver(await carol.propose({ custom: leave }), groups, carol);
      const dave = await client("dave");
      const forgery = { registry: leaveRegistry, proposals: [alice.pendingProposals[0]!] };
      const commit = await forgeExternalCommit(await alice.groupInfo(), dave.identity, forgery);
      if (externalCommit) {
        const events = await deliver(commit, groups);
        expect(events.map((event) => (event as { kind: string }).kind)).toEqual(["commit", "commit", "removed"]);
        agree([alice, bob]);
        expect(alice.member(2)!.credential).toEqual(dave.identity.credential);
      } else {
        for (const group of groups) await refuses(group, () => group.receive(commit), "external-commit-proposal");
      }
    }
  });

  it("refers to nothing that is no proposal of a member, of this group and epoch, that anybody may commit", async () => {
    const registry = leaveRegistry;
    const groups = (await members(["alice", "bob", "carol"], { registry })) as [Group, Group, Group];
    const [alice, , carol] = groups;
    const [stranger] = (await members(["alice", "bob"], { registry })) as [Group, Group];
    const groupInfo = await alice.groupInfo();
    const erin = await client("erin");
    const content = { type: "proposal", proposal: leave } as const;
    const format = "mls_public_message";
    const remove = (removed: number) => ({ type: "proposal", proposal: { type: "remove", removed } }) as const;
    const joinWith = (bytes: Uint8Array) => joining(erin, { registry, groupInfo, proposals: [bytes] });

    const { keyPackage } = await keyPackageOf(await client("dave"));
    const outside = { identity: erin.identity, groupId: alice.id, epoch: alice.epoch };
    const newcomer = await proposeToJoin({ ...outside, keyPackage: await keyPackageOf(erin) });
    const update = await forge(
      carol,
      { type: "commit", commit: { proposals: [], path: undefined } },
      { format, confirmationTag: new Uint8Array(32) },
    );
    const cases: readonly (readonly [string, Uint8Array])[] = [
      ["not-a-group-message", keyPackage],
      ["not-a-group-message", await forge(carol, content)],
      ["not-a-group-message", update],
      ["wrong-group", await forge(stranger, content, { format })],
      ["proposal-epoch", await forge(carol, content, { format, epoch: 0n })],
      ["proposal-epoch", await forge(carol, content, { format, epoch: 2n })],
      ["external-commit-reference", newcomer],
      ["sender-blank", await forge(carol, content, { format, sender: { type: "member", leafIndex: 3 } })],
      ["message-signature", await forge(carol, content, { format, identity: erin.identity })],
      ["external-commit-reference", await forge(carol, remove(3), { format })],
      ["external-commit-reference", await forge(carol, remove(1), { format })],
    ];
    const refused = await joining(erin, { registry, groupInfo, proposals: cases.map(([, bytes]) => bytes) });
    refused.drop();
    expect(refused.leftOut.map(({ index, error }) => [index, error.code])).toEqual(
      cases.map(([code], index) => [index, code]),
    );
    const proposal = await forge(carol, content, { format });
    await deliver(proposal, groups, carol);
    const join = await joinWith(proposal);
    await deliver(join.commit, groups, carol);
    agree([alice, groups[1], await join.complete()]);
    expect(alice.member(2)!.credential).toEqual(erin.identity.credential);
  });

  it("refers to nothing that its type refuses or keeps to members, to no external sender's, and to no more than the limits allow", async () => {
    const answers: Readonly<Record<number, unknown>> = { 1: true, 2: false };
    const isValid = (body: Uint8Array): boolean => (answers[body.length] ?? "perhaps") as boolean;
    const type = 0xf001;
    const kept = { type, pathRequired: false, external: true, externalCommit: false, after: "remove" } as const;
    const registry: ExtensionRegistry = { proposals: [{ ...leaveType, external: true, isValid }, kept] };
    const groups = (await members(["alice", "bob", "carol"], { registry })) as [Group, Group, Group];
    const [alice, bob, carol] = groups;
    const groupInfo = await alice.groupInfo();
    const erin = await client("erin");
    const by = (group: Group, change: object = {}, choice: object = {}): Promise<Uint8Array> =>
      forge(
        group,
        { type: "proposal", proposal: { ...leave, ...change } },
        { format: "mls_public_message", ...choice },
      );
    const cases: readonly (readonly [string, Uint8Array])[] = [
      ["custom-proposal-refused", await by(carol, { body: Uint8Array.of(1, 7) })],
      ["external-commit-proposal", await by(carol, { proposalType: kept.type })],
      ["external-commit-reference", await by(carol, {}, { sender: { type: "external", senderIndex: 0 } })],
    ];
    const both = [await by(bob), await by(carol)];
    const join = await joining(erin, { registry, groupInfo, proposals: [...cases.map(([, bytes]) => bytes), ...both] });
    join.drop();
    expect(join.leftOut.map(({ index, error }) => [index, error.code])).toEqual(
      cases.map(([code], index) => [index, code]),
    );
    const bounded = await joining(erin, { registry, groupInfo, proposals: both, limits: { proposals: 2 } });
    expect(bounded.leftOut.map(({ index, error }) => [index, error.code])).toEqual([[1, "limit-exceeded"]]);
    await deliver(both[0]!, [alice, carol]);
    expect((await alice.receive(bounded.commit)).kind).toBe("commit");
    const custom = [{ proposalType: kept.type, body: leave.body }];
    expect(await refusal(() => joining(erin, { registry, groupInfo, custom }))).toBe("external-commit-proposal");
    // What is no verdict is the application's mistake, and nothing is left out for it.
    const perhaps = await by(carol, { body: Uint8Array.of(2, 7, 7) });
    await expect(joining(erin, { registry, groupInfo, proposals: [perhaps] })).rejects.toThrow("isValid");
    for (const replace of [-1, 0.5, 2 ** 32, "0" as unknown as number]) {
      await expect(joining(erin, { registry, groupInfo, replace: () => replace })).rejects.toThrow(/^replace/);
    }
  });
});
