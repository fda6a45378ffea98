import { describe, expect, it } from "vitest";
import { agendaOf, candidatesOf, isDeserted, leavingIn } from "../../../src/call/group/agenda.ts";
import { ChatView } from "../../../src/call/group/chat-view.ts";
import { Roster } from "../../../src/call/group/roster.ts";
import { selfRemoval, selfRemoveType, withSelfRemove } from "../../../src/extensions/self-remove.ts";
import type { Change } from "../../../src/public-group/proposals/changes.ts";
import type { CommitEvent } from "../../../src/public-group/events.ts";
import { requiredCapabilities } from "../../../src/public-group/extensions.ts";
import { proposeToJoin } from "../../../src/group/joining/propose-to-join.ts";
import { Group } from "../../../src/group/group.ts";
import { client, commitTo, groupOf, keyPackageOf, trusting } from "../../group/world.ts";

const other = {
  type: 0xff01,
  pathRequired: true,
  external: false,
  externalCommit: false,
  after: "remove",
  readBody: () => undefined,
} as const;
const registry = withSelfRemove({ proposals: [other] });
const extensions = [requiredCapabilities({ proposalTypes: [selfRemoveType, other.type] })];
const everybody = await Promise.all(["alice", "bob", "carol", "dave"].map((name) => client(name)));
const eve = await client("eve");

describe("what a member of a call commits", () => {
  /** What Alice makes of a proposal of Dave's, who has been removed from the chat, or of Carol's, who has not. */
  async function agenda(change: (bob: Uint8Array) => Change, by: "carol" | "dave") {
    const chats = await groupOf([...everybody, eve]);
    const calls = await groupOf(everybody, { registry, handshake: "public", extensions });
    const [group, , carol, dave] = calls as [Group, Group, Group, Group];
    const { change: last } = await commitTo(calls, group, { path: true });
    const view = new ChatView(chats[0]!, trusting.authentication);
    await commitTo(chats, chats[0]!, { remove: [3] });
    view.refresh();
    const { keyPackage } = await keyPackageOf(everybody[1]!, { registry });
    await group.receive(await (by === "dave" ? dave : carol).propose(change(keyPackage)));
    const input = { group, chat: view, roster: new Roster(group, view, last) };
    const made = agendaOf(input);
    const pending = made?.pending;
    const leaving = leavingIn(input);
    return {
      remove: made?.remove,
      takes: typeof pending === "function" ? group.pendingProposals.filter(pending).length : 0,
      leaving: [...leaving],
      candidates: candidatesOf(input, leaving),
    };
  }

  const proposals: Readonly<Record<string, (bob: Uint8Array) => Change>> = {
    "a Remove": () => ({ remove: 1 }),
    "an Add of an old key package": (add) => ({ add }),
    "an Update of its own leaf": () => ({ update: {} }),
    "an Update to another device of the chat": () => ({ update: { identity: eve.identity } }),
  };

  it.each(Object.entries(proposals))("is nothing that who has left the chat proposes: %s", async (_, change) => {
    expect(await agenda(change, "dave")).toEqual({ remove: [3], takes: 0, leaving: [3], candidates: [0, 1, 2] });
  });

  it("is what a device of the chat proposes, for another or for itself, but for an Add", async () => {
    const stays = { remove: [3], leaving: [3], candidates: [0, 1, 2] };
    expect(await agenda(() => ({ remove: 1 }), "carol")).toMatchObject({ takes: 1, candidates: [0, 2] });
    expect(await agenda(() => ({ custom: selfRemoval }), "carol")).toMatchObject({ takes: 1, candidates: [0, 1] });
    expect(await agenda(() => ({ update: {} }), "carol")).toEqual({ ...stays, takes: 1 });
    expect(await agenda(() => ({ update: { identity: eve.identity } }), "carol")).toEqual({ ...stays, takes: 0 });
    expect(await agenda((add) => ({ add }), "carol")).toEqual({ ...stays, takes: 0 });
    const custom = { proposalType: other.type, body: new Uint8Array(0) };
    expect(await agenda(() => ({ custom }), "carol")).toEqual({ ...stays, takes: 0 });
  });

  it("is nobody's where all others have left the chat or are gone, and one's as long as there is one", async () => {
    const chats = await groupOf(everybody);
    const [group] = (await groupOf(everybody, { registry, handshake: "public", extensions })) as [Group];
    const [alone] = (await groupOf(everybody.slice(0, 1), { registry, handshake: "public", extensions })) as [Group];
    const view = new ChatView(chats[0]!, trusting.authentication);
    const rosterOf = (call: Group) => new Roster(call, view);
    const deserted = (...gone: readonly number[]) =>
      isDeserted({ group, chat: view, roster: rosterOf(group) }, ({ leafIndex }) => gone.includes(leafIndex));
    expect([rosterOf(alone).isLast, rosterOf(group).isLast, deserted(), deserted(0, 1, 2, 3)]).toEqual([
      ...[false, false, false, true],
    ]);
    await commitTo(chats, chats[0]!, { remove: [3] });
    view.refresh();
    expect([rosterOf(group).isLast, deserted(), deserted(0, 1), deserted(0, 1, 2)]).toEqual([
      ...[false, false, false, true],
    ]);
    await commitTo(chats.slice(0, 3), chats[0]!, { remove: [1, 2] });
    view.refresh();
    expect([rosterOf(alone).isLast, rosterOf(group).isLast]).toEqual([false, true]);
  });

  it("is an Add of a device that knocks: in place of its old leaf, but not of one that has just come, nor of itself", async () => {
    const chats = await groupOf(everybody);
    const calls = await groupOf(everybody.slice(0, 3), { registry, handshake: "public", extensions });
    const [alice] = calls as [Group];
    const before = await commitTo(calls, alice, { path: true });
    const view = new ChatView(chats[0]!, trusting.authentication);
    const whoKnocks = { alice: everybody[0]!, bob: everybody[1]!, dave: everybody[3]!, eve };
    const epochView = { groupId: alice.id, epoch: alice.epoch };
    const wanted = async (name: keyof typeof whoKnocks, last?: CommitEvent): Promise<unknown> => {
      const { identity } = whoKnocks[name];
      const keyPackage = await keyPackageOf(whoKnocks[name], { registry });
      const message = await proposeToJoin({ ...epochView, identity, keyPackage });
      const group = await Group.restore({
        ...trusting,
        registry,
        handshake: "public",
        identity: everybody[0]!.identity,
        snapshot: alice.snapshot(),
      });
      await group.receive(message);
      return agendaOf({ group, chat: view, roster: new Roster(group, view, last) })?.remove;
    };
    expect(await wanted("bob", before.change)).toEqual([1]);
    expect(await wanted("dave", before.change)).toEqual([]);
    expect(await wanted("eve", before.change)).toBeUndefined();
    expect(await wanted("alice", before.change)).toBeUndefined();
    const bobIsNew = { ...before.change, added: [alice.member(1)!] };
    expect(await wanted("bob", bobIsNew)).toBeUndefined();
    expect(await wanted("dave", bobIsNew)).toEqual([]);
    // Who came in with the last commit does not know whom else that brought.
    expect(await wanted("bob")).toBeUndefined();
  });
});
