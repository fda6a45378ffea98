/**
 * Queues of devices: what has no room yet.
 */

import type { Enqueue, QueuedContent, QueuedRow, Written } from "../../../delivery/port.ts";
import { contentBytes, contentOf } from "../contents.ts";
import { statement, type Database, type Row } from "../database.ts";
import { big, bounded, bytes, countOf, num } from "../rows.ts";
import { deviceUri } from "../../../rooms/uri.ts";
import { Full, unlessFull } from "./full.ts";
import { addWrite, writtenBefore } from "./device-writes.ts";

/** The next number of a device's queue, whose row is locked with it. */
const nextQueued = statement(
  "device",
  "next queued",
  `insert into copse.boxes as b (device, last_queued, last_stocked) values ($1, 1, 0)
   on conflict (device) do update set last_queued = b.last_queued + 1 returning b.last_queued`,
);

/** What others have put into it, beside Welcomes. */
const load = statement(
  "device",
  "load of queue",
  `select count(*) as items, coalesce(sum(q.size), 0) as bytes, count(*) filter (where q.sender = $2::text) as of_one
   from copse.queue as q where q.device = $1 and q.sender is not null`,
);

const welcomes = statement(
  "device",
  "welcomes of queue",
  `select count(*) as items, count(*) filter (where q.adder = $2::text) as of_one
   from copse.queue as q where q.device = $1 and q.sender is null`,
);

const put = statement(
  "device",
  "put into queue",
  `insert into copse.queue (device, number, at, sender, size, content, adder) values ($1, $2, $3, $4, $5, $6, $7)`,
);

/** Of a user, and of whatever begins as its devices do. */
const dropFrom = statement(
  "device",
  "drop from user",
  `delete from copse.queue as q where q.device = $1 and (q.sender = $2::text or starts_with(q.sender, $3::text))`,
);

/** No more behind the one with which they are as many bytes. */
const list = statement(
  "device",
  "queue",
  `select l.number, l.at, l.content from (
     select q.number, q.at, q.content,
       sum(q.size) over (order by q.number rows between unbounded preceding and 1 preceding) as before
     from copse.queue as q where q.device = $1 and q.number > $2 order by q.number limit $3
   ) as l where coalesce(l.before, 0) < $4::float8 order by l.number`,
);

const acknowledge = statement(
  "device",
  "acknowledge queue",
  `delete from copse.queue as q where q.device = $1 and q.number <= $2 returning q.number, q.at, q.content`,
);

function sizeOf(content: QueuedContent): number {
  return 256 + (content.kind === "parcel" ? content.bytes.length : 0);
}

function senderOf(content: QueuedContent): string | undefined {
  return content.kind === "welcome" ? undefined : content.from;
}

function queuedRow(row: Row): QueuedRow {
  return { number: big(row, "number"), at: num(row, "at"), content: contentOf(bytes(row, "content")) };
}

export function enqueue(
  database: Database,
  { device, once, at, content, adder, limits }: Enqueue,
): Promise<Written<bigint> | { readonly kind: "full" }> {
  const sender = senderOf(content);
  const size = sizeOf(content);
  return unlessFull(() =>
    database.transaction("device", device, async (within): Promise<Written<bigint>> => {
      const before = await writtenBefore(within, device, "queued", once, (row) => big(row, "number"));
      if (before !== undefined) return before;
      const [next] = await within.run(nextQueued, device);
      if (next === undefined) throw new TypeError("a row was not given back");
      if (sender !== undefined) {
        const [found] = await within.run(load, device, sender);
        const isFull =
          found !== undefined &&
          (num(found, "items") >= limits.items ||
            num(found, "bytes") + size > limits.bytes ||
            num(found, "of_one") >= limits.ofOne);
        if (isFull) throw new Full();
      } else {
        const [found] = await within.run(welcomes, device, adder);
        const isFull =
          found !== undefined &&
          (num(found, "items") >= limits.welcomes || num(found, "of_one") >= limits.welcomesOfOne);
        if (isFull) throw new Full();
      }
      const number = big(next, "last_queued");
      await within.run(put, device, number, at, sender, BigInt(size), contentBytes(content), adder);
      await addWrite(within, device, "queued", once, { at, number });
      return { kind: "done", value: number };
    }),
  );
}

/** What a user and its devices have put into it goes. */
export async function dropFromUser(database: Database, device: string, user: string): Promise<void> {
  await database.run(dropFrom, device, user, deviceUri(user, "x").slice(0, -1));
}

export async function queueOf(
  database: Database,
  device: string,
  { after, limit, bytes: most }: { readonly after: bigint; readonly limit: number; readonly bytes: number },
): Promise<readonly QueuedRow[]> {
  return (await database.run(list, device, bounded(after), countOf(limit), most)).map(queuedRow);
}

export async function acknowledgeQueue(
  database: Database,
  device: string,
  through: bigint,
): Promise<readonly QueuedRow[]> {
  const rows = (await database.run(acknowledge, device, bounded(through))).map(queuedRow);
  return rows.sort((a, b) => (a.number < b.number ? -1 : 1));
}
