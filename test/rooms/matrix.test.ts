/**
 * Every capability, held alone by whoever acts, against every action, with and without the change of role that the action needs: allowed
 * where the draft says so and nowhere else. What it says is written down here once more, action by action.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import {
  addParticipants,
  ban,
  basicClaim,
  capabilities,
  changeBasePolicy,
  changeJoinLinks,
  changeMetadata,
  changeRole,
  joinAs,
  leave,
  removeParticipants,
  Room,
  RoomError,
  roleOf,
  roomNumbers,
  setPolicy,
  type Capability,
  type Participant,
  type PreAuthEntry,
  type Role,
  type RoomData,
} from "../../src/rooms/index.ts";
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
import { alice, bob, carol, dave, hub } from "./world.ts";

// Alice acts (role 5). Bob is a member (2), Carol is banned (1), Dave is nobody. The hub acts from outside (role 5, too).
const alices: PlainClient = [0, alice, "phone"];
const bobs: PlainClient = [1, bob, "phone"];
const bobsOther: PlainClient = [2, bob, "laptop"];
const newClient = (user: string): PlainClient => [3, user, "new"];
const link = utf8("a link of 16 bytes and more");

const names = Object.keys(capabilities) as Capability[];

/** Which role of the room gets the capability, and what may be changed by it. */
interface Holder {
  readonly role: number;
  readonly capability: Capability | undefined;
  readonly move: readonly [number, number] | undefined;
}

interface Action {
  readonly name: string;
  /** Whose role is asked: 5 is Alice's and the hub's, 0 that of who is not in the list, 2 Bob's. */
  readonly role: number;
  /** Any of these is enough. */
  readonly needs: readonly Capability[];
  /** Beside it, where it is asked for. */
  readonly move?: readonly [from: number, to: number];
  /** Capabilities that the role has beside the one that is tried, so that only one thing is missing. */
  readonly beside?: readonly Capability[];
  readonly commit: (room: Room, plain: PlainRoom) => PlainCommit;
}

const byAlice = memberSender(0);
function policyAction<Name extends Exclude<keyof RoomData, "join_links" | "franking_agent">>(
  name: Name,
  needs: Capability,
  value: RoomData[Name],
): Action[] {
  const sent = [
    ["by a member", byAlice],
    ["by the hub", outsider],
  ] as const;
  return sent.map(([by, sender]) => ({
    name: `set ${name} ${by}`,
    role: 5,
    needs: [needs],
    commit: (room) => ({ committer: bobs, custom: [[setPolicy(room, name, value), sender]] }),
  }));
}

const metadata = (field: string, value: unknown, needs: Capability): Action => ({
  name: `change ${field}`,
  role: 5,
  needs: [needs],
  commit: (room) => ({ committer: bobs, custom: [[changeMetadata(room, { [field]: value }), byAlice]] }),
});

const role5 = 5;
const actions: readonly Action[] = [
  {
    name: "add a user without clients",
    role: role5,
    needs: ["canAddParticipant"],
    move: [0, 2],
    commit: (room) => ({ committer: alices, custom: [[addParticipants(room, [{ user: dave, role: 2 }]), byAlice]] }),
  },
  {
    name: "add a user with a client",
    role: role5,
    needs: ["canAddParticipant"],
    move: [0, 2],
    commit: (room) => ({
      committer: bobs,
      custom: [[addParticipants(room, [{ user: dave, role: 2 }]), byAlice]],
      added: [[newClient(dave), byAlice]],
    }),
  },
  {
    name: "add a client of another participant",
    role: role5,
    needs: ["canAddParticipant"],
    move: [0, 2],
    commit: () => ({ committer: bobs, added: [[newClient(bob), byAlice]] }),
  },
  {
    name: "ban who is nobody",
    role: role5,
    needs: ["canAddParticipant", "canBan"],
    move: [0, 1],
    commit: (room) => ({ committer: bobs, custom: [[ban(room, dave), byAlice]] }),
  },
  {
    name: "add one's own client",
    role: role5,
    needs: ["canAddOwnClient"],
    commit: () => ({ committer: alices, added: [[newClient(alice), byAlice]] }),
  },
  {
    name: "ask from outside for one's own client",
    role: role5,
    needs: ["canAddOwnClient"],
    commit: () => ({ committer: bobs, added: [[newClient(alice), asker]] }),
  },
  {
    name: "come in with one's own client",
    role: role5,
    needs: ["canAddOwnClient"],
    commit: () => ({ committer: newClient(alice), external: true }),
  },
  {
    name: "come in as somebody new",
    role: 0,
    needs: ["canOpenJoin"],
    move: [0, 2],
    commit: (room) => ({
      committer: newClient(dave),
      external: true,
      custom: joinAs(room, { user: dave, role: 2 }).map((choice) => [choice, joiner] as const),
    }),
  },
  {
    name: "come in by a link",
    role: 0,
    needs: ["canOpenJoin", "canUseJoinCode"],
    move: [0, 2],
    commit: (room) => ({
      committer: newClient(dave),
      external: true,
      custom: joinAs(room, { user: dave, role: 2 }, { link }).map((choice) => [choice, joiner] as const),
    }),
  },
  {
    name: "come in preauthorized",
    role: 4,
    needs: ["canJoinIfPreauthorized"],
    commit: (room) => ({
      committer: newClient(dave),
      external: true,
      custom: joinAs(room, { user: dave, role: 4 }).map((choice) => [choice, joiner] as const),
    }),
  },
  {
    name: "remove a user",
    role: role5,
    needs: ["canRemoveParticipant"],
    move: [2, 0],
    commit: (room) => ({
      committer: bobs,
      custom: [[removeParticipants(room, [bob]), byAlice]],
      removed: [
        [bobs, byAlice],
        [bobsOther, memberSender(1)],
      ],
    }),
  },
  {
    name: "take a banned user off the list",
    role: role5,
    needs: ["canRemoveParticipant"],
    move: [1, 0],
    commit: (room) => ({ committer: bobs, custom: [[removeParticipants(room, [carol]), outsider]] }),
  },
  {
    name: "leave",
    role: role5,
    needs: ["canRemoveSelf"],
    move: [5, 0],
    commit: (room) => ({
      committer: bobs,
      custom: [[leave(room, alice), byAlice]],
      removed: [[alices, byAlice]],
    }),
  },
  {
    name: "take out one's own client",
    role: role5,
    needs: ["canRemoveOwnClient", "canRemoveSelf"],
    commit: () => ({ committer: bobs, removed: [[alices, byAlice]] }),
  },
  {
    name: "kick",
    role: role5,
    needs: ["canKick"],
    commit: () => ({
      committer: alices,
      removed: [
        [bobs, byAlice],
        [bobsOther, byAlice],
      ],
    }),
  },
  {
    name: "take out one of another's clients",
    role: role5,
    needs: ["canKick"],
    commit: () => ({ committer: alices, removed: [[bobsOther, outsider]] }),
  },
  {
    name: "ban",
    role: role5,
    needs: ["canBan", "canChangeUserRole"],
    move: [2, 1],
    commit: (room) => ({
      committer: alices,
      custom: [[ban(room, bob), byAlice]],
      removed: [
        [bobs, byAlice],
        [bobsOther, byAlice],
      ],
    }),
  },
  {
    name: "unban",
    role: role5,
    needs: ["canUnBan", "canChangeUserRole"],
    move: [1, 2],
    commit: (room) => ({ committer: bobs, custom: [[changeRole(room, carol, 2), outsider]] }),
  },
  {
    name: "change another's role",
    role: role5,
    needs: ["canChangeUserRole"],
    move: [2, 4],
    commit: (room) => ({ committer: alices, custom: [[changeRole(room, bob, 4), byAlice]] }),
  },
  {
    name: "change one's own role to what one is preauthorized for",
    role: role5,
    needs: ["canChangeOwnRole"],
    commit: (room) => ({ committer: alices, custom: [[changeRole(room, alice, 4), byAlice]] }),
  },
  {
    name: "change one's own role to another",
    role: role5,
    needs: [],
    commit: (room) => ({ committer: alices, custom: [[changeRole(room, alice, 2), byAlice]] }),
  },
  metadata("roomName", "Hiking", "canChangeRoomName"),
  metadata("roomAvatar", "https://example.org/a.png", "canChangeRoomAvatar"),
  metadata("roomSubject", "Hills", "canChangeRoomSubject"),
  metadata("roomMood", "Up", "canChangeRoomMood"),
  metadata(
    "roomDescriptions",
    [{ mediaType: "", languageTag: "en", descriptionContent: utf8("Hills") }],
    "canChangeRoomDescription",
  ),
  ...policyAction("roles_list", "canChangeRoleDefinitions", rolesWith(undefined)),
  ...policyAction("preauth_list", "canChangePreauthorizedUserList", []),
  ...policyAction("message_expiration_policy", "canChangeOtherPolicyAttribute", { expiringMessages: "forbidden" }),
  ...policyAction("chat_history_policy", "canChangeOtherPolicyAttribute", { historySharing: "forbidden" }),
  ...policyAction("logging_policy", "canChangeOtherPolicyAttribute", { logging: "forbidden" }),
  ...policyAction("bot_policy", "canChangeOtherPolicyAttribute", []),
  ...policyAction("status_notification_policy", "canChangeOtherPolicyAttribute", {
    deliveryNotifications: "forbidden",
    readReceipts: "required",
  }),
  ...policyAction("join_link_policy", "canChangeOtherPolicyAttribute", {
    onRequest: false,
    joinLink: "",
    multiuser: true,
    expiration: 60,
  }),
  ...policyAction("link_preview_policy", "canChangeOtherPolicyAttribute", {
    autodetectHyperlinksInText: "optional",
    sendLinkPreviews: "optional",
    automaticLinkPreviews: "forbidden",
    linkPreviewProxyUse: "forbidden",
  }),
  ...policyAction("asset_policy", "canChangeOtherPolicyAttribute", {
    assetUploadLocation: "localProvider",
    uploadDomains: [],
    downloadPrivacy: {
      allowedDownloadTypes: ["direct"],
      forbiddenDownloadTypes: ["ohttp"],
      defaultDownloadType: "direct",
    },
    maxImage: 1n,
    maxAudio: 2n,
    maxVideo: 3n,
    maxAttachment: 4n,
    forbiddenMediaTypes: [],
    permittedMediaTypes: undefined,
  }),
  {
    name: "remove a policy",
    role: role5,
    needs: ["canChangeOtherPolicyAttribute"],
    commit: (room) => ({ committer: bobs, custom: [[setPolicy(room, "chat_history_policy", undefined), byAlice]] }),
  },
  {
    name: "change the base policy",
    role: role5,
    needs: ["canChangeRoomMembershipStyle"],
    commit: (room) => ({ committer: bobs, custom: [[changeBasePolicy(room, { maxUsers: 50 }), byAlice]] }),
  },
  {
    name: "make a link",
    role: role5,
    needs: ["canCreateJoinCode"],
    commit: (room) => ({
      committer: bobs,
      custom: [[changeJoinLinks(room, { add: [utf8("another link of 16")] }), byAlice]],
    }),
  },
  {
    name: "take a link back",
    role: role5,
    needs: ["canDeleteJoinCode"],
    commit: (room) => ({ committer: bobs, custom: [[changeJoinLinks(room, { remove: [link] }), byAlice]] }),
  },
  {
    name: "remove all links",
    role: role5,
    needs: ["canDeleteJoinCode"],
    commit: () => ({ committer: bobs, custom: [[app.appData.remove(roomNumbers.join_links), byAlice]] }),
  },
  ...[1, 2].flatMap((componentId): Action[] => [
    {
      name: `change what the group asks of its members, ${String(componentId)}`,
      role: role5,
      needs: ["canChangeMlsOperationalPolicies"],
      commit: () => ({ committer: bobs, custom: [[app.appData.update(componentId, Uint8Array.of(0)), byAlice]] }),
    },
  ]),
  {
    name: "ask nothing of its members any more",
    role: role5,
    needs: ["canChangeMlsOperationalPolicies"],
    commit: () => ({ committer: bobs, custom: [[app.appData.remove(1), byAlice]] }),
  },
  {
    name: "replace the context's extensions",
    role: role5,
    needs: ["canChangeMlsOperationalPolicies"],
    commit: (_, { extensions }) => ({ committer: alices, context: [extensions.slice(0, -1), byAlice] }),
  },
  {
    name: "reinitialize",
    role: role5,
    needs: ["canSendMLSReinitProposal"],
    commit: (_, { extensions }) => ({
      committer: bobs,
      reinit: [{ groupId: utf8("next"), version: 1, cipherSuite: 1, extensions } as never, byAlice],
    }),
  },
];

function rolesWith(holder: Holder | undefined, beside: readonly Capability[] = []): readonly Role[] {
  return [0, 1, 2, 4, 5].map((index) => {
    const isHolder = holder?.role === index;
    return roleOf({
      index,
      name: ["no_role", "banned", "member", "", "speaker", "actor"][index] ?? "",
      can: isHolder ? [...beside, ...(holder.capability === undefined ? [] : [holder.capability])] : [],
      changes: isHolder && holder.move !== undefined ? [[holder.move[0], [holder.move[1]]]] : [],
    });
  });
}

const preauth: readonly PreAuthEntry[] = [alice, dave].map((user) => ({
  claimset: [basicClaim("user", user)],
  targetRole: roleOf({ index: 4, name: "speaker" }),
}));

function roomFor(holder: Holder, beside: readonly Capability[] | undefined): PlainRoom {
  const participants: Participant[] = [
    { user: alice, role: 5 },
    { user: bob, role: 2 },
    { user: carol, role: 1 },
    { user: hub, role: 5 },
  ];
  return plainRoom(
    {
      participants,
      data: { roles_list: rolesWith(holder, beside), preauth_list: preauth, join_links: [link] },
    },
    [alices, bobs, bobsOther],
    [hub],
  );
}

function isAllowed(action: Action, holder: Holder): boolean {
  const plain = roomFor(holder, action.beside);
  const room = Room.open({ rooms: app, groupContext: contextOf(plain), members: membersOf(plain) });
  const event = plainEvent(plain, action.commit(room, plain));
  try {
    room.check(event);
    return true;
  } catch (error) {
    // Nothing else than the capability is missing, or the test would prove nothing.
    if (error instanceof RoomError && error.code === "not-allowed") return false;
    throw error;
  }
}

describe("A capability alone", () => {
  const counts = { allowed: 0, refused: 0 };

  it.each(actions)("$name", (action) => {
    let allowed = 0;
    for (const capability of [undefined, ...names]) {
      // canOpenJoin "MUST NOT appear in any non-zero role."
      if (capability === "canOpenJoin" && action.role !== 0) continue;
      for (const move of [undefined, action.move ?? ([2, 2] as const)]) {
        const holder: Holder = { role: action.role, capability, move };
        const expected =
          capability !== undefined &&
          action.needs.includes(capability) &&
          (action.move === undefined || move !== undefined);
        expect([action.name, capability, move, isAllowed(action, holder)]).toEqual([
          action.name,
          capability,
          move,
          expected,
        ]);
        counts[expected ? "allowed" : "refused"]++;
        if (expected) allowed++;
      }
    }
    // One for each capability that is enough, and where no change of role is asked for, with and without one.
    expect(allowed).toBe(
      action.needs.filter((one) => one !== "canOpenJoin" || action.role === 0).length *
        (action.move === undefined ? 2 : 1),
    );
  });

  it("was asked about every action, allowed and refused", () => {
    const tried = actions.length * (names.length + 1) * 2;
    expect(counts.allowed + counts.refused).toBeGreaterThan(tried - 2 * actions.length - 1);
    expect(counts).toMatchInlineSnapshot(`
      {
        "allowed": 104,
        "refused": 8524,
      }
    `);
  });
});
