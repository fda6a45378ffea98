/**
 * A room: what its group's context says of it, and who is in it. It is moved from commit to commit, beside a `Group` or an `Observer`.
 *
 *     const room = Room.open({ rooms, groupContext: group.groupContext, members: group.members });
 *     // GroupOptions: review: (change) => room.allows(change)
 *     room.follow(change); // of each commit that the group has taken
 */

import {
  hook,
  is,
  list,
  oneOf,
  options as optionsOf,
  text,
  thing,
  uint32,
  variants,
  type Shape,
} from "../bytes/takes.ts";
import type { CommitEvent, Member, ProposalEvent } from "../public-group/events.ts";
import { dataInContextOf } from "./data.ts";
import type { GroupContext } from "../wire/group-context.ts";
import type { Extension } from "../wire/extension.ts";
import { actorOf, can, type ActorPlace } from "./actors.ts";
import { analyse, type Analysis } from "./analysis.ts";
import { lacksForClient, lacksForClientRemoval, lacksForRole, type Lacking } from "./authorize.ts";
import { checkCommit, checkLimits, checkRules } from "./check.ts";
import { checkRoomAppData, type RoomAppData } from "./components.ts";
import { RoomError } from "./errors.ts";
import { capabilities, type Capability } from "./formats/capabilities.ts";
import { metadataCapabilities, type RoomMetadata } from "./formats/metadata.ts";
import { readParticipants } from "./formats/participants.ts";
import { bannedRole, noRole, type Role } from "./formats/roles.ts";
import { Membership, type Standing } from "./membership.ts";
import { checkProposed } from "./proposed.ts";
import { readRules, type RoomData, type RoomRules } from "./rules.ts";

/** Options of `Room.open`. */
export interface RoomOptions {
  readonly rooms: RoomAppData;
  /** Of a group or an observer. */
  readonly groupContext: GroupContext;
  readonly members: Iterable<Member>;
}

/** What is known beside the group's state and the commit. */
export interface CheckOptions {
  /**
   * Whether a user is a participant of the parent room. The hub says so, which has both rooms in one order: members that asked it of
   * their own, older or newer, view of the parent would part.
   */
  readonly isInParent?: (user: string) => boolean;
}

/** A participant of a room, as the application sees it. */
export interface RoomParticipant {
  readonly user: string;
  /** Its place in the list, by which updates name it. */
  readonly index: number;
  readonly role: number;
  /** How many clients the user has in the group. */
  readonly clients: number;
}

/** What a user may want to do. */
export type RoomAction =
  | { readonly kind: "add"; readonly user: string; readonly role: number }
  | { readonly kind: "remove" | "kick" | "ban"; readonly user: string }
  | { readonly kind: "unban" | "change-role"; readonly user: string; readonly role: number }
  | { readonly kind: "leave" | "add-own-client" | "remove-own-client" }
  | { readonly kind: "change-metadata"; readonly field: Exclude<keyof RoomMetadata, "roomUri"> }
  | { readonly kind: "can"; readonly capability: Capability };

const shape: Shape<RoomOptions> = {
  rooms: checkRoomAppData,
  groupContext: thing("a group context", {}),
  members: is("members of a group", (value) => typeof value === "object" && value !== null && Symbol.iterator in value),
};
const takenOptions = optionsOf(shape, "rooms", "groupContext", "members");
const takenCheck = optionsOf({ isInParent: hook } satisfies Shape<CheckOptions>);
const aChange = thing("a CommitEvent", { kind: oneOf("commit") }, ["kind"]);
const aCapability = is("the name of a capability", (value) => Object.hasOwn(capabilities, value as string));
const kind = { kind: text };
const ofUser = optionsOf({ ...kind, user: text }, "user");
const ofUserAndRole = optionsOf({ ...kind, user: text, role: uint32 }, "user", "role");
const ofNobody = optionsOf(kind);
const anAction = variants("kind", {
  add: ofUserAndRole,
  remove: ofUser,
  kick: ofUser,
  ban: ofUser,
  unban: ofUserAndRole,
  "change-role": ofUserAndRole,
  leave: ofNobody,
  "add-own-client": ofNobody,
  "remove-own-client": ofNobody,
  "change-metadata": optionsOf({ ...kind, field: oneOf(...Object.keys(metadataCapabilities)) }, "field"),
  can: optionsOf({ ...kind, capability: aCapability }, "capability"),
});

/** A room, at an epoch of its group. */
export class Room {
  readonly rooms: RoomAppData;
  readonly #membership: Membership;
  #rules: RoomRules;
  #extensions: readonly Extension[];
  #epoch: bigint;
  /** What was looked at for a commit: `follow` needs it once more. */
  #looked: { readonly change: CommitEvent; readonly analysis: Analysis; readonly after: RoomRules } | undefined;

  private constructor(rooms: RoomAppData, { groupContext, members }: RoomOptions) {
    const { extensions, epoch } = groupContext;
    this.rooms = rooms;
    const list = readParticipants(dataInContextOf(extensions, "participant_list", rooms));
    this.#rules = readRules(extensions, rooms);
    this.#membership = Membership.of(list, members, rooms);
    this.#extensions = extensions;
    this.#epoch = epoch;
  }

  /**
   * The room of a group, by its current epoch. Every member is looked at once; from then on a commit costs what it changes.
   *
   *     const room = Room.open({ rooms, groupContext: observer.groupContext, members: observer.members });
   *
   * @throws RoomError "missing" where the group is none; that of a rule which the room breaks as it is.
   */
  static open(options: RoomOptions): Room {
    takenOptions("Room.open", options);
    const room = new Room(options.rooms, options);
    checkLimits(room.#rules, room.#membership.totals);
    checkRules(room.#rules, room.#membership.totals);
    if (
      room.#membership.list.some(({ user, role }) => role === bannedRole && room.#membership.standing(user).clients > 0)
    ) {
      throw new RoomError("banned");
    }
    return room;
  }

  /** The epoch of the group that this is the room of. */
  get epoch(): bigint {
    return this.#epoch;
  }

  /** mimi://host/r/room */
  get uri(): string {
    return this.data.room_metadata.roomUri;
  }

  /** Metadata, roles and policies, by the names of their components. Read only. */
  get data(): RoomData {
    return this.#rules.data;
  }

  /** The participants, in the order of their indexes, banned ones and those without clients among them. */
  get participants(): Iterable<RoomParticipant> {
    const membership = this.#membership;
    return {
      *[Symbol.iterator]() {
        for (const [index, { user, role }] of membership.list.entries()) {
          yield { user, index, role, clients: membership.standing(user).clients };
        }
      },
    };
  }

  /** How many participants there are, banned ones among them. */
  get size(): number {
    return this.#membership.list.length;
  }

  /** A user's role, and its clients in the group; undefined where it is no participant. */
  participant(user: string): Standing | undefined {
    text("user", user);
    const standing = this.#membership.standing(user);
    return standing.role === noRole ? undefined : { ...standing };
  }

  /** A user's place in the list. @throws RoomError "no-user" */
  indexOf(user: string): number {
    text("user", user);
    const index = this.#membership.list.findIndex((participant) => participant.user === user);
    if (index < 0) throw new RoomError("no-user");
    return index;
  }

  /** The definition of a role. */
  role(index: number): Role | undefined {
    uint32("index", index);
    return this.#rules.roles.get(index);
  }

  /**
   * Whether a commit may be: the rules of the drafts for it, by the group's state and the commit alone.
   *
   * @throws RoomError of the rule that it breaks.
   */
  check(change: CommitEvent, options: CheckOptions = {}): void {
    aChange("change", change);
    takenCheck("check", options);
    const { analysis, after } = this.#look(change);
    checkCommit({
      ...this.#place,
      change,
      analysis,
      after,
      totals: this.#membership.after(analysis.membership),
      isInParent: options.isInParent,
    });
  }

  /** As `check`, for the `review` of a group or an observer: the error's code goes to `refused`. */
  allows(change: CommitEvent, refused?: (error: RoomError) => void): boolean {
    try {
      this.check(change);
      return true;
    } catch (error) {
      if (!(error instanceof RoomError)) throw error;
      refused?.(error);
      return false;
    }
  }

  /**
   * Whether a proposal may be at all, before it is kept or handed on: one that nobody may commit would have every commit refused
   * that refers to it. What depends on the rest of its commit is asked of the commit.
   *
   * @throws RoomError of the rule that it breaks.
   */
  checkProposal(event: ProposalEvent): void {
    thing("a ProposalEvent", { kind: oneOf("proposal") }, ["kind"])("event", event);
    checkProposed(event, this.#place);
  }

  /**
   * The group has taken a commit: go on to the next epoch. Of what was rolled back, `Room.open` makes the room again.
   *
   * @throws RoomError "epoch" where it is not the next one.
   */
  follow(change: CommitEvent): void {
    aChange("change", change);
    const { analysis, after } = this.#look(change);
    this.#membership.take(analysis.membership);
    this.#rules = after;
    this.#extensions = change.contextExtensions.after;
    this.#epoch = change.epoch;
    this.#looked = undefined;
  }

  /**
   * Whether a user may do something now, for an application's buttons. What depends on more than roles, such as how many may have one,
   * is asked of the commit.
   */
  mayDo(user: string, action: RoomAction): boolean {
    text("user", user);
    anAction("action", action);
    return this.#lacks(user, action) === undefined;
  }

  /**
   * Whether a user may send what needs these capabilities: "canSendMessage", and what the message does.
   *
   * @throws RoomError "not-allowed" with the one that lacks.
   */
  checkMessage(user: string, needed: readonly Capability[] = ["canSendMessage"]): void {
    text("user", user);
    list(aCapability)("needed", needed);
    const actor = actorOf(user, this.#place);
    if (actor.roleIndex === noRole) throw new RoomError("not-allowed", { rule: "canSendMessage" });
    const lacking = needed.find((capability) => !can(actor, capability));
    if (lacking !== undefined) throw new RoomError("not-allowed", { rule: lacking });
  }

  /**
   * Of a room that depends on another: the participants that have left that one, who "are automatically removed". The hub proposes that,
   * or whoever may.
   */
  outsideParent(isInParent: (user: string) => boolean): readonly string[] {
    hook("isInParent", isInParent);
    return this.#membership.list.flatMap(({ user, role }) => (role === bannedRole || isInParent(user) ? [] : [user]));
  }

  get #place(): ActorPlace {
    return { rooms: this.rooms, rules: this.#rules, membership: this.#membership, extensions: this.#extensions };
  }

  /** What a commit does to this room, and what holds then. */
  #look(change: CommitEvent): { readonly analysis: Analysis; readonly after: RoomRules } {
    if (this.#looked?.change === change) return this.#looked;
    if (change.epoch !== this.#epoch + 1n) throw new RoomError("epoch");
    const { before, after: next } = change.contextExtensions;
    const analysis = analyse(change, this.#place);
    const after = before === next ? this.#rules : readRules(next, this.rooms, this.#rules);
    this.#looked = { change, analysis, after };
    return this.#looked;
  }

  #lacks(user: string, action: RoomAction): Lacking {
    const place = this.#place;
    const actor = actorOf(user, place);
    const roleOf = (other: string): number => this.#membership.standing(other).role;
    const isFixed = this.data.base_room_policy.fixedMembership;
    const toRole = (other: string, to: number): Lacking => {
      const from = roleOf(other);
      if (from === to) return "canChangeUserRole";
      if (to !== noRole && !this.#rules.roles.has(to)) return "canChangeUserRole";
      if (isFixed && (from === noRole || to === noRole)) return "canAddParticipant";
      return lacksForRole(actor, { user: other, from, to }, place);
    };
    switch (action.kind) {
      case "can":
        return can(actor, action.capability) ? undefined : action.capability;
      case "add":
        return roleOf(action.user) === noRole ? toRole(action.user, action.role) : "canAddParticipant";
      case "remove":
        return roleOf(action.user) === noRole ? "canRemoveParticipant" : toRole(action.user, noRole);
      case "leave":
        return roleOf(user) === noRole ? "canRemoveSelf" : toRole(user, noRole);
      case "ban":
        return toRole(action.user, bannedRole);
      case "unban":
        return roleOf(action.user) === bannedRole && action.role !== noRole
          ? toRole(action.user, action.role)
          : "canUnBan";
      case "change-role":
        return roleOf(action.user) === noRole || action.role === noRole
          ? "canChangeUserRole"
          : toRole(action.user, action.role);
      case "kick":
        return action.user === user ? "canKick" : lacksForClientRemoval(actor, { user: action.user, isResync: false });
      case "add-own-client": {
        const standing = this.#membership.standing(user);
        return standing.role === noRole
          ? "canAddOwnClient"
          : lacksForClient(actor, { user, before: standing, after: standing, isResync: false }, place);
      }
      case "remove-own-client":
        return lacksForClientRemoval(actor, { user, isResync: false });
      case "change-metadata": {
        const capability = metadataCapabilities[action.field];
        return can(actor, capability) ? undefined : capability;
      }
    }
  }
}
