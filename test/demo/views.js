/**
 * Looks at a view by axe: at three widths, in light and dark, where pictures are wanted, too; at two of these six in the day.
 */

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const widths = /** @type {const} */ ([390, 768, 1280]);
const schemes = /** @type {const} */ (["light", "dark"]);

/** @typedef {{ readonly id: string, readonly nodes: readonly { readonly html: string, readonly failureSummary?: string }[] }} Violation */

/**
 * @param {import("playwright-core").Page} page @param {string} name of the view
 * @param {string | undefined} folder for pictures
 */
export async function look(page, name, folder) {
  await page.bringToFront();
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const width of widths) {
      // Without pictures, two of the six: a phone in the light, a desk in the dark.
      if (folder === undefined && (width === 768 || (width === 390) !== (colorScheme === "light"))) continue;
      await page.setViewportSize({ width, height: width === 390 ? 780 : 800 });
      await page.waitForTimeout(80);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      if (overflow) throw new Error(`${name} is wider than ${String(width)} pixels`);
      if (folder !== undefined)
        await page.screenshot({ path: join(folder, `${name}-${String(width)}-${colorScheme}.png`) });
      const found = await violations(page);
      if (found.length > 0)
        throw new Error(
          `axe in ${name} at ${String(width)} pixels, ${colorScheme}:\n${JSON.stringify(found, undefined, 2).slice(0, 4000)}`,
        );
    }
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "no-preference" });
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** @param {import("playwright-core").Page} page @returns {Promise<readonly Violation[]>} */
async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe: checker } = /** @type {{ axe: { run: (what: Document) => Promise<{ violations: Violation[] }> } }} */ (
      /** @type {unknown} */ (globalThis)
    );
    const result = await checker.run(document);
    return result.violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes
        .slice(0, 4)
        .map(({ html, failureSummary }) => ({ html: html.slice(0, 300), failureSummary: failureSummary ?? "" })),
    }));
  });
}
