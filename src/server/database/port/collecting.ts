/**
 * What goes from a room: messages that everybody has or that are too old, ids that nobody says again, Welcomes that nobody took.
 */

import type { Ages } from "../../../delivery/port.ts";
import { statement, type Database, type Runs } from "../database.ts";
import { big, bigOr, flag } from "../rows.ts";

/** The most rows that one transaction changes. */
const step = 1_000;

/** The first number that some device has not acknowledged and may read. */
const needed = `(
  select min(greatest(s.after, m.acknowledged)) + 1 from copse.spans as s, copse.members as m
  where s.room = $1 and m.room = $1 and m.device = s.device and (s.through is null or m.acknowledged < s.through)
)`;

/** The last item that goes, and not beyond so many at once. */
const goes = `least(r.gone_through + ${String(step)}, coalesce((
  select min(i.number) - 1 from copse.items as i
  where i.room = $1 and i.number > r.gone_through and i.number >= coalesce(${needed}, r.head + 1) and i.at >= $2::float8
), r.head))`;

/** Ids that are too old, among the first: they are in the order of time, but for the clocks of different machines. */
const oldest = `(
  select f.number from (
    select o.number, o.at from copse.items as o
    where o.room = $1 and o.number <= r.gone_through order by o.number limit ${String(step)}
  ) as f where f.at < $3::float8
)`;

const look = statement(
  "room",
  "look for old",
  `select ${goes} > r.gone_through as has_items, exists ${oldest} as has_ids,
     exists (select from copse.welcomes as w where w.room = $1 and w.at < $4::float8) as has_welcomes
   from copse.rooms as r where r.room = $1`,
);

const lock = statement("room", "lock gone", `select r.gone_through from copse.rooms as r where r.room = $1 for update`);

const advance = statement(
  "room",
  "advance gone",
  `update copse.rooms as r set gone_through = ${goes} where r.room = $1 returning r.gone_through`,
);

const clear = statement(
  "room",
  "clear messages",
  `with gone as (
     select coalesce(sum(octet_length(g.message)), 0) as bytes from copse.items as g
     where g.room = $1 and g.number > $2 and g.number <= $3
   ), cleared as (
     update copse.items as i set message = '', stamp = null where i.room = $1 and i.number > $2 and i.number <= $3
   )
   update copse.rooms as r set log_bytes = r.log_bytes - gone.bytes from gone where r.room = $1`,
);

const forgetIds = statement(
  "room",
  "forget ids",
  `delete from copse.items as d using copse.rooms as r
   where d.room = $1 and r.room = $1 and d.number in ${oldest.replace("$3", "$2")} returning d.number`,
);

const dropWelcomes = statement(
  "room",
  "drop old welcomes",
  `delete from copse.welcomes as w where w.room = $1 and w.at < $2::float8`,
);

const dropTrees = statement(
  "room",
  "drop old trees",
  `delete from copse.trees as t where t.room = $1
     and not exists (select from copse.welcomes as w where w.room = $1 and w.number = t.number)`,
);

/** Everything that is old, in steps of which each is one transaction. */
export async function collectRoom(database: Database, room: string, { items, ids, welcomes }: Ages): Promise<void> {
  const inTransaction = <T>(work: (within: Runs) => Promise<T>): Promise<T> =>
    database.transaction("room", room, async (within) => {
      await within.run(lock, room);
      return work(within);
    });
  for (;;) {
    const [found] = await database.run(look, room, items, ids, welcomes);
    if (found === undefined) return;
    const [hasItems, hasIds, hasWelcomes] = [
      flag(found, "has_items"),
      flag(found, "has_ids"),
      flag(found, "has_welcomes"),
    ];
    if (hasItems) {
      await inTransaction(async (within) => {
        const [before] = await within.run(lock, room);
        const [after] = await within.run(advance, room, items);
        const through = after && bigOr(after, "gone_through");
        if (before !== undefined && through !== undefined) {
          await within.run(clear, room, big(before, "gone_through"), through);
        }
      });
    }
    if (hasIds) await database.run(forgetIds, room, ids);
    if (hasWelcomes) {
      await inTransaction(async (within) => {
        await within.run(dropWelcomes, room, welcomes);
        await within.run(dropTrees, room);
      });
    }
    if (!hasItems && !hasIds && !hasWelcomes) return;
  }
}
