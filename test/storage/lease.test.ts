/**
 * A store of SQLite that several processes open in turn, by a lease: nobody takes it from a process that is awake, and one that sleeps, has
 * died, or has another time, keeps nobody out for longer than the lease says, and writes nothing behind whoever has it then.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sqliteStore } from "../../src/storage/sqlite.ts";
import type { Store } from "../../src/storage/store.ts";
import { VirtualTime } from "../../src/testing/simulation/time.ts";
import { refusal } from "./refusal.ts";

const milliseconds = 9_000;
const one = { put: ["a"], value: Uint8Array.of(1) } as const;
const two = { put: ["a"], value: Uint8Array.of(2) } as const;

let folder: string;
let path: string;
const stores: Store[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "copse-lease-"));
  path = join(folder, "alice.db");
});

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close().catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

/** A process with a time of its own, which may be asleep: its timers do not run then. */
interface Process {
  readonly time: VirtualTime;
  /** By how much its clock is wrong. */
  off: number;
}

function process(): Process {
  return { time: new VirtualTime(), off: 0 };
}

function open(who: Process): Store {
  const store = sqliteStore(new Database(path, { timeout: 0 }), {
    exclusive: false,
    lease: { milliseconds, clock: () => who.time.now() + who.off, timers: who.time },
  });
  stores.push(store);
  return store;
}

/** Time passes for those who are awake, and by the clock of those who sleep. */
async function pass(time: number, ...awake: readonly Process[]): Promise<void> {
  for (const { time: own } of awake) await own.pass(time);
}

const locked = (who: Process): Promise<string | undefined> => refusal(() => Promise.resolve(open(who)));

describe("a store with a lease", () => {
  it("is taken from nobody who is awake, however long, and is there at once when it was closed", async () => {
    const [app, handler] = [process(), process()];
    const store = open(app);
    await store.batch([one]);
    for (let i = 0; i < 20; i++) {
      await pass(2_500, app, handler);
      expect(await locked(handler)).toBe("store-locked");
    }
    await store.batch([two]);
    await store.close();
    const next = open(handler);
    expect(await next.get(["a"])).toEqual(two.value);
  });

  it("is taken from one that sleeps when its lease has run out, not before, and that one writes nothing any more", async () => {
    const [app, handler] = [process(), process()];
    const store = open(app);
    await store.batch([one]);
    await pass(milliseconds - 1, handler);
    expect(await locked(handler)).toBe("store-locked");
    await pass(1, handler);
    const next = open(handler);
    // The application wakes up: its timer comes first, and gives it no lease.
    await pass(milliseconds, app);
    for (const work of [() => store.batch([two]), () => store.get(["a"]), () => store.flush()])
      expect(await refusal(work)).toBe("store-lost");
    expect(await next.get(["a"])).toEqual(one.value);
    await next.close();
    // Closing the one that has lost it ends no lease of another.
    const third = open(app);
    await store.close();
    expect(await locked(handler)).toBe("store-locked");
    expect(await third.get(["a"])).toEqual(one.value);
  });

  it("is kept by one that is awake where the clock goes on or back, and both see one clock", async () => {
    const [app, handler] = [process(), process()];
    const store = open(app);
    for (const jump of [3_600_000, -7_200_000, 86_400_000]) {
      app.off += jump;
      handler.off += jump;
      await pass(milliseconds / 3, app, handler); // it has said so again, by the new clock
      expect(await locked(handler)).toBe("store-locked");
    }
    await store.batch([two]);
    expect(await store.get(["a"])).toEqual(two.value);
  });

  it("keeps nobody out for a year where the clock was wrong by one when its process died", async () => {
    const [app, handler] = [process(), process()];
    app.off = 365 * 24 * 3_600_000;
    await open(app).batch([one]);
    const next = open(handler);
    expect(await next.get(["a"])).toEqual(one.value);
  });

  it("is not taken for a clock that differs by less than the lease", async () => {
    const [app, handler] = [process(), process()];
    app.off = milliseconds - 1;
    open(app);
    expect(await locked(handler)).toBe("store-locked");
  });

  it("is lost, and nothing written twice, where another process's clock runs ahead", async () => {
    const [app, handler] = [process(), process()];
    const store = open(app);
    await store.batch([one]);
    handler.off = milliseconds;
    const next = open(handler);
    expect(await refusal(() => store.batch([two]))).toBe("store-lost");
    expect(await next.get(["a"])).toEqual(one.value);
  });

  it("is for stores that others may open, of a length that makes sense", () => {
    expect(() => sqliteStore(new Database(path), { lease: {} })).toThrow(TypeError);
    for (const wrong of [299, 0, NaN, 2 ** 31])
      expect(() => sqliteStore(new Database(path), { exclusive: false, lease: { milliseconds: wrong } })).toThrow();
  });
});

describe("two processes on a store with a lease", () => {
  it("are there one after the other: the second is refused while the first one writes, and has all of it when that was killed", async () => {
    const root = fileURLToPath(new URL("../../", import.meta.url));
    const programs = mkdtempSync(join(root, "node_modules/.cache-copse-lease-"));
    try {
      const { outputFiles } = await build({
        entryPoints: [join(root, "test/storage/leased.ts")],
        ...{ bundle: true, write: false, platform: "node", format: "esm" },
        conditions: ["copse-src"],
        external: ["better-sqlite3", "@noble/*"],
      });
      writeFileSync(join(programs, "leased.mjs"), outputFiles[0]!.contents);
      const day = 24 * 3_600_000; // longer than any machine takes for this
      const child = spawn(globalThis.process.execPath, [join(programs, "leased.mjs"), path, String(day)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const takes = (clock: () => number): Store => {
        const store = sqliteStore(new Database(path, { timeout: 5_000 }), {
          exclusive: false,
          lease: { milliseconds: day, clock },
        });
        stores.push(store);
        return store;
      };
      let text = "";
      child.stdout.setEncoding("utf8");
      for await (const chunk of child.stdout as AsyncIterable<string>) {
        text += chunk;
        if (text.split("\n").length < 50) continue;
        if (child.killed) continue;
        expect(await refusal(() => Promise.resolve(takes(() => 0)))).toBe("store-locked");
        child.kill("SIGKILL"); // in the middle of what it writes
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      expect(child.signalCode).toBe("SIGKILL");
      const told = Number(text.split("\n").at(-2));
      // It is dead, and nobody can tell it from one that sleeps before the lease is over.
      expect(await refusal(() => Promise.resolve(takes(() => 0)))).toBe("store-locked");
      const store = takes(() => day);
      const last = new DataView((await store.get(["last"]))!.slice().buffer).getUint32(0);
      expect(last).toBeGreaterThanOrEqual(told);
      let count = 0;
      for await (const { key } of store.range({ prefix: ["log"] })) expect(key.at(-1)).toBe(BigInt(count++));
      expect(count).toBe(last + 1);
      await store.batch([two]);
    } finally {
      rmSync(programs, { recursive: true, force: true });
    }
  });
});
