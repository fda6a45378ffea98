/**
 * What is checked of a commit without a secret, where a whole group would hardly come to it.
 */

import { describe, expect, it } from "vitest";
import { createCommit } from "../../src/group/sending/commit-create.ts";
import { planCommit } from "../../src/public-group/plan.ts";
import { epochFromGroupInfo } from "../../src/public-group/group-info.ts";
import { Group } from "../../src/group/group.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import type { PublicEpoch } from "../../src/public-group/epoch.ts";
import { settingsOf } from "../../src/public-group/options/settings-of.ts";
import { forgeExternalCommit } from "../rfc/forging.ts";
import { forge } from "../group/insider.ts";
import { leave, leaveRegistry as registry } from "../group/leaving.ts";
import { refuses, refusal } from "../group/refusal.ts";
import { client, groupOf, suiteOf, trusting } from "../group/world.ts";

const settings = settingsOf(trusting);

/** The public side of a group's epoch, which its members say is the last that there can be. */
async function lastEpoch(group: Group): Promise<PublicEpoch> {
  const { epoch } = await epochFromGroupInfo(group.suite, await group.groupInfo(), undefined, settings);
  return { ...epoch, context: { ...epoch.context, epoch: 0xffff_ffff_ffff_ffffn } };
}

describe("the last epoch that eight octets can count (section 12)", () => {
  it("is not left by a commit that is received, nor by one that is made", async () => {
    const [alice] = (await groupOf([await client("alice"), await client("bob")])) as [Group];
    const epoch = await lastEpoch(alice);
    const sender = { type: "member", leafIndex: 0 } as const;
    const commit = { proposals: [], path: undefined };
    expect(await refusal(() => planCommit(epoch, { commit, list: [], sender }, settings))).toBe("epoch-overflow");
    const request = { list: [], committer: { type: "new_member_commit" }, settings };
    const make = (): unknown => createCommit(epoch, request as unknown as Parameters<typeof createCommit>[1]);
    expect(await refusal(make)).toBe("epoch-overflow");
  });
});

describe("an external commit", () => {
  it("brings nobody into a leaf beyond the largest tree that is accepted", async () => {
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
    const [alice, bob] = (await groupOf(clients, { handshake: "public", limits: { leaves: 2 } })) as [Group, Group];
    const groupInfo = await alice.groupInfo();
    const narrow = { ...trusting, suite: suiteOf(), groupInfo, limits: { leaves: 2 } };
    const observer = await Observer.follow(narrow);
    const { identity } = await client("erin");
    const { commit } = await Group.joinExternally({ ...trusting, identity, groupInfo });
    await refuses(bob, () => bob.receive(commit), "limit-exceeded");
    expect(await refusal(() => observer.receive(commit))).toBe("limit-exceeded");
    expect(await (await Observer.follow({ ...narrow, limits: {} })).receive(commit)).toMatchObject({ external: true });
  });
});

describe("a commit with many pre-shared keys", () => {
  it("is refused by a member and an observer that take fewer, before a key is looked up", async () => {
    const asked: unknown[] = [];
    const psks = (id: unknown): Uint8Array => {
      asked.push(id);
      return new Uint8Array(32);
    };
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
    const [alice, bob] = (await groupOf(clients, { handshake: "public", psks })) as [Group, Group];
    const narrow = { ...trusting, psks, limits: { psks: 1 } };
    const { identity } = bob;
    const bobs = await Group.restore({ ...narrow, handshake: "public", identity, snapshot: bob.snapshot() });
    const observer = await Observer.follow({ ...narrow, suite: suiteOf(), groupInfo: await alice.groupInfo() });
    const external = [1, 2].map((byte) => ({ type: "external", pskId: Uint8Array.of(byte) }) as const);
    const { commit } = await alice.commit({ psks: external });
    asked.length = 0;
    await refuses(bobs, () => bobs.receive(commit), "limit-exceeded");
    expect(await refusal(() => observer.receive(commit))).toBe("limit-exceeded");
    expect(asked).toEqual([]);
    expect(await bob.receive(commit)).toMatchObject({ kind: "commit" });
    expect(asked).toHaveLength(2);
  });
});

describe("an external commit with custom proposals", () => {
  it("does not change a leaf twice: who asked to leave is not removed beside (valn0304)", async () => {
    const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
    const [alice, bob, carol] = (await groupOf(clients, { registry })) as [Group, Group, Group];
    await bob.receive(await forge(carol, { type: "proposal", proposal: leave }));
    const { identity } = await client("erin");
    const proposals = [{ type: "remove", removed: 2 } as const, bob.pendingProposals[0]!];
    const commit = await forgeExternalCommit(await alice.groupInfo(), identity, { registry, proposals });
    await refuses(bob, () => bob.receive(commit), "commit-leaf-changed-twice");
  });

  it("is of types that every member supports (valn0311)", async () => {
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
    const groups = (await groupOf(clients, { handshake: "public" })) as [Group, Group];
    const observer = await Observer.follow({
      ...trusting,
      registry,
      suite: suiteOf(),
      groupInfo: await groups[0].groupInfo(),
    });
    const { identity } = await client("erin");
    const commit = await forgeExternalCommit(await groups[0].groupInfo(), identity, { registry, proposals: [leave] });
    expect(await refusal(() => observer.receive(commit))).toBe("proposal-unsupported");
  });
});
