/**
 * Which rooms a device is in: kept with the device, and told to it by its rooms, so that no transaction spans both. What a room has
 * to tell stands in it from the transaction that lets the device in, until it was told.
 */

import { statement, type Database } from "../database.ts";
import { big, text } from "../rows.ts";

const joinings = statement(
  "room",
  "joinings",
  `select j.device from copse.joinings as j where j.room = $1 order by j.device limit $2`,
);

const told = statement(
  "room",
  "joinings told",
  `delete from copse.joinings as j where j.room = $1 and j.device = any($2::text[])`,
);

const enter = statement(
  "device",
  "enter room",
  `insert into copse.rooms_of (device, room) values ($1, $2) on conflict do nothing`,
);

const roomsOf = statement(
  "device",
  "rooms of device",
  `select o.room from copse.rooms_of as o where o.device = $1 and o.room > $2 order by o.room limit $3`,
);

/** Each room by its own key: where rooms are spread, each machine answers for its own. */
const changed = statement(
  "room",
  "changed",
  `select r.room, max(coalesce(s.through, r.head)) as head
   from copse.rooms as r, copse.spans as s, copse.members as m
   where r.room = any($1::text[]) and s.room = r.room and m.room = r.room and s.device = $2 and m.device = $2
   group by r.room, m.acknowledged
   having max(coalesce(s.through, r.head)) > m.acknowledged or ($3::boolean and bool_or(s.through is null))
   order by r.room`,
);

/** How many are asked for at once. */
const pageSize = 500;
/** How many devices are told at the same time. */
const atOnce = 8;

/** Tell devices that they are in a room: once more does nothing. */
export async function tellJoined(database: Database, room: string): Promise<void> {
  for (;;) {
    const devices = (await database.run(joinings, room, pageSize)).map((row) => text(row, "device"));
    for (let i = 0; i < devices.length; i += atOnce) {
      await Promise.all(devices.slice(i, i + atOnce).map((device) => database.run(enter, device, room)));
    }
    if (devices.length > 0) await database.run(told, room, devices);
    if (devices.length < pageSize) return;
  }
}

/** Rooms of a device with more in them than it has acknowledged; with `all` those that it is a member of now, too. */
export async function changedRooms(
  database: Database,
  device: string,
  all: boolean,
): Promise<readonly { readonly room: string; readonly head: bigint }[]> {
  const found: { readonly room: string; readonly head: bigint }[] = [];
  for (let after = ""; ;) {
    const rooms = (await database.run(roomsOf, device, after, pageSize)).map((row) => text(row, "room"));
    const last = rooms.at(-1);
    if (last === undefined) return found;
    for (const row of await database.run(changed, rooms, device, all)) {
      found.push({ room: text(row, "room"), head: big(row, "head") });
    }
    if (rooms.length < pageSize) return found;
    after = last;
  }
}
