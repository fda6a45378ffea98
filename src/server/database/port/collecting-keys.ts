/**
 * What goes from devices and users: what is queued for too long, ids that nobody says again, expired key packages. Who has some is
 * found by age, over all; what goes, goes by device or user.
 */

import type { Ages } from "../../../delivery/port.ts";
import { statement, type Database, type Statement } from "../database.ts";
import { text } from "../rows.ts";
import { emptyForgotten } from "./forgotten.ts";

/** How many devices or users are found at once, and how often: the next sweep goes on. */
const pageSize = 500;
const mostPages = 20;

const queued = statement(
  "scan",
  "old queues",
  `select distinct q.device as key from copse.queue as q where q.at < $1 limit $2`,
);
const dropQueued = statement(
  "device",
  "drop old queue",
  `delete from copse.queue as q where q.device = $1 and q.at < $2`,
);

const written = statement(
  "scan",
  "old device writes",
  `select distinct w.device as key from copse.device_writes as w where w.at < $1 limit $2`,
);
const dropWritten = statement(
  "device",
  "drop old device writes",
  `delete from copse.device_writes as w where w.device = $1 and w.at < $2`,
);

const expired = statement(
  "scan",
  "expired key packages",
  `select distinct k.device as key from copse.key_packages as k where k.not_after < $1 and not k.last_resort limit $2`,
);
const dropExpired = statement(
  "device",
  "drop expired key packages",
  `delete from copse.key_packages as k where k.device = $1 and k.not_after < $2 and not k.last_resort`,
);

const said = statement(
  "scan",
  "old user writes",
  `select distinct w.user_uri as key from copse.user_writes as w where w.at < $1 limit $2`,
);
const dropSaid = statement(
  "user",
  "drop old user writes",
  `delete from copse.user_writes as w where w.user_uri = $1 and w.at < $2`,
);

const begun = statement(
  "scan",
  "old begun",
  `select distinct b.user_uri as key from copse.begun as b where b.at < $1 limit $2`,
);
const dropBegun = statement(
  "user",
  "drop old begun",
  `delete from copse.begun as b where b.user_uri = $1 and b.at < $2`,
);

const undecided = statement(
  "scan",
  "old reports",
  `select distinct r.user_uri as key from copse.reports as r where r.at < $1 and r.decided_at is null limit $2`,
);
const dropUndecided = statement(
  "user",
  "drop old reports",
  `delete from copse.reports as r where r.user_uri = $1 and r.at < $2 and r.decided_at is null`,
);

const decided = statement(
  "scan",
  "old decisions",
  `select distinct r.user_uri as key from copse.reports as r where r.decided_at < $1 limit $2`,
);
const dropDecided = statement(
  "user",
  "drop old decisions",
  `delete from copse.reports as r where r.user_uri = $1 and r.decided_at < $2`,
);

const left = statement(
  "scan",
  "users with forgotten",
  `select distinct f.user_uri as key from copse.forgotten as f limit $1`,
);

/** Old things of devices. */
export async function collectDevices(database: Database, { queues, ids, now }: Ages): Promise<void> {
  await collect(database, queued, dropQueued, queues);
  await collect(database, written, dropWritten, ids);
  await collect(database, expired, dropExpired, now);
  for (const row of await database.run(left, pageSize)) await emptyForgotten(database, text(row, "key"));
}

/** Old things of users. */
export async function collectUsers(database: Database, ages: Ages): Promise<void> {
  const { ids, items, decisions } = ages;
  await collect(database, said, dropSaid, ids);
  await collect(database, begun, dropBegun, items);
  await collect(database, undecided, dropUndecided, ages.undecided);
  await collect(database, decided, dropDecided, decisions);
}

async function collect(database: Database, find: Statement, drop: Statement, age: number): Promise<void> {
  for (let page = 0; page < mostPages; page++) {
    const rows = await database.run(find, age, pageSize);
    for (const row of rows) await database.run(drop, text(row, "key"), age);
    if (rows.length < pageSize) return;
  }
}
