/**
 * Contact sheets: every view at every width on one picture for each scheme of colours.
 */

import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../checks/run.js";

/** Where docs/demo.md shows them from. */
const target = join(root, "docs/demo/screenshots");

/** So much smaller are the views on them. */
const scale = 0.22;

/** @param {import("playwright-core").Browser} browser @param {string} folder with the pictures of the views */
export async function contactSheets(browser, folder) {
  mkdirSync(target, { recursive: true });
  const page = await browser.newPage({ viewport: { width: 1_160, height: 800 } });
  for (const scheme of ["light", "dark"]) {
    const views = readdirSync(folder)
      .filter((file) => file.endsWith(`-390-${scheme}.png`))
      .map((file) => file.slice(0, -`-390-${scheme}.png`.length))
      .sort();
    const figures = views.map((view) => {
      const images = [390, 768, 1280].map((width) => {
        const bytes = readFileSync(join(folder, `${view}-${String(width)}-${scheme}.png`)).toString("base64");
        return `<img alt="" width="${String(Math.round(width * scale))}" src="data:image/png;base64,${bytes}">`;
      });
      return `<figure><figcaption>${view.replaceAll("-", " ")}</figcaption>${images.join("")}</figure>`;
    });
    await page.setContent(`<style>
      body { background: ${scheme === "light" ? "#d5d9d5" : "#2b312d"}; color: ${scheme === "light" ? "#111" : "#eee"};
        display: grid; font: 13px system-ui; gap: 10px; grid-template-columns: 1fr 1fr; margin: 10px }
      figure { margin: 0; white-space: nowrap }
      figcaption { margin-block-end: 2px }
      img { margin-inline-end: 4px; vertical-align: top }
    </style>${figures.join("")}`);
    await page.screenshot({ path: join(target, `${scheme}.png`), fullPage: true });
  }
  await page.close();
}
