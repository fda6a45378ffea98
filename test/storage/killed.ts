/**
 * A process that writes batches until it is killed, and tells of each that is done: kill.test.ts starts it. It goes on where the one
 * before it was ended.
 */

import { writeSync } from "node:fs";
import { argv } from "node:process";
import Database from "better-sqlite3";
import { levelStore } from "../../src/storage/level.ts";
import { sqliteStore } from "../../src/storage/sqlite.ts";

const [, , kind, path = ""] = argv;
const store = kind === "level" ? await levelStore(path) : sqliteStore(new Database(path));
const before = await store.get(["last"]);
const start = before === undefined ? 0 : new DataView(before.buffer).getUint32(0) + 1;

for (let i = start; ; i++) {
  const last = new Uint8Array(4);
  new DataView(last.buffer).setUint32(0, i);
  await store.batch(
    [
      { put: ["last"], value: last },
      { put: ["log", BigInt(i)], value: new Uint8Array(1_000) },
      ...(i < 10 ? [] : [{ delete: ["log", BigInt(i - 10)] } as const]),
    ],
    { flush: i % 3 === 0 },
  );
  writeSync(1, `${String(i)}\n`);
}
