/** Whether a flush of a Level store puts on the disk what LevelDB has left in an older log, and opens nothing where it has left nothing. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import type * as fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Level } from "level";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LevelLogs, writeBufferSize } from "../../src/storage/level-logs.ts";

/** The files that were opened, and so flushed. */
const opened: string[] = [];
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof fs>();
  return {
    ...real,
    open: (path: string, flags: string) => {
      opened.push(path.split("/").at(-1) ?? "");
      return real.open(path, flags);
    },
  };
});

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "copse-logs-"));
  opened.length = 0;
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The number of the newest log in the folder. */
function newest(): number {
  return Math.max(...readdirSync(folder).map((name) => (name.endsWith(".log") ? Number.parseInt(name, 10) : 0)));
}

function begin(number: number): void {
  writeFileSync(join(folder, `${String(number).padStart(6, "0")}.log`), "");
}

/** Something of this length, to be written. */
function entry(length: number): ReadonlyMap<string, Uint8Array> {
  return new Map([["a", new Uint8Array(length)]]);
}

describe("a Level store's logs", () => {
  it("are begun by LevelDB only where one is expected, whatever is written", async () => {
    const database = new Level<string, Uint8Array>(folder, { keyEncoding: "utf8", valueEncoding: "view" });
    await database.open({ writeBufferSize });
    const logs = new LevelLogs(folder);
    let [left, unexpected, expected, writes] = [0, 0, 0, 0];
    // Values of one byte, which cost the most beside themselves; of a message; of just a quarter
    // of a block with what is beside them, and more; of those for whose chance of being packed well LevelDB and its model differ most; of a file.
    for (const [lengths, count, entries] of [
      [[1], 250, 400],
      [[200], 120, 200],
      [[950], 60, 200],
      [[995], 160, 100],
      [[997], 160, 100],
      [[1_100], 60, 200],
      [[998, 258, 119, 372, 167, 1_066, 759, 289], 200, 144],
      [[700_000], 12, 1],
    ] as const) {
      for (let i = 0; i < count; i++) {
        const puts = new Map(
          Array.from({ length: entries }, (_, j) => [
            `${String(lengths[0])}/${String(i * 7919 + j).padStart(12, "0")}`,
            new Uint8Array(lengths[j % lengths.length] ?? 0),
          ]),
        );
        const [before, isExpected] = [newest(), logs.mayLeave];
        if (isExpected) expected++;
        await database.batch(Array.from(puts, ([key, value]) => ({ type: "put" as const, key, value })));
        logs.wrote(puts, [], false);
        writes++;
        if (newest() === before) continue;
        left++;
        if (!isExpected) unexpected++;
      }
    }
    await database.close();
    expect(left).toBeGreaterThan(4);
    expect(unexpected).toBe(0);
    expect(expected).toBeLessThan(writes / 4);
  });

  it("are not opened where the write that is flushed goes behind all others, into the same one", async () => {
    begin(3);
    const logs = new LevelLogs(folder);
    for (let i = 0; i < 10; i++) {
      logs.wrote(entry(1_000), [], false);
      await logs.flush();
      logs.wrote(entry(1_000), [], true);
    }
    expect(opened).toEqual([]);
  });

  it("are flushed where the next write may leave the newest one, until it has", async () => {
    begin(3);
    const logs = new LevelLogs(folder);
    logs.wrote(entry(writeBufferSize), [], false);
    await logs.flush();
    expect(opened).toEqual(["000003.log"]);
    begin(4); // by the write that is flushed
    logs.wrote(entry(1_000), [], true);
    logs.wrote(entry(1_000), [], false);
    await logs.flush();
    expect(opened).toEqual(["000003.log"]);
  });

  it("are flushed where one was left with something that was not, once", async () => {
    begin(3);
    const logs = new LevelLogs(folder);
    logs.wrote(entry(writeBufferSize), [], false);
    begin(4);
    logs.wrote(entry(1_000), [], false);
    await logs.flush();
    expect(opened).toEqual(["000003.log", "000004.log"]);
    logs.wrote(entry(1_000), [], true);
    logs.wrote(entry(1_000), [], false);
    await logs.flush();
    expect(opened).toHaveLength(2);
  });

  it("need no flush where everything in the one that was left is on the disk", async () => {
    begin(3);
    const logs = new LevelLogs(folder);
    logs.wrote(entry(writeBufferSize), [], true);
    begin(4);
    logs.wrote(entry(1_000), [], false);
    await logs.flush();
    expect(opened).toEqual([]);
  });
});
