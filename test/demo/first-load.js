/**
 * What a browser fetches before the messenger can be used: the page, its styles, and the modules that the first one imports, packed as a server
 * packs them. What is imported later, as the part for calls, does not count.
 */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** The most that the first load may weigh, packed, in bytes. */
export const mostFirstLoad = 300_000;

/**
 * @typedef {object} FirstLoad
 * @property {number} bytes packed
 * @property {readonly { readonly file: string, readonly bytes: number }[]} files
 */

/** @param {string} site the folder of the built messenger @returns {FirstLoad} */
export function firstLoad(site) {
  const page = readFileSync(join(site, "index.html"), "utf8");
  /** @type {Set<string>} */
  const files = new Set(["/index.html"]);
  for (const [, file = ""] of page.matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css))"/g)) follow(site, file, files);
  const weighed = [...files].map((file) => ({ file, bytes: gzipSync(readFileSync(join(site, file))).length }));
  if (weighed.length < 3) throw new Error(`the page of ${site} loads no script or no styles`);
  return { files: weighed, bytes: weighed.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** @param {string} site @throws Error where the first load is too heavy @returns {string} what it weighs, in words */
export function checkFirstLoad(site) {
  const { bytes, files } = firstLoad(site);
  const each = files.map(({ file, bytes: part }) => `${file} ${String(part)}`).join(", ");
  if (bytes > mostFirstLoad)
    throw new Error(`the first load weighs ${String(bytes)} bytes, of at most ${String(mostFirstLoad)}: ${each}`);
  return `${(bytes / 1000).toFixed(1)} kB packed, of at most ${String(mostFirstLoad / 1000)} kB`;
}

/** A module, and all that it imports before it runs. @param {string} site @param {string} file @param {Set<string>} files */
function follow(site, file, files) {
  if (files.has(file)) return;
  files.add(file);
  if (!file.endsWith(".js")) return;
  const text = readFileSync(join(site, file), "utf8");
  // `import{a as b}from"./x.js"` and `import"./x.js"`, not `import("./x.js")`.
  for (const [, path = ""] of text.matchAll(/(?:\bimport|\bfrom)\s*"(\.{1,2}\/[^"]+\.js)"/g))
    follow(site, join(dirname(file), path), files);
}
