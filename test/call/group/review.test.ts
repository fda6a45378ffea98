import { beforeEach, describe, expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { ChatView } from "../../../src/call/group/chat-view.ts";
import { objectionTo } from "../../../src/call/group/review.ts";
import { selfRemoval } from "../../../src/extensions/self-remove.ts";
import type { CommitEvent, Member } from "../../../src/public-group/events.ts";
import type { Group } from "../../../src/group/group.ts";
import type { PreSharedKeyId } from "../../../src/wire/pre-shared-key.ts";
import { client, commitTo, groupOf, trusting } from "../../group/world.ts";

describe("the review of a call's commit", () => {
  let groups: readonly Group[];
  let chat: Group;
  let view: ChatView;
  let member: Member;

  beforeEach(async () => {
    groups = await groupOf(await Promise.all(["alice", "bob", "carol"].map((name) => client(name))));
    chat = groups[0]!;
    view = new ChatView(chat, trusting.authentication);
    member = chat.member(1)!;
  });

  function psk(epoch: bigint, more: Partial<Extract<PreSharedKeyId, { type: "resumption" }>> = {}): PreSharedKeyId {
    const pskNonce = new Uint8Array(32);
    return { type: "resumption", usage: "application", pskGroupId: chat.id, pskEpoch: epoch, pskNonce, ...more };
  }

  function change(more: Partial<CommitEvent>): CommitEvent {
    return {
      kind: "commit",
      committer: member,
      external: false,
      epoch: 7n,
      added: [],
      removed: [],
      left: [],
      proposers: { added: [], removed: [], context: undefined, reinit: undefined },
      updated: [],
      psks: [],
      contextChanged: false,
      contextExtensions: { before: [], after: [] },
      reinit: undefined,
      custom: [],
      authenticatedData: new Uint8Array(0),
      ...more,
    };
  }

  it("lets devices of the chat in with its PSK, from the last removal on", async () => {
    const objections = (): (string | undefined)[] =>
      [0n, 1n, 2n, 3n, 4n, 5n].map((epoch) => objectionTo(change({ added: [member], psks: [psk(epoch)] }), view));
    expect(objections().slice(0, 3)).toEqual(["psk-old", undefined, "psk-later"]);
    await commitTo(groups, chat, { path: true });
    expect(view.refresh()).toBe(false);
    expect(objections().slice(0, 4)).toEqual(["psk-old", undefined, undefined, "psk-later"]);
    const carol = chat.member(2)!;
    await commitTo(groups, chat, { remove: [2] });
    expect(view.refresh()).toBe(true);
    expect(objections()).toEqual(["psk-old", "psk-old", "psk-old", undefined, "psk-later", "psk-later"]);
    expect(objectionTo(change({ added: [carol], psks: [psk(3n)] }), view)).toBe("not-in-chat");
    expect(view.lookUp(psk(2n))).toBeUndefined();
    expect(view.lookUp(psk(3n))?.length).toBe(32);
  });

  it("refuses every other key, and a branch that is none", () => {
    const others: PreSharedKeyId[] = [
      { type: "external", pskId: utf8("x"), pskNonce: new Uint8Array(32) },
      psk(1n, { pskGroupId: utf8("another") }),
      psk(1n, { usage: "reinit" }),
      psk(1n, { usage: "branch" }),
    ];
    for (const id of others) expect(objectionTo(change({ psks: [id] }), view)).toBe("psk-foreign");
    expect(objectionTo(change({ epoch: 1n, psks: [psk(1n, { usage: "branch" })] }), view)).toBeUndefined();
  });

  it("refuses what changes the group, and whoever speaks for a device that is not in the chat", () => {
    const stranger: Member = { ...member, signatureKey: new Uint8Array(32) };
    expect(objectionTo(change({ contextChanged: true }), view)).toBe("parameters");
    const reinit = { type: "reinit", groupId: chat.id, version: 1, cipherSuite: 1, extensions: [] } as const;
    expect(objectionTo(change({ reinit }), view)).toBe("parameters");
    expect(objectionTo(change({ committer: stranger }), view)).toBe("not-in-chat");
    expect(objectionTo(change({ updated: [{ before: member, after: stranger }] }), view)).toBe("not-in-chat");
    expect(objectionTo(change({ removed: [stranger] }), view)).toBeUndefined();
    expect(objectionTo(change({ added: [member] }), view)).toBe("psk-missing");
  });

  it("lets an external commit take along who leaves by itself, and nobody else", () => {
    const [other] = [chat.member(2)!];
    const joins = { external: true, added: [member], psks: [psk(1n)] };
    expect(objectionTo(change({ ...joins, removed: [other] }), view)).toBe("removal");
    // Nor by another custom proposal of theirs.
    const custom = [
      { proposal: { type: "custom", ...selfRemoval }, sender: { type: "member", leafIndex: 2 } },
    ] as const;
    expect(objectionTo(change({ ...joins, removed: [other], custom }), view)).toBe("removal");
    expect(objectionTo(change({ ...joins, removed: [member, other], left: [other] }), view)).toBeUndefined();
    expect(objectionTo(change({ removed: [other] }), view)).toBeUndefined();
  });

  it("knows devices by the application's keys for members and clients, where it has any", () => {
    const same = new Uint8Array([1]);
    const authentication = { ...trusting.authentication, memberKey: () => same, clientKey: () => same };
    const loose = new ChatView(chat, authentication);
    expect(loose.isPresent({ credential: { type: 0xf000, data: utf8("x") }, signatureKey: new Uint8Array(1) })).toBe(
      true,
    );
    expect(view.isPresent({ credential: { type: 0xf000, data: utf8("x") }, signatureKey: member.signatureKey })).toBe(
      false,
    );
    const certified = {
      credential: { type: "x509", certificates: [same] },
      signatureKey: member.signatureKey,
    } as const;
    expect(view.isPresent(certified)).toBe(false);
  });
});
