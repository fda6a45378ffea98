/**
 * The benchmark in a browser: what is measured stands in the page's address, and the figures go back to where it came from.
 */

import { measure } from "./bench.ts";
import type { FromPage } from "./chromium.ts";
import { rowNames, scriptPeerNames, type Figure } from "./rows.ts";
import { chooseSuite } from "./suite.ts";

async function tell(message: FromPage<Figure>): Promise<void> {
  await fetch("/", { method: "POST", body: JSON.stringify(message) });
}

const asked = new URLSearchParams(location.search);
const listed = (name: string): readonly string[] => asked.get(name)?.split(",") ?? [];
const peers = scriptPeerNames.filter((name) => listed("peers").includes(name));

try {
  const suite = asked.get("suite");
  if (suite !== null) await chooseSuite(suite);
  const figures = await measure({
    rows: new Set(rowNames.filter((name) => listed("rows").includes(name))),
    sizes: listed("sizes").map(Number),
    peersAt: () => peers,
    rounds: Number(asked.get("rounds")),
    progress: (text) => void tell({ kind: "progress", text }),
  });
  await tell({ kind: "figures", figures, runtime: /Chrom\w+\/[\d.]+/.exec(navigator.userAgent)?.[0] ?? "a browser" });
} catch (error) {
  await tell({ kind: "failure", text: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
