/**
 * Processes that are really killed: whatever they were writing, each batch is there or is not, and what was flushed is there.
 * (A power cut can't be had here: the store in memory simulates one in the conformance tests.)
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { levelStore } from "../../src/storage/level.ts";
import { sqliteStore } from "../../src/storage/sqlite.ts";
import type { Store } from "../../src/storage/store.ts";

/** How often each store's process is killed, at other places each time. */
const kills = 12;

let folder = "";
const root = fileURLToPath(new URL("../../", import.meta.url));

beforeAll(async () => {
  folder = mkdtempSync(join(root, "node_modules/.cache-copse-kill-"));
  const { outputFiles } = await build({
    entryPoints: [join(root, "test/storage/killed.ts")],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    conditions: ["copse-src"],
    external: ["level", "better-sqlite3", "@noble/*"],
  });
  writeFileSync(join(folder, "killed.mjs"), outputFiles[0]!.contents);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Let a process write until it has told of so many batches, and kill it. Gives the last batch that it told of. */
async function killed(kind: string, path: string, after: number): Promise<number> {
  const child = spawn(process.execPath, [join(folder, "killed.mjs"), kind, path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8");
  for await (const chunk of child.stdout as AsyncIterable<string>) {
    text += chunk;
    if (text.split("\n").length > after) child.kill("SIGKILL");
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  expect(child.signalCode).toBe("SIGKILL");
  const told = text.split("\n").slice(0, -1);
  return Number(told.at(-1));
}

const opening: Readonly<Record<string, (path: string) => Promise<Store>>> = {
  level: levelStore,
  sqlite: (path) => Promise.resolve(sqliteStore(new Database(path))),
};

describe.each(Object.keys(opening))("%s", (kind) => {
  it("has every batch or nothing of it, and loses none that was told", { timeout: 120_000 }, async () => {
    const path = join(mkdtempSync(join(tmpdir(), "copse-kill-")), "store");
    let from = 0;
    for (let kill = 0; kill < kills; kill++) {
      const told = await killed(kind, path, 3 + 7 * kill);
      const store = await opening[kind]!(path);
      const last = new DataView((await store.get(["last"]))!.slice().buffer).getUint32(0);
      expect(last).toBeGreaterThanOrEqual(told);
      const numbers: bigint[] = [];
      for await (const { key, value } of store.range({ prefix: ["log"] })) {
        numbers.push(key.at(-1) as bigint);
        expect(value.length).toBe(1_000);
      }
      // Each batch has put its number, and deleted the one ten before it.
      const first = Math.max(0, last - 9);
      expect(numbers).toEqual(Array.from({ length: last - first + 1 }, (_, i) => BigInt(first + i)));
      expect(last).toBeGreaterThan(from);
      from = last;
      await store.close();
    }
  });
});
