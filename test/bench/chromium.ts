/**
 * The benchmark in Chromium: a page that is served from here, opened without a window, and sends its figures back.
 */

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { getuid } from "node:process";
import type { Arguments } from "./arguments.ts";
import type { FromPage } from "./page.ts";
import type { Figure } from "./rows.ts";

/** Figures, and the browser that they come from. */
export interface BrowserFigures {
  readonly figures: readonly Figure[];
  readonly runtime: string;
}

/** The browser's command, unless COPSE_CHROMIUM names another. */
const command = "chromium";

/** Cross-origin isolation is what gives a page a clock of 5 us instead of 100 us. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
} as const;

/** Measure in a browser. All sizes are measured beside the peers. */
export async function measureInChromium(
  { rows, sizes, peersAt, rounds }: Arguments,
  progress: (text: string) => void,
): Promise<BrowserFigures> {
  const profile = mkdtempSync(join(tmpdir(), "copse-bench-"));
  const server = createServer();
  try {
    return await new Promise<BrowserFigures>((resolve, reject) => {
      const hear = (message: FromPage): void => {
        if (message.kind === "progress") progress(message.text);
        else if (message.kind === "figures") resolve(message);
        else reject(new Error(message.text));
      };
      server.on("request", (request, response) => {
        answer(request, response, hear).catch(reject);
      });
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo;
        const query = new URLSearchParams({
          rows: [...rows].filter((row) => row !== "peak-memory").join(","),
          sizes: sizes.join(","),
          peers: peersAt(Math.min(...sizes)).join(","),
          rounds: String(rounds),
        });
        const browser = spawn(process.env["COPSE_CHROMIUM"] ?? command, [
          "--headless=new",
          "--disable-gpu",
          "--no-first-run",
          "--js-flags=--expose-gc",
          `--user-data-dir=${profile}`,
          ...(getuid?.() === 0 ? ["--no-sandbox"] : []),
          `http://127.0.0.1:${port}/?${query.toString()}`,
        ]);
        browser.on("error", reject);
        browser.on("exit", () => reject(new Error("the browser ended before the benchmark")));
        server.on("close", () => browser.kill());
      });
    });
  } finally {
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  hear: (message: FromPage) => void,
): Promise<void> {
  if (request.method === "POST") {
    const message = JSON.parse(await text(request)) as FromPage;
    response.writeHead(204).end();
    hear(message);
  } else if (request.url?.endsWith(".js") === true) {
    const name = request.url.slice(1).replaceAll("/", "");
    const script = readFileSync(new URL(`./page/${name}`, import.meta.url));
    response.writeHead(200, { ...headers, "Content-Type": "text/javascript" }).end(script);
  } else if (request.url?.startsWith("/?") === true) {
    response
      .writeHead(200, { ...headers, "Content-Type": "text/html; charset=utf-8" })
      .end('<!doctype html><title>copse</title><script type="module" src="/page.js"></script>');
  } else response.writeHead(404).end();
}
