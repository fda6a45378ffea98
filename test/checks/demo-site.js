/**
 * Builds the messenger of docs/demo with Vite, from the package as it was built, as an application of its own would: the page, and the service
 * worker, which is told the names of the files.
 */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { build as esbuild } from "esbuild";
import { build } from "vite";
import { root } from "./run.js";

/** Where the built messenger is. */
const siteFolder = join(root, "node_modules/.cache/copse-demo/site");
export { siteFolder as site };

/**
 * Build it.
 *
 * @param {{ readonly into?: string, readonly also?: string }} [how] another folder; a module that its page loads, too
 * @returns {Promise<void>}
 */
export async function buildSite({ into: site = siteFolder, also } = {}) {
  await buildPage(site, "index.html", also);
  await buildPage(site, moderationPage, undefined); // by itself: neither loads anything of the other
  await buildServiceWorker(site);
}

/** The page of whoever runs the messenger, which nobody else's browser keeps. */
const moderationPage = "moderation.html";

/** @param {string} site @param {string} page @param {string | undefined} also */
async function buildPage(site, page, also) {
  await build({
    configFile: false,
    root: join(root, "docs/demo"),
    cacheDir: join(root, "node_modules/.cache/copse-demo/vite"),
    logLevel: "warn",
    clearScreen: false,
    worker: { format: "es" },
    plugins: also === undefined ? [] : [loading(also)],
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      outDir: site,
      emptyOutDir: page === "index.html",
      copyPublicDir: page === "index.html",
      rolldownOptions: { input: join(root, "docs/demo", page) },
      target: "es2022",
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 2_000,
    },
  });
}

/**
 * The recovery servers of a messenger: what its recovery.json holds.
 *
 * @typedef {object} Recovery
 * @property {number} threshold how many of them it takes
 * @property {readonly { readonly name: string, readonly url: string }[]} servers
 */

/**
 * Tell a built messenger of its recovery servers: the page may reach them, and no others.
 *
 * @param {string} site
 * @param {Recovery} recovery
 */
export async function nameRecovery(site, recovery) {
  const page = join(site, "index.html");
  const origins = recovery.servers.map(({ url }) => new URL(url).origin).join(" ");
  const html = readFileSync(page, "utf8");
  writeFileSync(page, html.replace(/connect-src [^;]*/, `connect-src 'self' ${origins}`));
  writeFileSync(join(site, "recovery.json"), JSON.stringify(recovery));
  await buildServiceWorker(site);
}

/**
 * Build the keys of the service's log of accounts into a messenger: whoever has loaded it once is not told others.
 *
 * @param {string} site
 * @param {string} keysFile what `copse serve --account-log` is given
 */
export async function buildLogKeys(site, keysFile) {
  const { accountLogKeys } = await import("copse/server"); // of the package, which is built by now
  await mkdir(dirname(keysFile), { recursive: true });
  writeFileSync(join(site, "log-keys.json"), JSON.stringify(await accountLogKeys(keysFile)));
  await buildServiceWorker(site);
}

/** The service worker, which keeps the files that are there now. @param {string} site */
async function buildServiceWorker(site) {
  const others = ["/sw.js", "/recovery.json", `/${moderationPage}`];
  const files = filesOf(site).filter((file) => !others.includes(file) && !file.startsWith("/assets/moderation-"));
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update(readFileSync(join(site, file)));
  const { outputFiles } = await esbuild({
    entryPoints: [join(root, "docs/demo/app/service-worker.ts")],
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    define: {
      files: JSON.stringify(files.map((file) => (file === "/index.html" ? "/" : file))),
      version: JSON.stringify(hash.digest("hex").slice(0, 16)),
    },
  });
  writeFileSync(join(site, "sw.js"), outputFiles[0]?.contents ?? new Uint8Array());
}

/** The page loads one more module. @param {string} path from the page's folder @returns {import("vite").Plugin} */
function loading(path) {
  return {
    name: "also",
    transformIndexHtml: {
      order: "pre",
      handler: (html) => html.replace("</head>", `<script type="module" src="${path}"></script></head>`),
    },
  };
}

/** @param {string} folder @returns {string[]} */
function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `/${relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/")}`)
    .sort();
}
