/**
 * Users in SQL: statements about their keys, and whom they let write to them.
 */

import type {
  Ages,
  ConsentRow,
  Decision,
  DecisionRow,
  NewReport,
  Once,
  ReportRow,
  UsersPort,
  UserWrite,
  UserWritten,
} from "../../../delivery/port.ts";
import { fromHex, hex } from "../../../bytes/text.ts";
import { statement, type Database, type Row, type Runs } from "../database.ts";
import { big, bounded, bytes, countOf, flag, num, text } from "../rows.ts";
import { digestOf, isSame, unlessWritten, writeKey } from "../written.ts";
import { collectUsers } from "./collecting-keys.ts";
import { emptyForgotten, forgottenOf } from "./forgotten.ts";

const lastStatement = statement(
  "user",
  "last statement",
  `select s.number, s.statement from copse.statements as s where s.user_uri = $1 order by s.number desc limit 1`,
);

/** No more behind the one with which they are as many bytes. */
const statementsFrom = statement(
  "user",
  "statements",
  `select l.number, l.statement from (
     select s.number, s.statement,
       sum(octet_length(s.statement)) over (order by s.number rows between unbounded preceding and 1 preceding) as before
     from copse.statements as s where s.user_uri = $1 and s.number >= $2 order by s.number limit $3
   ) as l where coalesce(l.before, 0) < $4::float8 order by l.number`,
);

const addStatement = statement(
  "user",
  "add statement",
  `insert into copse.statements (user_uri, number, statement) values ($1, $2, $3)`,
);

const unlogged = statement(
  "scan",
  "unlogged statements",
  `select s.user_uri, s.number, s.statement from copse.statements as s where not s.logged
   order by s.user_uri, s.number limit $1`,
);

const setLogged = statement(
  "user",
  "statement is logged",
  `update copse.statements as s set logged = true where s.user_uri = $1 and s.number = $2`,
);

const statementBytes = statement(
  "user",
  "statement bytes",
  `select coalesce(sum(octet_length(s.statement)), 0) as bytes, coalesce(max(s.number), -1) as last
   from copse.statements as s where s.user_uri = $1`,
);

/** Rooms that a user begins. They stand here before they are, so that no transaction spans both. */
const findBegun = statement(
  "user",
  "begun",
  `select count(*) as count, count(*) filter (where b.room = $2) as of_room from copse.begun as b where b.user_uri = $1`,
);
const addBegun = statement("user", "begin", `insert into copse.begun (user_uri, room, at) values ($1, $2, $3)`);
const dropBegun = statement("user", "drop begun", `delete from copse.begun as b where b.user_uri = $1 and b.room = $2`);

const lockUser = statement(
  "user",
  "lock user for write",
  `insert into copse.users as u (user_uri, last_opened) values ($1, 0)
   on conflict (user_uri) do update set last_opened = u.last_opened`,
);

const findWrite = statement(
  "user",
  "find user write",
  `select w.digest, w.granted, w.requested, w.refused from copse.user_writes as w where w.user_uri = $1 and w.write_key = $2`,
);
const addWrite = statement(
  "user",
  "add user write",
  `insert into copse.user_writes (user_uri, write_key, digest, granted, requested, refused, at)
   values ($1, $2, $3, $4, $5, $6, $7)`,
);

const consent = statement(
  "user",
  "consent",
  `select c.granted, c.requested, c.refused from copse.consents as c where c.user_uri = $1 and c.other = $2 and c.room = $3`,
);
const countConsents = statement(
  "user",
  "count consents",
  `select count(*) as count from copse.consents as c where c.user_uri = $1`,
);
const setConsent = statement(
  "user",
  "set consent",
  `insert into copse.consents (user_uri, other, room, granted, requested, refused) values ($1, $2, $3, $4, $5, $6)
   on conflict (user_uri, other, room)
   do update set granted = excluded.granted, requested = excluded.requested, refused = excluded.refused`,
);
const dropConsent = statement(
  "user",
  "drop consent",
  `delete from copse.consents as c where c.user_uri = $1 and c.other = $2 and c.room = $3`,
);

/** What another has asked. */
const dropAsked = statement(
  "user",
  "drop asked",
  `delete from copse.consents as c
   where c.user_uri = $1 and c.other = $2 and c.requested and not c.granted and not c.refused`,
);
const forgetAsked = statement(
  "user",
  "forget asked",
  `update copse.consents as c set requested = false where c.user_uri = $1 and c.other = $2 and c.requested`,
);

const isBlocked = statement(
  "user",
  "is blocked",
  `select b.other from copse.blocks as b where b.user_uri = $1 and b.other = $2`,
);
const countBlocks = statement(
  "user",
  "count blocks",
  `select count(*) as count from copse.blocks as b where b.user_uri = $1`,
);
const block = statement(
  "user",
  "block",
  `insert into copse.blocks (user_uri, other) values ($1, $2) on conflict do nothing`,
);
const unblock = statement("user", "unblock", `delete from copse.blocks as b where b.user_uri = $1 and b.other = $2`);

const endUser = statement(
  "user",
  "end user",
  `with forgotten as (
     insert into copse.forgotten (user_uri, device)
     select $1, d.device from copse.devices as d where d.user_uri = $1 on conflict do nothing
   ), devices as (delete from copse.devices as e where e.user_uri = $1),
     statements as (delete from copse.statements as s where s.user_uri = $1),
     consents as (delete from copse.consents as c where c.user_uri = $1),
     blocks as (delete from copse.blocks as b where b.user_uri = $1),
     begun as (delete from copse.begun as g where g.user_uri = $1),
     reports as (delete from copse.reports as r where r.user_uri = $1),
     history as (delete from copse.history as h where h.user_uri = $1),
     edges as (delete from copse.history_edges as x where x.user_uri = $1),
     writes as (delete from copse.user_writes as w where w.user_uri = $1)
   update copse.users as u set is_ended = true, history_bytes = 0 where u.user_uri = $1`,
);

const reportBytes = statement(
  "user",
  "report bytes",
  `select coalesce(sum(octet_length(r.bytes)), 0) as bytes from copse.reports as r where r.user_uri = $1`,
);
const findReport = statement(
  "user",
  "find report",
  `select r.digest from copse.reports as r where r.user_uri = $1 and r.write_key = $2`,
);
const addReport = statement(
  "user",
  "add report",
  `insert into copse.reports (user_uri, write_key, digest, room, at, bytes) values ($1, $2, $3, $4, $5, $6)`,
);
const dropReport = statement(
  "user",
  "drop report",
  `delete from copse.reports as r where r.user_uri = $1 and r.write_key = $2`,
);
const oldestReports = statement(
  "scan",
  "oldest reports",
  `select r.user_uri, r.write_key, r.room, r.at, r.bytes from copse.reports as r where r.decided_at is null order by r.at, r.user_uri, r.write_key limit $1`,
);
const decideReport = statement(
  "user",
  "decide report",
  `update copse.reports as r set decided_at = $3, decision = $4, about = $5, words = $6, bytes = ''
   where r.user_uri = $1 and r.write_key = $2 and r.decided_at is null returning 1 as one`,
);
const newestDecisions = statement(
  "scan",
  "newest decisions",
  `select r.user_uri, r.room, r.at, r.decided_at, r.decision, r.about, r.words from copse.reports as r
   where r.decided_at is not null order by r.decided_at desc, r.user_uri, r.write_key limit $1`,
);
const shutOut = statement(
  "user",
  "shut out",
  `insert into copse.users as u (user_uri, last_opened, shut_out_at) values ($1, 0, $2)
   on conflict (user_uri) do update set shut_out_at = excluded.shut_out_at`,
);
const isShutOut = statement(
  "user",
  "is shut out",
  `select 1 as one from copse.users as u where u.user_uri = $1 and u.shut_out_at is not null`,
);
const allShutOut = statement(
  "scan",
  "all shut out",
  `select u.user_uri, u.shut_out_at from copse.users as u where u.shut_out_at is not null
   order by u.shut_out_at desc, u.user_uri limit $1`,
);

const nothing: ConsentRow = { granted: false, requested: false, refused: false };
const names = ["granted", "requested", "refused"] as const;

interface StatementRow {
  readonly number: bigint;
  readonly statement: Uint8Array;
}

export class SqlUsers implements UsersPort {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async lastStatement(user: string): Promise<StatementRow | undefined> {
    const [found] = await this.#database.run(lastStatement, user);
    return found && statementRow(found);
  }

  async statements(user: string, from: bigint, limit: number, most: number): Promise<readonly StatementRow[]> {
    return (await this.#database.run(statementsFrom, user, from, countOf(limit), most)).map(statementRow);
  }

  addStatement(user: string, number: bigint, given: Uint8Array, most: number): Promise<"added" | "number" | "full"> {
    return this.#database.transaction("user", user, async (within) => {
      await within.run(lockUser, user);
      const [found] = await within.run(statementBytes, user);
      if (found === undefined || big(found, "last") + 1n !== number) return "number";
      if (num(found, "bytes") + given.length > most) return "full";
      await within.run(addStatement, user, number, given);
      return "added";
    });
  }

  async unlogged(limit: number): Promise<readonly (StatementRow & { readonly user: string })[]> {
    const rows = await this.#database.run(unlogged, countOf(limit));
    return rows.map((row) => ({ user: text(row, "user_uri"), ...statementRow(row) }));
  }

  async logged(user: string, number: bigint): Promise<void> {
    await this.#database.run(setLogged, user, bounded(number));
  }

  beginRoom(user: string, room: string, at: number, most: number): Promise<"counted" | "known" | "full"> {
    return this.#database.transaction("user", user, async (within) => {
      await within.run(lockUser, user);
      const [found] = await within.run(findBegun, user, room);
      if (found !== undefined && num(found, "of_room") > 0) return "known";
      if (found !== undefined && num(found, "count") >= most) return "full";
      await within.run(addBegun, user, room, at);
      return "counted";
    });
  }

  async dropRoom(user: string, room: string): Promise<void> {
    await this.#database.run(dropBegun, user, room);
  }

  async consent(user: string, from: string, room: string): Promise<ConsentRow | undefined> {
    const [found] = await this.#database.run(consent, user, from, room);
    return found && consentRow(found);
  }

  setConsent(
    user: string,
    from: string,
    room: string,
    change: Partial<ConsentRow>,
    { once, at, most }: UserWrite,
  ): Promise<UserWritten> {
    return this.#write(user, once, async (within) => {
      const [found] = await within.run(consent, user, from, room);
      const before = found === undefined ? nothing : consentRow(found);
      const after = { ...before, ...change };
      if (names.every((name) => after[name] === before[name])) return { kind: "known" };
      if (found === undefined && (await counted(within, countConsents, user)) >= most) return { kind: "full" };
      if (names.some((name) => after[name])) {
        await within.run(setConsent, user, from, room, after.granted, after.requested, after.refused);
      } else await within.run(dropConsent, user, from, room);
      await remember(within, user, once, before, at);
      return { kind: "done", before };
    });
  }

  block(user: string, other: string, blocked: boolean, { once, at, most }: UserWrite): Promise<UserWritten> {
    return this.#write(user, once, async (within) => {
      if (!blocked) await within.run(unblock, user, other);
      else {
        const [found] = await within.run(isBlocked, user, other);
        if (found === undefined && (await counted(within, countBlocks, user)) >= most) return { kind: "full" };
        await within.run(block, user, other);
      }
      await within.run(dropAsked, user, other);
      await within.run(forgetAsked, user, other);
      await remember(within, user, once, nothing, at);
      return { kind: "done", before: nothing };
    });
  }

  async end(user: string): Promise<readonly string[]> {
    await this.#database.transaction("user", user, async (within) => {
      await within.run(lockUser, user);
      await within.run(endUser, user);
    });
    const devices = await forgottenOf(this.#database, user);
    await emptyForgotten(this.#database, user).catch(() => undefined); // else who sweeps does it
    return devices;
  }

  addReport(report: NewReport, once: Once, most: number): Promise<"added" | "known" | "taken" | "full"> {
    const { user, room, at, bytes: given } = report;
    return this.#database.transaction("user", user, async (within) => {
      await within.run(lockUser, user);
      const [known] = await within.run(findReport, user, writeKey(once));
      if (known !== undefined) return isSame(known, once) ? "known" : "taken";
      const [found] = await within.run(reportBytes, user);
      if (found === undefined || num(found, "bytes") + given.length > most) return "full";
      await within.run(addReport, user, writeKey(once), digestOf(once), room, at, given);
      return "added";
    });
  }

  async reports(limit: number): Promise<readonly ReportRow[]> {
    return (await this.#database.run(oldestReports, countOf(limit))).map((row) => ({
      user: text(row, "user_uri"),
      room: text(row, "room"),
      at: num(row, "at"),
      bytes: bytes(row, "bytes"),
      key: hex(bytes(row, "write_key")),
    }));
  }

  async dropReport(user: string, key: string): Promise<void> {
    await this.#database.run(dropReport, user, fromHex(key));
  }

  async decideReport(user: string, key: string, decision: Decision): Promise<boolean> {
    const { decidedAt, what, about, words } = decision;
    return (await this.#database.run(decideReport, user, fromHex(key), decidedAt, what, about, words)).length > 0;
  }

  async decisions(limit: number): Promise<readonly DecisionRow[]> {
    return (await this.#database.run(newestDecisions, countOf(limit))).map((row) => ({
      user: text(row, "user_uri"),
      room: text(row, "room"),
      at: num(row, "at"),
      decidedAt: num(row, "decided_at"),
      what: text(row, "decision") === "shut-out" ? "shut-out" : "dismissed",
      about: text(row, "about"),
      words: text(row, "words"),
    }));
  }

  async shutOut(user: string, at: number | undefined): Promise<void> {
    await this.#database.run(shutOut, user, at);
  }

  async isShutOut(user: string): Promise<boolean> {
    return (await this.#database.run(isShutOut, user)).length > 0;
  }

  async allShutOut(limit: number): Promise<readonly { readonly user: string; readonly at: number }[]> {
    const rows = await this.#database.run(allShutOut, countOf(limit));
    return rows.map((row) => ({ user: text(row, "user_uri"), at: num(row, "shut_out_at") }));
  }

  async isBlocked(user: string, other: string): Promise<boolean> {
    return (await this.#database.run(isBlocked, user, other)).length > 0;
  }

  collect(ages: Ages): Promise<void> {
    return collectUsers(this.#database, ages);
  }

  /** A write about a user, unless it was said before: one after the other. */
  #write(user: string, once: Once, work: (within: Runs) => Promise<UserWritten>): Promise<UserWritten> {
    return unlessWritten(() =>
      this.#database.transaction("user", user, async (within): Promise<UserWritten> => {
        await within.run(lockUser, user);
        const [found] = await within.run(findWrite, user, writeKey(once));
        if (found === undefined) return work(within);
        return isSame(found, once) ? { kind: "done", before: consentRow(found) } : { kind: "taken" };
      }),
    );
  }
}

async function counted(within: Runs, count: typeof countBlocks, user: string): Promise<number> {
  const [found] = await within.run(count, user);
  return found === undefined ? 0 : num(found, "count");
}

async function remember(within: Runs, user: string, once: Once, before: ConsentRow, at: number): Promise<void> {
  const { granted, requested, refused } = before;
  await within.run(addWrite, user, writeKey(once), digestOf(once), granted, requested, refused, at);
}

function statementRow(row: Row): StatementRow {
  return { number: big(row, "number"), statement: bytes(row, "statement") };
}

function consentRow(row: Row): ConsentRow {
  return { granted: flag(row, "granted"), requested: flag(row, "requested"), refused: flag(row, "refused") };
}
