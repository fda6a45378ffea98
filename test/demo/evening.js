/**
 * The second half of the day: what goes wrong in it, and what people do who do not want each other any more.
 */

import { execFileSync } from "node:child_process";
import { root } from "../checks/run.js";
import { longChat } from "./long-chat.js";
import { menus } from "./menus.js";
import { moderation } from "./moderation.js";
import { pictures } from "./moving.js";
import { must } from "./person.js";
import { sources, stillChosen } from "./sources.js";
import { ways } from "./ways.js";

/**
 * @typedef {object} Evening
 * @property {(name: string) => Promise<import("./person.js").Person>} person with a browser of their own
 * @property {import("./person.js").Person} alice
 * @property {import("./person.js").Person} bob
 * @property {import("./person.js").Person} carol
 * @property {import("./person.js").Person} laptop a second device of Alice
 * @property {import("./server.js").Demo} demo
 * @property {(what: string, work: () => Promise<unknown>) => Promise<void>} step
 * @property {(who: import("./person.js").Person, text: string) => Promise<void>} says
 * @property {(who: import("./person.js").Person, view: string) => Promise<void>} looks
 */

/** All are in the room "Hiking", and Alice and Bob in a chat of their own. @param {Evening} evening */
export async function evening({ person, alice, bob, carol, laptop, demo, step, says, looks }) {
  const inRoom = [alice, bob, carol, laptop];

  /** @type {import("./sources.js").Chosen} */
  let chosen = [];
  await step("a camera and a microphone are chosen, and a call goes over to another device of a person", async () => {
    for (const each of inRoom) await each.opensChat("Hiking");
    await bob.page.getByRole("button", { name: "Video call" }).click();
    await alice.page.getByRole("button", { name: "Answer with video" }).click();
    for (const each of [alice, bob]) await pictures(each, 2);
    chosen = await sources(alice, bob);
    await laptop.page.getByRole("button", { name: "Join" }).last().click();
    await alice.sees("The call goes on on another of your devices.");
    await alice.page.locator(".call-panel").waitFor({ state: "detached" });
    for (const each of [laptop, bob]) await pictures(each, 2);
    for (const each of [laptop, bob]) await each.page.getByText("connecting…").waitFor({ state: "detached" });
    must((await laptop.page.locator(".call-panel .tile").count()) === 2, "the other device is still in it");
    for (const each of [laptop, bob]) await each.page.getByRole("button", { name: "Hang up" }).click();
    for (const each of [laptop, bob]) await each.page.locator(".call-panel").waitFor({ state: "detached" });
    await bob.page.locator(".call.ended").nth(1).waitFor();
  });
  await step("what was chosen for calls stays", async () => {
    await stillChosen(alice, chosen);
    await alice.opensChat("Hiking");
  });
  await step("the server is killed, and comes back with what it had", async () => {
    await demo.kill();
    await alice.sees("You are offline.");
    await says(alice, "Written while the service was away");
    await demo.start();
    for (const each of [bob, carol, laptop]) await each.hears("Written while the service was away");
    await says(bob, "The outage is over");
    await alice.hears("The outage is over");
    must((await bob.count("Written while the service was away")) === 1, "it is there twice");
  });
  await step("offline and back, with a page that is opened offline", async () => {
    await bob.context.setOffline(true);
    await bob.page.reload();
    await bob.sees("You are offline.");
    await bob.hears("The outage is over");
    await says(bob, "Written in a tunnel");
    const way = { name: "way back.txt", mimeType: "text/plain", buffer: Buffer.from("The way back. ".repeat(9_000)) };
    await bob.page.locator(".composer input[type=file]").setInputFiles(way);
    await bob.page.getByRole("dialog").getByRole("button", { name: "Send", exact: true }).click();
    await bob.page.locator(".uploads", { hasText: "on its way" }).waitFor();
    await bob.page.reload();
    await bob.page.locator(".uploads", { hasText: "Choose it again to go on" }).waitFor();
    const again = bob.page.getByLabel("Choose way back.txt again");
    await again.setInputFiles({ ...way, buffer: Buffer.from("another") });
    await bob.sees("This is another file.");
    await again.setInputFiles(way);
    await bob.page.locator(".uploads", { hasText: "on its way" }).waitFor();
    await says(alice, "Bob is in a tunnel");
    await bob.context.setOffline(false);
    await alice.hears("Written in a tunnel");
    await bob.hears("Bob is in a tunnel");
    await alice.page.locator(".file", { hasText: "way back.txt" }).waitFor();
    await bob.page.locator(".uploads").waitFor({ state: "detached" });
  });
  await step("a reload in the middle of everything", async () => {
    await alice.page.getByRole("textbox", { name: "Message" }).fill("Written just before a reload");
    await alice.page.keyboard.press("Enter");
    await alice.hears("Written just before a reload");
    await Promise.all([alice.page.reload(), says(bob, "Said during a reload")]);
    for (const each of inRoom) {
      for (const text of ["Written just before a reload", "Said during a reload"]) {
        await each.hears(text);
        must((await each.count(text)) === 1, `${text}: it is there twice`);
      }
    }
  });
  await step("names that would like to be more than names", async () => {
    for (const name of [
      '<img src="x" onerror="document.title = 1">',
      "\u202e\u0634\u0644\u0648\u0645 evil",
      "W".repeat(100),
    ]) {
      await alice.goes("rooms");
      await alice.opensChat("Hiking");
      await alice.page.locator(".room-head-title").click();
      await alice.page.getByLabel("Name of the chat").fill(name);
      await alice.page.getByRole("button", { name: "Change" }).click();
      await bob.page.locator(".room-head h1 bdi", { hasText: name }).waitFor();
      must((await bob.page.locator("img[src=x]").count()) === 0, "a name was taken for markup");
      if (name.length === 100) await looks(bob, "long-name");
      await alice.page.getByLabel("Name of the chat").fill("Hiking");
      await alice.page.getByRole("button", { name: "Change" }).click();
      await bob.page.locator(".room-head h1", { hasText: "Hiking" }).waitFor();
    }
    await alice.page.getByLabel("Name of the chat").fill("   ");
    must(await alice.page.getByRole("button", { name: "Change" }).isDisabled(), "a room may have no name");
    await alice.page.locator(".room-head, .page-head").first().waitFor();
  });
  await step("a chat with more messages than are in the page", async () => {
    for (const each of [alice, bob]) await each.opensChat("Hiking");
    await longChat(alice, bob, says);
    await menus(bob);
  });
  await step("a message is reported, and whoever runs the messenger can verify that", async () => {
    for (const each of [alice, carol]) await each.opensChat("Hiking");
    await says(carol, "You will regret that, Alice");
    await says(carol, "Nobody else is to read this one");
    await alice.does("You will regret that, Alice", "Report");
    await alice.page.getByRole("button", { name: "Report it" }).click();
    await alice.sees("Choose what is wrong with it.");
    await alice.page.getByLabel("Threats").check();
    await alice.page.getByLabel("In your words, if you like").fill("Third time this week");
    await looks(alice, "report");
    await alice.page.getByRole("button", { name: "Report it" }).click();
    await alice.sees("can see now that");
    await alice.page.getByRole("button", { name: "Good" }).click();
    const args = ["dist/cli/copse.js", "verify-report", await demo.report(), "--keys", demo.frankingKeys];
    const said = execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" });
    must(/message 1: proven: "mimi:\/\/[^"]*\/u\/carol" said/.test(said), `the report says: ${said}`);
    must(!said.includes("message 2"), `more was shown than was reported: ${said}`);
  });
  await step("whoever runs the messenger decides about it, and shuts somebody out for a while", async () => {
    await moderation({
      operator: await person("operator"),
      bully: carol,
      reporter: "alice",
      words: "You will regret that, Alice",
      unseen: "Nobody else is to read this one",
      secret: demo.operatorSecret,
      looks,
    });
    await carol.opensChat("Hiking");
    await says(carol, "I am back, and sorry");
    await alice.hears("I am back, and sorry");
  });
  await step("an address that leads to nothing says so, and shows a way on", () => ways(bob, looks));
  await step("who is blocked is not heard, and is heard again later", async () => {
    await alice.opensChat("Hiking");
    await alice.page.locator(".room-head-title").click();
    await alice.page.getByRole("button", { name: "What to do about bob" }).click();
    await alice.page.getByRole("menuitem", { name: "Block" }).click();
    await alice.sees("blocked by you");
    await alice.opensChat("Hiking");
    await bob.opensChat("Hiking");
    await says(bob, "Alice does not want to hear this");
    await carol.hears("Alice does not want to hear this");
    await says(carol, "I can hear it");
    await alice.hears("I can hear it");
    must((await alice.count("Alice does not want to hear this")) === 0, "who is blocked is heard");
    await alice.goes("contacts");
    await alice.page.getByRole("button", { name: "Unblock bob" }).click();
    await alice.opensChat("Hiking");
    await says(bob, "Alice hears me again");
    await alice.hears("Alice hears me again");
  });
  await step("who is put out is told so, and reads nothing after", async () => {
    await alice.page.locator(".room-head-title").click();
    await alice.page.getByRole("button", { name: "What to do about carol" }).click();
    await alice.page.getByRole("menuitem", { name: "Put out of this chat" }).click();
    await carol.sees("You are not in this chat any more. What was said stays here");
    await looks(carol, "put-out");
    must((await carol.page.getByRole("textbox", { name: "Message" }).count()) === 0, "carol can write still");
    await alice.opensChat("Hiking");
    await says(alice, "Carol can not read this");
    await bob.hears("Carol can not read this");
    await laptop.hears("Carol can not read this");
    must((await carol.count("Carol can not read this")) === 0, "carol reads it");
  });
  await step("a device that is taken off is told so, and reads nothing after", async () => {
    await alice.goes("devices");
    await alice.page.getByRole("button", { name: /^Take off / }).click();
    await alice.page.getByRole("button", { name: /^Take off for good/ }).click();
    await laptop.sees("The service does not let this device in any more");
    await looks(laptop, "taken-off");
    must((await laptop.page.getByRole("textbox", { name: "Message" }).count()) === 0, "the laptop can write still");
    await alice.opensChat("Hiking");
    await says(bob, "The laptop can not read this");
    await alice.hears("The laptop can not read this");
    await laptop.page.reload();
    await laptop.hears("Carol can not read this");
    must((await laptop.count("The laptop can not read this")) === 0, "the laptop reads it");
  });
  await step("the only administrator hands that on, and leaves", async () => {
    await alice.page.locator(".room-head-title").click();
    await alice.page.getByRole("button", { name: "Leave this chat" }).click();
    await alice.page.getByLabel("After you it is").selectOption({ label: "bob" });
    await alice.page.getByRole("button", { name: "Leave for good" }).click();
    await alice.sees("You are not in this chat any more");
    await says(bob, "Alice can not read this");
    await bob.page.locator(".room-head-title").click();
    await bob.page.locator(".members", { hasText: "group admin" }).waitFor();
    must((await bob.page.locator(".members", { hasText: "alice" }).count()) === 0, "alice is in it still");
    await alice.opensChat("Hiking");
    await alice.sees("You are not in this chat any more. What was said stays here");
    must((await alice.count("Alice can not read this")) === 0, "alice reads it");
  });
  await step("an account is deleted, and its name is nobody’s", async () => {
    await alice.goes("settings");
    await alice.page.getByRole("button", { name: "Delete this account" }).click();
    const sure = alice.page.getByRole("button", { name: "Delete it for good" });
    must(await sure.isDisabled(), "an account can be deleted without its name");
    await looks(alice, "delete-account");
    await alice.page.getByLabel("to say that you mean it").fill("alice");
    await sure.click();
    await alice.sees("Who are you?");
    must((await alice.page.getByRole("link", { name: "alice" }).count()) === 0, "the page remembers the account");
    const left = await alice.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
    must(!left.some((name) => name?.includes("alice")), `there is still ${left.join(", ")}`);
    await alice.page.getByLabel("Your name").fill("alice");
    await alice.page.getByRole("button", { name: "Begin" }).click();
    await alice.sees("This name is taken");
    alice.opened = undefined; // nothing of hers is on this disk any more, as was seen above
  });
}
