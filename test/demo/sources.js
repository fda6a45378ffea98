/**
 * Another camera and another microphone in the middle of a call: what is sent is theirs, and the choice stays. Chromium has two fake cameras and
 * several fake microphones, by --use-fake-device-for-media-stream=device-count=2.
 */

import { pictures } from "./moving.js";
import { must } from "./person.js";

/** @typedef {readonly { readonly label: string, readonly name: string }[]} Chosen */

/**
 * @param {import("./person.js").Person} who in a call of two, with the other
 * @param {import("./person.js").Person} other
 * @returns {Promise<Chosen>}
 */
export async function sources(who, other) {
  const { page } = who;
  await page.bringToFront();
  await page.getByRole("button", { name: "Camera and microphone" }).click();
  const chosen = [];
  for (const [label, kind] of /** @type {const} */ ([
    ["Camera", "video"],
    ["Microphone", "audio"],
  ])) {
    const list = page.locator(`select[name=${label.toLowerCase()}]`);
    await list.locator("option").nth(2).waitFor({ state: "attached" });
    const names = await list.locator("option").allTextContents();
    const before = await sent(who, kind);
    must(names.includes(before), `${before} is sent, which is none of ${names.join(", ")}`);
    const name = names.slice(1).findLast((each) => each !== before) ?? "";
    await list.selectOption({ label: name });
    await page.locator(`select:enabled[name=${label.toLowerCase()}]`).waitFor();
    must((await sent(who, kind)) === name, `${await sent(who, kind)} is sent, not ${name}`);
    chosen.push({ label, name });
  }
  await page.getByRole("button", { name: "Camera and microphone" }).click();
  await pictures(other, 2);
  return chosen;
}

/** The settings show what was chosen, in a tab that was opened anew. @param {import("./person.js").Person} who @param {Chosen} chosen */
export async function stillChosen(who, chosen) {
  await who.page.reload();
  await who.goes("settings");
  for (const { label, name } of chosen) {
    const list = who.page.locator(`select[name=${label.toLowerCase()}]`);
    await list.locator("option", { hasText: name }).first().waitFor({ state: "attached" });
    const shown = await list.evaluate((select) => /** @type {HTMLSelectElement} */ (select).selectedOptions[0]?.text);
    must(shown === name, `${label}: ${String(shown)} is chosen, not ${name}`);
  }
}

/** The name of the camera or microphone that a person sends. @param {import("./person.js").Person} who @param {"video" | "audio"} kind */
function sent({ page }, kind) {
  return page.getByLabel("Picture of You").evaluate((video, of) => {
    const stream = /** @type {MediaStream | null} */ (/** @type {HTMLVideoElement} */ (video).srcObject);
    return stream?.getTracks().find((track) => track.kind === of)?.label ?? "nothing";
  }, kind);
}
