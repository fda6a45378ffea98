/**
 * The participants of a room: users, each with one role, whether or not a device of theirs is in the group. The component
 * participant_list. draft-ietf-mimi-protocol section 7.5.
 */

import { struct, type Codec } from "../../codec/codec.ts";
import { areDistinct, listOf, mimiUri, must, readFormat, type Format, u32 } from "./parts.ts";
import { noRole } from "./roles.ts";

/** A user in the list. A provider is one, too, where its hub has a role. */
export interface Participant {
  readonly user: string;
  readonly role: number;
}
const Participant: Codec<Participant> = struct<Participant>({ user: mimiUri("user", "provider"), role: u32 });

/** As many as a room holds. */
const most = 65_536;
/** The bytes of the longest list. */
const mostBytes = 16 * 1024 * 1024;

/** ParticipantListData: "UserRolePair participants<V>" */
export const participantsFormat: Format<readonly Participant[]> = {
  codec: listOf(Participant, most),
  most: mostBytes,
  check: (list) => {
    must(areDistinct(list.map(({ user }) => user)), "a user twice");
    must(
      list.every(({ role }) => role !== noRole),
      "role 0 is of those who are not in the list",
    );
  },
};

/** Section 7.5: a change of the list, by indexes in the list as it was before the commit. */
export interface ParticipantListUpdate {
  readonly changedRoleParticipants: readonly { readonly userIndex: number; readonly role: number }[];
  readonly removedIndices: readonly number[];
  readonly addedParticipants: readonly Participant[];
}

/** Its bytes. What it does to one user twice is refused here, and of several in `applyParticipants`. */
export const participantsUpdateFormat: Format<ParticipantListUpdate> = {
  codec: struct<ParticipantListUpdate>({
    changedRoleParticipants: listOf(struct<{ userIndex: number; role: number }>({ userIndex: u32, role: u32 }), most),
    removedIndices: listOf(u32, most),
    addedParticipants: listOf(Participant, most),
  }),
  most: mostBytes,
  check: (update) => {
    checkOneChangeAUser([update]);
    const { changedRoleParticipants: changed, removedIndices: removed, addedParticipants: added } = update;
    must(changed.length + removed.length + added.length > 0, "nothing is changed");
    must(
      [...changed, ...added].every(({ role }) => role !== noRole),
      "role 0 is of those who are not in the list",
    );
  },
};

/**
 * "A single commit is not valid if it contain any combination of Participant list updates that operate on (add, remove, or
 * change the role of) the same user in the participant list more than once." mimi-protocol 7.5
 */
function checkOneChangeAUser(updates: readonly ParticipantListUpdate[]): void {
  const indexes = updates.flatMap(({ changedRoleParticipants, removedIndices }) => [
    ...changedRoleParticipants.map(({ userIndex }) => userIndex),
    ...removedIndices,
  ]);
  const users = updates.flatMap(({ addedParticipants }) => addedParticipants.map(({ user }) => user));
  must(areDistinct(indexes) && areDistinct(users), "one user is changed twice");
}

/**
 * The list after all updates of a commit: "First the `changedRoleParticipants` [...] Next is the `removedIndices` list [...]
 * Finally there is a list of `addedParticipants` [...] that is appended to the end". All indexes are those of the list before.
 *
 * @throws RoomError "malformed"
 */
export function applyParticipants(
  current: readonly Participant[],
  updates: readonly ParticipantListUpdate[],
): readonly Participant[] {
  checkOneChangeAUser(updates);
  const users = new Set(current.map(({ user }) => user));
  const isThere = updates.some(({ addedParticipants }) => addedParticipants.some(({ user }) => users.has(user)));
  must(!isThere, "a user who is added is there");
  const list: (Participant | undefined)[] = [...current];
  for (const { changedRoleParticipants, removedIndices } of updates) {
    for (const { userIndex, role } of changedRoleParticipants) list[userIndex] = { ...at(current, userIndex), role };
    for (const userIndex of removedIndices) {
      at(current, userIndex);
      list[userIndex] = undefined;
    }
  }
  return [
    ...list.filter((participant) => participant !== undefined),
    ...updates.flatMap(({ addedParticipants }) => addedParticipants),
  ];
}

/** The participant that an index names. @throws RoomError "malformed" */
export function at(list: readonly Participant[], index: number): Participant {
  const participant = list[index];
  must(participant !== undefined, "an index beyond the list");
  return participant as Participant;
}

/** What was read of the longest data that a room has, and reads again and again. */
const known = new WeakMap<Uint8Array, readonly Participant[]>();

/** The list in its bytes, which must not change. @throws RoomError "malformed" */
export function readParticipants(data: Uint8Array): readonly Participant[] {
  const before = known.get(data);
  if (before !== undefined) return before;
  const list = readFormat(participantsFormat, data);
  known.set(data, list);
  return list;
}
