import { describe, expect, it } from "vitest";
import { selfRemoval, selfRemoveRequired, selfRemoveType, withSelfRemove } from "../../src/extensions/self-remove.ts";
import { proposeAsExternalSender } from "../../src/public-group/proposals/external-proposal.ts";
import { externalSenders } from "../../src/public-group/extensions.ts";
import { Group } from "../../src/group/group.ts";
import type { Candidate } from "../../src/public-group/options/settings.ts";
import { agree } from "../group/agreement.ts";
import { refusal, refuses } from "../group/refusal.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, trusting, type Client } from "../group/world.ts";

const options = { handshake: "public", registry: withSelfRemove(), extensions: [selfRemoveRequired] } as const;
const custom = selfRemoval;

async function groupWith(names: readonly string[], more: object = {}): Promise<[Group, Group, Group]> {
  const clients = await Promise.all(names.map((name) => client(name)));
  return (await groupOf(clients, { ...options, ...more })) as [Group, Group, Group];
}

async function joinBeside(who: Client, groupInfo: Uint8Array, proposals: readonly Uint8Array[], more: object = {}) {
  return Group.joinExternally({ ...trusting, ...options, ...more, identity: who.identity, groupInfo, proposals });
}

describe("self_remove", () => {
  it("removes who sends it, with a path, and leaves nobody behind who could follow", async () => {
    const groups = await groupWith(["alice", "bob", "carol"]);
    const [alice, bob, carol] = groups;
    const message = await carol.propose({ custom });
    expect(carol.inspect(message)).toMatchObject({ wireFormat: "mls_public_message", contentType: "proposal" });
    await deliver(message, groups, carol);
    const { change } = await commitTo(groups, bob);
    expect(change).toMatchObject({ removed: [{ leafIndex: 2 }], updated: [{ after: { leafIndex: 1 } }] });
    expect(carol.isGone).toBe(true);
    agree([alice, bob]);
  });

  it("can't be committed by who sends it, neither by reference nor by value", async () => {
    const [alice, bob, carol] = await groupWith(["alice", "bob", "carol"]);
    await deliver(await carol.propose({ custom }), [alice, bob]);
    const pending = await carol.commit();
    expect(pending.change).toMatchObject({ removed: [], custom: [] });
    expect(pending.leftOut).toHaveLength(1);
    pending.drop();
    await refuses(alice, () => alice.commit({ custom: [custom] }), "commit-self-remove");
  });

  it("goes into an external commit by reference, where a plain Remove may not", async () => {
    const groups = await groupWith(["alice", "bob", "carol"]);
    const [alice, bob, carol] = groups;
    const message = await carol.propose({ custom });
    await deliver(message, groups, carol);
    const plain = await alice.propose({ remove: 1 });
    const dave = await client("dave");
    const groupInfo = await alice.groupInfo();
    expect(await refusal(() => joinBeside(dave, groupInfo, [plain]))).toBe("external-commit-reference");
    const join = await joinBeside(dave, groupInfo, [message]);
    const events = await deliver(join.commit, groups);
    expect(events.map((event) => (event as { kind: string }).kind)).toEqual(["commit", "commit", "removed"]);
    agree([alice, bob, await join.complete()]);
    expect(alice.member(2)?.credential).toEqual(dave.identity.credential);
  });

  it("makes the joiner nobody's successor", async () => {
    const asked: Candidate[] = [];
    const authentication = { validate: (candidate: Candidate) => asked.push(candidate) > 0 };
    const groups = await groupWith(["alice", "bob", "carol"], { authentication });
    const [alice, , carol] = groups;
    const message = await carol.propose({ custom });
    await deliver(message, groups, carol);
    const join = await joinBeside(await client("dave"), await alice.groupInfo(), [message], { authentication });
    asked.length = 0;
    await alice.receive(join.commit);
    expect(asked).toEqual([expect.not.objectContaining({ previous: expect.anything() as unknown })]);
  });

  it("is refused by a joiner where it is forged, of another epoch, from outside or no proposal", async () => {
    const server = await client("server");
    const senders = externalSenders([
      { credential: server.identity.credential, signatureKey: server.identity.signatureKey },
    ]);
    const groups = await groupWith(["alice", "bob", "carol"], { extensions: [selfRemoveRequired, senders] });
    const [alice, bob, carol] = groups;
    const old = await carol.propose({ custom });
    await commitTo(groups, alice, { path: true });
    const fresh = await carol.propose({ custom });
    const forged = fresh.slice();
    // the last bytes are the membership tag, which only members can check; before it stands the signature
    forged[forged.length - 40]! ^= 1;
    const groupInfo = await bob.groupInfo();
    const view = { groupId: alice.id, epoch: alice.epoch };
    const outside = await proposeAsExternalSender({
      ...view,
      identity: server.identity,
      senderIndex: 0,
      change: { remove: 1 },
    });
    const dave = await client("dave");
    for (const [message, code] of [
      [old, "proposal-epoch"],
      [forged, "message-signature"],
      [outside, "external-commit-reference"],
      [groupInfo, "not-a-group-message"],
    ] as const) {
      expect(await refusal(() => joinBeside(dave, groupInfo, [message]))).toBe(code);
    }
  });

  it("comes from no external sender", async () => {
    const { identity } = await client("server");
    const view = { groupId: new Uint8Array(1), epoch: 1n, senderIndex: 0, registry: withSelfRemove() };
    const propose = (): Promise<Uint8Array> => proposeAsExternalSender({ ...view, identity, change: { custom } });
    expect(await refusal(propose)).toBe("external-sender-proposal");
  });

  it("is required of every member", async () => {
    const [alice] = await groupWith(["alice", "bob", "carol"]);
    const { keyPackage } = await keyPackageOf(await client("dave"));
    await refuses(alice, () => alice.commit({ add: [keyPackage] }), "leaf-required-capabilities");
  });

  it("is added to a registry once", () => {
    const once = withSelfRemove();
    expect(withSelfRemove(once)).toBe(once);
    expect(once.proposals?.map(({ type }) => type)).toEqual([selfRemoveType]);
  });
});
