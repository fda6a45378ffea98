/**
 * Histories in SQL: encrypted records and edges of users. What they are together in bytes stands with the user, so that no write counts them.
 */

import { bytesEqual } from "../../../bytes/compare.ts";
import { fromHex } from "../../../bytes/text.ts";
import type { HistoriesPort, HistoryEdgeWrite, HistoryWrite, HistoryWritten } from "../../../delivery/port.ts";
import { statement, type Database, type Runs } from "../database.ts";
import { big, bytes, countOf } from "../rows.ts";

const lockUser = statement(
  "user",
  "lock user for history",
  `insert into copse.users as u (user_uri, last_opened) values ($1, 0)
   on conflict (user_uri) do update set last_opened = u.last_opened`,
);
const reserve = statement(
  "user",
  "reserve history",
  `update copse.users as u set history_bytes = u.history_bytes + $2::bigint
   where u.user_uri = $1 and not u.is_ended and u.history_bytes + $2::bigint <= $3::float8 returning u.history_bytes`,
);
const standing = statement(
  "user",
  "history standing",
  `select h.position, h.record from copse.history as h
   where h.user_uri = $1 and h.chain = $2 and h.position >= $3::numeric and h.position < $4::numeric`,
);
const add = statement(
  "user",
  "add history",
  `insert into copse.history (user_uri, chain, position, record)
   select $1, $2, g.position::numeric, g.record from unnest($3::text[], $4::bytea[]) as g (position, record)`,
);

/** No more behind the one with which they are as many bytes. */
const records = statement(
  "user",
  "history",
  `select l.record from (
     select h.position, h.record,
       sum(octet_length(h.record)) over (order by h.position desc rows between unbounded preceding and 1 preceding) as before
     from copse.history as h where h.user_uri = $1 and h.chain = $2 and h.position < $3::numeric
     order by h.position desc limit $4
   ) as l where coalesce(l.before, 0) < $5::float8 order by l.position desc`,
);

const findEdge = statement(
  "user",
  "history edge",
  `select e.edge from copse.history_edges as e where e.user_uri = $1 and e.epoch = $2::numeric`,
);
const addEdge = statement(
  "user",
  "add history edge",
  `insert into copse.history_edges (user_uri, epoch, edge) values ($1, $2, $3)`,
);

export class SqlHistories implements HistoriesPort {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  put({ user, chain, position, records: given, most }: HistoryWrite): Promise<HistoryWritten> {
    const key = fromHex(chain);
    return this.#database.transaction("user", user, async (within) => {
      await within.run(lockUser, user);
      const rows = await within.run(standing, user, key, position, position + BigInt(given.length));
      const known = new Map(rows.map((row) => [big(row, "position"), bytes(row, "record")]));
      const places = given.map((record, i) => ({
        record,
        at: position + BigInt(i),
        known: known.get(position + BigInt(i)),
      }));
      if (places.some((each) => each.known !== undefined && !bytesEqual(each.known, each.record))) return "fork";
      const fresh = places.filter((each) => each.known === undefined);
      if (fresh.length === 0) return "kept";
      const size = fresh.reduce((sum, { record }) => sum + record.length, 0);
      if (!(await hasRoom(within, user, size, most))) return "full";
      await within.run(
        add,
        user,
        key,
        fresh.map(({ at }) => String(at)),
        fresh.map(({ record }) => record),
      );
      return "kept";
    });
  }

  async read(user: string, chain: string, below: bigint, limit: number, most: number): Promise<readonly Uint8Array[]> {
    const rows = await this.#database.run(records, user, fromHex(chain), below, countOf(limit), most);
    return rows.map((row) => bytes(row, "record"));
  }

  putEdge({ user, epoch, edge, most }: HistoryEdgeWrite): Promise<HistoryWritten> {
    return this.#database.transaction("user", user, async (within) => {
      await within.run(lockUser, user);
      const [found] = await within.run(findEdge, user, epoch);
      if (found !== undefined) return bytesEqual(bytes(found, "edge"), edge) ? "kept" : "fork";
      if (!(await hasRoom(within, user, edge.length, most))) return "full";
      await within.run(addEdge, user, epoch, edge);
      return "kept";
    });
  }

  async edge(user: string, epoch: bigint): Promise<Uint8Array | undefined> {
    const [found] = await this.#database.run(findEdge, user, epoch);
    return found && bytes(found, "edge");
  }
}

async function hasRoom(within: Runs, user: string, size: number, most: number): Promise<boolean> {
  return (await within.run(reserve, user, size, most)).length > 0;
}
