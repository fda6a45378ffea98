/**
 * Devices that made room for others at their user: their queues and key packages go after them, each by itself.
 */

import { statement, type Database } from "../database.ts";
import { text } from "../rows.ts";

/** Not those that have signed in again since. */
const forgotten = statement(
  "user",
  "forgotten",
  `select f.device from copse.forgotten as f where f.user_uri = $1
     and not exists (select from copse.devices as d where d.user_uri = $1 and d.device = f.device)`,
);

const emptied = statement("user", "emptied", `delete from copse.forgotten as f where f.user_uri = $1`);

const empty = statement(
  "device",
  "empty device",
  `with queued as (delete from copse.queue as q where q.device = $1),
     stocked as (delete from copse.key_packages as k where k.device = $1),
     said as (delete from copse.device_writes as w where w.device = $1),
     inside as (delete from copse.rooms_of as o where o.device = $1)
   delete from copse.boxes as b where b.device = $1`,
);

/** The devices that were not emptied yet. */
export async function forgottenOf(database: Database, user: string): Promise<readonly string[]> {
  return (await database.run(forgotten, user)).map((each) => text(each, "device"));
}

/** Empty what they had. Once more does nothing. */
export async function emptyForgotten(database: Database, user: string): Promise<void> {
  for (const each of await database.run(forgotten, user)) await database.run(empty, text(each, "device"));
  await database.run(emptied, user);
}
