/**
 * Somebody sets a PIN, loses all devices, and comes back by it, while one recovery server is down.
 */

import { must } from "./person.js";

/**
 * @typedef {object} Losing
 * @property {(name: string) => Promise<import("./person.js").Person>} person with a browser of their own
 * @property {import("./server.js").Demo} demo
 * @property {(what: string, work: () => Promise<unknown>) => Promise<void>} step
 * @property {(who: import("./person.js").Person, view: string) => Promise<void>} looks
 */

const pin = "271828";

/** @param {Losing} losing */
export async function lost({ person, demo, step, looks }) {
  const dora = await person("dora");
  let code = "";

  await step("a PIN is set with the code, and one that is tried first is refused", async () => {
    const page = await dora.open();
    await page.getByLabel("Your name").fill("dora");
    await page.getByRole("button", { name: "Begin" }).click();
    code = (await page.getByLabel("Recovery code").textContent()) ?? "";
    await page.getByText("Set a PIN as well").click();
    await page.getByLabel("PIN", { exact: true }).fill("123456");
    await dora.sees("These are even steps");
    must(await page.getByRole("button", { name: "Set this PIN" }).isDisabled(), "a weak PIN can be set");
    await page.getByLabel("PIN", { exact: true }).fill(pin);
    await page.getByLabel("The same PIN again").fill("271829");
    await page.getByRole("button", { name: "Set this PIN" }).click();
    await dora.sees("The two PINs are not the same.");
    await page.getByLabel("The same PIN again").fill(pin);
    await page.getByRole("button", { name: "Set this PIN" }).click();
    await dora.sees("The PIN is set.");
    await looks(dora, "code-and-pin");
    await page.getByLabel("I have written it down").check();
    await page.getByRole("button", { name: "Go on" }).click();
    await dora.goes("settings");
    await dora.sees("A PIN is set. 16 tries are left.");
    await looks(dora, "settings");
    await dora.context.close();
  });

  const again = await person("dora");
  await step("all devices are lost, and the PIN brings the account back, without one of the servers", async () => {
    const page = await again.open();
    await page.getByRole("button", { name: "I lost my devices" }).click();
    must(await page.getByLabel("My PIN").isChecked(), "the PIN is not offered first");
    await page.getByLabel("Your name").fill("dora");
    await page.getByLabel("PIN", { exact: true }).fill("314159");
    await page.getByRole("button", { name: "Bring it back" }).click();
    await again.sees("This is not the PIN. 15 tries are left.");
    await looks(again, "door-pin");
    await demo.endRecovery("Cedar");
    await page.getByLabel("PIN", { exact: true }).fill(pin);
    await page.getByRole("button", { name: "Bring it back" }).click();
    await page.getByRole("heading", { name: "Write this down" }).waitFor();
    must((await page.getByLabel("Recovery code").textContent()) === code, "the code is another one");
    await page.getByLabel("I have written it down").check();
    await page.getByRole("button", { name: "Go on" }).click();
    await again.sees("Of the recovery servers: Cedar does not answer.");
    await again.goes("settings");
    await again.sees("A PIN is set. 13 tries are left.");
    await again.sees("Cedar does not answer");
  });

  await step("too few servers: which they are is said, and the code still works", async () => {
    for (const name of ["Alder", "Birch"]) await demo.endRecovery(name);
    await again.context.close();
    const third = await person("dora");
    const page = await third.open();
    await page.getByRole("button", { name: "I lost my devices" }).click();
    await page.getByLabel("Your name").fill("dora");
    await page.getByLabel("PIN", { exact: true }).fill(pin);
    await page.getByRole("button", { name: "Bring it back" }).click();
    await third.sees("Alder does not answer; Birch does not answer; Cedar does not answer");
    await looks(third, "door-too-few");
    await page.getByLabel("My recovery code").check();
    await page.getByLabel("Recovery code", { exact: true }).fill(code);
    await page.getByRole("button", { name: "Bring it back" }).click();
    await third.sees("Your chats");
    await third.context.close();
  });
}
