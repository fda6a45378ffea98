/**
 * What a room is asked beside commits: proposals alone, messages, and what a button may offer. And what callers give that is none.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { basic } from "../../src/public-group/identity.ts";
import type { ProposalEvent } from "../../src/public-group/events.ts";
import type { Proposal } from "../../src/wire/proposal.ts";
import type { Sender } from "../../src/wire/framing.ts";
import {
  addParticipants,
  ban,
  basicClaims,
  capabilities,
  changeBasePolicy,
  changeJoinLinks,
  changeMetadata,
  changeParticipants,
  changeRole,
  createRoomExtensions,
  deviceUri,
  isSealed,
  joinAs,
  leave,
  openSealed,
  removeParticipants,
  rename,
  Room,
  roomAppData,
  RoomError,
  roleOf,
  roomNumbers,
  sealText,
  setExpiration,
  setPolicy,
  unban,
  type Capability,
  type RoomAction,
} from "../../src/rooms/index.ts";
import { seeded, suiteOf } from "../group/world.ts";
import {
  app,
  asker,
  contextOf,
  memberFor,
  memberSender,
  membersOf,
  outsider,
  plainRoom,
  type PlainClient,
} from "./plain.ts";
import { alice, bob, carol, dave, hub, roomName } from "./world.ts";

const alices: PlainClient = [0, alice, "phone"];
const bobs: PlainClient = [1, bob, "phone"];
const all = Object.keys(capabilities).filter((name) => name !== "canOpenJoin") as Capability[];
const byAlice = memberSender(0);
const byBob = memberSender(1);

function room(
  options: { readonly fixed?: boolean; readonly bobs?: readonly Capability[]; readonly noExternal?: boolean } = {},
) {
  const moves = [0, 1, 2, 3].map((from) => [from, [0, 1, 2, 3]] as const);
  const adminCan = options.fixed === true ? all.filter((name) => name !== "canAddParticipant") : all;
  const plain = plainRoom(
    {
      participants: [
        { user: alice, role: 3 },
        { user: bob, role: 2 },
        { user: carol, role: 1 },
      ],
      base: { fixedMembership: options.fixed ?? false },
      data: {
        roles_list: [
          roleOf({ index: 0, name: "no_role" }),
          roleOf({ index: 1, name: "banned" }),
          roleOf({ index: 2, name: "member", can: options.bobs ?? [], changes: moves }),
          roleOf({ index: 3, name: "admin", can: adminCan, changes: moves }),
        ],
        join_links: [utf8("a link of 16 bytes and more")],
      },
    },
    [alices, bobs],
    [hub],
  );
  return { plain, view: Room.open({ rooms: app, groupContext: contextOf(plain), members: membersOf(plain) }) };
}

function proposed(view: Room, proposal: Proposal, sender: Sender): string {
  const event = { kind: "proposal", sender, proposal, ref: new Uint8Array(0), authenticatedData: new Uint8Array(0) };
  try {
    view.checkProposal(event as ProposalEvent);
    return "ok";
  } catch (error) {
    if (!(error instanceof RoomError)) throw error;
    return error.rule === undefined ? error.code : `${error.code} ${error.rule}`;
  }
}

const custom = (choice: ReturnType<typeof changeRole>): Proposal => ({ type: "custom", ...choice });
const add = (user: string): Proposal =>
  ({ type: "add", keyPackage: { leafNode: { credential: memberFor([9, user, "new"]).credential } } }) as never;
const remove = (removed: number): Proposal => ({ type: "remove", removed });
const update = (user: string, device: string): Proposal =>
  ({ type: "update", leafNode: { credential: memberFor([9, user, device]).credential } }) as never;

describe("A proposal alone", () => {
  it("is refused where nobody may commit it", () => {
    const { plain, view } = room();
    const { extensions } = plain;
    const reinit = (list: typeof extensions): Proposal =>
      ({ type: "reinit", groupId: utf8("next"), version: 1, cipherSuite: 1, extensions: list }) as never;
    const cases: readonly (readonly [proposal: Proposal, alice: string, bob: string])[] = [
      [add(bob), "ok", "not-allowed canAddOwnClient"],
      [add(alice), "ok", "not-allowed canAddParticipant"],
      [add(dave), "ok", "not-allowed canAddParticipant"],
      [add(carol), "not-allowed canAddParticipant", "not-allowed canAddParticipant"],
      [remove(0), "ok", "not-allowed canKick"],
      [remove(1), "ok", "not-allowed canRemoveOwnClient"],
      [custom(addParticipants(view, [{ user: dave, role: 2 }])), "ok", "not-allowed canAddParticipant"],
      [custom(removeParticipants(view, [alice])), "ok", "not-allowed canRemoveParticipant"],
      [custom(changeRole(view, carol, 2)), "ok", "not-allowed canUnBan"],
      [custom(rename(view, "x")), "ok", "not-allowed canChangeRoomName"],
      [custom(changeJoinLinks(view, { add: [utf8("another link of 16")] })), "ok", "not-allowed canCreateJoinCode"],
      [
        custom(changeJoinLinks(view, { remove: [utf8("a link of 16 bytes and more")] })),
        "ok",
        "not-allowed canDeleteJoinCode",
      ],
      [custom(setPolicy(view, "preauth_list", [])), "ok", "not-allowed canChangePreauthorizedUserList"],
      [custom(app.appData.remove(roomNumbers.join_links)), "ok", "not-allowed canDeleteJoinCode"],
      [custom(app.appData.remove(roomNumbers.participant_list)), "required", "required"],
      [custom(app.appData.remove(1)), "ok", "not-allowed canChangeMlsOperationalPolicies"],
      [{ type: "group_context_extensions", extensions }, "ok", "not-allowed canChangeMlsOperationalPolicies"],
      [reinit(extensions), "ok", "not-allowed canSendMLSReinitProposal"],
      [reinit([]), "context", "not-allowed canSendMLSReinitProposal"],
      [custom({ proposalType: 0xf123, body: new Uint8Array(0) }), "ok", "ok"],
      [{ type: "psk" } as never, "ok", "ok"],
    ];
    for (const [proposal, ...answers] of cases) {
      expect([proposal.type, proposed(view, proposal, byAlice), proposed(view, proposal, byBob)]).toEqual([
        proposal.type,
        ...answers,
      ]);
    }
    // The hub has no role here, and who asks for its own client is that client's user.
    expect(proposed(view, remove(1), outsider)).toBe("not-allowed canKick");
    expect(proposed(view, add(bob), asker)).toBe("not-allowed canAddOwnClient");
    expect(proposed(view, add(alice), asker)).toBe("ok");
    expect(proposed(view, add(dave), asker)).toBe("not-allowed canAddParticipant");
    expect(proposed(view, update(bob, "phone"), byBob)).toBe("ok");
    expect(proposed(view, update(bob, "tablet"), byBob)).toBe("identity");
    expect(proposed(view, update(bob, "phone"), outsider)).toBe("ok");
  });

  it("may be part of a removal or of a ban", () => {
    const remover = (...can: Capability[]) => proposed(room({ bobs: can }).view, remove(0), byBob);
    expect(remover("canRemoveParticipant")).toBe("ok");
    expect(remover("canBan")).toBe("ok");
    expect(remover("canChangeUserRole")).toBe("ok");
    expect(remover("canUnBan")).toBe("not-allowed canKick");
  });

  it("changes no fixed membership", () => {
    const { view } = room({ fixed: true });
    expect(proposed(view, custom(addParticipants(view, [{ user: dave, role: 2 }])), byAlice)).toBe("fixed");
    expect(proposed(view, custom(removeParticipants(view, [carol])), byAlice)).toBe("fixed");
    expect(proposed(view, custom(changeRole(view, bob, 3)), byAlice)).toBe("ok");
  });
});

describe("A user", () => {
  it("is told what it may do, as a commit would be judged", () => {
    const { view } = room();
    const cases: readonly (readonly [action: RoomAction, alice: boolean, bob: boolean])[] = [
      [{ kind: "add", user: dave, role: 2 }, true, false],
      [{ kind: "add", user: dave, role: 9 }, false, false],
      [{ kind: "add", user: carol, role: 2 }, false, false],
      [{ kind: "remove", user: carol }, true, false],
      [{ kind: "remove", user: dave }, false, false],
      [{ kind: "kick", user: hub }, true, false],
      [{ kind: "ban", user: dave }, true, false],
      [{ kind: "ban", user: carol }, false, false],
      [{ kind: "unban", user: carol, role: 2 }, true, false],
      [{ kind: "unban", user: carol, role: 0 }, false, false],
      [{ kind: "unban", user: bob, role: 2 }, false, false],
      [{ kind: "change-role", user: carol, role: 3 }, true, false],
      [{ kind: "change-role", user: carol, role: 0 }, false, false],
      [{ kind: "change-role", user: dave, role: 2 }, false, false],
      [{ kind: "leave" }, true, false],
      [{ kind: "add-own-client" }, true, false],
      [{ kind: "remove-own-client" }, true, false],
      [{ kind: "change-metadata", field: "roomName" }, true, false],
      [{ kind: "can", capability: "canStartCall" }, true, false],
    ];
    for (const [action, ...answers] of cases) {
      expect([action, view.mayDo(alice, action), view.mayDo(bob, action)]).toEqual([action, ...answers]);
    }
    expect(view.mayDo(alice, { kind: "kick", user: alice })).toBe(false);
    expect(view.mayDo(dave, { kind: "leave" })).toBe(false);
    expect(view.mayDo(dave, { kind: "add-own-client" })).toBe(false);
    const { view: fixed } = room({ fixed: true });
    expect(fixed.mayDo(alice, { kind: "add", user: dave, role: 2 })).toBe(false);
    expect(fixed.mayDo(alice, { kind: "remove", user: bob })).toBe(false);
    expect(fixed.mayDo(alice, { kind: "leave" })).toBe(false);
    expect(fixed.mayDo(alice, { kind: "ban", user: bob })).toBe(true);
  });

  it("sends what its role may send", () => {
    const { view } = room({ bobs: ["canSendMessage"] });
    view.checkMessage(bob);
    view.checkMessage(alice, ["canSendMessage", "canReplyToMessage"]);
    const refused = (user: string, needed?: readonly Capability[]) => {
      expect(() => {
        view.checkMessage(user, needed);
      }).toThrow(/^not-allowed/);
    };
    refused(bob, ["canSendMessage", "canReplyToMessage"]);
    refused(carol);
    refused(dave, []);
    expect(() => {
      view.checkMessage(bob, ["canFly" as never]);
    }).toThrow(TypeError);
  });

  it("is found in the list", () => {
    const { view } = room();
    expect(view.indexOf(bob)).toBe(1);
    expect(() => view.indexOf(dave)).toThrow(/^no-user/);
    expect(view.participant(dave)).toBeUndefined();
    expect([...view.participants].map(({ user, index, role, clients }) => [user, index, role, clients])).toEqual([
      [alice, 0, 3, 1],
      [bob, 1, 2, 1],
      [carol, 2, 1, 0],
    ]);
    expect([view.size, view.uri, view.epoch, view.role(2)?.roleName, view.role(9)]).toEqual([
      3,
      roomName,
      7n,
      "member",
      undefined,
    ]);
  });
});

describe("Claims", () => {
  it("of basic credentials are what their URIs say", () => {
    const ids = (uri: string) => basicClaims(basic(uri)).map(({ id }) => new TextDecoder().decode(id));
    expect(ids(deviceUri(alice, "phone"))).toEqual(["uri", "user", "host"]);
    expect(ids(alice)).toEqual(["uri", "user", "host"]);
    expect(ids("mimi://example.org")).toEqual(["uri", "host"]);
    expect(ids("alice")).toEqual([]);
    expect(basicClaims({ type: "x509", certificates: [] })).toEqual([]);
  });
});

describe("A sealed field", () => {
  const suite = suiteOf();

  it("opens with what it was sealed with, and nothing else", () => {
    const { sealed, opening } = sealText("Hiking ⛰", { suite });
    expect(openSealed(sealed, opening, { suite })).toBe("Hiking ⛰");
    expect([isSealed(sealed), isSealed("Hiking")]).toEqual([true, false]);
    const other = sealText("Hiking ⛰", { suite });
    expect(other.sealed).not.toBe(sealed);
    expect(openSealed(other.sealed, opening, { suite })).toBeUndefined();
    expect(openSealed(sealed, opening.subarray(1), { suite })).toBeUndefined();
    expect(openSealed(sealed, new Uint8Array(0), { suite })).toBeUndefined();
    expect(openSealed("Hiking", opening, { suite })).toBeUndefined();
    const short = new Uint8Array(31);
    expect(openSealed(`sealed:${"00".repeat(32)}`, short, { suite })).toBeUndefined();
    const [a, b] = ["x", "y"].map((seed) => sealText("a", { suite, random: seeded(seed) }));
    expect(a?.sealed).not.toBe(b?.sealed);
    expect(sealText("a", { suite, random: seeded("x") })).toEqual(a);
  });

  it("stands in each field of the metadata", () => {
    const { view } = room();
    const { sealed } = sealText("https://example.org/a.png", { suite });
    for (const field of ["roomName", "roomAvatar", "roomSubject", "roomMood"] as const) {
      expect(() => changeMetadata(view, { [field]: sealed })).not.toThrow();
    }
  });
});

describe("A caller's mistake", () => {
  const { view, plain } = room();

  it.each<readonly [string, () => unknown]>([
    ["an option of roomAppData", () => roomAppData({ number: {} } as never)],
    ["numbers", () => roomAppData({ numbers: { participant_list: -1 } })],
    ["inline bytes", () => roomAppData({ participantsInlineUpTo: -1 })],
    ["identify", () => roomAppData({ identify: 1 as never })],
    [
      "rooms of createRoomExtensions",
      () => createRoomExtensions({ rooms: {} as never, room: roomName, creator: alice }),
    ],
    ["a policy", () => createRoomExtensions({ rooms: app, room: roomName, creator: alice, policy: "free" as never })],
    ["rooms of Room.open", () => Room.open({ rooms: {} as never, groupContext: contextOf(plain), members: [] })],
    ["members", () => Room.open({ rooms: app, groupContext: contextOf(plain), members: 7 as never })],
    [
      "a commit",
      () => {
        view.check({} as never);
      },
    ],
    [
      "a commit to follow",
      () => {
        view.follow(undefined as never);
      },
    ],
    [
      "check's options",
      () => {
        view.check({ kind: "commit" } as never, { parent: 1 } as never);
      },
    ],
    [
      "a proposal",
      () => {
        view.checkProposal({ kind: "commit" } as never);
      },
    ],
    ["an action", () => view.mayDo(alice, { kind: "fly" } as never)],
    ["a user", () => view.mayDo(7 as never, { kind: "leave" })],
    ["a field", () => view.mayDo(alice, { kind: "change-metadata", field: "roomUri" as never })],
    ["a capability", () => view.mayDo(alice, { kind: "can", capability: "toString" as never })],
    ["a user to find", () => view.indexOf(7 as never)],
    ["a participant to find", () => view.participant(7 as never)],
    ["a role to find", () => view.role(-1)],
    ["a parent", () => view.outsideParent(7 as never)],
    ["a room to change", () => addParticipants({} as never, [])],
    ["users to add", () => addParticipants(view, [alice as never])],
    ["a role to add", () => addParticipants(view, [{ user: dave, role: -1 }])],
    ["users to remove", () => removeParticipants(view, [7 as never])],
    ["a user to ban", () => ban(view, 7 as never)],
    ["a room to ban in", () => ban({} as never, bob)],
    ["a name", () => rename(view, 7 as never)],
    ["metadata", () => changeMetadata(view, 7 as never)],
    ["metadata of no room", () => changeMetadata({} as never, {})],
    ["a base policy", () => changeBasePolicy(view, 7 as never)],
    ["a base policy of no room", () => changeBasePolicy({} as never, {})],
    ["a component", () => setPolicy(view, "join_links" as never, [] as never)],
    ["a component of no room", () => setPolicy({} as never, "preauth_list", [])],
    ["a link", () => changeJoinLinks(view, { add: ["link" as never] })],
    ["a link of no room", () => changeJoinLinks({} as never, {})],
    ["a link to show", () => joinAs(view, { user: dave, role: 2 }, { link: "link" as never })],
    ["a room to join", () => joinAs({} as never, { user: dave, role: 2 })],
    ["a text to seal", () => sealText(7 as never, { suite: suiteOf() })],
    ["a suite to seal with", () => sealText("a", {} as never)],
    ["a sealed field", () => openSealed(7 as never, new Uint8Array(0), { suite: suiteOf() })],
    ["an opening", () => openSealed("", "" as never, { suite: suiteOf() })],
    ["a suite to open with", () => openSealed("", new Uint8Array(0), {} as never)],
    ["a field that may be sealed", () => isSealed(7 as never)],
  ])("%s is a TypeError", (_, call) => {
    expect(call).toThrow(TypeError);
  });

  it("that no room could be made of is told before there is one", () => {
    const make = (options: object) => () =>
      createRoomExtensions({ rooms: app, room: roomName, creator: alice, ...options });
    expect(make({ room: "mimi://example.org/u/alice" })).toThrow(/^uri/);
    expect(make({ creator: "alice" })).toThrow(/^malformed/);
    expect(make({ participants: [{ user: alice, role: 1 }] })).toThrow(/^not-participant/);
    expect(make({ participants: [bob, bob] })).toThrow(/^malformed/);
    expect(make({ participants: [{ user: bob, role: 9 }] })).toThrow(/^role-unknown/);
    expect(make({ policy: "direct", data: { roles_list: view.data.roles_list } })).toThrow(/^fixed/);
    expect(make({ base: { maxUsers: 0 } })).toThrow(/^max-users/);
    expect(make({ policy: "call" })).toThrow(/^malformed/);
  });

  it("in a change is told where it is made", () => {
    expect(() => removeParticipants(view, [dave])).toThrow(/^no-user/);
    expect(() => unban(view, dave, 2)).toThrow(/^no-user/);
    expect(() => leave(view, dave)).toThrow(/^no-user/);
    expect(() => changeJoinLinks(view, { remove: [utf8("none")] })).toThrow(/^join-link/);
    expect(() => changeParticipants(view, {})).toThrow(/^malformed/);
    expect(() => setExpiration(view, { expiringMessages: "required", min: 9, max: 5, default: undefined })).toThrow(
      /^malformed/,
    );
    expect(() => changeBasePolicy(view, { parentDependent: true })).toThrow(/^malformed/);
  });
});
