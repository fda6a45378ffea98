/**
 * `npm run bench -- --only demo [--json]`: what the messenger weighs, how long a key takes to be a letter on the screen while 10,000 messages are
 * there and scroll, and how long a message takes from one tab to another, over the service of this machine.
 */

import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { buildSite } from "../checks/demo-site.js";
import { root } from "../checks/run.js";
import { flags, installChromium, program } from "../runtimes/chromium.js";
import { firstLoad, mostFirstLoad } from "./first-load.js";
import { Person } from "./person.js";
import { Demo } from "./server.js";

/** @typedef {{ name: string, unit: string, values: Record<string, number>, target: string }} Figure */

const many = 10_000;
const keys = 40;
const messages = 40;
const isJson = process.argv.includes("--json");

const site = join(root, "node_modules/.cache/copse-demo/bench-site");
await buildSite({ into: site, also: "/../../test/demo/many.ts" });
await installChromium();
const demo = new Demo(site);
await demo.start();
const browser = await chromium.launch({ executablePath: program, args: [...flags] });
try {
  const figures = [...sizes(), ...(await timed())];
  if (isJson) console.log(JSON.stringify(figures, undefined, 2));
  else
    for (const { name, unit, values, target } of figures) {
      const each = Object.entries(values).map(([key, value]) => `${key} ${value.toFixed(1)}`);
      console.log(`${name}: ${each.join(", ")} ${unit} (${target})`);
    }
} finally {
  await browser.close();
  await demo.end();
  rmSync(site, { recursive: true, force: true });
}

/** @returns {Figure[]} */
function sizes() {
  const all = readdirSync(join(site, "assets")).filter((file) => file.endsWith(".js"));
  /** @param {readonly string[]} files */
  const packed = (files) =>
    files.reduce((sum, file) => sum + gzipSync(readFileSync(join(site, "assets", file))).length, 0);
  const calls = all.filter((file) => /^(?:live|call-worker|engine)/.test(file));
  return [
    {
      name: "packed files",
      unit: "kB",
      values: { first: firstLoad(site).bytes / 1000, calls: packed(calls) / 1000, all: packed(all) / 1000 },
      target: `first at most ${String(mostFirstLoad / 1000)}`,
    },
  ];
}

/** @returns {Promise<Figure[]>} */
async function timed() {
  /** @param {string} name */
  const person = async (name) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const who = new Person(name, context, demo.address);
    await who.open();
    await who.signUp();
    return who;
  };
  const alice = await person("alice");
  const bob = await person("bob");
  await alice.asks(bob);
  await bob.agrees(alice);
  await alice.opensChat("bob");
  await alice.says("Hello");
  await bob.opensChat("alice");
  await bob.hears("Hello");
  progress("messages from tab to tab");
  const clicks = await clicksToText(alice, bob);
  progress("keys beside many messages");
  const letters = await keysToGlyph(alice);
  return [
    {
      name: `key to glyph with ${String(many)} messages`,
      unit: "ms",
      values: spread(letters),
      target: "p50 at most 100",
    },
    { name: "click to the other tab's text", unit: "ms", values: spread(clicks), target: "none" },
  ];
}

/** What the pages note, for this file to read. @typedef {{ shownAt: Record<string, number>, keyAt: number, takenAt: number[] }} Notes */

/**
 * From the key that sends to the moment at which the other tab has the text: both pages have the clock of this machine.
 *
 * @param {Person} from @param {Person} to
 */
async function clicksToText(from, to) {
  const times = [];
  await to.page.evaluate(() => {
    /** @type {Record<string, number>} */
    const shownAt = {};
    Object.assign(globalThis, { shownAt });
    new MutationObserver(() => {
      for (const { textContent } of [...document.querySelectorAll(".bubble .text")].slice(-3))
        shownAt[textContent] ??= performance.timeOrigin + performance.now();
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  await from.page.evaluate(() => {
    addEventListener(
      "keydown",
      ({ timeStamp }) => Object.assign(globalThis, { keyAt: performance.timeOrigin + timeStamp }),
      true,
    );
  });
  for (let i = 0; i < messages; i++) {
    const text = `Message number ${String(i)} of these`;
    await from.page.getByRole("textbox", { name: "Message" }).fill(text);
    await from.page.keyboard.press("Enter");
    const shown = await to.page.waitForFunction(
      (wanted) => /** @type {Notes} */ (/** @type {unknown} */ (globalThis)).shownAt[wanted],
      text,
      { polling: 20 },
    );
    const sent = await from.page.evaluate(() => /** @type {Notes} */ (/** @type {unknown} */ (globalThis)).keyAt);
    times.push(Number(await shown.jsonValue()) - sent);
  }
  return times;
}

/** From a key to the frame after its letter is there, with many messages, scrolled in between. @param {Person} who */
async function keysToGlyph({ page }) {
  await page.bringToFront();
  await page.evaluate((count) => {
    /** @type {{ showMany: (count: number) => void }} */ (/** @type {unknown} */ (globalThis)).showMany(count);
  }, many);
  await page.waitForFunction(
    (count) => Number(document.querySelector(".message-slot")?.getAttribute("aria-setsize")) > count,
    many,
    { polling: 100 },
  );
  await page.evaluate(() => {
    /** @type {number[]} */
    const takenAt = [];
    Object.assign(globalThis, { takenAt });
    let pressed = 0;
    addEventListener("keydown", ({ timeStamp }) => (pressed = timeStamp), true);
    addEventListener("input", () => {
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => takenAt.push(performance.now() - pressed); // after the frame was painted
        port2.postMessage(undefined);
      });
    });
  });
  await page.getByRole("textbox", { name: "Message" }).click();
  const box = await page.locator(".messages").boundingBox();
  if (box === null) throw new Error("there are no messages");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (let i = 1; i <= keys; i++) {
    await page.mouse.wheel(0, i % 2 === 1 ? -700 : 500);
    await page.keyboard.press("x");
    await page.waitForFunction(
      (wanted) => /** @type {Notes} */ (/** @type {unknown} */ (globalThis)).takenAt.length >= wanted,
      i,
      { polling: 20 },
    );
  }
  return page.evaluate(() => /** @type {Notes} */ (/** @type {unknown} */ (globalThis)).takenAt);
}

/** On standard error: standard output is for the figures. @param {string} text */
function progress(text) {
  process.stderr.write(`${(performance.now() / 1000).toFixed(0).padStart(5)} s  ${text}\n`);
}

/** @param {readonly number[]} values */
function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  /** @param {number} part */
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
