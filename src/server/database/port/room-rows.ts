/**
 * The rows of a room, as the port gives them.
 */

import type { ItemRow, RecordChanges, RoomRow, Span } from "../../../delivery/port.ts";
import { unconfirmedOf } from "../contents.ts";
import { statement, type Row, type Runs } from "../database.ts";
import { big, bigOr, bytes, bytesOr, num, text } from "../rows.ts";

/** The columns of `roomRow`. */
export const roomColumns = `r.room, r.head, r.revision, r.epoch, r.epoch_at, r.epoch_head, r.gone_through, r.cipher_suite,
  r.group_id, r.unconfirmed`;

export function roomRow(row: Row): RoomRow {
  const unconfirmed = bytesOr(row, "unconfirmed");
  return {
    room: text(row, "room"),
    groupId: bytes(row, "group_id"),
    cipherSuite: num(row, "cipher_suite"),
    epoch: big(row, "epoch"),
    epochAt: num(row, "epoch_at"),
    epochHead: big(row, "epoch_head"),
    head: big(row, "head"),
    goneThrough: big(row, "gone_through"),
    revision: big(row, "revision"),
    unconfirmed: unconfirmed && unconfirmedOf(unconfirmed),
  };
}

export function spanOf(row: Row): Span {
  return { after: big(row, "after"), through: bigOr(row, "through") };
}

export function itemRow(row: Row): ItemRow {
  const number = bigOr(row, "takes_back");
  return {
    number: big(row, "number"),
    at: num(row, "at"),
    message: bytes(row, "message"),
    stamp: bytesOr(row, "stamp"),
    takesBack: number === undefined ? undefined : { number, epoch: big(row, "takes_back_epoch") },
  };
}

const dropRecords = statement("room", "drop records", `delete from copse.records as x where x.room = $1`);

const deleteRecords = statement(
  "room",
  "delete records",
  `delete from copse.records as x where x.room = $1 and x.name = any($2::text[])`,
);

const putRecords = statement(
  "room",
  "put records",
  `insert into copse.records (room, name, value) select $1, u.name, u.value from unnest($2::text[], $3::bytea[]) as u(name, value)
   on conflict (room, name) do update set value = excluded.value`,
);

/** The records of a room's observer. */
export async function writeRecords(runs: Runs, room: string, { whole, puts, deletes }: RecordChanges): Promise<void> {
  if (whole) await runs.run(dropRecords, room);
  else if (deletes.length > 0) await runs.run(deleteRecords, room, deletes);
  if (puts.size > 0) await runs.run(putRecords, room, [...puts.keys()], [...puts.values()]);
}
