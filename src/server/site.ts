/**
 * An application's files at the service's own address, so that a page and its service are one origin: for a demonstration, a small
 * installation, a test. Whoever has a web server serves them there.
 */

import { statSync } from "node:fs";
import type { Hono } from "hono";
import type { ServerPackages } from "./packages.ts";

/** What every answer with a file says to the browser, beside what the page says of itself in a `<meta>`. */
const headers: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "content-security-policy": "frame-ancestors 'none'; base-uri 'none'",
};

/**
 * Answer with the files of a folder whatever no route of the service has answered. Names that begin with a dot are not given, and no list of
 * files is. What lies in `assets`, whose names bundlers make of the content, is kept by browsers; the rest is asked for each time.
 *
 * @throws TypeError where there is no such folder
 */
export function serveSite(app: Hono, { nodeServerStatic }: ServerPackages, folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new TypeError("site is a folder that is there");
  app.use("*", async (c, next) => {
    await next();
    if (c.res.status === 404) return;
    for (const [name, value] of Object.entries(headers)) c.header(name, value);
    const isNamedByContent = c.req.path.startsWith("/assets/");
    c.header("cache-control", isNamedByContent ? "public, max-age=31536000, immutable" : "no-cache");
  });
  const give = nodeServerStatic.serveStatic({ root: folder, precompressed: true });
  app.use("*", async (c, next) => (/\/\./.test(c.req.path) ? next() : give(c as never, next)));
}
