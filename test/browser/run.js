/**
 * `npm run test:browser`: calls in headless Chromium, with its fake camera and microphone and real groups, within a page and
 * over an SFU. Prints `ok <check>` or `failed <check>: why`, and ends with 1 where something failed.
 *
 * A codec that this Chromium can't send is a named skip, and a failure where COPSE_REQUIRE_CODECS lists it. Arguments are
 * the beginnings of the names of the checks to run.
 */

import { createServer } from "node:http";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { root } from "../checks/run.js";
import { shipped } from "../checks/shipped.js";
import { installChromium, program } from "../runtimes/chromium.js";
import { forwards, simulcast, svc } from "./sfu/checks.js";
import { installNode } from "./sfu/host.js";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--allow-loopback-in-peer-connection", // where there is no other network
  "--autoplay-policy=no-user-gesture-required",
];

/** @typedef {{ name: string, show: (page: import("playwright-core").Page) => Promise<string>, isTimed?: boolean }} Check */

/**
 * A scenario of the page, by its name there.
 *
 * @param {string} name
 * @param {string} scenario
 * @param {object} [options]
 * @returns {Check}
 */
const check = (name, scenario, options = {}) => ({
  name,
  show: (page) =>
    page.evaluate(
      ([called, given]) =>
        /** @type {{ copseTest: Record<string, (given: object) => Promise<string>> }} */ (
          /** @type {unknown} */ (globalThis)
        ).copseTest[called]?.(given) ?? Promise.reject(new Error(`there is no ${called}`)),
      /** @type {const} */ ([scenario, options]),
    ),
});

/**
 * Two scenarios with a reload of the page between them.
 *
 * @param {string} name
 * @param {string} before
 * @param {string} after
 * @returns {Check}
 */
const reloaded = (name, before, after) => ({
  name,
  show: async (page) => {
    await check(name, before).show(page);
    await page.reload();
    return check(name, after).show(page);
  },
});

/** @param {Check} timed its bounds are for a machine that keeps up */
const timed = (timed) => ({ ...timed, isTimed: true });

/** Three pages with an SFU between them. @param {string} name @param {Check["show"]} show */
const overSfu = (name, show) => timed({ name: `SFU ${name}`, show });

/** The checks of a codec. @param {string} video */
const ofCodec = (video) => [
  check(`${video} and opus`, "codec", { video }),
  check(`${video} on the wire`, "ciphertext", { video }),
  overSfu(video, forwards(video)),
];

/** @type {Readonly<Record<string, readonly Check[]>>} */
const codecs = {
  VP8: [...ofCodec("VP8"), overSfu("VP8 simulcast", simulcast)],
  VP9: [...ofCodec("VP9"), overSfu("VP9 L3T3", svc("VP9"))],
  H264: [...ofCodec("H264"), check("DAVE with H264", "dave", { video: "H264" })],
  AV1: [
    ...ofCodec("AV1"),
    check("AV1 L1T3", "codec", { video: "AV1", scalabilityMode: "L1T3" }),
    overSfu("AV1 L3T3", svc("AV1")),
  ],
};

/** @type {readonly Check[]} */
const others = [
  check("createEncodedStreams", "codec", { video: "VP8", encodedStreams: true }),
  check("three participants", "three"),
  check("DAVE with VP8", "dave", { video: "VP8" }),
  check("DAVE with VP9", "dave", { video: "VP9" }),
  timed(check("a join and a leave", "joinAndLeave")),
  timed(check("a key that comes late", "lateKey")),
  check("a wrong key", "wrongKey"),
  check("a codec that is not known", "unknownCodec"),
  check("a worker that is dead", "deadWorker"),
  check("what nobody protects", "unprotected"),
  reloaded("a reload in the same epoch", "beforeReload", "afterReload"),
];

/** The scripts that the pages load, by path. */
async function bundle() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: {
      page: "test/browser/page/page.ts",
      worker: "src/call/worker.ts",
      "dave-worker": "src/adapters/dave/worker.ts",
      "tapped-worker": "test/browser/page/tapped-worker.ts",
    },
    outdir: "/",
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    ignoreAnnotations: true, // package.json speaks of the package, not of its tests
    plugins: [shipped(join(root, "dist"), false)],
    write: false,
    logLevel: "error",
  });
  return new Map(outputFiles.map(({ path, text }) => [path, text]));
}

/**
 * A page, and the scripts, for this machine alone.
 *
 * @param {ReadonlyMap<string, string>} scripts
 * @returns {Promise<{ address: string, close: () => void }>}
 */
function serve(scripts) {
  const server = createServer(({ url = "" }, response) => {
    const script = url === "/" ? undefined : scripts.get(url);
    if (script !== undefined) response.writeHead(200, { "content-type": "text/javascript" }).end(script);
    else if (url !== "/") response.writeHead(404).end();
    else {
      response
        .writeHead(200, { "content-type": "text/html" })
        .end('<!doctype html><title>copse</title><body><script type="module" src="/page.js"></script>');
    }
  });
  return new Promise((resolve, reject) => {
    server.on("error", reject).listen(0, "127.0.0.1", () => {
      const bound = server.address();
      const port = typeof bound === "object" ? bound?.port : undefined;
      resolve({ address: `http://127.0.0.1:${String(port)}/`, close: () => void server.close() });
    });
  });
}

/**
 * Show something on a page of its own.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {string} address
 * @param {Check["show"]} show
 */
async function onPage(browser, address, show) {
  const page = await browser.newPage();
  try {
    await page.goto(address);
    const late = new Promise((_, reject) => setTimeout(reject, 60_000, new Error("it takes too long")).unref());
    return String(await Promise.race([show(page), late]));
  } finally {
    await page.close();
  }
}

/** @param {unknown} error */
const words = (error) => (error instanceof Error ? error.message : String(error)).trimEnd();

/** Whether others use this machine so much that bounds of time mean nothing. */
const isStarved = () => (loadavg()[0] ?? 0) > cpus().length;

await installChromium();
await installNode();
const { address, close } = await serve(await bundle());
const browser = await chromium.launch({ executablePath: program, args: flags });
const started = performance.now();
try {
  const wanted = process.argv.slice(2);
  const required = (process.env["COPSE_REQUIRE_CODECS"] ?? "").toUpperCase().split(/[\s,]+/);
  const had = await onPage(browser, address, (page) =>
    page.evaluate(
      () =>
        RTCRtpSender.getCapabilities("video")
          ?.codecs.map(({ mimeType }) => mimeType)
          .join() ?? "",
    ),
  );
  console.log(`Chromium ${browser.version()}`);

  /** @type {Check[]} */
  const checks = [];
  for (const [codec, ofIt] of Object.entries(codecs)) {
    if (had.includes(`video/${codec}`)) checks.push(...ofIt);
    else if (required.includes(codec)) {
      console.log(`failed ${codec}: this Chromium can't send it, and COPSE_REQUIRE_CODECS lists it`);
      process.exitCode = 1;
    } else console.log(`skipped ${codec}: this Chromium can't send it`);
  }
  checks.push(...others);

  for (const { name, show, isTimed = false } of checks) {
    if (wanted.length > 0 && !wanted.some((beginning) => name.startsWith(beginning))) continue;
    const start = performance.now();
    const attempt = () => onPage(browser, address, show);
    try {
      const seen = await attempt().catch((/** @type {unknown} */ error) => {
        if (!isTimed || !isStarved()) throw error;
        console.log(`again ${name}: ${words(error)}, with a load of ${String(loadavg()[0]?.toFixed(1))}`);
        return attempt();
      });
      console.log(`ok ${name}`);
      console.log(`   ${seen}, in ${((performance.now() - start) / 1000).toFixed(1)} s`);
    } catch (error) {
      console.log(`failed ${name}: ${words(error)}`);
      process.exitCode = 1;
    }
  }
} finally {
  await browser.close();
  close();
}
console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`);
