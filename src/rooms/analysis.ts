/**
 * What a commit does to a room, before anybody asks whether it may: the changes of its components with who sent them, the changes of the
 * list of participants user by user, and the clients that come and go.
 */

import { decode } from "../codec/codec.ts";
import { AppDataUpdate } from "../extensions/app-data/update.ts";
import { requirements } from "../extensions/app-data/basics.ts";
import { AppEphemeral } from "../extensions/app-data/ephemeral.ts";
import type { CommitEvent, Member } from "../public-group/events.ts";
import type { Credential } from "../wire/credential.ts";
import type { Sender } from "../wire/framing.ts";
import { type ActorPlace, senderActor, type Actor } from "./actors.ts";
import type { RoomAppData } from "./components.ts";
import { RoomError } from "./errors.ts";
import { joinLinksUpdateFormat, type JoinLinksUpdate } from "./formats/links.ts";
import {
  applyParticipants,
  at,
  participantsUpdateFormat,
  type Participant,
  type ParticipantListUpdate,
} from "./formats/participants.ts";
import { readFormat } from "./formats/parts.ts";
import { noRole } from "./formats/roles.ts";
import type { RoleChangeOf } from "./authorize.ts";
import { identified, type Membership, type MembershipChange, type RoomClient, type Standing } from "./membership.ts";
import type { RoomComponent } from "./numbers.ts";

/** An AppDataUpdate of a component of the room, or of what the group asks of its members: app_components, safe_aad, media types. */
export interface RoomUpdate {
  readonly name: RoomComponent | "requirements";
  /** Undefined: the component's data is removed. */
  readonly update: Uint8Array | undefined;
  readonly actor: Actor;
}

/** A change of the list of participants. */
export interface ListChange extends RoleChangeOf {
  readonly actor: Actor;
}

/** A client that comes or goes, with who proposed it. */
export interface ClientMove {
  readonly leafIndex: number;
  readonly client: RoomClient;
  readonly actor: Actor;
  /** Whether a device goes out and comes in again, with its own external commit. */
  readonly isResync: boolean;
}

/** What a commit does to a room. */
export interface Analysis {
  readonly updates: readonly RoomUpdate[];
  readonly listChanges: readonly ListChange[];
  readonly linkUpdates: readonly (JoinLinksUpdate & { readonly actor: Actor })[];
  readonly added: readonly ClientMove[];
  readonly removed: readonly ClientMove[];
  readonly membership: MembershipChange;
  /** What a joiner shows, of the links. */
  readonly shownLinks: readonly Uint8Array[];
}

/** @throws RoomError "malformed", "credential", "no-user", "twice", "epoch" */
export function analyse(change: CommitEvent, place: ActorPlace): Analysis {
  const { rooms, membership } = place;
  const joining = change.external ? change.committer.credential : undefined;
  const updates = updatesIn(change.custom, place, joining);
  const lists = updates.flatMap(({ name, update, actor }) =>
    name === "participant_list" && update !== undefined
      ? [{ update: readFormat(participantsUpdateFormat, update), actor }]
      : [],
  );
  const listChanges = lists.flatMap(({ update, actor }) => listChangesOf(update, actor, membership));
  const list = lists.length === 0 ? membership.list : applyAll(membership, lists);
  const moved = clientMoves(change, place);
  return {
    updates,
    listChanges,
    linkUpdates: updates.flatMap(({ name, update, actor }) =>
      name === "join_links" && update !== undefined ? [{ ...readFormat(joinLinksUpdateFormat, update), actor }] : [],
    ),
    ...moved,
    membership: {
      users: usersTouched(listChanges, moved, membership),
      list,
      removed: moved.removed.map(({ leafIndex }) => leafIndex),
      added: [
        ...moved.added.map(({ leafIndex, client }) => [leafIndex, client] as const),
        ...change.updated.map(({ after }) => [after.leafIndex, clientOf(after, rooms)] as const),
      ],
    },
    shownLinks: joining === undefined ? [] : shownLinks(change, rooms),
  };
}

/** The AppDataUpdates of the room's components, in the commit's order. */
export function updatesIn(
  custom: CommitEvent["custom"],
  place: ActorPlace,
  joining: Credential | undefined,
): readonly RoomUpdate[] {
  const { numbers, extensionNumbers } = place.rooms;
  const names = new Map((Object.entries(numbers) as [RoomComponent, number][]).map(([name, id]) => [id, name]));
  return custom.flatMap(({ proposal, sender }) => {
    if (proposal.proposalType !== extensionNumbers.appDataUpdate) return [];
    const operation = decode(AppDataUpdate, proposal.body);
    const isRequirement = requirements.includes(operation.componentId);
    const name = isRequirement ? "requirements" : names.get(operation.componentId);
    if (name === undefined) return []; // the application's own, which knows itself who may
    const actor = senderActor(sender, place, joining);
    return [{ name, update: operation.op === "update" ? operation.update : undefined, actor }];
  });
}

/** The changes of one update of the list, by the list as it is. @throws RoomError "malformed", "no-user" */
export function listChangesOf(
  update: ParticipantListUpdate,
  actor: Actor,
  membership: Membership,
): readonly ListChange[] {
  const { changedRoleParticipants, removedIndices, addedParticipants } = update;
  const { list } = membership;
  return [
    ...changedRoleParticipants.map(({ userIndex, role }) => {
      const { user, role: from } = at(list, userIndex);
      return { user, from, to: role, actor };
    }),
    ...removedIndices.map((index) => {
      const { user, role: from } = at(list, index);
      return { user, from, to: noRole, actor };
    }),
    ...addedParticipants.map(({ user, role }) => {
      // canAddParticipant: "another user, that is not already in the participant list"
      if (membership.standing(user).role !== noRole) throw new RoomError("no-user", { by: actor.by });
      return { user, from: noRole, to: role, actor };
    }),
  ];
}

function applyAll(
  { list }: Membership,
  updates: readonly { readonly update: ParticipantListUpdate }[],
): readonly Participant[] {
  return applyParticipants(
    list,
    updates.map(({ update }) => update),
  );
}

function clientMoves(change: CommitEvent, place: ActorPlace): Pick<Analysis, "added" | "removed"> {
  const { rooms, membership } = place;
  const { added, removed, proposers, external, committer } = change;
  const joiner = external ? identified(committer.credential, rooms) : undefined;
  const leaving = removed.map(({ leafIndex }, i) => ({
    leafIndex,
    client: membership.client(leafIndex),
    by: proposerAt(proposers.removed, i),
  }));
  // The joiner's old leaf: it goes by the joiner's own Remove, or has asked to leave itself.
  const replaced = joiner !== undefined && leaving.some(({ client }) => isSameDevice(client, joiner));
  return {
    added: added.map(({ leafIndex, credential }, i) => {
      const by = proposerAt(proposers.added, i);
      const isResync = replaced && by.type === "new_member_commit";
      return { leafIndex, client: identified(credential, rooms), actor: senderActor(by, place, credential), isResync };
    }),
    removed: leaving.map(({ leafIndex, client, by }) => ({
      leafIndex,
      client,
      actor: senderActor(by, place, committer.credential),
      isResync: joiner !== undefined && by.type === "new_member_commit" && isSameDevice(client, joiner),
    })),
  };
}

function proposerAt(proposers: readonly Sender[], i: number): Sender {
  const by = proposers[i];
  if (by === undefined) throw new TypeError("the CommitEvent does not say who proposed what");
  return by;
}

/** Whether two clients are one device. */
export function isSameDevice(a: RoomClient, b: RoomClient): boolean {
  return a.user === b.user && a.device === b.device;
}

function usersTouched(
  listChanges: readonly ListChange[],
  { added, removed }: Pick<Analysis, "added" | "removed">,
  membership: Membership,
): ReadonlyMap<string, { readonly before: Standing; readonly after: Standing }> {
  const users = new Map<string, { readonly before: Standing; readonly after: Standing }>();
  const touch = (user: string, change: (after: Standing) => Standing): void => {
    const { before, after } = users.get(user) ?? both(membership.standing(user));
    users.set(user, { before, after: change(after) });
  };
  for (const { user, to } of listChanges) touch(user, (after) => ({ ...after, role: to }));
  for (const { client } of removed) touch(client.user, (after) => ({ ...after, clients: after.clients - 1 }));
  for (const { client } of added) touch(client.user, (after) => ({ ...after, clients: after.clients + 1 }));
  return users;
}

function both(standing: Standing): { readonly before: Standing; readonly after: Standing } {
  return { before: standing, after: standing };
}

/** The links that a joiner shows with its commit. */
function shownLinks({ custom }: CommitEvent, { numbers, extensionNumbers }: RoomAppData): readonly Uint8Array[] {
  return custom.flatMap(({ proposal, sender }) => {
    if (proposal.proposalType !== extensionNumbers.appEphemeral || sender.type !== "new_member_commit") return [];
    const { componentId, data } = decode(AppEphemeral, proposal.body);
    return componentId === numbers.join_links ? [data] : [];
  });
}

function clientOf({ credential }: Member, rooms: RoomAppData): RoomClient {
  return identified(credential, rooms);
}
