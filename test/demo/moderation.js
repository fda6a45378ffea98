/**
 * Whoever runs the messenger sees what was reported, decides, and shuts somebody out, who is told.
 */

import { must } from "./person.js";

/**
 * @typedef {object} Moderating
 * @property {import("./person.js").Person} operator with a browser of their own
 * @property {import("./person.js").Person} bully who has been reported once, by somebody whose name is reporter
 * @property {string} reporter
 * @property {string} words that were reported
 * @property {string} unseen words that were not
 * @property {string} secret
 * @property {(who: import("./person.js").Person, view: string) => Promise<void>} looks
 */

/** @param {Moderating} moderating */
export async function moderation({ operator, bully, reporter, words, unseen, secret, looks }) {
  const page = await operator.open("moderation.html");
  await looks(operator, "reports-secret");
  await page.getByLabel("The service’s secret").fill("a wrong one");
  await page.getByRole("button", { name: "Look" }).click();
  await operator.sees("This is not the service’s secret.");
  await page.getByLabel("The service’s secret").fill(secret);
  await page.getByRole("button", { name: "Look" }).click();
  const report = page.getByRole("article", { name: `Reported by ${reporter}` });
  await report.getByText(words).waitFor();
  await report.getByText(`Proven: ${bully.name} said this`).waitFor();
  must((await page.getByText(unseen).count()) === 0, "more is shown than was reported");
  await report.getByLabel("Why, for whoever looks later").fill("Third threat this week");
  await report.getByRole("button", { name: `Shut ${bully.name} out` }).click();
  await operator.sees("devices is let in any more");
  await looks(operator, "reports");
  await report.getByRole("button", { name: `Shut ${bully.name} out` }).click();
  await operator.sees("Nothing waits.");
  await operator.sees("Third threat this week");
  await looks(operator, "reports-decided");
  await bully.sees("The service does not let this device in any more");
  await page.getByRole("button", { name: `Let in again: ${bully.name}` }).click();
  await page.getByRole("heading", { name: "Shut out" }).waitFor({ state: "detached" });
  await bully.page.reload();
  await bully.page.getByText("The service does not let this device in any more").waitFor({ state: "detached" });
  await page.close();
}
