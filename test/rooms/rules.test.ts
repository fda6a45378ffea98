/**
 * The rules that stand beside capabilities: what a room may be after a commit, and what does not go together in one.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import {
  addParticipants,
  ban,
  basicClaim,
  bytesOfUri,
  capabilities,
  readyPolicies,
  type Capability,
  changeBasePolicy,
  changeJoinLinks,
  changeMetadata,
  changeParticipants,
  changeRole,
  createRoomExtensions,
  joinAs,
  removeParticipants,
  Room,
  roleOf,
  roomNumbers,
  setPolicy,
  type NewRoomOptions,
  type RoleChoice,
  RoomError,
} from "../../src/rooms/index.ts";
import { participantsUpdateFormat } from "../../src/rooms/formats/participants.ts";
import { writeFormat } from "../../src/rooms/formats/parts.ts";
import type { Sender } from "../../src/wire/framing.ts";
import { requiredCapabilities } from "../../src/public-group/extensions.ts";
import {
  app,
  asker,
  contextOf,
  joiner,
  memberSender,
  membersOf,
  outsider,
  plainEvent,
  plainRoom,
  type PlainClient,
  type PlainCommit,
  type PlainRoom,
} from "./plain.ts";
import { alice, bob, carol, dave, hub, roomName } from "./world.ts";

const alices: PlainClient = [0, alice, "phone"];
const bobs: PlainClient = [1, bob, "phone"];
const bobsOther: PlainClient = [2, bob, "laptop"];
const added = (user: string, leaf = 3): PlainClient => [leaf, user, "new"];
const byAlice = memberSender(0);
const all = Object.keys(capabilities).filter((name) => name !== "canOpenJoin") as Capability[];
const everywhere: NonNullable<RoleChoice["changes"]> = [0, 1, 2, 3].map((from) => [from, [0, 1, 2, 3]] as const);

/** A room whose role 3, Alice's, may do everything; Bob has role 2 and two devices. */
function room(
  {
    member = {},
    admin = {},
    banned = {},
    nobody = {},
    ...options
  }: Partial<NewRoomOptions> & Partial<Record<"member" | "admin" | "banned" | "nobody", Partial<RoleChoice>>> = {},
  clients: readonly PlainClient[] = [alices, bobs, bobsOther],
): PlainRoom {
  const roles_list = [
    roleOf({ index: 0, name: "no_role", ...nobody }),
    roleOf({ index: 1, name: "banned", ...banned }),
    roleOf({ index: 2, name: "member", can: ["canRemoveOwnClient", "canRemoveSelf"], changes: [[2, [0]]], ...member }),
    roleOf({ index: 3, name: "admin", can: all, changes: everywhere, ...admin }),
  ];
  const { data, ...rest } = options;
  return plainRoom(
    {
      participants: [
        { user: alice, role: 3 },
        { user: bob, role: 2 },
        { user: carol, role: 1 },
      ],
      ...rest,
      data: { roles_list, ...data },
    },
    clients,
    [hub],
  );
}

function opened(plain: PlainRoom): Room {
  return Room.open({ rooms: app, groupContext: contextOf(plain), members: membersOf(plain) });
}

/** "ok", or the code with its rule. */
function verdict(
  plain: PlainRoom,
  commit: (room: Room) => PlainCommit,
  options: Parameters<Room["check"]>[1] = {},
): string {
  const view = opened(plain);
  const event = plainEvent(plain, commit(view));
  try {
    view.check(event, options);
    return "ok";
  } catch (error) {
    if (!(error instanceof RoomError)) throw error;
    const { code, rule } = error;
    return rule === undefined ? code : `${code} ${rule}`;
  }
}

const custom = (...choices: readonly ReturnType<typeof changeRole>[]) =>
  choices.map((choice) => [choice, byAlice] as const);

describe("After a commit", () => {
  it("nobody's clients are in the group who is no participant", () => {
    expect(verdict(room(), () => ({ committer: alices, added: [[added(dave), byAlice]] }))).toBe("not-participant");
    const removal = (removed: PlainCommit["removed"] = []) =>
      verdict(room(), (view) => ({ committer: alices, custom: custom(removeParticipants(view, [bob])), removed }));
    expect(removal()).toBe("not-participant");
    expect(removal([[bobs, byAlice]])).toBe("not-participant");
    expect(
      removal([
        [bobs, byAlice],
        [bobsOther, byAlice],
      ]),
    ).toBe("ok");
    // Taken out and brought back in one commit.
    expect(
      verdict(room(), (view) => ({
        committer: alices,
        custom: custom(removeParticipants(view, [bob])),
        removed: [
          [bobs, byAlice],
          [bobsOther, byAlice],
        ],
        added: [[added(bob), byAlice]],
      })),
    ).toBe("not-participant");
  });

  it("no banned user has clients there", () => {
    expect(verdict(room(), (view) => ({ committer: alices, custom: custom(ban(view, bob)) }))).toBe("banned");
    expect(verdict(room(), () => ({ committer: alices, added: [[added(carol), byAlice]] }))).toBe("banned");
    expect(
      verdict(room({ banned: { can: ["canAddOwnClient"] } }), () => ({ committer: added(carol), external: true })),
    ).toBe("banned");
    expect(() => opened(room({}, [[0, carol, "phone"]]))).toThrow(/^banned/);
  });

  it("a role has as many participants as it allows", () => {
    const add = (view: Room) => ({
      committer: alices,
      custom: custom(addParticipants(view, [{ user: dave, role: 2 }])),
    });
    expect(verdict(room({ member: { participants: { max: 1 } } }), add)).toBe("role-count");
    expect(verdict(room({ member: { participants: { max: 2 } } }), add)).toBe("ok");
    const demote = (view: Room) => ({ committer: alices, custom: custom(changeRole(view, bob, 3)) });
    expect(verdict(room({ member: { participants: { min: 1 } } }), demote)).toBe("role-count");
    expect(verdict(room({ member: { participants: { min: 0 } } }), demote)).toBe("ok");
    expect(verdict(room({ admin: { participants: { max: 1 } } }), demote)).toBe("role-count");
    const leaving = (view: Room): PlainCommit => ({
      committer: alices,
      custom: custom(removeParticipants(view, [bob])),
      removed: [
        [bobs, byAlice],
        [bobsOther, byAlice],
      ],
    });
    expect(verdict(room({ member: { participants: { min: 1 } } }), leaving)).toBe("role-count");
    // Where there were too few before, that is nobody's fault now.
    expect(verdict(room({ admin: { participants: { min: 5 } } }), add)).toBe("ok");
    // One goes and one comes.
    const swap = (view: Room): PlainCommit => ({
      ...leaving(view),
      custom: custom(changeParticipants(view, { remove: [bob], add: [{ user: dave, role: 2 }] })),
    });
    expect(verdict(room({ member: { participants: { min: 1, max: 1 } } }), swap)).toBe("ok");
  });

  it("a role has as many participants with clients as it allows", () => {
    const add = (): PlainCommit => ({ committer: alices, added: [[added(dave), byAlice]] });
    const withDave = (member: Partial<RoleChoice>) =>
      room({
        member,
        participants: [
          { user: alice, role: 3 },
          { user: bob, role: 2 },
          { user: dave, role: 2 },
        ],
      });
    expect(verdict(withDave({ active: { max: 1 } }), add)).toBe("active-count");
    expect(verdict(withDave({ active: { max: 2 } }), add)).toBe("ok");
    const kick = (removed: readonly PlainClient[]) => (): PlainCommit => ({
      committer: alices,
      removed: removed.map((client) => [client, byAlice] as const),
    });
    expect(verdict(room({ member: { active: { min: 1 } } }), kick([bobs]))).toBe("ok");
    expect(verdict(room({ member: { active: { min: 1 } } }), kick([bobs, bobsOther]))).toBe("active-count");
    const promote = (view: Room) => ({ committer: alices, custom: custom(changeRole(view, bob, 3)) });
    expect(verdict(room({ admin: { active: { max: 1 } } }), promote)).toBe("active-count");
    expect(verdict(room({ admin: { active: { max: 2 } } }), promote)).toBe("ok");
    // Nobody of the role: "then no participants are allowed to have clients in the room's MLS group."
    const roles = (view: Room, max: number): PlainCommit => ({
      committer: alices,
      custom: custom(
        setPolicy(
          view,
          "roles_list",
          view.data.roles_list.map((role) => (role.roleIndex === 2 ? { ...role, maximumActive: max } : role)),
        ),
      ),
    });
    expect(verdict(room(), (view) => roles(view, 0))).toBe("active-count");
    expect(verdict(room(), (view) => roles(view, 1))).toBe("ok");
    expect(() => opened(room({ member: { active: { max: 0 } } }))).toThrow(/^active-count/);
  });

  it("the room has as many clients and users as its policy says, and each user one where it says so", () => {
    const addOwn = (): PlainCommit => ({ committer: alices, added: [[added(alice), byAlice]] });
    expect(verdict(room({ base: { maxClients: 3 } }), addOwn)).toBe("max-clients");
    expect(verdict(room({ base: { maxClients: 4 } }), addOwn)).toBe("ok");
    const addUser = (view: Room) => ({
      committer: alices,
      custom: custom(addParticipants(view, [{ user: dave, role: 2 }])),
    });
    expect(verdict(room({ base: { maxUsers: 2 } }), addUser)).toBe("max-users");
    expect(verdict(room({ base: { maxUsers: 3 } }), addUser)).toBe("ok");
    // Banned entries don't count.
    expect(
      verdict(room({ base: { maxUsers: 2 } }), (view) => ({ committer: alices, custom: custom(ban(view, dave)) })),
    ).toBe("ok");
    const unban = (view: Room) => ({ committer: alices, custom: custom(changeRole(view, carol, 2)) });
    expect(verdict(room({ base: { maxUsers: 2 } }), unban)).toBe("max-users");
    const single = room({ base: { multiDevice: false } }, [alices, bobs]);
    expect(verdict(single, addOwn)).toBe("single-device");
    const moved = (): PlainCommit => ({
      committer: bobs,
      removed: [[alices, byAlice]],
      added: [[added(alice), byAlice]],
    });
    expect(verdict(single, moved)).toBe("ok");
    const base = (change: Parameters<typeof changeBasePolicy>[1]) =>
      verdict(room(), (view) => ({ committer: alices, custom: custom(changeBasePolicy(view, change)) }));
    expect(base({ multiDevice: false })).toBe("single-device");
    expect(base({ maxClients: 2 })).toBe("max-clients");
    expect(base({ maxUsers: 1 })).toBe("max-users");
    expect(() => opened(room({ base: { maxClients: 2 } }))).toThrow(/^max-clients/);
    expect(() => opened(room({ base: { multiDevice: false } }))).toThrow(/^single-device/);
    expect(() => room({ base: { maxUsers: 1 } })).toThrow(/^max-users/);
  });

  it("every role that is named is there", () => {
    const set = (commit: (view: Room) => ReturnType<typeof changeRole>) =>
      verdict(room(), (view) => ({ committer: alices, custom: custom(commit(view)) }));
    expect(set((view) => addParticipants(view, [{ user: dave, role: 7 }]))).toBe("role-unknown");
    expect(set((view) => changeRole(view, bob, 7))).toBe("role-unknown");
    expect(set((view) => setPolicy(view, "roles_list", view.data.roles_list.slice(0, 2)))).toBe("role-unknown");
    const role = roleOf({ index: 7, name: "gone" });
    const claimset = [basicClaim("host", "example.org")];
    expect(set((view) => setPolicy(view, "preauth_list", [{ claimset, targetRole: role }]))).toBe("role-unknown");
    const history = (rolesThatCanShare: readonly number[]) =>
      ({ historySharing: "optional", rolesThatCanShare, automaticallyShare: false, maxTimePeriod: 60 }) as const;
    expect(set((view) => setPolicy(view, "chat_history_policy", history([7])))).toBe("role-unknown");
    expect(set((view) => setPolicy(view, "chat_history_policy", history([2])))).toBe("ok");
    const silent = room({ admin: { active: { max: 9 } }, data: { chat_history_policy: history([2]) } });
    expect(
      verdict(silent, (view) => ({
        committer: alices,
        custom: custom(
          setPolicy(
            view,
            "roles_list",
            view.data.roles_list.map((one) => (one.roleIndex === 2 ? { ...one, maximumActive: 0 } : one)),
          ),
        ),
        removed: [
          [bobs, byAlice],
          [bobsOther, byAlice],
        ],
      })),
    ).toBe("role-unknown");
    const bot = { name: "", description: "", homepage: "", localClientBot: false, canTargetMessageInGroup: false };
    const bots = (botRoleIndex: number) => [{ ...bot, perUserContent: false, botRoleIndex }];
    expect(set((view) => setPolicy(view, "bot_policy", bots(7)))).toBe("role-unknown");
    expect(set((view) => setPolicy(view, "bot_policy", bots(0)))).toBe("ok");
  });
});

/** Bob as an administrator, as a client that knows no rule puts it. */
const bobAgain = writeFormat(participantsUpdateFormat, {
  changedRoleParticipants: [],
  removedIndices: [],
  addedParticipants: [{ user: bob, role: 3 }],
});
const beyond = writeFormat(participantsUpdateFormat, {
  changedRoleParticipants: [{ userIndex: 9, role: 2 }],
  removedIndices: [],
  addedParticipants: [],
});
const removedBeyond = writeFormat(participantsUpdateFormat, {
  changedRoleParticipants: [],
  removedIndices: [9],
  addedParticipants: [],
});

describe("In one commit", () => {
  it("roles don't change with participants, nor preauthorizations with anything but removals", () => {
    const both = (name: "roles_list" | "preauth_list", change: (view: Room) => ReturnType<typeof changeRole>) =>
      verdict(room(), (view) => ({
        committer: alices,
        custom: custom(
          name === "roles_list" ? setPolicy(view, name, view.data.roles_list) : setPolicy(view, name, []),
          change(view),
        ),
        removed: [
          [bobs, byAlice],
          [bobsOther, byAlice],
        ],
      }));
    expect(both("roles_list", (view) => changeRole(view, bob, 3))).toBe("mixed room-policy 3");
    expect(both("roles_list", (view) => removeParticipants(view, [bob]))).toBe("mixed room-policy 3");
    expect(both("preauth_list", (view) => addParticipants(view, [{ user: dave, role: 2 }]))).toBe(
      "mixed room-policy 4",
    );
    expect(both("preauth_list", (view) => changeRole(view, bob, 3))).toBe("mixed room-policy 4");
    expect(both("preauth_list", (view) => removeParticipants(view, [bob]))).toBe("ok");
    // The proposer of each is asked by itself.
    expect(
      verdict(room(), (view) => ({
        committer: alices,
        custom: [
          [setPolicy(view, "preauth_list", []), memberSender(1)],
          [addParticipants(view, [{ user: dave, role: 2 }]), byAlice],
        ],
      })),
    ).toBe("mixed room-policy 4");
  });

  it("a user changes once, whoever proposes it", () => {
    const twice =
      (first: (view: Room) => ReturnType<typeof changeRole>, second: (view: Room) => ReturnType<typeof changeRole>) =>
      () =>
        verdict(room(), (view) => ({ committer: alices, custom: custom(first(view), second(view)) }));
    const promote = (view: Room) => changeRole(view, bob, 3);
    expect(twice(promote, promote)).toThrow(/^component-refused/);
    expect(twice(promote, (view) => removeParticipants(view, [bob]))).toThrow(/^component-refused/);
    const add = (view: Room) => addParticipants(view, [{ user: dave, role: 2 }]);
    expect(twice(add, add)).toThrow(/^component-refused/);
    expect(() => changeParticipants(opened(room()), { remove: [bob], roles: [{ user: bob, role: 3 }] })).toThrow(
      /^malformed/,
    );
    expect(twice(promote, add)()).toBe("ok");
    // Taken out and put in again, with another role.
    expect(
      twice(
        (view) => removeParticipants(view, [bob]),
        () => app.appData.update(roomNumbers.participant_list, bobAgain),
      ),
    ).toThrow(/^component-refused/);
    // A user who is in the list already, and an index beyond it.
    for (const bytes of [bobAgain, beyond, removedBeyond]) {
      expect(twice(() => app.appData.update(roomNumbers.participant_list, bytes), add)).toThrow(/^component-refused/);
    }
  });

  it("metadata and policies are replaced once, and the room keeps its URI", () => {
    const names = (view: Room) => [changeMetadata(view, { roomName: "a" }), changeMetadata(view, { roomName: "b" })];
    expect(() => verdict(room(), (view) => ({ committer: alices, custom: custom(...names(view)) }))).toThrow(
      /^component-refused/,
    );
    expect(
      verdict(room(), (view) => ({
        committer: alices,
        custom: custom(changeMetadata(view, { roomUri: "mimi://example.org/r/other" } as never)),
      })),
    ).toBe("room-uri");
  });

  it("nothing that a room needs is removed", () => {
    for (const name of ["participant_list", "roles_list", "base_room_policy", "room_metadata"] as const) {
      const removal = app.appData.remove(roomNumbers[name]);
      expect(() => verdict(room(), () => ({ committer: alices, custom: custom(removal) }))).toThrow(
        /^component-refused/,
      );
    }
    expect(
      verdict(room({ data: { preauth_list: [] } }), (view) => ({
        committer: alices,
        custom: custom(setPolicy(view, "preauth_list", undefined)),
      })),
    ).toBe("ok");
  });

  it("data of the room is changed by AppDataUpdates alone", () => {
    const other = createRoomExtensions({ rooms: app, room: roomName, creator: alice, participants: [bob] });
    const plain = room();
    expect(verdict(plain, () => ({ committer: alices, context: [other, byAlice] }))).toBe("context");
    // Nor are the means of it taken away.
    const without = plain.extensions.map((extension) =>
      extension.type === 3 ? requiredCapabilities({ extensionTypes: [6] }) : extension,
    );
    expect(verdict(plain, () => ({ committer: alices, context: [without, byAlice] }))).toBe("required");
    const bare = plain.extensions.map((extension) =>
      extension.type === 3 ? requiredCapabilities({ proposalTypes: [8, 9, 10] }) : extension,
    );
    expect(verdict(plain, () => ({ committer: alices, context: [bare, byAlice] }))).toBe("required");
    const reinit = { groupId: utf8("next"), version: 1, cipherSuite: 1, extensions: other } as never;
    expect(verdict(plain, () => ({ committer: alices, reinit: [reinit, byAlice] }))).toBe("context");
  });

  it("a leaf stays that of its device", () => {
    const updated = (client: PlainClient) => () => ({ committer: alices, updated: [[bobs, client]] as const });
    expect(verdict(room(), updated([1, bob, "phone"]))).toBe("ok");
    expect(verdict(room(), updated([1, bob, "tablet"]))).toBe("identity");
    expect(verdict(room(), updated([1, carol, "phone"]))).toBe("identity");
  });

  it("who rejoins in its own place needs no capability, and nobody else's", () => {
    const rejoin = (client: PlainClient, removed: PlainClient) => () => ({
      committer: client,
      external: true,
      removed: [[removed, joiner]] as const,
    });
    expect(verdict(room(), rejoin([1, bob, "phone"], bobs))).toBe("ok");
    expect(verdict(room(), rejoin([1, bob, "laptop"], bobs))).toBe("not-allowed canAddOwnClient");
    expect(verdict(room({ member: { can: ["canAddOwnClient"] } }), rejoin([1, bob, "laptop"], bobs))).toBe(
      "not-allowed canRemoveOwnClient",
    );
    expect(verdict(room({ member: { can: ["canAddOwnClient"] } }), rejoin([1, bob, "phone"], alices))).toBe(
      "not-allowed canKick",
    );
    // The leave of one device is no other's way in.
    const left = (by: PlainClient) => () => ({
      committer: by,
      external: true,
      removed: [[bobs, memberSender(1)]] as const,
    });
    expect(verdict(room(), left([3, bob, "phone"]))).toBe("ok");
    expect(verdict(room(), left([3, bob, "tablet"]))).toBe("not-allowed canAddOwnClient");
  });
});

describe("A room of fixed membership", () => {
  const fixed = (member: Partial<RoleChoice> = {}) =>
    room(
      {
        base: { fixedMembership: true },
        admin: { can: all.filter((name) => name !== "canAddParticipant"), changes: everywhere },
        member,
        participants: [
          { user: alice, role: 3 },
          { user: bob, role: 2 },
          { user: dave, role: 2 },
        ],
      },
      [alices, bobs],
    );

  it("has nobody added and nobody removed", () => {
    expect(
      verdict(fixed(), (view) => ({
        committer: alices,
        custom: custom(addParticipants(view, [{ user: carol, role: 2 }])),
      })),
    ).toBe("fixed");
    expect(verdict(fixed(), (view) => ({ committer: alices, custom: custom(removeParticipants(view, [dave])) }))).toBe(
      "fixed",
    );
    expect(verdict(fixed(), (view) => ({ committer: alices, custom: custom(changeRole(view, bob, 3)) }))).toBe("ok");
    expect(() => room({ base: { fixedMembership: true } })).toThrow(/^fixed/);
    expect(
      verdict(room(), (view) => ({
        committer: alices,
        custom: custom(changeBasePolicy(view, { fixedMembership: true })),
      })),
    ).toBe("fixed");
  });

  it("has clients of its participants added by each other, and by nobody else", () => {
    const add = (user: string, by: Sender) => (): PlainCommit => ({
      committer: alices,
      added: [[added(user), by]],
    });
    expect(verdict(fixed(), add(dave, memberSender(1)))).toBe("ok");
    expect(verdict(fixed(), add(dave, byAlice))).toBe("ok");
    expect(verdict(fixed(), add(carol, byAlice))).toBe("not-allowed canAddParticipant");
    expect(verdict(fixed(), add(dave, outsider))).toBe("not-allowed canAddParticipant");
    expect(verdict(fixed(), () => ({ committer: alices, removed: [[bobs, memberSender(1)]] }))).toBe("ok");
  });
});

describe("A room beside another", () => {
  const parentRoom = "mimi://example.org/r/parent";
  const call = () => room({ base: { parentDependent: true }, parentRoom });
  const add = (view: Room) => ({ committer: alices, custom: custom(addParticipants(view, [{ user: dave, role: 2 }])) });

  it("has participants of that one, by whoever knows it", () => {
    expect(verdict(call(), add, { isInParent: (user) => user !== dave })).toBe("parent");
    expect(verdict(call(), add, { isInParent: () => true })).toBe("ok");
    expect(verdict(call(), add)).toBe("ok");
    expect(verdict(room(), add, { isInParent: () => false })).toBe("ok");
    // Who has left the parent is taken out.
    const removal = (view: Room): PlainCommit => ({
      committer: alices,
      custom: custom(removeParticipants(view, [bob])),
      removed: [
        [bobs, byAlice],
        [bobsOther, byAlice],
      ],
    });
    expect(verdict(call(), removal, { isInParent: (user) => user !== bob })).toBe("ok");
    expect(opened(call()).outsideParent((user) => user === alice)).toEqual([bob]);
  });

  it("says which", () => {
    expect(() => room({ base: { parentDependent: true } })).toThrow(/^malformed/);
    expect(() => room({ parentRoom })).toThrow(/^malformed/);
  });
});

describe("From outside", () => {
  const link = utf8("a link of sixteen bytes");
  const other = utf8("b link of sixteen bytes");
  const linked = (multiuser: boolean) =>
    room({
      nobody: { can: ["canUseJoinCode"], changes: [[0, [2]]] },
      data: {
        join_links: [other, link],
        join_link_policy: { onRequest: false, joinLink: "", multiuser, expiration: 60 },
      },
    });
  const join = (choices: (view: Room) => readonly ReturnType<typeof changeRole>[]) => (view: Room) => ({
    committer: added(dave),
    external: true,
    custom: choices(view).map((choice) => [choice, joiner] as const),
  });
  const asMember = { user: dave, role: 2 };
  const show = (shown: Uint8Array) => app.appData.ephemeral(roomNumbers.join_links, shown);

  it("a link lets in who shows it, and one user where it serves one", () => {
    expect(
      verdict(
        linked(false),
        join((view) => joinAs(view, asMember, { link })),
      ),
    ).toBe("ok");
    expect(
      verdict(
        linked(true),
        join((view) => joinAs(view, asMember, { link })),
      ),
    ).toBe("ok");
    expect(
      verdict(
        linked(false),
        join((view) => joinAs(view, asMember)),
      ),
    ).toBe("not-allowed canUseJoinCode");
    const shown = (bytes: Uint8Array) => join((view) => [...joinAs(view, asMember), show(bytes)]);
    expect(verdict(linked(true), shown(link))).toBe("ok");
    expect(verdict(linked(false), shown(link))).toBe("join-link");
    expect(verdict(linked(true), shown(utf8("no link of this room")))).toBe("join-link");
    const takes = (taken: Uint8Array) =>
      join((view) => [...joinAs(view, asMember), show(link), changeJoinLinks(view, { remove: [taken] })]);
    expect(verdict(linked(false), takes(link))).toBe("ok");
    expect(verdict(linked(false), takes(other))).toBe("not-allowed canDeleteJoinCode");
    expect(verdict(linked(true), takes(other))).toBe("not-allowed canDeleteJoinCode");
    // One that serves many stays for them, and of several that are shown only the one that is used up goes.
    expect(verdict(linked(true), takes(link))).toBe("not-allowed canDeleteJoinCode");
    const takesBoth = join((view) => [
      ...joinAs(view, asMember),
      ...[show(link), show(other), changeJoinLinks(view, { remove: [link, other] })],
    ]);
    expect(verdict(linked(false), takesBoth)).toBe("not-allowed canDeleteJoinCode");
    // A device that comes back into its own place enters nothing.
    const comesBack = (view: Room): PlainCommit => ({
      committer: bobs,
      external: true,
      removed: [[bobs, joiner]],
      custom: [show(link), changeJoinLinks(view, { remove: [link] })].map((choice) => [choice, joiner] as const),
    });
    expect(verdict(linked(false), comesBack)).toBe("not-allowed canDeleteJoinCode");
    const makes = join((view) => [
      ...joinAs(view, asMember, { link }),
      changeJoinLinks(view, { add: [utf8("one more link of 16")] }),
    ]);
    expect(verdict(linked(false), makes)).toBe("not-allowed canCreateJoinCode");
    // The target role is one of role 0's.
    expect(
      verdict(
        linked(true),
        join((view) => joinAs(view, { user: dave, role: 3 }, { link })),
      ),
    ).toMatch(/^not-allowed/);
  });

  it("at most one link stands where they are asked for", () => {
    const policy = { onRequest: true, joinLink: "https://example.org/link", multiuser: true, expiration: 60 };
    const one = room({ data: { join_links: [link], join_link_policy: policy } });
    const make = (view: Room) => ({ committer: alices, custom: custom(changeJoinLinks(view, { add: [other] })) });
    expect(verdict(one, make)).toBe("join-link");
    const replace = (view: Room) => ({
      committer: alices,
      custom: custom(changeJoinLinks(view, { add: [other], remove: [link] })),
    });
    expect(verdict(one, replace)).toBe("ok");
  });

  it("a joiner adds itself, and nobody else", () => {
    const open = room({ nobody: { can: ["canOpenJoin"], changes: [[0, [2]]] } });
    expect(
      verdict(
        open,
        join((view) => joinAs(view, asMember)),
      ),
    ).toBe("ok");
    expect(
      verdict(
        open,
        join((view) => [addParticipants(view, [asMember, { user: hub, role: 2 }])]),
      ),
    ).toBe("not-allowed canAddParticipant");
    const renames = join((view) => [...joinAs(view, asMember), changeMetadata(view, { roomName: "mine" })]);
    expect(() => verdict(open, renames)).toThrow(/^component-refused/);
    // Nor does anybody else add it by what it may.
    expect(
      verdict(open, (view) => ({
        committer: alices,
        custom: [[addParticipants(view, [{ user: dave, role: 2 }]), memberSender(1)]],
      })),
    ).toBe("not-allowed canAddParticipant");
    // A banned user is in the list, and joins as nobody.
    const carolJoins = (): PlainCommit => ({ committer: added(carol), external: true });
    expect(verdict(open, carolJoins)).toBe("not-allowed canAddOwnClient");
  });

  it("the hub acts with the role of its user, or as it is preauthorized, or not at all", () => {
    const kick = (): PlainCommit => ({ committer: alices, removed: [[bobs, outsider]] });
    expect(verdict(room(), kick)).toBe("not-allowed canKick");
    const withRole = room({
      participants: [
        { user: alice, role: 3 },
        { user: bob, role: 2 },
        { user: hub, role: 3 },
      ],
    });
    expect(verdict(withRole, kick)).toBe("ok");
    const targetRole = roleOf({ index: 3, name: "admin" });
    const claimset = [basicClaim("uri", hub), basicClaim("host", "example.org")];
    expect(verdict(room({ data: { preauth_list: [{ claimset, targetRole }] } }), kick)).toBe("ok");
    const another = [basicClaim("uri", hub), basicClaim("host", "example.com")];
    expect(verdict(room({ data: { preauth_list: [{ claimset: another, targetRole }] } }), kick)).toBe(
      "not-allowed canKick",
    );
    // Banned, it is not saved by its preauthorization.
    const bannedHub = room({
      participants: [
        { user: alice, role: 3 },
        { user: bob, role: 2 },
        { user: hub, role: 1 },
      ],
      data: { preauth_list: [{ claimset, targetRole }] },
    });
    expect(verdict(bannedHub, kick)).toBe("not-allowed canKick");
    const addsItself = (view: Room): PlainCommit => ({
      committer: alices,
      custom: [[addParticipants(view, [{ user: hub, role: 2 }]), outsider]],
    });
    expect(verdict(room({ data: { preauth_list: [{ claimset, targetRole }] } }), addsItself)).toBe(
      "not-allowed canAddParticipant",
    );
  });

  it("nothing comes where the operational policy says so", () => {
    const times = { minimumTime: 0n, defaultTime: 0n, maximumTime: 0n };
    const capabilities = {
      versions: [],
      cipherSuites: [],
      extensions: [],
      proposals: [],
      credentials: [],
      wireFormats: [],
      componentIds: [],
      safeAadTypes: [],
      mediaTypes: [],
      contentTypes: [],
    };
    const policy = (externalProposalAllowed: boolean, externalCommitAllowed: boolean) =>
      room({
        member: { can: ["canAddOwnClient"] },
        participants: [
          { user: alice, role: 3 },
          { user: bob, role: 2 },
          { user: hub, role: 3 },
        ],
        data: {
          mls_operational_policy: {
            mandatoryCapabilities: capabilities,
            defaultCapabilities: capabilities,
            forbiddenCapabilities: capabilities,
            handshakeFormats: [1],
            externalProposalAllowed,
            externalCommitAllowed,
            pendingProposalPolicy: { strategy: "randomDelay", minimumDelayMs: 1n, maximumDelayMs: 2n },
            leafNodeUpdateTime: times,
            appMessagePolicy: { epochTolerance: 1, padToSize: 2, maxGenerationsSkipahead: 3 },
            maxKpLifetime: 4n,
            maxCredentialLifetime: 5n,
            resumptionPskLifetime: 6n,
            senderNonceKeypairLifetime: times,
            maxKeypairs: 7,
            bufferIncomingMessageTime: times,
            maxBufferedMessages: 8,
          },
        },
      });
    const joins = (): PlainCommit => ({ committer: added(bob), external: true });
    expect([verdict(policy(true, true), joins), verdict(policy(true, false), joins)]).toEqual(["ok", "outside"]);
    const kick = (): PlainCommit => ({ committer: alices, removed: [[bobs, outsider]] });
    expect([verdict(policy(true, true), kick), verdict(policy(false, true), kick)]).toEqual(["ok", "outside"]);
    const asks = (): PlainCommit => ({ committer: alices, added: [[added(bob), asker]] });
    expect([verdict(policy(true, true), asks), verdict(policy(false, true), asks)]).toEqual(["ok", "outside"]);
    const renames = (view: Room): PlainCommit => ({
      committer: alices,
      custom: [[changeMetadata(view, { roomName: "b" }), outsider]],
    });
    expect([verdict(policy(true, true), renames), verdict(policy(false, true), renames)]).toEqual(["ok", "outside"]);
  });
});

describe("A commit that is not the next", () => {
  it("is told, and a leaf that nobody knows", () => {
    const plain = room();
    const view = opened(plain);
    expect(() => {
      view.check(plainEvent(plain, { committer: alices }, 9n));
    }).toThrow(/^epoch/);
    expect(() => {
      view.check(plainEvent(plain, { committer: alices, removed: [[[9, bob, "x"], byAlice]] }));
    }).toThrow(/^epoch/);
  });

  it("names no device: its member is none", () => {
    const plain = room();
    const strange = { ...plainEvent(plain, { committer: alices, added: [[added(bob), byAlice]] }) };
    const [member] = strange.added;
    const unnamed = { ...member!, credential: { type: "basic", identity: bytesOfUri(bob) } as const };
    expect(() => {
      opened(plain).check({ ...strange, added: [unnamed] });
    }).toThrow(/^credential/);
  });
});

describe("Ready policies", () => {
  it.each(Object.keys(readyPolicies) as (keyof typeof readyPolicies)[])("%s opens", (policy) => {
    const parentRoom = policy === "call" ? { parentRoom: "mimi://example.org/r/parent" } : {};
    const plain = plainRoom({ policy, participants: [bob], ...parentRoom }, [alices]);
    expect(opened(plain).size).toBe(2);
  });
});
