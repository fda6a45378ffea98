/**
 * Addresses that lead to nothing, as an old bookmark or a typing error: each says so, and shows a way on.
 */

import { must } from "./person.js";

/** What stands behind the name in an address, and what is said. */
const addresses = /** @type {const} */ ([
  ["room/none", "This chat is not here"],
  ["room/none/details", "This chat is not here"],
  ["room/", "This chat is not here"],
  ["room/no%20such%2Fchat%3F/details", "This chat is not here"],
  ["search/none", "Words of a message"],
  ["search/%20%2F", "Words of a message"],
  ["trust/nobody%20at%20all", "There is nobody of this name"],
  ["trust/", "There is nobody of this name"],
  ["trust/mimi%3A%2F%2Fdemo.localhost%2Fu%2Fnever-was", "Nobody has this name"],
  ["nowhere", "Choose a chat"],
]);

/** @param {import("./person.js").Person} who @param {(who: import("./person.js").Person, view: string) => Promise<void>} looks */
export async function ways(who, looks) {
  for (const [address, said] of addresses) {
    await who.goes(address);
    await who.page.locator(".main-pane").getByText(said).first().waitFor();
    const on = who.page.locator(".main-pane").locator("a[href], button:enabled, input");
    must((await on.count()) > 0, `${address} is a dead end`);
    must((await who.page.locator(".rail-tab").count()) === 5, `${address} has taken the page away`);
  }
  await who.goes("room/none");
  await looks(who, "no-chat");
  await who.goes("trust/mimi%3A%2F%2Fdemo.localhost%2Fu%2Fnever-was");
  await who.sees("Nobody has this name");
  await looks(who, "nobody");
}
