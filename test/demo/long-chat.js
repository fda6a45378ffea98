/**
 * A chat with more messages than are in the page: what is in sight, what is kept in its place, and the ways to what is not.
 */

import { must } from "./person.js";

/** @typedef {import("./person.js").Person} Person */

/** More than one page of older messages, and far more than are in sight. */
const many = 66;

/** Both have the same chat open. @param {Person} writer @param {Person} reader @param {(who: Person, text: string) => Promise<void>} says */
export async function longChat(writer, reader, says) {
  const first = "The first of many";
  await says(writer, first);
  const field = writer.page.getByRole("textbox", { name: "Message" });
  for (let i = 0; i < many; i++) {
    await field.fill(`Of many: ${String(i)}`);
    await field.press("Enter");
    await writer.page.waitForFunction(() => document.querySelector("textarea")?.value === "");
  }
  await reader.hears(`Of many: ${String(many - 1)}`);
  await reader.page.reload();
  await reader.hears(`Of many: ${String(many - 1)}`);
  must(await isAtEnd(reader), "it does not open at the end");

  const rows = await reader.page.locator(".message-slot").count();
  must(rows < 60, `${String(rows)} messages are in the page`);

  // Older ones come above: what is read stays where it is.
  const feed = reader.page.locator(".messages");
  await feed.evaluate((element) => element.scrollTo(0, 1_600));
  await reader.page.waitForTimeout(300);
  const row = reader.page.locator(".message-slot", { hasText: /Of many: 4\d/ }).first();
  const [text, before] = [await row.innerText(), await row.boundingBox()];
  const height = await feed.evaluate((element) => {
    element.scrollBy(0, -150);
    return element.scrollHeight;
  });
  await reader.page.waitForFunction(
    (old) => (document.querySelector(".messages")?.scrollHeight ?? 0) > old + 500,
    height,
  );
  await reader.page.waitForTimeout(300);
  const after = await reader.page
    .locator(".message-slot", { hasText: text.split("\n")[0] ?? "" })
    .first()
    .boundingBox();
  must(
    before !== null && after !== null && Math.abs(after.y - before.y - 150) < 4,
    `what was read went from ${String(before?.y)} to ${String(after?.y)}`,
  );
  await says(writer, "Said while the other one reads old messages");
  await reader.page.waitForTimeout(500);
  must(!(await isAtEnd(reader)), "who reads old messages is taken to the end");
  await reader.page.getByRole("button", { name: /^To the newest/ }).click();
  await reader.hears("Said while the other one reads old messages");

  // What is answered, after a reload that has not read it: the quote leads to it.
  await writer.goes("search");
  await writer.page.getByLabel("Words of a message").fill(first);
  await writer.page.getByRole("link", { name: first }).click();
  await writer.page.locator(".message-slot.found", { hasText: first }).waitFor();
  await writer.does(first, "Reply");
  await says(writer, "An answer from far below");
  await reader.hears("An answer from far below");
  await reader.page.reload();
  await reader.hears("An answer from far below");
  must((await reader.count(first)) === 0, "the first one is in the page");
  await reader.page.locator(".message-slot", { hasText: "An answer from far below" }).locator(".quote").click();
  const found = reader.page.locator(".message-slot.found", { hasText: first });
  await found.waitFor();
  must(
    await found.evaluate((element) => element === document.activeElement),
    "the message that was looked for has no focus",
  );
  must(await isInSight(reader, first), "the message that was looked for is out of sight");

  // By keys alone, from one message to the next; what has the focus stays in the page when it is scrolled out of sight.
  await reader.page.keyboard.press("ArrowDown");
  await reader.page.keyboard.press("ArrowDown");
  must((await focused(reader)).includes("Of many: 1"), `the keys lead to ${await focused(reader)}`);
  await reader.page.locator(".messages").evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await reader.hears("An answer from far below");
  must((await focused(reader)).includes("Of many: 1"), "the focus is lost by scrolling");
  await reader.page.keyboard.press("End");
  await reader.page.waitForFunction(() => document.activeElement?.textContent.includes("An answer from far below"));
}

/** @param {Person} who */
function isAtEnd({ page }) {
  return page
    .locator(".messages")
    .evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight < 5);
}

/** @param {Person} who @param {string} text */
async function isInSight({ page }, text) {
  const [box, row] = await Promise.all([
    page.locator(".messages").boundingBox(),
    page.locator(".message-slot", { hasText: text }).first().boundingBox(),
  ]);
  return box !== null && row !== null && row.y >= box.y && row.y + row.height <= box.y + box.height;
}

/** @param {Person} who */
function focused({ page }) {
  return page.evaluate(() => document.activeElement?.textContent ?? "");
}
