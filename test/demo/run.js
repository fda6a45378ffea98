/**
 * `npm run test:demo`: a day with the messenger, in a real browser. It stops by itself and says what it did.
 *
 * --built takes what was built before; --screenshots FOLDER keeps pictures of the views.
 */

import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { buildSite, site } from "../checks/demo-site.js";
import { root, run } from "../checks/run.js";
import { flags, installChromium, program } from "../runtimes/chromium.js";
import { day } from "./day.js";
import { checkFirstLoad } from "./first-load.js";
import { complaints } from "./person.js";
import { Demo } from "./server.js";

const { values } = parseArgs({
  options: { built: { type: "boolean", default: false }, screenshots: { type: "string" } },
});

/** The whole of it takes less, or it hangs. */
const longest = 5 * 60_000;

const media = [
  "--use-fake-device-for-media-stream=device-count=2",
  "--use-fake-ui-for-media-stream",
  "--allow-loopback-in-peer-connection",
  "--autoplay-policy=no-user-gesture-required",
];

if (!values.built) {
  const built = await run(process.execPath, ["test/checks/build.js"]);
  if (!built.ok) throw new Error(built.output);
  await buildSite();
}
console.log(`ok the first load: ${checkFirstLoad(site)}`);
await installChromium();
const demo = new Demo();
await demo.start();
const browser = await chromium.launch({ executablePath: program, args: [...flags, ...media] });
const began = performance.now();
const clock = setTimeout(() => {
  console.log("failed: it took longer than five minutes");
  process.exit(1);
}, longest);
try {
  await day({ browser, demo, screenshots: values.screenshots });
  if (complaints.length > 0) throw new Error(`the pages complained:\n${complaints.join("\n")}`);
  console.log(
    `ok: all of it, in ${String(Math.round((performance.now() - began) / 1000))} s, in ${root === process.cwd() ? "place" : root}`,
  );
} catch (error) {
  console.log(`failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  for (const page of browser.contexts().flatMap((context) => context.pages())) {
    const text = await page.evaluate(() => document.body.innerText).catch(() => "nothing");
    console.log(`--- ${page.url()} showed:\n${text.slice(0, 1_500)}`);
  }
  if (complaints.length > 0) console.log(`the pages complained:\n${complaints.join("\n")}`);
  process.exitCode = 1;
} finally {
  clearTimeout(clock);
  await browser.close();
  await demo.end();
}
