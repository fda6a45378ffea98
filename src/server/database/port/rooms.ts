/**
 * Rooms in SQL: each transaction within one room.
 */

import { nothing } from "../../../bytes/nothing.ts";
import type {
  Ages,
  Append,
  Appended,
  AppendedBefore,
  Complainer,
  ItemRange,
  ItemRow,
  MemberRow,
  Once,
  RecordChanges,
  RoomDevices,
  RoomRow,
  RoomsPort,
  RoomStart,
  WelcomeRow,
  Written,
} from "../../../delivery/port.ts";
import { unconfirmedBytes } from "../contents.ts";
import { statement, type Database } from "../database.ts";
import { big, bounded, bytes, bytesOr, countOf, num, text } from "../rows.ts";
import { digestOf, unlessWritten, writeKey } from "../written.ts";
import { append, said } from "./appending.ts";
import { collectRoom } from "./collecting.ts";
import { changedRooms, tellJoined } from "./joinings.ts";
import { itemRow, roomColumns, roomRow, spanOf, writeRecords } from "./room-rows.ts";
import { rollBack } from "./rolling-back.ts";

const row = statement("room", "room", `select ${roomColumns} from copse.rooms as r where r.room = $1`);

const createRoom = statement(
  "room",
  "create room",
  `insert into copse.rooms
     (room, group_id, cipher_suite, epoch, epoch_at, epoch_head, head, gone_through, revision, log_bytes)
   values ($1, $2, $3, $4, $5, 0, 0, 0, 0, 0) on conflict (room) do nothing returning room`,
);
const createEpoch = statement("room", "create epoch", `insert into copse.epochs (room, group_info) values ($1, $2)`);
const createItem = statement(
  "room",
  "create item",
  `insert into copse.items (room, number, at, epoch, message, write_key, digest) values ($1, 0, $2, $3, $4, $5, $6)`,
);
const createMember = statement(
  "room",
  "create member",
  `with member as (insert into copse.members (room, device, acknowledged) values ($1, $2, 0)),
     joining as (insert into copse.joinings (room, device) values ($1, $2))
   insert into copse.spans (room, device, after) values ($1, $2, 0)`,
);

/** The row and the records of one moment. */
const followed = statement(
  "room",
  "followed",
  `select ${roomColumns}, null::text as name, null::bytea as value from copse.rooms as r where r.room = $1
   union all
   select null, null, null, null, null, null, null, null, null, null, x.name, x.value from copse.records as x where x.room = $1`,
);

const groupInfo = statement(
  "room",
  "group info",
  `select ${roomColumns}, e.group_info from copse.rooms as r, copse.epochs as e where r.room = $1 and e.room = $1`,
);

const member = statement(
  "room",
  "member",
  `select m.acknowledged, s.after, s.through from copse.members as m, copse.spans as s
   where m.room = $1 and m.device = $2 and s.room = $1 and s.device = $2 order by s.after`,
);

const devices = statement(
  "room",
  "devices",
  `select r.revision, s.device from copse.rooms as r, copse.spans as s where r.room = $1 and s.room = $1 and s.through is null`,
);

/** No more behind the one with which they are as many bytes. */
const items = statement(
  "room",
  "items",
  `select l.number, l.at, l.message, l.takes_back, l.takes_back_epoch, l.stamp from (
     select i.number, i.at, i.message, i.takes_back, i.takes_back_epoch, i.stamp,
       sum(octet_length(i.message)) over (order by i.number rows between unbounded preceding and 1 preceding) as before
     from copse.items as i, copse.rooms as r
     where i.room = $1 and r.room = $1 and i.number > greatest($2::bigint, r.gone_through)
       and exists (
         select from unnest($3::bigint[], $4::bigint[]) as u(after, through) where i.number > u.after and i.number <= u.through
       )
     order by i.number limit $5
   ) as l where coalesce(l.before, 0) < $6::float8 order by l.number`,
);

const acknowledge = statement(
  "room",
  "acknowledge",
  `update copse.members as m set acknowledged = $3 where m.room = $1 and m.device = $2 and m.acknowledged < $3`,
  { isRelaxed: true },
);

const confirm = statement(
  "room",
  "confirm",
  `update copse.rooms as r set revision = r.revision + 1, unconfirmed = null where r.room = $1 and r.revision = $2
   returning r.room`,
);
const forgetBefore = statement(
  "room",
  "forget before",
  `update copse.epochs as e set before_number = null, before_group_info = null, before_joined = null, before_left = null
   where e.room = $1`,
);

const lockUnconfirmed = statement(
  "room",
  "lock unconfirmed",
  `select ${roomColumns} from copse.rooms as r where r.room = $1 and r.revision = $2 and r.unconfirmed is not null for update`,
);
const complain = statement("room", "complain", `update copse.rooms as r set unconfirmed = $2 where r.room = $1`);

const outbox = statement(
  "room",
  "outbox",
  `select w.number, w.device, w.committer, w.welcome, w.at from copse.welcomes as w where w.room = $1 and not w.relayed
   order by w.number, w.device`,
);
const relayed = statement(
  "room",
  "relayed",
  `update copse.welcomes as w set relayed = true where w.room = $1 and w.number = $2 and w.device = $3`,
);
const welcome = statement(
  "room",
  "welcome",
  `select w.welcome, t.tree from copse.welcomes as w, copse.trees as t
   where w.room = $1 and w.number = $2 and w.device = $3 and t.room = $1 and t.number = $2`,
);

const lockRoom = statement("room", "lock room", `select r.room from copse.rooms as r where r.room = $1 for update`);
const takeWelcome = statement(
  "room",
  "take welcome",
  `delete from copse.welcomes as w where w.room = $1 and w.number = $2 and w.device = $3`,
);
const dropTrees = statement(
  "room",
  "drop trees",
  `delete from copse.trees as t where t.room = $1
     and not exists (select from copse.welcomes as w where w.room = $1 and w.number = t.number)`,
);

const page = statement(
  "scan",
  "rooms",
  `select r.room from copse.rooms as r where r.room > $1 order by r.room limit $2`,
);

export class SqlRooms implements RoomsPort {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async row(room: string): Promise<RoomRow | undefined> {
    const [found] = await this.#database.run(row, room);
    return found && roomRow(found);
  }

  async create(start: RoomStart): Promise<Written<undefined> | { readonly kind: "exists" }> {
    const { room, once, device, groupId, cipherSuite, epoch, records, at } = start;
    const isCreated = await this.#database.transaction("room", room, async (within) => {
      const [created] = await within.run(createRoom, room, groupId, cipherSuite, epoch, at);
      if (created === undefined) return false;
      await within.run(createEpoch, room, start.groupInfo);
      await within.run(createItem, room, at, epoch, nothing, writeKey(once), digestOf(once));
      await within.run(createMember, room, device);
      await writeRecords(within, room, records);
      return true;
    });
    if (isCreated) {
      await tellJoined(this.#database, room).catch(() => undefined); // else who sweeps does it
      return { kind: "done", value: undefined };
    }
    const before = await said(this.#database, room, once);
    if (before === undefined) return { kind: "exists" };
    return before.kind === "taken" ? { kind: "taken" } : { kind: "known", value: undefined };
  }

  async followed(
    room: string,
  ): Promise<{ readonly row: RoomRow; readonly records: readonly (readonly [string, Uint8Array])[] } | undefined> {
    const [first, ...others] = await this.#database.run(followed, room);
    if (first === undefined) return undefined;
    return { row: roomRow(first), records: others.map((each) => [text(each, "name"), bytes(each, "value")] as const) };
  }

  async groupInfo(room: string): Promise<{ readonly row: RoomRow; readonly groupInfo: Uint8Array } | undefined> {
    const [found] = await this.#database.run(groupInfo, room);
    return found && { row: roomRow(found), groupInfo: bytes(found, "group_info") };
  }

  written(room: string, once: Once): Promise<AppendedBefore | undefined> {
    return said(this.#database, room, once);
  }

  async append(given: Append): Promise<Appended> {
    const answer = await unlessWritten(() => append(this.#database, given));
    if (answer.kind === "accepted" && given.change.kind === "commit" && given.change.joined.length > 0) {
      await tellJoined(this.#database, given.room).catch(() => undefined); // else who sweeps does it
    }
    return answer;
  }

  async member(room: string, device: string): Promise<MemberRow | undefined> {
    const rows = await this.#database.run(member, room, device);
    const [first] = rows;
    return first && { spans: rows.map(spanOf), acknowledged: big(first, "acknowledged") };
  }

  async devices(room: string): Promise<RoomDevices | undefined> {
    const rows = await this.#database.run(devices, room);
    const [first] = rows;
    return first && { revision: big(first, "revision"), devices: rows.map((each) => text(each, "device")) };
  }

  changed(device: string, all = false): Promise<readonly { readonly room: string; readonly head: bigint }[]> {
    return changedRooms(this.#database, device, all);
  }

  async items({ room, spans, after, limit, bytes: most }: ItemRange): Promise<readonly ItemRow[]> {
    const [from, through] = [
      spans.map((span) => bounded(span.after)),
      spans.map((span) => bounded(span.through ?? end)),
    ];
    return (await this.#database.run(items, room, bounded(after), from, through, countOf(limit), most)).map(itemRow);
  }

  async acknowledge(room: string, device: string, through: bigint): Promise<void> {
    await this.#database.run(acknowledge, room, device, bounded(through));
  }

  confirm(room: string, revision: bigint, records: RecordChanges): Promise<boolean> {
    return this.#database.transaction("room", room, async (within) => {
      const [confirmed] = await within.run(confirm, room, bounded(revision));
      if (confirmed === undefined) return false;
      await within.run(forgetBefore, room);
      await writeRecords(within, room, records);
      return true;
    });
  }

  complain(room: string, revision: bigint, complainer: Complainer): Promise<boolean> {
    return this.#database.transaction("room", room, async (within) => {
      const [found] = await within.run(lockUnconfirmed, room, bounded(revision));
      const unconfirmed = found && roomRow(found).unconfirmed;
      if (unconfirmed === undefined) return false;
      const others = unconfirmed.complaints.filter(({ device }) => device !== complainer.device);
      const complaints = [...others, complainer];
      await within.run(complain, room, unconfirmedBytes({ ...unconfirmed, complaints }));
      return true;
    });
  }

  async rollBack(room: string, revision: bigint, records: RecordChanges, at: number): Promise<bigint | undefined> {
    const number = await rollBack(this.#database, { room, revision, records, at });
    if (number !== undefined) await tellJoined(this.#database, room).catch(() => undefined); // else who sweeps does it
    return number;
  }

  async outbox(room: string): Promise<readonly WelcomeRow[]> {
    await tellJoined(this.#database, room);
    return (await this.#database.run(outbox, room)).map((each) => ({
      number: big(each, "number"),
      device: text(each, "device"),
      committer: text(each, "committer"),
      welcome: bytes(each, "welcome"),
      at: num(each, "at"),
    }));
  }

  async relayed(room: string, number: bigint, device: string): Promise<void> {
    await this.#database.run(relayed, room, number, device);
  }

  async welcome(
    room: string,
    number: bigint,
    device: string,
  ): Promise<{ readonly welcome: Uint8Array; readonly ratchetTree: Uint8Array } | undefined> {
    const [found] = await this.#database.run(welcome, room, number, device);
    const ratchetTree = found && bytesOr(found, "tree");
    return found && ratchetTree && { welcome: bytes(found, "welcome"), ratchetTree };
  }

  async taken(room: string, number: bigint, device: string): Promise<void> {
    await this.#database.transaction("room", room, async (within) => {
      await within.run(lockRoom, room); // two who take the last two would each leave the tree to the other
      await within.run(takeWelcome, room, number, device);
      await within.run(dropTrees, room);
    });
  }

  collect(room: string, ages: Ages): Promise<void> {
    return collectRoom(this.#database, room, ages);
  }

  async names(after: string, limit: number): Promise<readonly string[]> {
    return (await this.#database.run(page, after, countOf(limit))).map((each) => text(each, "room"));
  }
}

/** Behind every number. */
const end = 2n ** 64n;
