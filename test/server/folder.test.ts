/**
 * A folder of PGlite's is one process's, and tables of an earlier version are brought up with what is in them.
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { bytesInDatabase } from "../../src/server/database/blob-bytes.ts";
import { lockFolder } from "../../src/server/database/folder-lock.ts";
import { migrate, migrations } from "../../src/server/database/migrations.ts";
import { openDatabase } from "../../src/server/database/open-database.ts";
import { pgliteDatabase } from "../../src/server/database/pglite.ts";
import { sqlPort } from "../../src/server/database/port/sql-port.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "copse-folder-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});
const inUse = { code: "database-in-use" };

describe("a folder", () => {
  it("is refused to a second who opens it, and named; when it is let go, the next one has it", async () => {
    const first = await openDatabase({ folder });
    const second = openDatabase({ folder });
    await expect(second).rejects.toMatchObject(inUse);
    await expect(second).rejects.toThrow(join(folder, "copse.lock"));
    await first.check();
    await first.close();
    const third = await openDatabase({ folder });
    await third.check();
    await third.close();
    expect(existsSync(join(folder, "copse.lock"))).toBe(false);
  });

  it("is had by one of many who come at once", async () => {
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
    const had = all.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    expect(had.length).toBe(1);
    for (const each of all) if (each.status === "rejected") expect(each.reason).toMatchObject(inUse);
    await had[0]?.();
    await (
      await lockFolder(folder)
    )();
  });

  it("of a process that is no more is free, and of a number that is another process's now", async () => {
    const file = join(folder, "copse.lock");
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    for (const left of [{ pid, began: "1" }, { pid: process.pid, began: "another time" }, { pid: -1 }, "no owner"]) {
      writeFileSync(file, typeof left === "string" ? left : JSON.stringify(left));
      const release = await lockFolder(folder);
      await expect(lockFolder(folder)).rejects.toMatchObject(inUse);
      await release();
    }
  });

  it("that another has taken meanwhile is not let go by the one before", async () => {
    const letGo = await lockFolder(folder);
    const file = join(folder, "copse.lock");
    writeFileSync(file, "another's");
    await letGo();
    expect(existsSync(file)).toBe(true);
  });
});

it("tables of the version before keep what is in them, and it counts", async () => {
  const database = await pgliteDatabase(undefined);
  try {
    await migrate(database, migrations.slice(0, 1));
    const [room, user, device] = ["mimi://a/r/1", "mimi://a/u/alice", "mimi://a/d/alice/phone"];
    await database.migrate(async (execute) => {
      for (const sql of [
        `insert into copse.rooms values ('${room}', 2, 0, 0, 1000, 0, 0, 1, 'group', null)`,
        `insert into copse.epochs (room, group_info) values ('${room}', 'info')`,
        `insert into copse.items (room, number, at, epoch, message) values ('${room}', 0, 1, 0, '')`,
        `insert into copse.items (room, number, at, epoch, message) values ('${room}', 1, 1, 0, '12345')`,
        `insert into copse.items (room, number, at, epoch, message) values ('${room}', 2, 1, 0, '123')`,
        `insert into copse.members values ('${room}', '${device}', 0)`,
        `insert into copse.spans values ('${room}', '${device}', 0, null)`,
        `insert into copse.users values ('${user}', 1)`,
        `insert into copse.devices values ('${user}', '${device}', 1, 1, 'key', false, 1, 'id', true, 0)`,
      ])
        await execute(sql);
    });
    await migrate(database);
    const port = sqlPort(database, bytesInDatabase);
    expect((await port.rooms.row(room))?.head).toBe(2n);
    const spans = (await port.rooms.member(room, device))?.spans ?? [];
    const items = await port.rooms.items({ room, spans, after: 0n, limit: 9, bytes: Infinity });
    expect(items.map(({ message, stamp }) => [new TextDecoder().decode(message), stamp])).toEqual([
      ["12345", undefined],
      ["123", undefined],
    ]);
    const append = (mostBytes: number, id: string): Promise<{ readonly kind: string }> =>
      port.rooms.append({
        room,
        once: { device, id, digest: "dd".repeat(32) },
        message: utf8("12"),
        at: 2,
        mostBytes,
        change: { kind: "message", epoch: 0n, since: 0, stamp: undefined },
      });
    expect([(await append(9, "01")).kind, (await append(10, "02")).kind]).toEqual(["log-full", "accepted"]);
    const fresh = { device: "mimi://a/d/alice/x", user, cipherSuite: 1, signatureKey: utf8("k"), listed: false };
    const row = { ...fresh, incarnation: 1n, incarnationId: "aa" };
    // Devices of before count as having come long ago.
    expect(await port.devices.open(row, 0n, { most: 1, at: 1_000_000, since: 999_999 })).toBe("opened");
    expect(await port.devices.row(device)).toBeUndefined();
  } finally {
    await database.close();
  }
});
