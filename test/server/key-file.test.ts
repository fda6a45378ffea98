/** How a file of keys is made and changed: who may read it meanwhile, and what is on the disk when it is done. */

import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type * as fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { changeKeyFile, makeKeyFile } from "../../src/server/key-file.ts";

/** What was done with files that were opened, in order. */
const done: string[] = [];
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof fs>();
  const said = (path: string, what: string): number => done.push(`${what} ${basename(path)}`);
  return {
    ...real,
    open: async (path: string, ...more: [string, number]) => {
      const file = await real.open(path, ...more);
      for (const name of ["chmod", "writeFile", "sync"] as const) {
        const before = file[name].bind(file) as (...args: unknown[]) => Promise<void>;
        file[name] = (...args: unknown[]) => {
          said(path, name);
          return before(...args);
        };
      }
      file.chown = () => {
        said(path, "chown"); // only root may
        return Promise.resolve();
      };
      return file;
    },
    rename: (from: string, to: string) => {
      said(to, "rename");
      return real.rename(from, to);
    },
    stat: () => Promise.resolve({ mode: 0o100640, uid: 12_345, gid: 12_345 }),
  };
});

const folder = realpathSync(mkdtempSync(join(tmpdir(), "copse-key-file-")));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  done.length = 0;
});

describe("a file of keys", () => {
  it("is given to its owner before its group may read it, and has keys when that is done", async () => {
    const path = join(folder, "one.json");
    writeFileSync(path, "{}");
    await changeKeyFile(path, () => ({ keys: { a: 1 }, result: undefined }));
    const file = "one.json.new";
    const own = [`chown ${file}`, `chmod ${file}`, `writeFile ${file}`, `sync ${file}`, "rename one.json"];
    expect(done.slice(0, 5)).toEqual(own);
  });

  it.skipIf(process.platform === "win32")(
    "has its name on the disk, too, when it is made and when it is changed",
    async () => {
      const path = join(folder, "two.json");
      expect(await makeKeyFile(path, () => Promise.resolve({}))).toBe(true);
      expect(done.at(-1)).toBe(`sync ${basename(folder)}`);
      await changeKeyFile(path, () => ({ keys: { a: 1 }, result: undefined }));
      expect(done.slice(-2)).toEqual(["rename two.json", `sync ${basename(folder)}`]);
    },
  );

  it.skipIf(process.platform === "win32")("is changed where a link leads to it", async () => {
    const [path, link] = [join(folder, "three.json"), join(folder, "link.json")];
    writeFileSync(path, "{}");
    symlinkSync(path, link);
    await changeKeyFile(link, () => ({ keys: { a: 1 }, result: undefined }));
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ a: 1 });
    expect(realpathSync(link)).toBe(path);
  });
});
