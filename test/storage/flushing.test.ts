/** What a flush leaves on the disk, where that can be seen. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { levelStore } from "../../src/storage/level.ts";
import { storeOver, type FlatDatabase } from "../../src/storage/flat.ts";
import { sqliteStore } from "../../src/storage/sqlite.ts";
import { refusal } from "./refusal.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "copse-store-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("SQLite", () => {
  it("writes something with every flush: of nothing, nothing would be flushed", async () => {
    const path = join(folder, "alice.db");
    const store = sqliteStore(new Database(path));
    const log = (): string => readFileSync(`${path}-wal`).toString("latin1");
    await store.batch([{ put: ["a"], value: Uint8Array.of(1) }]);
    for (const flush of [
      () => store.flush(),
      () => store.batch([], { flush: true }),
      () => store.batch([{ put: ["a"], value: Uint8Array.of(1) }], { flush: true }),
      () => store.batch([{ delete: ["b"] }], { flush: true }),
    ]) {
      const before = log();
      await flush();
      expect(log()).not.toBe(before);
    }
    await store.close();
  });
});

describe("Level", () => {
  it("is open once, by whatever name, also after somebody was refused", async () => {
    const store = await levelStore(folder);
    for (const name of [folder, join(folder, "."), `${folder}/x/..`]) {
      expect(await refusal(() => levelStore(name))).toBe("store-locked");
    }
    await store.batch([{ put: ["a"], value: Uint8Array.of(1) }], { flush: true });
    await store.close();
    const again = await levelStore(join(folder, "."));
    expect(await again.get(["a"])).toEqual(Uint8Array.of(1));
    await again.close();
  });

  it("flushes more than fits into one of its logs", async () => {
    const store = await levelStore(folder);
    for (let i = 0; i < 60; i++) await store.batch([{ put: ["a", BigInt(i)], value: new Uint8Array(100_000) }]);
    await store.flush();
    expect(readdirSync(folder).some((name) => name.endsWith(".ldb"))).toBe(true);
    await store.close();
  });
});

describe("a database that fails in the middle", () => {
  it("is not written to any more, nor read", async () => {
    let fail = true;
    const written: string[] = [];
    const database: FlatDatabase = {
      getMany: (keys) => keys.map(() => undefined),
      page: () => [],
      write: (puts) => {
        if (fail) throw new Error("the disk is gone");
        written.push(...puts.keys());
      },
      close: () => undefined,
    };
    const store = storeOver(database);
    const first = store.batch([{ put: ["a"], value: Uint8Array.of(1) }]);
    const second = store.batch([{ put: ["b"], value: Uint8Array.of(1) }]);
    expect(await refusal(() => first)).toBe("store-failed");
    fail = false;
    for (const work of [() => second, () => store.flush(), () => store.get(["a"])]) {
      expect(await refusal(work)).toBe("store-failed");
    }
    expect(written).toEqual([]);
    await store.close();
  });
});
