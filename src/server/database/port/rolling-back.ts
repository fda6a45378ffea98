/**
 * A commit that never was: everything of it is taken back in one transaction.
 */

import type { RecordChanges } from "../../../delivery/port.ts";
import { statement, type Database } from "../database.ts";
import { big, bounded, texts } from "../rows.ts";
import { writeRecords } from "./room-rows.ts";

const lock = statement(
  "room",
  "lock before",
  `select r.head, r.epoch, e.before_number, e.before_joined, e.before_left
   from copse.rooms as r, copse.epochs as e
   where r.room = $1 and r.revision = $2 and e.room = $1 and e.before_number is not null for update`,
);

const takeBack = statement(
  "room",
  "take back",
  `with gone as (
     select coalesce(sum(octet_length(g.message)), 0) as bytes from copse.items as g
     where g.room = $1 and (g.number = $2::bigint or (g.number > $2::bigint and g.epoch = $3::numeric))
   ), taken as (
     update copse.items as i set message = '', stamp = null, takes_back = i.number, takes_back_epoch = $3::numeric - 1
     where i.room = $1 and (i.number = $2::bigint or (i.number > $2::bigint and i.epoch = $3::numeric))
   )
   update copse.rooms as r set log_bytes = r.log_bytes - gone.bytes from gone where r.room = $1`,
);

const note = statement(
  "room",
  "note taking back",
  `insert into copse.items (room, number, at, epoch, message, takes_back, takes_back_epoch)
   values ($1, $2, $3::float8, $4::numeric - 1, '', $5, $4::numeric - 1)`,
);

const dropWelcomes = statement(
  "room",
  "drop welcomes",
  `with dropped as (delete from copse.trees as t where t.room = $1 and t.number = $2)
   delete from copse.welcomes as w where w.room = $1 and w.number = $2`,
);

const neverJoined = statement(
  "room",
  "never joined",
  `delete from copse.spans as s
   where s.room = $1 and s.device = any($2::text[]) and s.after = $3 and s.through is null`,
);

const noMembers = statement(
  "room",
  "no members",
  `delete from copse.members as m where m.room = $1 and m.device = any($2::text[])
     and not exists (select from copse.spans as s where s.room = $1 and s.device = m.device)`,
);

const reopen = statement(
  "room",
  "reopen",
  `update copse.spans as s set through = null where s.room = $1 and s.device = any($2::text[]) and s.through = $3`,
);

const restore = statement(
  "room",
  "restore epoch",
  `with before as (
     select e.before_epoch_at, e.before_epoch_head from copse.epochs as e where e.room = $1
   ), epoch as (
     update copse.epochs as f
     set group_info = f.before_group_info, before_number = null, before_group_info = null, before_joined = null, before_left = null
     where f.room = $1
   )
   update copse.rooms as r
   set epoch = r.epoch - 1, epoch_at = before.before_epoch_at, epoch_head = before.before_epoch_head, head = r.head + 1,
     revision = r.revision + 1, unconfirmed = null
   from before where r.room = $1`,
);

/** What is taken back, and when. */
interface RollBack {
  readonly room: string;
  readonly revision: bigint;
  readonly records: RecordChanges;
  readonly at: number;
}

/** The number of the item that says so; undefined where the room is of another revision, or the epoch confirmed. */
export function rollBack(database: Database, given: RollBack): Promise<bigint | undefined> {
  const { room, revision, records, at } = given;
  return database.transaction("room", room, async (within) => {
    const [found] = await within.run(lock, room, bounded(revision));
    if (found === undefined) return undefined;
    await writeRecords(within, room, records);
    const commit = big(found, "before_number");
    const dead = big(found, "epoch");
    const number = big(found, "head") + 1n;
    await within.run(takeBack, room, commit, dead);
    await within.run(note, room, number, at, dead, commit);
    await within.run(dropWelcomes, room, commit);
    const [joined, left] = [texts(found, "before_joined"), texts(found, "before_left")];
    if (joined.length > 0) {
      await within.run(neverJoined, room, joined, commit);
      await within.run(noMembers, room, joined);
    }
    if (left.length > 0) await within.run(reopen, room, left, commit);
    await within.run(restore, room);
    return number;
  });
}
