/**
 * Ready roles: those of the draft's examples (draft-ietf-mimi-room-policy appendix A), and of rooms that it describes without a table.
 *
 * Where they are not the draft's to the letter, it is this: its "canRevokeVoice" and "canGrantVoice" have no number and stand nowhere;
 * a role of the hub, which it has in every example, asks for no participant of its own here, as a room may have none; what lets admins
 * change timers, links and policies the draft has reserved (`canChangeOtherPolicyAttribute`, `canCreateJoinCode`, ...), and without it
 * nobody could.
 */

import { capabilities, type Capability } from "../formats/capabilities.ts";
import type { Role, RoleChange } from "../formats/roles.ts";

/** A role in words. */
export interface RoleChoice {
  readonly index: number;
  readonly name: string;
  readonly description?: string;
  readonly can?: readonly Capability[];
  /** [from, [to, ...]] */
  readonly changes?: readonly (readonly [from: number, to: readonly number[]])[];
  readonly participants?: { readonly min?: number; readonly max?: number };
  /** Participants with a client in the group. */
  readonly active?: { readonly min?: number; readonly max?: number };
}

/** A role as it stands in roles_list. */
export function roleOf(choice: RoleChoice): Role {
  const { index, name, description = "", can = [], changes = [], participants = {}, active = {} } = choice;
  const { min: minimumParticipants = 0, max: maximumParticipants } = participants;
  const { min: minimumActive = 0, max: maximumActive } = active;
  return {
    roleIndex: index,
    roleName: name,
    roleDescription: description,
    roleCapabilities: [...new Set(can.map((capability) => capabilities[capability]))],
    minimumParticipants,
    maximumParticipants,
    minimumActive,
    maximumActive,
    authorizedRoleChanges: changes.map(([from, to]): RoleChange => ({ from, to })),
  };
}

function rolesOf(choices: readonly RoleChoice[]): readonly Role[] {
  return choices.map(roleOf);
}

/** As the draft's admins may: from each of these roles to each other. */
function among(...roles: readonly number[]): NonNullable<RoleChoice["changes"]> {
  return roles.map((from) => [from, roles.filter((to) => to !== from)] as const);
}

const nobody = { max: 0 };

const banned: RoleChoice = { index: 1, name: "banned", active: nobody };

const reading: readonly Capability[] = [
  "canReceiveMessage",
  "canCopyMessage",
  "canReactToMessage",
  "canEditReaction",
  "canDeleteOwnReaction",
  "canFollowLink",
  "canCopyLink",
  "canDownloadImage",
  "canDownloadVideo",
  "canDownloadAudio",
];
const files: readonly Capability[] = ["canUploadImage", "canUploadVideo", "canUploadAudio", "canUploadAttachment"];
const writing: readonly Capability[] = [
  ...reading,
  ...files,
  "canDownloadAttachment",
  "canSendMessage",
  "canReportAbuse",
  "canReplyToMessage",
  "canEditOwnMessage",
  "canDeleteOwnMessage",
  "canStartTopic",
  "canReplyInTopic",
  "canSendLink",
  "canSendLinkPreview",
];
const oneself: readonly Capability[] = [
  "canChangeOwnName",
  "canChangeOwnPresence",
  "canChangeOwnMood",
  "canChangeOwnAvatar",
];
const ownClients: readonly Capability[] = ["canAddOwnClient", "canRemoveOwnClient"];
const calling: readonly Capability[] = [
  "canStartCall",
  "canJoinCall",
  "canSendAudio",
  "canReceiveAudio",
  "canSendVideo",
  "canReceiveVideo",
  "canShareScreen",
  "canViewSharedScreen",
];
const naming: readonly Capability[] = [
  "canChangeRoomName",
  "canChangeRoomAvatar",
  "canChangeRoomSubject",
  "canChangeRoomMood",
];
const moderating: readonly Capability[] = [
  "canBan",
  "canUnBan",
  "canKick",
  "canChangeUserRole",
  "canDeleteOtherReaction",
  "canDeleteOtherMessage",
  "canEditOwnTopic",
  "canEditOtherTopic",
  "canCreateJoinCode",
  "canDeleteJoinCode",
];
const owning: readonly Capability[] = [
  "canChangeRoomMembershipStyle",
  "canChangeRoleDefinitions",
  "canChangePreauthorizedUserList",
  "canChangeMlsOperationalPolicies",
  "canDestroyRoom",
  "canSendMLSReinitProposal",
];
const adding: readonly Capability[] = ["canAddParticipant", "canRemoveParticipant"];
const timers: readonly Capability[] = ["canChangeOtherPolicyAttribute"];

/**
 * The hub's role: "can remove a banned user from the list (cleanup) but not restore them". The draft's examples also let it change the
 * definitions of roles, by which it could give itself any other capability; its section 4 says what is meant: "to remove participants
 * and to ban them, but not to add any users or devices".
 */
function enforcer(index: number, others: readonly number[]): RoleChoice {
  return {
    index,
    name: "policy_enforcer",
    can: ["canRemoveParticipant", "canChangeUserRole", "canBan", "canUnBan"],
    changes: [[0, [1]], [1, [0]], ...others.map((from) => [from, [0, 1]] as const)],
    participants: { max: 2 },
    active: nobody,
  };
}

/** Appendix A.1: friends and family, and small groups of peers. */
export const cooperativeRoles: readonly Role[] = /* @__PURE__ */ rolesOf([
  { index: 0, name: "no_role", active: nobody },
  banned,
  {
    index: 2,
    name: "ordinary_user",
    can: [
      ...writing,
      ...oneself,
      ...ownClients,
      ...calling,
      ...naming,
      ...adding,
      ...timers,
      "canRemoveSelf",
      "canEditOwnTopic",
    ],
    changes: [
      [0, [2]],
      [2, [0]],
    ],
  },
  {
    index: 3,
    name: "group_admin",
    can: [
      ...writing,
      ...oneself,
      ...ownClients,
      ...calling,
      ...naming,
      ...adding,
      ...moderating,
      ...timers,
      "canRemoveSelf",
      "canChangeRoomDescription",
    ],
    changes: among(0, 1, 2, 3),
    participants: { min: 1 },
  },
  {
    index: 4,
    name: "super_admin",
    can: [
      ...writing,
      ...oneself,
      ...ownClients,
      ...calling,
      ...naming,
      ...adding,
      ...moderating,
      ...timers,
      ...owning,
      "canRemoveSelf",
      "canChangeRoomDescription",
    ],
    changes: among(0, 1, 2, 3, 4),
  },
  enforcer(5, [2, 3, 4]),
]);

/** Appendix A.2: admins decide who is in it. A link leads to role 2. */
export const administeredRoles: readonly Role[] = /* @__PURE__ */ rolesOf([
  { index: 0, name: "no_role", can: ["canUseJoinCode"], changes: [[0, [2]]], active: nobody },
  banned,
  {
    index: 2,
    name: "ordinary_user",
    can: [
      ...writing,
      ...oneself,
      ...ownClients,
      ...calling,
      "canJoinIfPreauthorized",
      "canRemoveSelf",
      "canChangeOwnRole",
    ],
    changes: [
      [0, [2]],
      [2, [0]],
    ],
  },
  {
    index: 3,
    name: "group_admin",
    can: [
      ...writing,
      ...oneself,
      ...ownClients,
      ...calling,
      ...naming,
      ...adding,
      ...moderating,
      ...timers,
      "canJoinIfPreauthorized",
      "canRemoveSelf",
      "canChangeOwnRole",
      "canChangeRoomDescription",
    ],
    changes: among(0, 1, 2, 3),
    participants: { min: 1 },
  },
  {
    index: 4,
    name: "super_admin",
    can: [
      ...writing,
      ...oneself,
      ...ownClients,
      ...calling,
      ...naming,
      ...adding,
      ...moderating,
      ...timers,
      ...owning,
      "canJoinIfPreauthorized",
      "canRemoveSelf",
      "canChangeOwnRole",
      "canChangeRoomDescription",
    ],
    changes: among(0, 1, 2, 3, 4),
  },
  enforcer(5, [2, 3, 4]),
]);

const attending: readonly Capability[] = [
  ...reading,
  ...ownClients,
  ...oneself,
  "canRemoveSelf",
  "canJoinIfPreauthorized",
  "canChangeOwnRole",
  "canReportAbuse",
  "canReplyInTopic",
  "canDownloadAttachment",
  "canJoinCall",
  "canReceiveAudio",
  "canReceiveVideo",
  "canViewSharedScreen",
];
const speaking: readonly Capability[] = [...attending, ...writing, ...calling];

/** Appendix A.3: who may speak is given the word. Guests and attendees listen; a link makes one of them. */
export const moderatedRoles: readonly Role[] = /* @__PURE__ */ rolesOf([
  { index: 0, name: "no_role", can: ["canUseJoinCode"], changes: [[0, [2, 3]]] },
  banned,
  {
    index: 2,
    name: "guest",
    can: [...reading, "canRemoveSelf"],
    changes: [
      [0, [2]],
      [2, [0]],
    ],
  },
  {
    index: 3,
    name: "attendee",
    can: attending,
    changes: [
      [0, [3]],
      [3, [0]],
    ],
  },
  {
    index: 4,
    name: "speaker",
    can: speaking,
    changes: [
      [0, [4]],
      [4, [0]],
    ],
  },
  {
    index: 5,
    name: "moderator",
    can: [...speaking, ...naming, ...adding, ...moderating, ...timers],
    changes: among(0, 1, 2, 3, 4, 5),
    participants: { min: 1 },
  },
  {
    index: 6,
    name: "super_admin",
    can: [...speaking, ...naming, ...adding, ...moderating, ...timers, ...owning, "canChangeRoomDescription"],
    changes: among(0, 1, 2, 3, 4, 5, 6),
  },
  enforcer(7, [2, 3, 4, 5, 6]),
]);

/** Section 5, fixed_membership: all are alike, nobody is added, nobody leaves the list, and devices come and go. */
export const directRoles: readonly Role[] = /* @__PURE__ */ rolesOf([
  { index: 0, name: "no_role", active: nobody },
  banned,
  {
    index: 2,
    name: "ordinary_user",
    can: [
      ...writing,
      ...oneself,
      ...ownClients,
      ...calling,
      ...naming,
      ...timers,
      "canEditOwnTopic",
      "canChangeRoomDescription",
    ],
  },
]);

/** Few speak, everybody listens and may come and go. */
export const broadcastRoles: readonly Role[] = /* @__PURE__ */ rolesOf([
  { index: 0, name: "no_role", can: ["canOpenJoin", "canUseJoinCode"], changes: [[0, [2]]] },
  banned,
  {
    index: 2,
    name: "subscriber",
    can: [...reading, ...ownClients, "canRemoveSelf", "canReportAbuse", "canDownloadAttachment"],
    changes: [[2, [0]]],
  },
  {
    index: 3,
    name: "publisher",
    can: [...writing, ...oneself, ...ownClients, "canRemoveSelf"],
    changes: [[3, [0]]],
  },
  {
    index: 4,
    name: "owner",
    can: [
      ...writing,
      ...oneself,
      ...ownClients,
      ...naming,
      ...adding,
      ...moderating,
      ...timers,
      ...owning,
      "canRemoveSelf",
      "canChangeRoomDescription",
    ],
    changes: among(0, 1, 2, 3, 4),
    participants: { min: 1 },
  },
  enforcer(5, [2, 3, 4]),
]);

/**
 * A room beside another, for a call: it begins with the parent's participants, each of whom brings its devices in by itself. Nobody comes
 * in who is not in the list: members can't see whether a stranger is in the parent by the group's state alone.
 */
export const callRoles: readonly Role[] = /* @__PURE__ */ rolesOf([
  { index: 0, name: "no_role", active: nobody },
  banned,
  {
    index: 2,
    name: "caller",
    can: [...writing, ...oneself, ...ownClients, ...calling, "canAddParticipant", "canRemoveSelf"],
    changes: [
      [0, [2]],
      [2, [0]],
    ],
  },
  {
    index: 3,
    name: "host",
    can: [...writing, ...oneself, ...ownClients, ...calling, ...naming, ...adding, ...moderating, "canRemoveSelf"],
    changes: among(0, 1, 2, 3),
  },
  enforcer(4, [2, 3]),
]);
