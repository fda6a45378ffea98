/**
 * The tables, by numbered steps: each is carried out once, in its order, under a lock. A step that was released is never changed.
 *
 * Each table is keyed by its scope first, so that it can be partitioned by it: rooms, devices, users and blobs are spread each by its
 * own key. Numbers of logs and queues are bigint, since they count what is there; epochs, incarnations and whatever else is a
 * stranger's number of 64 bits without a sign is numeric(20). Times are milliseconds since 1970.
 */

import type { Database } from "./database.ts";
import { DatabaseError } from "./errors.ts";

/** What PostgreSQL there must be. */
const oldest = 150_000;

/** The first step, which is the tables of version 0.2. */
const first = `
  -- Rooms. What each message changes is one short row; the rest stands beside it.
  create table copse.rooms (
    room text collate "C" primary key,
    head bigint not null,
    revision bigint not null,
    epoch numeric(20) not null,
    epoch_at double precision not null,
    epoch_head bigint not null,
    gone_through bigint not null,
    cipher_suite integer not null,
    group_id bytea not null,
    unconfirmed bytea
  ) with (fillfactor = 50);

  -- The GroupInfo of the epoch, and what a rollback brings back.
  create table copse.epochs (
    room text collate "C" primary key,
    group_info bytea not null,
    before_number bigint,
    before_epoch_at double precision,
    before_epoch_head bigint,
    before_group_info bytea,
    before_joined text[],
    before_left text[]
  );

  -- The observer that follows the group.
  create table copse.records (
    room text collate "C" not null,
    name text collate "C" not null,
    value bytea not null,
    primary key (room, name)
  );

  -- The log. An item stands here as long as the id that it was written under is known, its message until everybody has it.
  create table copse.items (
    room text collate "C" not null,
    number bigint not null,
    at double precision not null,
    epoch numeric(20) not null,
    message bytea not null,
    write_key bytea,
    digest bytea,
    takes_back bigint,
    takes_back_epoch numeric(20),
    primary key (room, number),
    unique (room, write_key)
  );

  create table copse.members (
    room text collate "C" not null,
    device text collate "C" not null,
    acknowledged bigint not null,
    primary key (room, device)
  ) with (fillfactor = 70);

  -- From where to where a device may read: without an end, it is a member.
  create table copse.spans (
    room text collate "C" not null,
    device text collate "C" not null,
    after bigint not null,
    through bigint,
    primary key (room, device, after)
  );

  create table copse.welcomes (
    room text collate "C" not null,
    number bigint not null,
    device text collate "C" not null,
    committer text not null,
    welcome bytea not null,
    at double precision not null,
    relayed boolean not null,
    primary key (room, number, device)
  );
  create index welcomes_waiting on copse.welcomes (room) where not relayed;

  create table copse.trees (
    room text collate "C" not null,
    number bigint not null,
    tree bytea not null,
    primary key (room, number)
  );

  -- Devices that are to learn that they are in a room.
  create table copse.joinings (
    room text collate "C" not null,
    device text collate "C" not null,
    primary key (room, device)
  );

  -- Devices: the rooms of each, what waits for it, its key packages.
  create table copse.rooms_of (
    device text collate "C" not null,
    room text collate "C" not null,
    primary key (device, room)
  );

  create table copse.boxes (
    device text collate "C" primary key,
    last_queued bigint not null,
    last_stocked bigint not null
  ) with (fillfactor = 70);

  create table copse.queue (
    device text collate "C" not null,
    number bigint not null,
    at double precision not null,
    sender text,
    size bigint not null,
    content bytea not null,
    primary key (device, number)
  );
  create index queue_age on copse.queue (at);

  create table copse.key_packages (
    device text collate "C" not null,
    cipher_suite integer not null,
    number bigint not null,
    ref bytea not null,
    key_package bytea not null,
    not_after double precision not null,
    last_resort boolean not null,
    primary key (device, cipher_suite, number)
  );
  create index key_packages_age on copse.key_packages (not_after);

  -- What was answered to writes into a queue, uploads and claims.
  create table copse.device_writes (
    device text collate "C" not null,
    kind smallint not null,
    write_key bytea not null,
    digest bytea not null,
    number bigint,
    key_package bytea,
    at double precision not null,
    primary key (device, kind, write_key)
  );
  create index device_writes_age on copse.device_writes (at);

  -- Users: their devices, the statements about them, whom they let write to them.
  create table copse.users (
    user_uri text collate "C" primary key,
    last_opened bigint not null
  );

  create table copse.devices (
    user_uri text collate "C" not null,
    device text collate "C" not null,
    opened bigint not null,
    cipher_suite integer not null,
    signature_key bytea not null,
    listed boolean not null,
    incarnation numeric(20) not null,
    incarnation_id bytea not null,
    is_used boolean not null,
    previous numeric(20) not null,
    primary key (user_uri, device)
  );

  -- Devices that made room for others, and whose queues are still there.
  create table copse.forgotten (
    user_uri text collate "C" not null,
    device text collate "C" not null,
    primary key (user_uri, device)
  );

  create table copse.statements (
    user_uri text collate "C" not null,
    number numeric(20) not null,
    statement bytea not null,
    primary key (user_uri, number)
  );

  create table copse.consents (
    user_uri text collate "C" not null,
    other text collate "C" not null,
    room text collate "C" not null,
    granted boolean not null,
    requested boolean not null,
    refused boolean not null,
    primary key (user_uri, other, room)
  );

  create table copse.blocks (
    user_uri text collate "C" not null,
    other text collate "C" not null,
    primary key (user_uri, other)
  );

  create table copse.user_writes (
    user_uri text collate "C" not null,
    write_key bytea not null,
    digest bytea not null,
    granted boolean not null,
    requested boolean not null,
    refused boolean not null,
    at double precision not null,
    primary key (user_uri, write_key)
  );
  create index user_writes_age on copse.user_writes (at);

  -- What a user's blobs take: reserved before there is one, given back after it is gone.
  create table copse.quotas (
    user_uri text collate "C" not null,
    blob text collate "C" not null,
    size bigint not null,
    at double precision not null,
    primary key (user_uri, blob)
  );
  create index quotas_age on copse.quotas (at);

  create table copse.blobs (
    blob text collate "C" primary key,
    owner text not null,
    size bigint not null,
    received bigint not null,
    at double precision not null
  );
  create index blobs_age on copse.blobs (at);

  create table copse.blob_parts (
    blob text collate "C" not null,
    start bigint not null,
    bytes bytea not null,
    primary key (blob, start)
  );
`;

/** What is counted of each room, user and queue, so that it can be bounded. */
const second = `
  -- Of all messages of the log together.
  alter table copse.rooms add column log_bytes bigint not null default 0;
  update copse.rooms as r set log_bytes = coalesce(
    (select sum(octet_length(i.message)) from copse.items as i where i.room = r.room), 0
  );

  -- Of a Welcome: the user who has added the device.
  alter table copse.queue add column adder text;

  -- When a device first came.
  alter table copse.devices add column opened_at double precision not null default 0;

  create table copse.begun (
    user_uri text collate "C" not null,
    room text collate "C" not null,
    at double precision not null,
    primary key (user_uri, room)
  );
  create index begun_age on copse.begun (at);

  -- What the service says of a message.
  alter table copse.items add column stamp bytea;

  -- Of a user that is no more its name is kept, so that nobody else comes under it.
  alter table copse.users add column is_ended boolean not null default false;
`;

/** What users report, until whoever looks at it has settled it. */
const third = `
  create table copse.reports (
    user_uri text collate "C" not null,
    write_key bytea not null,
    digest bytea not null,
    room text collate "C" not null,
    at double precision not null,
    bytes bytea not null,
    primary key (user_uri, write_key)
  );
  create index reports_age on copse.reports (at);
`;

/** What users keep encrypted of their rooms, for their devices to come. */
const fourth = `
  create table copse.history (
    user_uri text collate "C" not null,
    chain bytea not null,
    position numeric(20) not null,
    record bytea not null,
    primary key (user_uri, chain, position)
  );

  create table copse.history_edges (
    user_uri text collate "C" not null,
    epoch numeric(20) not null,
    edge bytea not null,
    primary key (user_uri, epoch)
  );

  -- Of all records and edges of the user together.
  alter table copse.users add column history_bytes bigint not null default 0;
`;

/** What a recovery server keeps of each account. Rows of before a guess are taken away soon after they are dead. */
const fifth = `
  create table copse.recoveries (
    account text collate "C" primary key,
    kept bytea not null
  ) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50);
`;

/** The log of accounts: its nodes by their names, and which statements it has. */
const sixth = `
  create table copse.account_log (
    log text collate "C" not null,
    name text collate "C" not null,
    value bytea not null,
    primary key (log, name)
  );
  alter table copse.statements add column logged boolean not null default false;
  create index statements_unlogged on copse.statements (user_uri, number) where not logged;
`;

/** What was decided about a report stays in its place, and whoever was shut out stays so. */
const seventh = `
  alter table copse.reports add column decided_at double precision;
  alter table copse.reports add column decision text;
  alter table copse.reports add column about text;
  alter table copse.reports add column words text;
  alter table copse.users add column shut_out_at double precision;
  create index reports_decided on copse.reports (decided_at) where decided_at is not null;
  create index users_shut_out on copse.users (shut_out_at) where shut_out_at is not null;
`;

/** The steps in their order. The version of a database is how many of them it has. */
export const migrations: readonly string[] = [first, second, third, fourth, fifth, sixth, seventh];

/**
 * Bring a database to a version, by default the latest. Whoever comes at the same time waits, and finds it done.
 *
 * @throws DatabaseError "database-version", "database-old"
 */
export async function migrate(database: Database, steps: readonly string[] = migrations): Promise<void> {
  await database.migrate(async (execute) => {
    const [server] = await execute("select current_setting('server_version_num')::integer as version");
    if (Number(server?.["version"]) < oldest) throw new DatabaseError("database-old");
    // Whoever may only use the tables may not make a schema, not even one that is there.
    const [found] = await execute("select to_regclass('copse.migrations') is not null as is_there");
    if (found?.["is_there"] !== true) {
      await execute("create schema if not exists copse");
      await execute("create table copse.migrations (version integer primary key, at timestamptz not null)");
    }
    const [last] = await execute("select coalesce(max(version), 0) as version from copse.migrations");
    const version = Number(last?.["version"]);
    if (version > steps.length) {
      const detail = `it is of version ${String(version)}, and this one knows ${String(steps.length)}`;
      throw new DatabaseError("database-version", { detail });
    }
    for (const [i, step] of steps.entries()) {
      if (i < version) continue;
      await execute(step);
      await execute(`insert into copse.migrations values (${String(i + 1)}, now())`);
    }
  });
}
