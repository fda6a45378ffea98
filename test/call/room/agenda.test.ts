import { describe, expect, it } from "vitest";
import { agendaOf, candidatesOf, leavingIn } from "../../../src/call/room/agenda.ts";
import { ChatView } from "../../../src/call/room/chat-view.ts";
import { Roster } from "../../../src/call/room/roster.ts";
import { selfRemoval, selfRemoveRequired, withSelfRemove } from "../../../src/call/room/self-remove.ts";
import type { Change } from "../../../src/group/changes.ts";
import type { Group } from "../../../src/group/group.ts";
import { client, commitTo, groupOf, keyPackageOf, trusting } from "../../group/world.ts";

const registry = withSelfRemove();
const everybody = await Promise.all(["alice", "bob", "carol", "dave"].map((name) => client(name)));
const eve = await client("eve");

describe("what a member of a call commits", () => {
  /** What Alice makes of a proposal of Dave's, who has been removed from the chat, or of Carol's, who has not. */
  async function agenda(change: (bob: Uint8Array) => Change, by: "carol" | "dave") {
    const chats = await groupOf([...everybody, eve]);
    const calls = await groupOf(everybody, { registry, handshake: "public", extensions: [selfRemoveRequired] });
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
  });
});
