/** An application's files at the service's own address. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer, type RunningServer } from "../../src/server/server.ts";
import { delivery as memory } from "../client/world.ts";

let folder = "";
let server: RunningServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "copse-site-"));
  mkdirSync(join(folder, "site", "assets"), { recursive: true });
  mkdirSync(join(folder, "site", ".git"));
  writeFileSync(join(folder, "outside.txt"), "not for strangers");
  writeFileSync(join(folder, "site", "index.html"), "<!doctype html><title>hello</title>");
  writeFileSync(join(folder, "site", "assets", "main.js"), "hello();");
  writeFileSync(join(folder, "site", ".git", "config"), "not for strangers");
  writeFileSync(join(folder, "site", ".env"), "not for strangers");
  server = await startServer({ delivery: memory(), site: join(folder, "site") });
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

test("a page is served with its type, and with what keeps other pages away from it", async () => {
  const page = await fetch(server.url);
  expect(await page.text()).toContain("hello");
  expect(page.headers.get("content-type")).toMatch(/^text\/html/);
  expect(page.headers.get("x-content-type-options")).toBe("nosniff");
  expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  expect(page.headers.get("referrer-policy")).toBe("no-referrer");
});

test("what is named by its content is kept, and the page is asked for again", async () => {
  const script = await fetch(`${server.url}/assets/main.js`);
  expect(script.headers.get("content-type")).toMatch(/javascript/);
  expect(script.headers.get("cache-control")).toContain("immutable");
  expect((await fetch(server.url)).headers.get("cache-control")).toBe("no-cache");
});

test.each(["/.env", "/.git/config", "/%2e%2e/outside.txt", "/..%2foutside.txt", "/assets/", "/nothing", "/%2eenv"])(
  "%s is not given",
  async (path) => {
    const answer = await fetch(`${server.url}${path}`);
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain("strangers");
  },
);

test("the service's own routes come first", async () => {
  writeFileSync(join(folder, "site", "healthz"), "a file");
  expect(await (await fetch(`${server.url}/healthz`)).text()).toBe("ok");
});

test("a folder that is not there is refused", async () => {
  await expect(startServer({ delivery: memory(), site: join(folder, "nowhere") })).rejects.toThrow(TypeError);
});
