/**
 * Contact sheets: every view at every width on one picture for each scheme of colours.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../checks/run.js";

/** Where docs/demo.md shows them from. */
const target = join(root, "docs/demo/screenshots");

/** So much smaller are the views on them. */
const scale = 0.145;

/** @param {import("playwright-core").Browser} browser @param {string} folder with the pictures of the views */
export async function contactSheets(browser, folder) {
  mkdirSync(target, { recursive: true });
  const page = await browser.newPage({ viewport: { width: 790, height: 800 } });
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
    const bytes = await fewerColors(page, await page.screenshot({ fullPage: true }));
    writeFileSync(join(target, `${scheme}.png`), bytes);
  }
  await page.close();
}

/** The same picture with 32 steps of each colour: half of the bytes. @param {import("playwright-core").Page} page @param {Buffer} png */
async function fewerColors(page, png) {
  const text = await page.evaluate(async (source) => {
    const image = new Image();
    image.src = `data:image/png;base64,${source}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.width;
    canvas.height = image.height;
    const context = canvas.getContext("2d");
    if (context === null) throw new Error("there is no canvas");
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < pixels.data.length; i++) if (i % 4 < 3) pixels.data[i] = ((pixels.data[i] ?? 0) >> 3) * 8;
    context.putImageData(pixels, 0, 0);
    return canvas.toDataURL("image/png");
  }, png.toString("base64"));
  return Buffer.from(text.slice(text.indexOf(",") + 1), "base64");
}
