/**
 * Connections to PostgreSQL: what is asked of them, one after the other and at once, and what becomes of those that end.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { statement, type Database } from "../../src/server/database/database.ts";
import { migrate } from "../../src/server/database/migrations.ts";
import { postgresDatabase } from "../../src/server/database/postgres.ts";
import { PostgresServer, postgresPrograms } from "./postgres-server.ts";

let server: PostgresServer;
beforeAll(async () => {
  server = await PostgresServer.start(postgresPrograms() ?? "");
  const database = await postgresDatabase(server.url, 1);
  await migrate(database);
  await database.close();
});
afterAll(() => {
  server.stop();
});

const room = "mimi://example.org/r/one";
const values = statement(
  "room",
  "test values",
  `select $1::text as room, $2::bytea as bytes, $3::bigint as number, $4::float8 as time, $5::boolean as is_so, $6::text[] as texts,
     $7::bytea[] as many, $8::bigint[] as numbers, $9::text as nothing`,
);
const divided = statement("room", "test divided", "select $1::text as room, 1 / $2::int as quotient");
const own = statement("room", "test own", "select $1::text as room, pg_backend_pid() as pid");
const slept = statement("room", "test slept", "select $1::text as room, pg_sleep($2::float8)::text as nothing");
const made = statement("room", "test made", "insert into copse.joinings (room, device) values ($1, $2)");
const count = statement("room", "test count", "select count(*) as count from copse.joinings as j where j.room = $1");

/** A database of so many connections, for one test. */
async function withDatabase(
  connections: number,
  work: (database: Database) => Promise<void>,
  within = 60_000,
): Promise<void> {
  const database = await postgresDatabase(server.url, connections, within);
  try {
    await work(database);
  } finally {
    await database.close();
  }
}

const sql = (text: string): string => server.run("psql", "-At", server.url, "-c", text).trim();
const sleeps = "application_name = 'copse' and query like '%pg_sleep%' and state = 'active'";
/** How many connections the server has of copse. */
const opened = (): number => Number(sql("select count(*) from pg_stat_activity where application_name = 'copse'"));

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

describe("a statement", () => {
  it("carries every value there and back", async () => {
    await withDatabase(1, async (database) => {
      const texts = ["", "a", 'a "quote"', "back\\slash", "{,}", "NULL", "ü\u{1f600}", "n\0ul"];
      const many = [new Uint8Array(0), Uint8Array.of(0, 92, 34, 255)];
      const given = [Uint8Array.of(0, 1, 255), -(2n ** 63n), 0.1, false, texts, many, [1n, -2n], undefined] as const;
      for (let time = 0; time < 2; time++) {
        const [row] = await database.run(values, "ro\0om", ...given);
        expect(row).toEqual({
          room: "ro\ufffdom",
          bytes: Buffer.of(0, 1, 255),
          number: String(-(2n ** 63n)),
          time: 0.1,
          is_so: false,
          texts: [...texts.slice(0, -1), "n\ufffdul"],
          many: many.map((each) => Buffer.from(each)),
          numbers: ["1", "-2"],
          nothing: null,
        });
      }
      const [none] = await database.run(values, room, new Uint8Array(0), 0n, Infinity, true, [], [], [], "");
      expect(none).toMatchObject({ bytes: Buffer.of(), time: Infinity, texts: [], many: [], numbers: [], nothing: "" });
    });
  });

  it("that fails the first time is the same statement the next time, on the same connection", async () => {
    await withDatabase(1, async (database) => {
      const [before] = await database.run(own, room);
      await expect(database.run(divided, room, 0)).rejects.toMatchObject({
        code: "database-failed",
        cause: { code: "22012" },
      });
      const asked = [database.run(divided, room, 1), database.run(divided, room, 0), database.run(divided, room, 2)];
      expect(await Promise.allSettled(asked)).toMatchObject([
        { value: [{ quotient: 1 }] },
        { reason: { cause: { code: "22012" } } },
        { value: [{ quotient: 0 }] },
      ]);
      expect(await database.run(own, room)).toEqual([before]);
    });
  });

  it("waits for a connection where all are in use, in its turn", async () => {
    await withDatabase(1, async (database) => {
      const order: number[] = [];
      const asked = Array.from({ length: 20 }, async (_, i) => {
        await database.run(own, room);
        order.push(i);
      });
      await Promise.all(asked);
      expect(order).toEqual(order.map((_, i) => i));
      await until(() => opened() === 1);
    });
    await withDatabase(3, async (database) => {
      await Promise.all(Array.from({ length: 20 }, () => database.run(own, room)));
      await until(() => opened() === 3);
      await Promise.all(Array.from({ length: 20 }, () => database.run(own, room)));
      expect(opened()).toBe(3);
    });
  });
});

describe("a transaction", () => {
  it("has statements that are asked at once carried out in their order", async () => {
    await withDatabase(1, async (database) => {
      const rows = await database.transaction("room", room, (within) =>
        Promise.all([
          within.run(made, room, "a"),
          within.run(count, room),
          within.run(made, room, "b"),
          within.run(count, room),
        ]),
      );
      expect(rows).toEqual([[], [{ count: "1" }], [], [{ count: "2" }]]);
    });
  });

  it("that fails is taken back, and its connection is good for the next", async () => {
    await withDatabase(1, async (database) => {
      const [before] = await database.run(count, room);
      const [pid] = await database.run(own, room);
      const failing = database.transaction("room", room, async (within) => {
        await within.run(made, room, "c");
        await Promise.all([within.run(divided, room, 0), within.run(made, room, "d")]);
      });
      await expect(failing).rejects.toMatchObject({ cause: { code: "22012" } });
      await expect(
        database.transaction("room", room, async (within) => {
          await within.run(made, room, "e");
          throw new RangeError("of the work");
        }),
      ).rejects.toThrow(RangeError);
      expect(await database.run(count, room)).toEqual([before]);
      expect(await database.run(own, room)).toEqual([pid]);
    });
  });
});

describe("a connection", () => {
  it("that ends while nobody uses it is opened again", async () => {
    await withDatabase(1, async (database) => {
      const [before] = await database.run(own, room);
      sql(`select pg_terminate_backend(${String(before?.["pid"])})`);
      await until(() => opened() === 0);
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve)); // it is heard of, too
      const [after] = await database.run(own, room);
      expect(after?.["pid"]).not.toBe(before?.["pid"]);
    });
  });

  it("that ends in use fails what it was asked, and who waits behind it has another", async () => {
    await withDatabase(1, async (database) => {
      const [before] = await database.run(own, room);
      const asked = [database.run(slept, room, 60), database.run(own, room), database.run(own, room)];
      const settled = Promise.allSettled(asked);
      await until(() => sql(`select count(*) from pg_stat_activity where ${sleeps}`) === "1");
      sql(`select pg_terminate_backend(${String(before?.["pid"])})`);
      const [failed, second, third] = await settled;
      expect(failed).toMatchObject({ reason: { code: "database-failed" } });
      expect([second?.status, third?.status]).toEqual(["fulfilled", "fulfilled"]);
    });
  });

  it("that ends in a transaction takes it back", async () => {
    await withDatabase(1, async (database) => {
      const [before] = await database.run(count, room);
      const failing = database.transaction("room", room, async (within) => {
        await within.run(made, room, "f");
        const [row] = await within.run(own, room);
        sql(`select pg_terminate_backend(${String(row?.["pid"])})`);
        await within.run(made, room, "g");
      });
      await expect(failing).rejects.toMatchObject({ code: "database-failed" });
      expect(await database.run(count, room)).toEqual([before]);
    });
  });

  it("is closed when nobody has used it for long, and given up with a statement that is not answered", async () => {
    await withDatabase(
      2,
      async (database) => {
        await database.run(own, room);
        await until(() => opened() === 1);
        await until(() => opened() === 0);
        const asked = [database.run(slept, room, 60), database.run(slept, room, 60), database.run(own, room)];
        expect(await Promise.allSettled(asked)).toMatchObject([
          { reason: { code: "database-failed" } },
          { reason: { code: "database-failed" } },
          { status: "fulfilled" },
        ]);
      },
      500,
    );
    sql(`select pg_terminate_backend(pid) from pg_stat_activity where ${sleeps}`);
  });

  it("that can't be opened fails who waits for it, each", async () => {
    const database = await postgresDatabase(server.urlOf("nowhere"), 2);
    const asked = Array.from({ length: 5 }, () => database.run(own, room));
    for (const each of await Promise.allSettled(asked))
      expect(each).toMatchObject({ reason: { code: "database-failed", cause: { code: "3D000" } } });
    await database.close();
  });

  it("is closed when what was asked before the end is answered, and nothing is asked after it", async () => {
    const database = await postgresDatabase(server.url, 1);
    const asked = [database.run(slept, room, 0.05), database.run(own, room)];
    const closed = database.close();
    await expect(database.run(own, room)).rejects.toMatchObject({ code: "database-failed" });
    expect(await Promise.all(asked)).toHaveLength(2);
    await closed;
    await until(() => opened() === 0);
  });
});
