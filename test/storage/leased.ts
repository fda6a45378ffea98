/**
 * A process that has a store of SQLite by a lease and writes until it is killed: lease.test.ts starts it. It tells of each batch that is done.
 */

import { writeSync } from "node:fs";
import { argv } from "node:process";
import { setImmediate } from "node:timers/promises";
import Database from "better-sqlite3";
import { sqliteStore } from "../../src/storage/sqlite.ts";

const [, , path = "", milliseconds = ""] = argv;
const database = new Database(path, { timeout: 1_000 });
const store = sqliteStore(database, {
  exclusive: false,
  lease: { milliseconds: Number(milliseconds), clock: () => 0 },
});
for (let i = 0; ; i++) {
  const last = new Uint8Array(4);
  new DataView(last.buffer).setUint32(0, i);
  await store.batch([
    { put: ["last"], value: last },
    { put: ["log", BigInt(i)], value: last },
  ]);
  writeSync(1, `${String(i)}\n`);
  await setImmediate();
}
