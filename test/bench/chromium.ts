/**
 * The benchmark in Chromium: a page that is served from here, opened without a window, and sends its figures back.
 */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { getuid } from "node:process";
import type { Arguments } from "./arguments.ts";
import type { Figure } from "./rows.ts";
import type { SFrameFigure } from "./sframe-rows.ts";

/** Figures, and the browser that they come from. */
export interface BrowserFigures<Measured> {
  readonly figures: readonly Measured[];
  readonly runtime: string;
}

/** What a page sends, one message a line of progress, and one at the end. */
export type FromPage<Measured> =
  | { readonly kind: "progress"; readonly text: string }
  | ({ readonly kind: "figures" } & BrowserFigures<Measured>)
  | { readonly kind: "failure"; readonly text: string };

/** The browser's command, unless COPSE_CHROMIUM names another. */
const command = "chromium";

/** Cross-origin isolation is what gives a page a clock of 5 us instead of 100 us. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
} as const;

/** Measure in a browser. All sizes are measured beside the peers. */
export function measureInChromium(
  { rows, sizes, peersAt, rounds, suite }: Arguments,
  progress: (text: string) => void,
): Promise<BrowserFigures<Figure>> {
  const asked = {
    rows: [...rows].filter((row) => row !== "peak-memory").join(","),
    sizes: sizes.join(","),
    peers: peersAt(Math.min(...sizes)).join(","),
    rounds: String(rounds),
    ...(suite !== undefined && { suite }),
  };
  return open({ script: "page", asked, progress });
}

/** Measure SFrame in a worker of a browser. */
export function measureSFrameInChromium(
  { sframeRows, rounds }: Arguments,
  progress: (text: string) => void,
): Promise<BrowserFigures<SFrameFigure>> {
  return open({ script: "sframe-page", asked: { rows: sframeRows.join(","), rounds: String(rounds) }, progress });
}

/** A page, by its script, and what it is asked for. */
interface Opening {
  readonly script: "page" | "sframe-page";
  readonly asked: Readonly<Record<string, string>>;
  readonly progress: (text: string) => void;
}

/** Open a page and wait for its figures. */
async function open<Measured>({ script, asked, progress }: Opening): Promise<BrowserFigures<Measured>> {
  const profile = mkdtempSync(join(tmpdir(), "copse-bench-"));
  const server = createServer();
  let browser: ChildProcess | undefined;
  try {
    return await new Promise<BrowserFigures<Measured>>((resolve, reject) => {
      const hear = (message: FromPage<Measured>): void => {
        if (message.kind === "progress") progress(message.text);
        else if (message.kind === "figures") resolve(message);
        else reject(new Error(message.text));
      };
      server.on("request", (request, response) => {
        answer({ request, response, script, hear }).catch(reject);
      });
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo;
        const query = new URLSearchParams(asked);
        browser = spawn(process.env["COPSE_CHROMIUM"] ?? command, [
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
      });
    });
  } finally {
    // Its processes write to the profile until they have ended.
    if (browser?.exitCode === null && browser.kill()) await once(browser, "exit");
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

async function answer<Measured>({
  request,
  response,
  script,
  hear,
}: {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly script: string;
  readonly hear: (message: FromPage<Measured>) => void;
}): Promise<void> {
  if (request.method === "POST") {
    const message = JSON.parse(await text(request)) as FromPage<Measured>;
    response.writeHead(204).end();
    hear(message);
  } else if (request.url?.endsWith(".js") === true) {
    const name = request.url.slice(1).replaceAll("/", "");
    const source = readFileSync(new URL(`./page/${name}`, import.meta.url));
    response.writeHead(200, { ...headers, "Content-Type": "text/javascript" }).end(source);
  } else if (request.url?.startsWith("/?") === true) {
    response
      .writeHead(200, { ...headers, "Content-Type": "text/html; charset=utf-8" })
      .end(`<!doctype html><title>copse</title><script type="module" src="/${script}.js"></script>`);
  } else response.writeHead(404).end();
}
