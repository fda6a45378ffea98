/**
 * Who may do what: the capabilities of draft-ietf-mimi-room-policy section 8, each as one question. Each asks for the role that the
 * actor had before the commit, and for the roles as they were.
 */

import type { Actor } from "./actors.ts";
import { can, canMove } from "./actors.ts";
import { preauthorizedRole } from "./claims.ts";
import type { RoomAppData } from "./components.ts";
import type { Capability } from "./formats/capabilities.ts";
import { bannedRole, may, noRole } from "./formats/roles.ts";
import type { Standing } from "./membership.ts";
import type { RoomRules } from "./rules.ts";

/** The room in which it is asked. */
export interface AuthorizePlace {
  readonly rooms: RoomAppData;
  readonly rules: RoomRules;
}

/** A change of the list: 0 is who is not in it. */
export interface RoleChangeOf {
  readonly user: string;
  readonly from: number;
  readonly to: number;
}

/** Somebody who comes in from outside by its own commit. */
export interface Joining {
  /** Whether it has shown one of the room's links. */
  readonly hasLink: boolean;
}

/** The capability that lacks, or undefined where nothing does. */
export type Lacking = Capability | undefined;

/** Whether an actor may change a user's role, add the user or remove it. */
export function lacksForRole(actor: Actor, change: RoleChangeOf, place: AuthorizePlace, joining?: Joining): Lacking {
  const isOwn = actor.user === change.user;
  if (change.from === noRole) {
    return isOwn ? lacksForJoin(actor, change.to, place, joining) : lacksForAddition(actor, change.to);
  }
  if (change.to === noRole) return lacksForRemoval(actor, change.from, isOwn);
  return isOwn ? lacksForOwnRole(actor, change.to, place) : lacksForOthersRole(actor, change);
}

/**
 * canAddParticipant: "The `authorized_role_changes` list MUST have an entry where the `authorized_role_changes.from_role_index`
 * equals zero, and that entry's `target_role_indexes` list includes the target role." Who may ban may also ban somebody who never was
 * in the room: its current role is 0.
 */
function lacksForAddition(actor: Actor, to: number): Lacking {
  if (!canMove(actor, noRole, to)) return "canAddParticipant";
  if (can(actor, "canAddParticipant")) return undefined;
  return to === bannedRole && can(actor, "canBan") ? undefined : "canAddParticipant";
}

/** Who adds itself comes in from outside: canOpenJoin, canJoinIfPreauthorized, canUseJoinCode. */
function lacksForJoin(actor: Actor, to: number, { rooms, rules }: AuthorizePlace, joining?: Joining): Lacking {
  if (joining === undefined || actor.credential === undefined) return "canAddParticipant";
  const { roles, data } = rules;
  const target = roles.get(to);
  // "a client that is not already in the participant list can externally join as that target role if authorized for that role as
  // the first matching role": the capability is the target role's.
  const preauthorized = preauthorizedRole(data.preauth_list ?? [], actor.credential, rooms.claims);
  if (target !== undefined && preauthorized === to && may(target, "canJoinIfPreauthorized")) return undefined;
  // "The holder can add itself with any non-zero `target_role_indexes` from that entry". A code's target role the draft leaves open: it
  // is one of these, too.
  if (!canMove(actor, noRole, to)) return "canOpenJoin";
  if (can(actor, "canOpenJoin")) return undefined;
  return joining.hasLink && can(actor, "canUseJoinCode") ? undefined : "canUseJoinCode";
}

/** canRemoveSelf, canRemoveParticipant: "removal of another user (excluding itself) from the participant list". */
function lacksForRemoval(actor: Actor, from: number, isOwn: boolean): Lacking {
  const capability = isOwn ? "canRemoveSelf" : "canRemoveParticipant";
  return can(actor, capability) && canMove(actor, from, noRole) ? undefined : capability;
}

/**
 * canChangeOwnRole: "the first non-zero role it matches in the Preauthorized users component [...] The `authorized_role_changes` list
 * is *not* consulted."
 */
function lacksForOwnRole(actor: Actor, to: number, { rooms, rules }: AuthorizePlace): Lacking {
  if (actor.credential === undefined || !can(actor, "canChangeOwnRole")) return "canChangeOwnRole";
  const first = preauthorizedRole(rules.data.preauth_list ?? [], actor.credential, rooms.claims);
  return first === to ? undefined : "canChangeOwnRole";
}

/** canChangeUserRole, canBan, canUnban: all three by the holder's `authorized_role_changes`. */
function lacksForOthersRole(actor: Actor, { from, to }: RoleChangeOf): Lacking {
  const isAllowed = canMove(actor, from, to);
  if (isAllowed && can(actor, "canChangeUserRole")) return undefined;
  if (to === bannedRole) return isAllowed && can(actor, "canBan") ? undefined : "canBan";
  if (from === bannedRole) return isAllowed && can(actor, "canUnBan") ? undefined : "canUnBan";
  return "canChangeUserRole";
}

/** A client that comes in. */
export interface ClientChange {
  readonly user: string;
  /** Before the commit and after it. */
  readonly before: Standing;
  readonly after: Standing;
  /** Whether a client of the same device goes out with the same external commit. */
  readonly isResync: boolean;
}

/** Whether an actor may add a client of a user. */
export function lacksForClient(actor: Actor, change: ClientChange, { rules }: AuthorizePlace): Lacking {
  const { user, before, after, isResync } = change;
  if (actor.user === user) {
    // A joiner that adds itself to the list was asked for that. Who takes its own old leaf's place adds nothing.
    if (before.role === noRole || isResync) return undefined;
    return can(actor, "canAddOwnClient") ? undefined : "canAddOwnClient";
  }
  // "When the participant list addition for the target role is authorized, the holder is also authorized to add any MLS clients matching
  // the added user": in that commit, or in a later one (mimi-protocol 5.3: "either before or simultaneously").
  if (lacksForAddition(actor, after.role) === undefined && can(actor, "canAddParticipant")) return undefined;
  // Section 5: where membership is fixed nobody can be added, and "clients of existing participants can be added".
  const isFixed = rules.data.base_room_policy.fixedMembership && before.role !== noRole;
  return isFixed && actor.roleIndex > bannedRole ? undefined : "canAddParticipant";
}

/**
 * Whether an actor may take out a client of a user who stays in the list. canRemoveOwnClient, and canRemoveSelf, which a leaving
 * member may hold alone: where the change of the list comes in another commit than its client's removal. canKick.
 */
export function lacksForClientRemoval(
  actor: Actor,
  { user, isResync }: Pick<ClientChange, "user" | "isResync">,
): Lacking {
  if (actor.user !== user) return can(actor, "canKick") ? undefined : "canKick";
  if (isResync || can(actor, "canRemoveOwnClient") || can(actor, "canRemoveSelf")) return undefined;
  return "canRemoveOwnClient";
}
