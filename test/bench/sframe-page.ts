/**
 * The page of the benchmark of SFrame: it starts the worker in which everything is measured, and passes on what it says.
 */

import type { FromPage } from "./chromium.ts";
import type { SFrameFigure } from "./sframe-rows.ts";
import type { ToWorker } from "./sframe-worker.ts";

const asked = new URLSearchParams(location.search);

function tell(message: FromPage<SFrameFigure>): void {
  void fetch("/", { method: "POST", body: JSON.stringify(message) });
}

const worker = new Worker("/sframe-worker.js", { type: "module" });
worker.onmessage = ({ data }: MessageEvent<FromPage<SFrameFigure>>): void => {
  tell(data);
};
worker.onerror = ({ message }): void => {
  tell({ kind: "failure", text: message });
};
worker.postMessage({
  rows: asked.get("rows")?.split(",") ?? [],
  rounds: Number(asked.get("rounds")),
} satisfies ToWorker);
