/**
 * The stores of the platforms that `npm test` doesn't run on, from the packed tarball: SQLite by `node:sqlite` in newer Nodes, and
 * IndexedDB with Web Locks in Chromium, by two tabs. Each passes the conformance suite, plain and encrypted.
 */

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { flags, installChromium, program, serve } from "./chromium.js";
import { need } from "./install.js";

/** What only a process that dies, or one without the power, can show: the kill tests and the memory store show it. */
const skipped = ["process has died", "power cut"];

/** Both suites over the stores that `create` gives, as a module's text. */
const suites = `
  import { encrypted } from "copse/storage";
  import { storeConformance } from "copse/testing";

  const key = new Uint8Array(32).fill(5);
  const skipped = ${JSON.stringify(skipped)};

  async function sealed(create) {
    const { store, reopen } = await create();
    return { store: await encrypted(store, key), reopen: async () => encrypted(await reopen(), key) };
  }

  export async function suites(create) {
    let passed = 0;
    for (const isSealed of [false, true]) {
      for (const { name, run } of storeConformance(isSealed ? () => sealed(create) : create)) {
        const outcome = await run().catch((cause) => {
          throw new Error((isSealed ? "encrypted " : "") + name + ": " + cause, { cause });
        });
        const mayBeSkipped = skipped.some((part) => name.includes(part)) || (isSealed && name.includes("one process"));
        if (outcome === "passed") passed++;
        else if (!mayBeSkipped) throw new Error(name + " was " + outcome);
      }
    }
    return passed;
  }
`;

/**
 * SQLite by `node:sqlite`, in a Node that has it.
 *
 * @param {{ project: string, node: string }} input the consumer's project, and the program
 * @returns {Promise<string>} what was done
 */
export async function sqliteInNode({ project, node }) {
  writeFileSync(join(project, "suites.js"), suites);
  writeFileSync(
    join(project, "sqlite.js"),
    `import { mkdtempSync, rmSync } from "node:fs";
     import { tmpdir } from "node:os";
     import { join } from "node:path";
     import { DatabaseSync } from "node:sqlite";
     import { sqliteStore } from "copse/storage/sqlite";
     import { suites } from "./suites.js";
     const folder = mkdtempSync(join(tmpdir(), "copse-sqlite-"));
     let made = 0;
     const passed = await suites(async () => {
       const path = join(folder, "store-" + made++);
       const reopen = async () => sqliteStore(new DatabaseSync(path));
       return { store: await reopen(), reopen, second: reopen };
     });
     rmSync(folder, { recursive: true, force: true });
     console.log(passed + " tests of the store on node:sqlite, Node " + process.version);`,
  );
  return need(node, ["--no-warnings", "sqlite.js"], { cwd: project, timeout: 180_000 });
}

/** What the tests do in a page. It says nothing by itself. */
const page = `
  import { cipherSuite, createIdentity, basic, trustAnyCredential } from "copse";
  import { Client } from "copse/client";
  import { encrypted } from "copse/storage";
  import { writeMessage } from "copse/content";
  import { firstKeyCounts, memoryDelivery } from "copse/delivery";
  import { roomAppData } from "copse/rooms";
  import { indexedDbStore } from "copse/storage/indexeddb";
  import { suites } from "./suites.js";

  let made = 0;
  let store;
  const codeOf = async (work) => work.then(() => "done", (error) => error.code ?? String(error));
  const device = "mimi://example.org/d/alice/1";
  const delivery = memoryDelivery({
    address: "mimi://example.org",
    group: { authentication: trustAnyCredential, registry: roomAppData().registry },
    accounts: firstKeyCounts,
    consent: "everybody",
  });
  const open = async (name) => {
    const identity = await createIdentity({ suite: cipherSuite(1), credential: basic(device) });
    const key = new Uint8Array(32).fill(7);
    return Client.open({
      account: { device, identity, authentication: trustAnyCredential },
      store: await encrypted(await indexedDbStore(name), key),
      delivery,
      online: false,
    });
  };

  globalThis.copseStores = {
    conformance: () =>
      suites(async () => {
        const name = "conformance " + made++;
        const reopen = () => indexedDbStore(name);
        return { store: await reopen(), reopen, second: reopen };
      }),
    open: (second) => codeOf(indexedDbStore("two tabs", { second }).then((opened) => (store = opened))),
    write: (value) => codeOf(store.batch([{ put: ["value"], value: Uint8Array.of(value) }], { flush: true })),
    read: () => store.get(["value"]).then((value) => value?.[0], (error) => error.code),
    /** The client's room and message, which are in the store when this is done. */
    async writes() {
      const client = await open("client");
      const room = await client.createRoom({ participants: [], name: "Notes" });
      const about = { senderUri: "mimi://example.org/u/alice", roomUri: room.id };
      await room.send(writeMessage({ kind: "text", text: "for later", format: "plain" }, about).content);
    },
    async reads() {
      const client = await open("client");
      const [room] = client.rooms;
      const entries = await room.timeline();
      await client.close();
      return entries.length;
    },
  };
`;

/**
 * IndexedDB in Chromium: the conformance suite, two tabs that want one store, a tab that crashes, and a client that is reloaded.
 *
 * @param {{ project: string, profile: string }} input the consumer's project, and a folder for the browser's profile
 * @returns {Promise<string>} what was done
 */
export async function indexedDbInChromium({ project, profile }) {
  await installChromium();
  const server = serve({
    "/": ["text/html", '<!doctype html><title>copse</title><script type="module" src="/page.js"></script>'],
    "/page.js": ["text/javascript", await bundled(project)],
  });
  rmSync(profile, { recursive: true, force: true });
  const browser = await chromium.launchPersistentContext(profile, { executablePath: program, args: flags });
  try {
    const address = await server.address;
    const tab = async () => {
      const page = await browser.newPage();
      await page.goto(address);
      await page.waitForFunction(() => "copseStores" in globalThis);
      return page;
    };
    const first = await tab();
    const passed = await call(first, "conformance");
    await twoTabs(first, await tab());
    await crashed(await tab(), await tab());
    await reloaded(await tab());
    return `${String(passed)} tests of the store on IndexedDB, two tabs, a crash, a reload, Chromium ${browser.browser()?.version() ?? ""}`;
  } finally {
    await browser.close();
    server.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

/** @typedef {import("playwright-core").Page} Page */

/**
 * @param {Page} page
 * @param {string} name
 * @param {unknown} [argument]
 * @returns {Promise<unknown>}
 */
function call(page, name, argument) {
  return page.evaluate(
    ([called, given]) =>
      /** @type {{ copseStores: Record<string, (given: unknown) => Promise<unknown>> }} */ (
        /** @type {unknown} */ (globalThis)
      ).copseStores[/** @type {string} */ (called)]?.(given),
    [name, argument],
  );
}

/** @param {Page} page @param {unknown} wanted @param {string} name @param {string | number} [argument] */
async function gives(page, wanted, name, argument) {
  const got = await call(page, name, argument);
  if (got !== wanted) throw new Error(`${name} ${String(argument ?? "")} gave ${String(got)}, not ${String(wanted)}`);
}

/** The second gets a clear error, or waits, or takes over. @param {Page} first @param {Page} second */
async function twoTabs(first, second) {
  await gives(first, "done", "open", "error");
  await gives(first, "done", "write", 1);
  await gives(second, "store-locked", "open", "error");
  await gives(second, "done", "open", "take");
  await gives(second, 1, "read");
  await gives(first, "store-lost", "write", 2);
  await gives(first, "store-lost", "read");
  await gives(second, 1, "read");

  const waiting = call(first, "open", "wait");
  await second.close();
  if ((await waiting) !== "done") throw new Error("the tab that waited did not get the store");
  await gives(first, 1, "read");
  await first.close();
}

/** What was written is there when the tab that wrote it has died, and the store is free. @param {Page} dies @param {Page} lives */
async function crashed(dies, lives) {
  await gives(dies, "done", "open", "wait");
  await gives(dies, "done", "write", 3);
  const waiting = call(lives, "open", "wait");
  const gone = new Promise((resolve) => dies.once("crash", resolve));
  const session = await dies.context().newCDPSession(dies);
  session.send("Page.crash").catch(() => undefined); // the page that would answer is gone
  await gone;
  if ((await waiting) !== "done") throw new Error("the store of a crashed tab is not free");
  await gives(lives, 3, "read");
  await lives.close();
}

/** A client's messages are there after a reload that nobody prepared for. @param {Page} tab */
async function reloaded(tab) {
  await call(tab, "writes");
  await tab.reload();
  await tab.waitForFunction(() => "copseStores" in globalThis);
  await gives(tab, 1, "reads");
}

/** @param {string} project */
async function bundled(project) {
  writeFileSync(join(project, "suites.js"), suites);
  writeFileSync(join(project, "stores-page.js"), page);
  const { outputFiles } = await build({
    entryPoints: [join(project, "stores-page.js")],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    logLevel: "silent",
  });
  return outputFiles.map(({ text }) => text).join("");
}
