/** Every store of copse keeps what a store promises, plain and encrypted. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import * as fakeIndexedDb from "fake-indexeddb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encrypted } from "../../src/storage/encrypted.ts";
import { indexedDbStore } from "../../src/storage/indexeddb.ts";
import { levelStore } from "../../src/storage/level.ts";
import { memoryStore, MemoryDisk } from "../../src/storage/memory.ts";
import { sqliteStore } from "../../src/storage/sqlite.ts";
import type { Store } from "../../src/storage/store.ts";
import { storeConformance, type StoreUnderTest } from "../../src/testing/store-conformance.ts";
import { webLocks } from "./web-locks.ts";

let folder = "";
let made = 0;
const fresh = (): string => join(folder, `store-${String(made++)}`);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "copse-store-"));
  Object.assign(globalThis, fakeIndexedDb, { indexedDB: new fakeIndexedDb.IDBFactory() });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const subjects: Readonly<Record<string, () => Promise<StoreUnderTest>>> = {
  memory: async () => {
    const disk = new MemoryDisk();
    const reopen = (): Promise<Store> => Promise.resolve().then(() => memoryStore({ disk }));
    const after = (what: () => void) => () => {
      what();
      return reopen();
    };
    return {
      store: await reopen(),
      reopen,
      second: reopen,
      kill: after(() => {
        disk.kill();
      }),
      powerCut: after(() => {
        disk.powerCut();
      }),
    };
  },
  level: async () => {
    const path = fresh();
    const reopen = (): Promise<Store> => levelStore(path);
    return { store: await reopen(), reopen, second: reopen };
  },
  sqlite: async () => {
    const path = fresh();
    const reopen = (): Promise<Store> => Promise.resolve().then(() => sqliteStore(new Database(path, { timeout: 0 })));
    return { store: await reopen(), reopen, second: reopen };
  },
  indexeddb: async () => {
    const name = fresh();
    const locks = webLocks();
    const reopen = (): Promise<Store> => indexedDbStore(name, { locks });
    return { store: await reopen(), reopen, second: reopen };
  },
};

const key = new Uint8Array(32).fill(5);

/** The same store, encrypted. */
async function sealed(create: () => Promise<StoreUnderTest>): Promise<StoreUnderTest> {
  const { store, reopen, kill, powerCut } = await create();
  return {
    store: await encrypted(store, key),
    reopen: async () => encrypted(await reopen(), key),
    ...(kill && { kill: async () => encrypted(await kill(), key) }),
    ...(powerCut && { powerCut: async () => encrypted(await powerCut(), key) }),
  };
}

/** What can't be done to these from inside of this process: kill.test.ts does it from outside. */
const skipped = /process has died|power cut/;

describe.each(Object.keys(subjects))("the store %s", (name) => {
  const create = subjects[name]!;
  for (const { name: what, run } of storeConformance(create)) {
    test(what, async () => {
      expect(await run()).toBe(name !== "memory" && skipped.test(what) ? "skipped" : "passed");
    });
  }
  for (const { name: what, run } of storeConformance(() => sealed(create))) {
    test(`encrypted ${what}`, async () => {
      const none = what.includes("one process") || (name !== "memory" && skipped.test(what));
      expect(await run()).toBe(none ? "skipped" : "passed");
    });
  }
});
