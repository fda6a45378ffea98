/**
 * Groups that come from a room's: a branch of some of its members, and the successor that a ReInit asked for. RFC 9420
 * sections 11.2, 11.3.
 */

import { isLinking, type Linked, type LinkingParticipant, type Participant, type Successor } from "./participant.ts";
import { Room } from "./room.ts";

/** A room of one's own for some members. They stay in the other, too. */
export function branch(by: Participant, others: readonly Participant[], groupId: Uint8Array): Promise<Room> {
  return take(others, (keyPackages) => linking(by).branch(groupId, keyPackages));
}

/** The room in place of the one that a ReInit closed. All its members move. */
export function succeed(by: Participant, others: readonly Participant[], successor: Successor): Promise<Room> {
  return take(others, (keyPackages) => linking(by).reinitialize(successor, keyPackages));
}

async function take(
  others: readonly Participant[],
  make: (keyPackages: readonly Uint8Array[]) => Promise<Linked>,
): Promise<Room> {
  const keyPackages = await Promise.all(others.map(({ client }) => client.keyPackage()));
  const { participant, welcome, ratchetTree } = await make(keyPackages);
  const followers = await Promise.all(others.map((other) => linking(other).follow({ welcome, ratchetTree })));
  const room = Room.of([participant, ...followers]);
  await room.check();
  return room;
}

function linking(participant: Participant): LinkingParticipant {
  if (!isLinking(participant)) throw new TypeError(`${participant.client.engine} does not link groups here`);
  return participant;
}
