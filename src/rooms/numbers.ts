/**
 * The numbers of a room's components. Those that the drafts suggest are not assigned: copse's are the same behind 0xF0, in the range
 * for private use, until they are. All who are in a room, and its hub, have the same. draft-ietf-mimi-room-policy section 10.1,
 * draft-ietf-mimi-protocol section 10.
 */

import { options, uint16, type Shape, type Takes } from "../bytes/takes.ts";

/** The component ids of a room. */
export interface RoomNumbers {
  readonly franking_agent: number;
  readonly participant_list: number;
  readonly room_metadata: number;
  readonly mls_operational_policy: number;
  readonly roles_list: number;
  readonly preauth_list: number;
  readonly base_room_policy: number;
  readonly status_notification_policy: number;
  readonly join_link_policy: number;
  readonly join_links: number;
  readonly link_preview_policy: number;
  readonly asset_policy: number;
  readonly logging_policy: number;
  readonly chat_history_policy: number;
  readonly bot_policy: number;
  readonly message_expiration_policy: number;
}

/** As long as nothing is assigned: the drafts suggest 0x0021 to 0x0030. */
export const roomNumbers: RoomNumbers = {
  franking_agent: 0xf021,
  participant_list: 0xf022,
  room_metadata: 0xf023,
  mls_operational_policy: 0xf024,
  roles_list: 0xf025,
  preauth_list: 0xf026,
  base_room_policy: 0xf027,
  status_notification_policy: 0xf028,
  join_link_policy: 0xf029,
  join_links: 0xf02a,
  link_preview_policy: 0xf02b,
  asset_policy: 0xf02c,
  logging_policy: 0xf02d,
  chat_history_policy: 0xf02e,
  bot_policy: 0xf02f,
  message_expiration_policy: 0xf030,
};

/** A name in that table. */
export type RoomComponent = keyof RoomNumbers;

const shape = Object.fromEntries(Object.keys(roomNumbers).map((name) => [name, uint16])) as Shape<RoomNumbers>;
export const someNumbers: Takes = options(shape);

/** The table, some of it replaced. @throws TypeError for what is no uint16, or a number given twice. */
export function roomNumbersOf(given: Partial<RoomNumbers> = {}): RoomNumbers {
  someNumbers("numbers", given);
  const numbers = { ...roomNumbers, ...given };
  if (new Set(Object.values(numbers)).size < Object.keys(numbers).length) {
    throw new TypeError("every component of a room has a number of its own");
  }
  return numbers;
}
