/**
 * `npm run test:demo`: the web demo in a real browser. Three tabs form a group, chat, call each other and see each other's
 * pictures; one leaves, one is removed, one closes its tab. With --screenshots DIR, pictures of what a person sees.
 */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { root } from "../checks/run.js";
import { flags, installChromium, program } from "../runtimes/chromium.js";

/** @typedef {import("playwright-core").Page} Page */

const { values } = parseArgs({ options: { screenshots: { type: "string" } } });

/** How long a step may take on a busy machine, in milliseconds. */
const patience = 60_000;

const media = [
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--allow-loopback-in-peer-connection",
  "--autoplay-policy=no-user-gesture-required",
];

/** @returns {Promise<{ address: string, stop: () => void }>} */
async function startDemo() {
  const child = spawn(process.execPath, ["test/checks/demo.js", "--port", "0"], { cwd: root });
  let said = "";
  const address = await new Promise((/** @type {(address: string) => void} */ resolve, reject) => {
    child.stdout.on("data", (text) => {
      said += String(text);
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(said);
      if (found !== null) resolve(found[0]);
    });
    child.stderr.on("data", (text) => (said += String(text)));
    child.on("exit", () => reject(new Error(`the demo did not start\n${said}`)));
  });
  return { address, stop: () => void child.kill() };
}

/** @type {string[]} */
const complaints = [];

/** @param {string} what @param {() => Promise<unknown>} work */
async function step(what, work) {
  await work();
  console.log(`ok ${what}`);
}

/** @param {string} problem */
function wrong(problem) {
  throw new Error(problem);
}

/**
 * A tab of somebody.
 *
 * @param {import("playwright-core").BrowserContext} context @param {string} address @param {string} name
 */
async function open(context, address, name) {
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  page.on("pageerror", (error) => complaints.push(`${name}: ${error.message}`));
  await page.goto(address);
  await page.fill("#name", name);
  await page.keyboard.press("Enter"); // a keyboard is enough
  await page.waitForFunction(() => document.querySelector("#epoch")?.textContent !== "-");
  return page;
}

/** @param {Page} page @param {string} id */
const text = async (page, id) => (await page.textContent(`#${id}`))?.trim() ?? "";

/** Until all pages show the same in an element, and it is not `before`. @param {readonly Page[]} pages @param {string} id @param {string} [before] */
async function agree(pages, id, before = "-") {
  for (let tries = 0; ; tries++) {
    const shown = await Promise.all(pages.map((page) => text(page, id)));
    if (shown[0] !== before && shown[0] !== "" && shown.every((other) => other === shown[0])) return shown[0] ?? "";
    if (tries > patience / 250) wrong(`the tabs do not agree on ${id}: ${shown.join(" | ")}`);
    await pages[0]?.waitForTimeout(250);
  }
}

/** Until so many pictures are moving in a page: frames are decoded, and more of them later. @param {Page} page @param {number} count */
async function pictures(page, count) {
  await page.waitForFunction(
    (wanted) =>
      [...document.querySelectorAll("video")].filter((video) => video.getVideoPlaybackQuality().totalVideoFrames > 10)
        .length === wanted,
    count,
  );
}

/** @param {Page} page @param {string} name */
async function shoot(page, name) {
  if (values.screenshots === undefined) return;
  await page.bringToFront();
  await page.screenshot({ path: join(values.screenshots, `${name}.png`) });
}

/** @param {import("playwright-core").BrowserContext} context @param {string} address */
async function tell(context, address) {
  const alice = await open(context, address, "Alice");
  const bob = await open(context, address, "Bob");
  const carol = await open(context, address, "Carol");
  const all = [alice, bob, carol];

  await step("three tabs are in one epoch, with one code", async () => {
    await agree(all, "epoch");
    await agree(all, "code");
    for (const page of all) await page.waitForSelector("#people li:nth-child(3)");
  });
  await step("what one writes, the others read", async () => {
    await alice.fill("#text", "Shall we meet on Friday?");
    await alice.keyboard.press("Enter");
    for (const page of [bob, carol]) await page.waitForSelector("text=Shall we meet on Friday?");
    await bob.fill("#text", "At six, by the fountain.");
    await bob.keyboard.press("Enter");
    for (const page of [alice, carol]) await page.waitForSelector("text=At six, by the fountain.");
  });
  await step("fresh keys are another epoch and another code, and the tree is redrawn", async () => {
    const [code, tree] = [await text(alice, "code"), await alice.innerHTML("#tree")];
    await bob.click("#refresh");
    await agree(all, "code", code);
    if ((await alice.innerHTML("#tree")) === tree) wrong("the tree is the old one");
    await shoot(bob, "demo-chat");
  });
  await step("all three see each other in a call", async () => {
    for (const page of all) {
      await page.bringToFront();
      await page.focus("#join-call");
      await page.keyboard.press("Enter");
      await page.waitForSelector("#call-facts:not([hidden])");
    }
    await agree(all, "call-code");
    for (const page of all) {
      await page.bringToFront();
      await pictures(page, 3);
      await page.waitForFunction(() => /\d+ s/.test(document.querySelector("#key-age")?.textContent ?? ""));
    }
    await shoot(alice, "demo-call");
  });
  await step("who leaves the call is gone from it, and its keys change", async () => {
    const code = await text(alice, "call-code");
    await carol.bringToFront();
    await carol.click("#leave-call");
    await agree([alice, bob], "call-code", code);
    await alice.bringToFront();
    await pictures(alice, 2);
  });
  await step("who is removed is told, and is out of the chat and of the call", async () => {
    const code = await text(alice, "code");
    await alice.click("[aria-label='Remove Bob']");
    await bob.waitForSelector("text=You were removed by Alice");
    await shoot(bob, "demo-removed");
    await agree([alice, carol], "code", code);
    await bob.waitForSelector("#join-call:not([hidden])");
  });
  await step("a closed tab is removed by those who are left", async () => {
    await carol.close();
    await alice.waitForFunction(() => document.querySelectorAll("#people li").length === 1);
  });
}

/** A browser that has no camera. @param {import("playwright-core").BrowserContext} context @param {string} address */
async function tellWithoutCamera(context, address) {
  const dave = await open(context, address, "Dave");
  await step("without a camera the page says so, and sends a drawn picture", async () => {
    await dave.click("#join-call");
    await dave.waitForSelector("text=You send a drawn picture");
    await pictures(dave, 1);
    await shoot(dave, "demo-no-camera");
  });
}

/** @param {readonly string[]} more @param {(context: import("playwright-core").BrowserContext) => Promise<void>} work */
async function inBrowser(more, work) {
  const profile = mkdtempSync(join(tmpdir(), "copse-demo-"));
  try {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: program,
      args: [...flags, ...more],
      viewport: { width: 1280, height: 940 },
    });
    try {
      await work(context);
    } finally {
      await context.close();
    }
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
}

await installChromium();
const demo = await startDemo();
try {
  await inBrowser(media, (context) => tell(context, demo.address));
  await inBrowser(["--deny-permission-prompts"], (context) => tellWithoutCamera(context, demo.address));
  if (complaints.length > 0) wrong(`the pages complained:\n${complaints.join("\n")}`);
} catch (error) {
  console.log(`failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  demo.stop();
}
