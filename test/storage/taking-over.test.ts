/** Two processes or tabs on one store: who comes later is refused, waits, or takes over, and the earlier one then writes nothing. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import * as fakeIndexedDb from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { indexedDbStore } from "../../src/storage/indexeddb.ts";
import { levelStore } from "../../src/storage/level.ts";
import { sqliteStore } from "../../src/storage/sqlite.ts";
import type { Store } from "../../src/storage/store.ts";
import { refusal } from "./refusal.ts";
import { webLocks } from "./web-locks.ts";

const one = { put: ["a"], value: Uint8Array.of(1) } as const;
const two = { put: ["a"], value: Uint8Array.of(2) } as const;

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "copse-store-"));
  Object.assign(globalThis, fakeIndexedDb, { indexedDB: new fakeIndexedDb.IDBFactory() });
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The earlier one has lost the store, and has changed nothing. */
async function hasLost(earlier: Store, later: Store): Promise<void> {
  for (const work of [() => earlier.batch([two]), () => earlier.get(["a"]), () => earlier.flush()]) {
    expect(await refusal(work)).toBe("store-lost");
  }
  expect(await later.get(["a"])).toEqual(one.value);
  await later.batch([two]);
  expect(await later.get(["a"])).toEqual(two.value);
}

describe("a second tab on IndexedDB", () => {
  it("waits until the first one lets go, or until it gives up", async () => {
    const locks = webLocks();
    const first = await indexedDbStore("alice", { locks });
    await first.batch([one]);
    const giving = new AbortController();
    const givenUp = indexedDbStore("alice", { locks, second: "wait", signal: giving.signal });
    giving.abort(new Error("enough"));
    await expect(givenUp).rejects.toThrow("enough");
    let opened = false;
    const waiting = indexedDbStore("alice", { locks, second: "wait" }).then((store) => {
      opened = true;
      return store;
    });
    await first.batch([one]);
    expect(opened).toBe(false);
    await first.close();
    const second = await waiting;
    expect(await second.get(["a"])).toEqual(one.value);
    await second.close();
  });

  it("takes over, and the first one loses the store", async () => {
    const locks = webLocks();
    const first = await indexedDbStore("alice", { locks });
    await first.batch([one]);
    const second = await indexedDbStore("alice", { locks, second: "take" });
    await hasLost(first, second);
    await first.close();
    expect(await refusal(() => indexedDbStore("alice", { locks }))).toBe("store-locked");
    await second.close();
  });

  it("is refused where there are no locks, and where the choice is none", async () => {
    expect(await refusal(() => indexedDbStore("alice"))).toBe("store-locked");
    await expect(indexedDbStore("alice", { second: "both" as never, locks: webLocks() })).rejects.toThrow(TypeError);
  });

  it("does not open what a newer version has made", async () => {
    const { openDB } = await import("idb");
    (await openDB("alice", 2)).close();
    const locks = webLocks();
    expect(await refusal(() => indexedDbStore("alice", { locks }))).toBe("store-version");
    expect(await refusal(() => indexedDbStore("alice", { locks }))).toBe("store-version"); // and the lock was let go
  });
});

describe("a second connection to SQLite", () => {
  it("takes over where the store is shared, and the first one loses it", async () => {
    const path = join(folder, "alice.db");
    const first = sqliteStore(new Database(path, { timeout: 0 }), { exclusive: false });
    await first.batch([one]);
    const second = sqliteStore(new Database(path, { timeout: 0 }), { exclusive: false });
    await hasLost(first, second);
    await first.close();
    await second.close();
  });

  it("does not open what a newer version has made", () => {
    const path = join(folder, "alice.db");
    const database = new Database(path);
    database.exec(
      "create table copse_opened (version integer, owner integer, flushes integer); insert into copse_opened values (2, 1, 0)",
    );
    database.close();
    expect(() => sqliteStore(new Database(path))).toThrow(expect.objectContaining({ code: "store-version" }));
  });

  it("says that nothing was written where another one holds the database", async () => {
    const path = join(folder, "alice.db");
    const store = sqliteStore(new Database(path, { timeout: 0 }), { exclusive: false });
    await store.batch([one]);
    const other = new Database(path, { timeout: 0 });
    other.exec("begin immediate");
    expect(await refusal(() => store.batch([two]))).toBe("store-locked");
    other.exec("rollback");
    expect(await store.get(["a"])).toEqual(one.value);
    await store.batch([two]);
    other.close();
    await store.close();
  });

  it("writes nothing within a transaction of the application's, and leaves that alone", async () => {
    const database = new Database(join(folder, "alice.db"));
    const store = sqliteStore(database);
    await store.batch([one]);
    database.exec("create table mine (a text)");
    database.exec("begin; insert into mine values ('b')");
    for (const flush of [false, true]) {
      expect(await refusal(() => store.batch([two], { flush }))).toBe("store-not-written");
    }
    expect(database.inTransaction).toBe(true);
    database.exec("commit");
    expect(database.prepare("select a from mine").pluck().get()).toBe("b");
    expect(await store.get(["a"])).toEqual(one.value);
    await store.batch([two], { flush: true });
    expect(await store.get(["a"])).toEqual(two.value);
    await store.close();
  });

  it("refuses a database in UTF-16, in which a range would hold other keys", () => {
    const path = join(folder, "alice.db");
    const database = new Database(path);
    database.exec("pragma encoding = 'UTF-16le'; create table mine (a text)");
    expect(() => sqliteStore(database)).toThrow(TypeError);
    expect(database.open).toBe(false);
  });

  it("leaves the application's own tables alone", async () => {
    const database = new Database(join(folder, "alice.db"));
    database.exec("create table mine (a text); insert into mine values ('b')");
    const store = sqliteStore(database);
    await store.batch([one]);
    expect(database.prepare("select a from mine").pluck().get()).toBe("b");
    await store.close();
  });
});

describe("a folder", () => {
  it("that can't be one is a failure with a code", async () => {
    const database = new Database(join(folder, "file"));
    database.exec("create table a (b text)");
    database.close();
    expect(await refusal(() => levelStore(join(folder, "file", "below")))).toBe("store-failed");
    await expect(levelStore(5 as never)).rejects.toThrow(TypeError);
  });
});
