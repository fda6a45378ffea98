/**
 * Items for the end of a room's log: what is compared and what is written are one transaction.
 */

import type {
  Append,
  Appended,
  AppendedBefore,
  AppendedCommit,
  AppendedMessage,
  Once,
} from "../../../delivery/port.ts";
import { unconfirmedBytes } from "../contents.ts";
import { statement, type Database, type Row, type Runs } from "../database.ts";
import { DatabaseError } from "../errors.ts";
import { big, bounded, flag, isNull, num } from "../rows.ts";
import { digestOf, isSame, writeKey } from "../written.ts";
import { writeRecords } from "./room-rows.ts";

/** How often a commit may come between a message and its room: each time an epoch has begun. */
const mostTries = 20;

const written = statement(
  "room",
  "written",
  `select i.number, i.at, i.digest, i.takes_back from copse.items as i where i.room = $1 and i.write_key = $2`,
);

/** What was answered to a write before. */
export async function said(runs: Runs, room: string, once: Once): Promise<AppendedBefore | undefined> {
  const [found] = await runs.run(written, room, writeKey(once));
  return found && asBefore(found, once);
}

function asBefore(found: Row, once: Once): AppendedBefore {
  if (!isSame(found, once)) return { kind: "taken" };
  if (!isNull(found, "takes_back")) return { kind: "gone" };
  return { kind: "known", number: big(found, "number"), at: num(found, "at") };
}

export function append(database: Database, given: Append): Promise<Appended> {
  return given.change.kind === "message"
    ? appendMessage(database, given, given.change)
    : database.transaction("room", given.room, (within) => appendHandshake(within, given));
}

// Messages

/**
 * One statement, and no lock before it. Where a commit is written at the same time, it waits for that and compares the room's row anew,
 * but sees everything else as it was: so the revision has to be the one that it sees the members of.
 */
const message = statement(
  "room",
  "append message",
  `with head as (
     update copse.rooms as r set head = r.head + 1, log_bytes = r.log_bytes + octet_length($5::bytea)
     where r.room = $1 and r.log_bytes + octet_length($5::bytea) <= $10::float8 and (r.epoch = $6::numeric or (r.epoch = $7::numeric and r.epoch_at > $8::float8))
       and r.revision = coalesce($12::bigint, (select q.revision from copse.rooms as q where q.room = $1))
       and exists (select from copse.spans as s where s.room = $1 and s.device = $9 and s.through is null)
       and not exists (select from copse.items as j where j.room = $1 and j.write_key = $2::bytea)
     returning r.head, r.revision
   ), item as (
     insert into copse.items (room, number, at, epoch, message, write_key, digest, stamp)
     select $1, head.head, $4::float8, $6::numeric, $5::bytea, $2::bytea, $3::bytea, $11::bytea from head
   )
   select head.head, head.revision from head`,
);

/** Why it was not accepted. */
const why = statement(
  "room",
  "why not",
  `select r.epoch, r.epoch_at, r.log_bytes, r.revision,
     exists (select from copse.spans as s where s.room = $1 and s.device = $2 and s.through is null) as is_member
   from copse.rooms as r where r.room = $1`,
);

async function appendMessage(
  database: Database,
  { room, once, message: bytes, at, mostBytes }: Append,
  { epoch, since, stamp, revision }: AppendedMessage,
): Promise<Appended> {
  const [key, digest] = [writeKey(once), digestOf(once)];
  for (let tries = 0; tries < mostTries; tries++) {
    const parameters = [key, digest, at, bytes, epoch, epoch + 1n, since, once.device, mostBytes, stamp] as const;
    const [accepted] = await database.run(message, room, ...parameters, revision && bounded(revision));
    if (accepted !== undefined)
      return { kind: "accepted", number: big(accepted, "head"), at, revision: big(accepted, "revision") };
    const before = await said(database, room, once);
    if (before !== undefined) return before;
    const [found] = await database.run(why, room, once.device);
    if (found === undefined) return { kind: "no-room" };
    if (!flag(found, "is_member")) return { kind: "not-member" };
    const current = big(found, "epoch");
    if (epoch !== current && !(epoch + 1n === current && num(found, "epoch_at") > since)) return { kind: "epoch" };
    if (revision !== undefined && revision !== big(found, "revision")) return { kind: "moved" };
    if (num(found, "log_bytes") + bytes.length > mostBytes) return { kind: "log-full" };
  }
  throw new DatabaseError("database-failed", { detail: "the room changes all the time" });
}

// Handshakes

const lock = statement(
  "room",
  "lock revision",
  `select r.head, r.epoch, r.epoch_at, r.epoch_head, r.log_bytes from copse.rooms as r
   where r.room = $1 and r.revision = $2 for update`,
);

const exists = statement("room", "exists", `select r.room from copse.rooms as r where r.room = $1`);

const item = statement(
  "room",
  "append item",
  `insert into copse.items (room, number, at, epoch, message, write_key, digest) values ($1, $2, $3, $4, $5, $6, $7)`,
);

const advance = statement(
  "room",
  "advance",
  `update copse.rooms as r set head = r.head + 1, revision = r.revision + 1, log_bytes = r.log_bytes + $2
   where r.room = $1`,
);

const beginEpoch = statement(
  "room",
  "begin epoch",
  `update copse.rooms as r
   set head = r.head + 1, revision = r.revision + 1, epoch = $2, epoch_at = $3, epoch_head = r.head + 1, unconfirmed = $4,
     log_bytes = r.log_bytes + $5
   where r.room = $1`,
);

const keepBefore = statement(
  "room",
  "keep before",
  `update copse.epochs as e
   set before_group_info = e.group_info, group_info = $2, before_number = $3, before_epoch_at = $4, before_epoch_head = $5,
     before_joined = $6::text[], before_left = $7::text[]
   where e.room = $1`,
);

const leave = statement(
  "room",
  "leave",
  `update copse.spans as s set through = $3 where s.room = $1 and s.device = any($2::text[]) and s.through is null`,
);

const join = statement(
  "room",
  "join",
  `with member as (
     insert into copse.members (room, device, acknowledged)
     select $1, u.device, $3::bigint from unnest($2::text[]) as u(device) on conflict do nothing
   ), joining as (
     insert into copse.joinings (room, device)
     select $1, u.device from unnest($2::text[]) as u(device) on conflict do nothing
   )
   insert into copse.spans (room, device, after) select $1, u.device, $3::bigint from unnest($2::text[]) as u(device)`,
);

const welcomes = statement(
  "room",
  "put welcomes",
  `insert into copse.welcomes (room, number, device, committer, welcome, at, relayed)
   select $1, $2::bigint, u.device, $5::text, u.welcome, $6::float8, false
   from unnest($3::text[], $4::bytea[]) as u(device, welcome)`,
);

const waiting = statement(
  "room",
  "waiting welcomes",
  `select coalesce((select sum(octet_length(w.welcome)) from copse.welcomes as w where w.room = $1), 0)
     + coalesce((select sum(octet_length(t.tree)) from copse.trees as t where t.room = $1), 0) as bytes`,
);

const tree = statement("room", "put tree", `insert into copse.trees (room, number, tree) values ($1, $2, $3)`);

async function appendHandshake(
  within: Runs,
  { room, once, message: bytes, at, mostBytes, change }: Append,
): Promise<Appended> {
  if (change.kind === "message") throw new TypeError("no handshake");
  const [found] = await within.run(lock, room, bounded(change.revision));
  const before = await said(within, room, once);
  if (before !== undefined) return before;
  if (found === undefined) {
    const [other] = await within.run(exists, room);
    return { kind: other === undefined ? "no-room" : "moved" };
  }
  if (num(found, "log_bytes") + bytes.length > mostBytes) return { kind: "log-full" };
  if (change.kind === "commit" && (await waitingBytes(within, room, change)) > change.mostWelcomeBytes)
    return { kind: "welcomes-full" };
  const number = big(found, "head") + 1n;
  const epoch = big(found, "epoch");
  await within.run(item, room, number, at, epoch, bytes, writeKey(once), digestOf(once));
  await writeRecords(within, room, change.records);
  if (change.kind === "proposal") await within.run(advance, room, bytes.length);
  else await beginsEpoch(within, { room, number, at, length: bytes.length }, found, change);
  return { kind: "accepted", number, at };
}

/** What would wait for those who were added, in bytes: 0 where a commit adds nobody. */
async function waitingBytes(within: Runs, room: string, { welcomes, ratchetTree }: AppendedCommit): Promise<number> {
  if (welcomes.length === 0) return 0;
  const [found] = await within.run(waiting, room);
  const there = found === undefined ? 0 : num(found, "bytes");
  return welcomes.reduce((sum, { welcome }) => sum + welcome.length, there + (ratchetTree?.length ?? 0));
}

async function beginsEpoch(
  within: Runs,
  {
    room,
    number,
    at,
    length,
  }: { readonly room: string; readonly number: bigint; readonly at: number; readonly length: number },
  found: Row,
  change: AppendedCommit,
): Promise<void> {
  const { epoch, groupInfo, committer, joined, left, welcomes: given, ratchetTree } = change;
  await within.run(beginEpoch, room, epoch, at, unconfirmedBytes({ committer, joined, complaints: [] }), length);
  const [epochAt, epochHead] = [num(found, "epoch_at"), big(found, "epoch_head")];
  await within.run(keepBefore, room, groupInfo, number, epochAt, epochHead, joined, left);
  if (left.length > 0) await within.run(leave, room, left, number);
  if (joined.length > 0) await within.run(join, room, joined, number);
  if (given.length > 0) {
    const [devices, each] = [given.map(({ device }) => device), given.map(({ welcome }) => welcome)];
    await within.run(welcomes, room, number, devices, each, committer, at);
  }
  if (ratchetTree !== undefined) await within.run(tree, room, number, ratchetTree);
}
