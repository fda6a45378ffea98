/**
 * Menus: whole in the window of a phone wherever their button is, by the keyboard alone, and with the focus back where it was.
 */

import { must } from "./person.js";

/** The newest messages are at the lower edge. @param {import("./person.js").Person} who with a chat open */
export async function menus(who) {
  const { page } = who;
  await page.setViewportSize({ width: 390, height: 780 });
  const buttons = page.getByRole("button", { name: "What to do with this message" });
  for (const button of [buttons.first(), buttons.last()]) {
    await button.focus();
    await page.keyboard.press("Enter");
    const menu = page.getByRole("menu");
    await menu.waitFor();
    const isWhole = await menu.evaluate((list) => {
      const { left, right, top, bottom } = list.getBoundingClientRect();
      const shown = document.elementFromPoint((left + right) / 2, bottom - 10);
      return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight && list.contains(shown);
    });
    must(isWhole, "a menu is cut by the window, or by what is around it");
    const items = menu.getByRole("menuitem");
    const [first, last] = [await items.first().innerText(), await items.last().innerText()];
    must((await focused(page)) === first, "the menu does not begin with its first item");
    await page.keyboard.press("ArrowUp");
    must((await focused(page)) === last, "the arrow keys do not move in the menu");
    await page.keyboard.press("Escape");
    await menu.waitFor({ state: "detached" });
    must((await focused(page, "aria-label")) === "What to do with this message", "the focus is not back at the button");
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** What has the focus. @param {import("playwright-core").Page} page @param {string} [attribute] instead of its text */
function focused(page, attribute) {
  return page.evaluate((name) => {
    const element = document.activeElement;
    return name === undefined ? element?.textContent : element?.getAttribute(name);
  }, attribute);
}
