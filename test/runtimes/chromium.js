/**
 * The smoke test in Chromium: a bundle, as a page's author makes one, under a content security policy that allows no code
 * from strings. Debian's package, driven by playwright-core; served from this machine.
 */

import { createServer } from "node:http";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { run } from "../checks/run.js";

/** Debian's. */
export const program = "/usr/bin/chromium";
const policy = "default-src 'none'; script-src 'self'; connect-src 'self'";

/** A browser that stays by itself. */
export const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Run the consumer's project in a page.
 *
 * @param {{ project: string, profile: string, given: object }} input the folder that holds consumer.js; a folder for the
 *   browser's profile; and what the page gives to the smoke test
 * @returns {Promise<string>} what was done
 */
export async function smokeInChromium({ project, profile, given }) {
  await installChromium();
  const script = await bundle(project);
  const server = serve({
    "/": ["text/html", '<!doctype html><title>copse</title><script type="module" src="/page.js"></script>'],
    "/page.js": ["text/javascript", script],
    "/given.json": ["application/json", JSON.stringify(given)],
  });
  try {
    return await smokeAt(await server.address, profile);
  } finally {
    server.close();
  }
}

/**
 * Run a page that lies in a file and says what it has done.
 *
 * @param {{ address: string, profile: string }} input its URL, and a folder for the browser's profile
 * @returns {Promise<string>} what was done
 */
export async function smokeFromFile({ address, profile }) {
  await installChromium();
  return smokeAt(address, profile);
}

/** @param {string} address @param {string} profile */
async function smokeAt(address, profile) {
  rmSync(profile, { recursive: true, force: true });
  try {
    const browser = await chromium.launchPersistentContext(profile, { executablePath: program, args: flags });
    try {
      const page = await browser.newPage();
      /** @type {Promise<string>} */
      const said = new Promise((resolve) => page.on("console", (message) => resolve(message.text())));
      await page.goto(address);
      const late = new Promise((_, reject) => setTimeout(reject, 60_000, new Error("the page says nothing")).unref());
      const line = String(await Promise.race([said, late]));
      if (!line.startsWith("done: ")) throw new Error(line);
      return `${line.slice("done: ".length)}, Chromium ${browser.browser()?.version() ?? ""}`;
    } finally {
      await browser.close();
    }
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
}

/** Debian's package, where it is missing and may be installed. */
export async function installChromium() {
  if (existsSync(program)) return;
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", "chromium"]]) {
    const { ok, output } = await run("apt-get", args, { timeout: 300_000 });
    if (!ok) throw new Error(`${program} is missing, and apt-get ${args.join(" ")} does not bring it\n${output}`);
  }
}

/**
 * The project's consumer and its page, for browsers.
 *
 * @param {string} project
 */
async function bundle(project) {
  writeFileSync(
    join(project, "page.js"),
    `import { run } from "./consumer.js";
     function evaluates() { try { return new Function("return true")(); } catch { return false; } }
     try {
       if (evaluates()) throw new Error("the content security policy does not hold");
       console.log("done: " + (await run(await (await fetch("/given.json")).json())));
     } catch (error) {
       console.log("failed: " + error + "\\n" + error?.stack);
     }`,
  );
  const { outputFiles } = await build({
    entryPoints: [join(project, "page.js")],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    logLevel: "silent",
  });
  return outputFiles.map(({ text }) => text).join("");
}

/**
 * Serve a few texts to this machine alone, each under the policy.
 *
 * @param {Readonly<Record<string, readonly [type: string, text: string]>>} files by path
 */
export function serve(files) {
  const server = createServer(({ url = "" }, response) => {
    const [type, text] = files[url] ?? [];
    if (type === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": type, "content-security-policy": policy }).end(text);
  });
  /** @type {Promise<string>} */
  const address = new Promise((resolve, reject) => {
    server.on("error", reject).listen(0, "127.0.0.1", () => {
      const bound = server.address();
      resolve(`http://127.0.0.1:${String(typeof bound === "object" ? bound?.port : bound)}/`);
    });
  });
  return { address, close: () => void server.close() };
}
