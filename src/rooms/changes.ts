/**
 * Changes of a room, as a client commits or proposes them: `group.commit({ custom: [...] })`. What a change needs of the group beside
 * it is said at each. They say what is wanted; whether it may be, `Room.check` says of the commit.
 */

import { bytes, is, isObject, list, text, uint32 } from "../bytes/takes.ts";
import { bytesEqual } from "../bytes/compare.ts";
import type { CustomChoice } from "../extensions/app-data/update.ts";
import { roomFormats } from "./components.ts";
import { RoomError } from "./errors.ts";
import type { BaseRoomPolicy } from "./formats/base-policy.ts";
import { joinLinksUpdateFormat, type JoinLinksUpdate } from "./formats/links.ts";
import type { RoomMetadata } from "./formats/metadata.ts";
import { participantsUpdateFormat, type Participant, type ParticipantListUpdate } from "./formats/participants.ts";
import { writeFormat } from "./formats/parts.ts";
import type { MessageExpirationPolicy } from "./formats/policies.ts";
import { bannedRole } from "./formats/roles.ts";
import type { RoomComponent } from "./numbers.ts";
import { Room } from "./room.ts";
import type { RoomData } from "./rules.ts";

const aRoom = is("a Room", (value) => value instanceof Room);
const anObject = is("an object", isObject);
const someUsers = list(text);
const someParticipants = list((place, value) => {
  anObject(place, value);
  const { user, role } = value as Participant;
  text(`${place}.user`, user);
  uint32(`${place}.role`, role);
});

const nothing: ParticipantListUpdate = { changedRoleParticipants: [], removedIndices: [], addedParticipants: [] };

/** An update of the list of participants in its own words. One a commit is enough for any number of users. */
export function changeParticipants(
  room: Room,
  change: {
    readonly add?: readonly Participant[];
    readonly remove?: readonly string[];
    readonly roles?: readonly Participant[];
  },
): CustomChoice {
  aRoom("room", room);
  const { add = [], remove = [], roles = [] } = change;
  someParticipants("add", add);
  someUsers("remove", remove);
  someParticipants("roles", roles);
  return participantsUpdate(room, {
    changedRoleParticipants: roles.map(({ user, role }) => ({ userIndex: room.indexOf(user), role })),
    removedIndices: remove.map((user) => room.indexOf(user)),
    addedParticipants: add,
  });
}

/**
 * Add users: with the Adds of their clients, or of those that come later.
 *
 *     await group.commit({ add: keyPackages, custom: [addParticipants(room, [{ user: bob, role: 2 }])] });
 */
export function addParticipants(room: Room, participants: readonly Participant[]): CustomChoice {
  return changeParticipants(room, { add: participants });
}

/**
 * Remove users: with Removes of all of their clients.
 *
 *     await group.commit({ remove: clientsOf(group, bob), custom: [removeParticipants(room, [bob])] });
 */
export function removeParticipants(room: Room, users: readonly string[]): CustomChoice {
  return changeParticipants(room, { remove: users });
}

/** Change a user's role, or one's own. */
export function changeRole(room: Room, user: string, role: number): CustomChoice {
  return changeParticipants(room, { roles: [{ user, role }] });
}

/** Ban a user: with Removes of all of its clients. One who is no participant comes into the list to be kept out. */
export function ban(room: Room, user: string): CustomChoice {
  aRoom("room", room);
  text("user", user);
  const entry = { user, role: bannedRole };
  return changeParticipants(room, room.participant(user) === undefined ? { add: [entry] } : { roles: [entry] });
}

/** Let a banned user in again: its clients come later. */
export function unban(room: Room, user: string, role: number): CustomChoice {
  return changeRole(room, user, role);
}

/**
 * Leave: propose it, with Removes of one's other clients and `group.leave()`; others commit it all.
 *
 *     await publish(await group.propose({ custom: leave(room, alice) }));
 *     await publish(await group.leave());
 */
export function leave(room: Room, user: string): CustomChoice {
  return removeParticipants(room, [user]);
}

/** Come in from outside, as a user who is not in the list: `custom` of `joinExternally`. `link` where one is needed. */
export function joinAs(
  room: Room,
  participant: Participant,
  { link }: { readonly link?: Uint8Array } = {},
): readonly CustomChoice[] {
  aRoom("room", room);
  const { appData, numbers } = room.rooms;
  const addition = addParticipants(room, [participant]);
  if (link === undefined) return [addition];
  bytes("link", link);
  const shown = appData.ephemeral(numbers.join_links, link);
  const isUsedUp = room.data.join_link_policy?.multiuser !== true;
  return isUsedUp ? [addition, shown, changeJoinLinks(room, { remove: [link] })] : [addition, shown];
}

/** New metadata: what is not named stays. */
export function changeMetadata(room: Room, change: Partial<Omit<RoomMetadata, "roomUri">>): CustomChoice {
  aRoom("room", room);
  anObject("change", change);
  return replace(room, "room_metadata", { ...room.data.room_metadata, ...change });
}

/** Another name. */
export function rename(room: Room, roomName: string): CustomChoice {
  text("roomName", roomName);
  return changeMetadata(room, { roomName });
}

/** Another base policy: what is not named stays. */
export function changeBasePolicy(room: Room, change: Partial<BaseRoomPolicy>): CustomChoice {
  aRoom("room", room);
  anObject("change", change);
  return replace(room, "base_room_policy", { ...room.data.base_room_policy, ...change });
}

/** How long messages stay: seconds as bounds, and which of them is preferred. */
export function setExpiration(room: Room, policy: MessageExpirationPolicy): CustomChoice {
  return setPolicy(room, "message_expiration_policy", policy);
}

/** What a component says, replaced whole. Undefined removes it, where rooms can be without it. */
export function setPolicy<Name extends Exclude<keyof RoomData, "join_links" | "franking_agent">>(
  room: Room,
  name: Name,
  value: RoomData[Name],
): CustomChoice {
  aRoom("room", room);
  aReplaced("name", name);
  if (value !== undefined) return replace(room, name, value);
  return room.rooms.appData.remove(room.rooms.numbers[name]);
}

const notReplaced: readonly string[] = ["franking_agent", "participant_list", "join_links"];
const aReplaced = is("the name of a component that is replaced whole", (value) =>
  Object.keys(roomFormats).some((name) => name === value && !notReplaced.includes(name)),
);

/** New links, and links that are taken back. */
export function changeJoinLinks(
  room: Room,
  { add = [], remove = [] }: { readonly add?: readonly Uint8Array[]; readonly remove?: readonly Uint8Array[] },
): CustomChoice {
  aRoom("room", room);
  for (const link of [...add, ...remove]) bytes("link", link);
  const links = room.data.join_links ?? [];
  const removedIndices = remove.map((link) => {
    const index = links.findIndex((one) => bytesEqual(one, link));
    if (index < 0) throw new RoomError("join-link");
    return index;
  });
  const update: JoinLinksUpdate = { removedIndices, addedLinks: add };
  const { appData, numbers } = room.rooms;
  return appData.update(numbers.join_links, writeFormat(joinLinksUpdateFormat, update));
}

function participantsUpdate(room: Room, update: Partial<ParticipantListUpdate>): CustomChoice {
  const { appData, numbers } = room.rooms;
  return appData.update(numbers.participant_list, writeFormat(participantsUpdateFormat, { ...nothing, ...update }));
}

function replace(room: Room, name: RoomComponent, value: unknown): CustomChoice {
  const { appData, numbers } = room.rooms;
  const data = writeFormat(roomFormats[name], value as never);
  return appData.update(numbers[name], data);
}
