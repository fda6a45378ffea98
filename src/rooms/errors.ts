/**
 * The errors of rooms: one class, and one list of codes. A commit that breaks a rule of its room is told by the code, with who
 * proposed what broke it.
 */

import type { Sender } from "../wire/framing.ts";

/** What each code means, and what to do. */
export const roomErrorCodes = {
  uri: "it is no MIMI URI of this kind, or not in its one spelling: mimi://host/u/alice",
  malformed: "the data of a component of the room is not what the drafts say",
  missing: "the group has no participants, roles, policy or metadata: it is no room",
  epoch: "the commit is not the next one of this room: follow those before it first",
  credential: "a member's credential names no device of a user",
  identity: "a member's new leaf is another device's",
  "not-allowed": "the role of whoever proposed it lacks the capability, or may not make this change of role",
  "no-user": "there is no such user in the room, or it is there already",
  "role-unknown": "the room has no such role, or somebody would have a role that is gone",
  "role-count": "fewer or more participants would have the role than it allows",
  "active-count": "fewer or more participants of the role would have clients in the group than it allows",
  "not-participant": "a client would be in the group whose user is no participant",
  banned: "a client of a banned user would be in the group",
  fixed: "nobody is added to a room of fixed membership, and nobody leaves it",
  parent: "a participant of the room is none of the parent room",
  "single-device": "a user would have several devices in a room of one device each",
  "max-clients": "the room's group would have more clients than its policy allows",
  "max-users": "the room would have more users than its policy allows",
  mixed: "roles and preauthorizations don't change in one commit with participants",
  twice: "a commit changes this once",
  required: "a room keeps its participants, roles, policy and metadata, and the extensions that they need",
  context: "the data of a room is changed by AppDataUpdates and by nothing else",
  "room-uri": "a room keeps its URI",
  "join-link": "the join link is none of the room's, or serves one user and is not taken back by it",
  outside: "the room's operational policy allows no commits or proposals from outside",
} as const;

/** A literal code, stable within a major version. */
export type RoomErrorCode = keyof typeof roomErrorCodes;

/** What may be said beside the code. */
export interface RoomErrorDetail {
  /** In words that name no user. */
  readonly detail?: string;
  /** The capability that lacks, or the draft's sentence that is broken. */
  readonly rule?: string;
  /** Who proposed it. */
  readonly by?: Sender | undefined;
  readonly cause?: unknown;
}

/** Every failure of a room that is not the caller's wrong argument, which is a TypeError. Branch on `code`. */
export class RoomError extends Error {
  override readonly name = "RoomError";
  readonly code: RoomErrorCode;
  readonly rule: string | undefined;
  readonly by: Sender | undefined;

  constructor(code: RoomErrorCode, { detail, rule, by, cause }: RoomErrorDetail = {}) {
    super(
      `${code}: ${roomErrorCodes[code]}${detail === undefined ? "" : `: ${detail}`}${rule === undefined ? "" : ` (${rule})`}`,
      cause === undefined ? {} : { cause },
    );
    this.code = code;
    this.rule = rule;
    this.by = by;
  }
}
