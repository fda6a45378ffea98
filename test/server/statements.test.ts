/**
 * Every statement stays within one room, one device, one user or one blob, and so does every transaction: what sharding asks.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scopeKeys, statements, type Database, type Statement } from "../../src/server/database/database.ts";
import "../../src/server/database/open-database.ts";
import { pgliteUnderTest } from "./under-test.ts";
import { faultsOf, tables } from "./scopes.ts";

describe("statements", () => {
  it("hold every table that they name to the key of their scope", () => {
    expect(statements().length).toBeGreaterThan(90);
    const faults = statements().flatMap(({ name, scope, text }) => {
      const found = faultsOf({ scope, text });
      return found.length === 0 ? [] : [`${name}: ${found.join("; ")}`];
    });
    expect(faults).toEqual([]);
  });

  it("have names of their own, which a connection can prepare", () => {
    const names = statements().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name.length > 63)).toEqual([]);
  });

  it.each([
    ["room", "select r.head from copse.rooms as r where r.revision = $1", "r is not held to the key"],
    ["room", "select r.head from copse.rooms as r where r.room = $2", "r is not held to the key"],
    ["room", "select r.head from copse.rooms where room = $1", "written otherwise"],
    [
      "room",
      "select 1 from copse.rooms as r, copse.items as i where r.room = $1 and i.number = r.head",
      "i is not held",
    ],
    [
      "room",
      "select 1 from copse.rooms as r join copse.queue as q on true where r.room = $1",
      "queue is of another scope",
    ],
    ["room", "delete from copse.items as i where i.room = any($1::text[])", "i is not held to the key"],
    ["room", "insert into copse.members (room, device) select $2, u from unnest($1::text[]) as u", "another key"],
    ["room", "insert into copse.members (device, room) values ($1, $2)", "another key"],
    ["device", "update copse.queue as q set at = 0 where q.number = $1", "q is not held to the key"],
    ["scan", "delete from copse.queue as q where q.at < $1", "changes something"],
    ["scan", "select 1 from copse.queue as q, copse.boxes as b where q.device = b.device", "several tables"],
  ] as const)("are refused where they don't: %s, %s", (scope, text, fault) => {
    expect(faultsOf({ scope, text }).join("; ")).toContain(fault);
  });
});

describe("the database", () => {
  let database: Database;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ database, close } = await pgliteUnderTest());
  });
  afterAll(() => close());

  const of = (name: string): Statement => {
    const found = statements().find((each) => each.name === `copse ${name}`);
    if (found === undefined) throw new Error(name);
    return found;
  };

  it("refuses a transaction that leaves its room", async () => {
    const outside = [
      [of("room"), "mimi://a/r/2"],
      [of("queue"), "mimi://a/r/1"],
    ] as const;
    for (const [statement, key] of outside) {
      const asked = database.transaction("room", "mimi://a/r/1", (within) => within.run(statement, key, 0n, 1, 1));
      await expect(asked).rejects.toThrow("leaves its transaction's scope");
    }
    const inside = database.transaction("room", "mimi://a/r/1", (within) => within.run(of("room"), "mimi://a/r/1"));
    expect(await inside).toEqual([]);
  });

  it("has every table keyed by its scope first, so that it can be partitioned by it", async () => {
    let rows: readonly Readonly<Record<string, unknown>>[] = [];
    await database.migrate(async (execute) => {
      rows = await execute(`
        select c.relname as table_name, i.indisunique as is_unique, i.indisprimary as is_primary, a.attname as first_column
        from pg_index as i join pg_class as c on c.oid = i.indrelid join pg_namespace as n on n.oid = c.relnamespace
          join pg_attribute as a on a.attrelid = c.oid and a.attnum = i.indkey[0]
        where n.nspname = 'copse' and c.relname <> 'migrations'`);
    });
    const unique = rows.filter((row) => row["is_unique"]);
    expect(unique.map((row) => row["table_name"])).toEqual(expect.arrayContaining(Object.keys(tables)));
    expect(new Set(rows.map((row) => row["table_name"])).size).toBe(Object.keys(tables).length);
    for (const row of unique) {
      const scope = tables[String(row["table_name"])];
      expect([row["table_name"], row["first_column"]]).toEqual([row["table_name"], scope && scopeKeys[scope]]);
    }
  });

  it("has every statement understood", async () => {
    // A statement that a server does not understand fails with its class of errors, 42; parameters of no use fail otherwise.
    for (const each of statements()) {
      const count = new Set(each.text.match(/\$\d+/g)).size;
      const failure = await database.run(each, ...Array.from({ length: count }, () => undefined)).then(
        () => undefined,
        (error: unknown) => (error as { cause?: { code?: string } }).cause?.code,
      );
      expect([each.name, failure?.slice(0, 2) === "42"]).toEqual([each.name, false]);
    }
  });
});
