/**
 * `npm run docs`: the site of the documentation in docs/api, the guide and the reference of the whole API in one, and a
 * check that every link in it leads somewhere.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { root, run } from "./run.js";

const site = resolve(root, "docs/api");

/** A page of the site: where it links to, and what can be linked to. @param {string} file */
function pageOf(file) {
  const html = readFileSync(file, "utf8");
  const links = [...html.matchAll(/<(?:a|img|link|script)\b[^>]*? (?:href|src)="([^"]+)"/g)].map(
    ([, link = ""]) => link,
  );
  const anchors = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  return { links, anchors };
}

/** The links that lead nowhere. Those to other sites are not followed. @returns {readonly string[]} */
function deadLinks() {
  const files = readdirSync(site, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".html"));
  const pages = new Map(files.map((name) => [join(site, name), pageOf(join(site, name))]));
  const dead = [];
  let followed = 0;
  for (const [file, { links }] of pages) {
    for (const link of links) {
      if (/^[a-z]+:/.test(link)) continue;
      followed++;
      const [path = "", anchor = ""] = link.replaceAll("&amp;", "&").split("#");
      const target = path === "" ? file : resolve(dirname(file), decodeURIComponent(path));
      const page = pages.get(target);
      const isThere =
        page === undefined ? existsSync(target) : anchor === "" || page.anchors.has(decodeURIComponent(anchor));
      if (!isThere) dead.push(`${file.slice(site.length + 1)}: ${link}`);
    }
  }
  if (followed < 1_000) dead.push(`only ${String(followed)} links were found: this check no longer reads the pages`);
  return dead;
}

const { ok, output } = await run("typedoc", ["--options", "test/checks/typedoc.json"]);
if (output !== "") console.log(output);
if (!ok) process.exitCode = 1;
else {
  const dead = deadLinks();
  for (const link of dead) console.log(`a link that leads nowhere: ${link}`);
  if (dead.length > 0) process.exitCode = 1;
  else console.log(`docs/api/index.html: every link leads somewhere`);
}
