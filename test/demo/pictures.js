/**
 * Pictures of every view of the messenger, at three widths, in light and dark, with names and words that layouts break on: long ones without a
 * gap, right-to-left ones, ones that are the same. Each view is checked by axe, and for being wider than the window.
 *
 * node test/demo/pictures.js [--built] --folder FOLDER [--only VIEW,VIEW] [--sheet]: --sheet makes the contact sheets of docs/demo.md of them.
 */

import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { buildSite } from "../checks/demo-site.js";
import { flags, installChromium, program } from "../runtimes/chromium.js";
import { complaints, must, Person } from "./person.js";
import { passkey } from "./passkey.js";
import { Demo } from "./server.js";
import { contactSheets } from "./sheet.js";
import { look } from "./views.js";

const { values } = parseArgs({
  options: {
    built: { type: "boolean", default: false },
    folder: { type: "string" },
    only: { type: "string" },
    sheet: { type: "boolean", default: false },
  },
});
const { folder } = values;
if (folder === undefined) throw new TypeError("--folder says where the pictures go");
const only = values.only?.split(",");

const media = ["--use-fake-device-for-media-stream=device-count=2", "--use-fake-ui-for-media-stream"];

const longRoom = "Donaudampfschifffahrtsgesellschaftskapitaenswitwenrentenauszahlungsbeamtenverein";
const rightToLeft = "رحلة إلى الجبال يوم الأحد";

if (!values.built) await buildSite();
await installChromium();
const demo = new Demo();
await demo.start();
const browser = await chromium.launch({ executablePath: program, args: [...flags, ...media] });
/** @type {string[]} */
const problems = [];

/** @param {string} name */
async function person(name) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    permissions: ["camera", "microphone", "clipboard-read", "clipboard-write"],
  });
  return new Person(name, context, demo.address);
}

/** Every view is looked at, also where an earlier one has a fault. @param {Person} who @param {string} view */
async function looks(who, view) {
  if (only !== undefined && !only.includes(view)) return;
  await look(who.page, view, folder).catch((/** @type {unknown} */ error) => {
    problems.push(error instanceof Error ? error.message : String(error));
  });
  console.log(`looked at ${view}`);
}

/** @param {Person} who @param {string} item of the menu beside the field */
async function adds(who, item) {
  await who.page.getByRole("button", { name: "Add something" }).click();
  await who.page.getByRole("menuitem", { name: item }).click();
}

async function pictures() {
  const alice = await person("alice");
  const bob = await person("bob");
  const carol = await person("carol");
  const long = await person("maximiliana-theodora-von-und-zu");
  const laptop = await person("alice");
  const link = { name: "Link this browser" };

  await alice.open();
  await looks(alice, "door");
  await alice.page.getByRole("button", { name: "I lost my devices" }).click();
  await looks(alice, "door-recovery");
  await alice.page.getByRole("button", { name: "I am new" }).click();
  await alice.page.getByLabel("Your name").fill("alice");
  await alice.page.getByRole("button", { name: "Begin" }).click();
  await alice.page.getByRole("heading", { name: "Write this down" }).waitFor();
  await looks(alice, "recovery-code");
  await alice.page.getByLabel("I have written it down").check();
  await alice.page.getByRole("button", { name: "Go on" }).click();
  await alice.sees("Your chats");
  await looks(alice, "empty");
  for (const each of [bob, carol, long]) {
    await each.open();
    await each.signUp();
  }

  await long.asks(alice);
  for (const each of [bob, carol]) {
    await alice.asks(each);
    await each.agrees(alice);
  }
  await alice.goes("contacts");
  await alice.sees("Would like to write to you");
  await names(alice);
  await looks(alice, "contacts");
  await alice.page.getByRole("button", { name: "More about" }).first().click();
  await looks(alice, "contact-menu");
  await alice.page.keyboard.press("Escape");
  await alice.agrees(long);
  await alice.goes("new");
  await alice.sees("A room for several");
  await looks(alice, "new");

  for (const name of [longRoom, rightToLeft, "Hiking"]) await room(alice, name);
  await bob.opensChat("Hiking");
  await bob.says("Shall we go on Sunday?");
  await bob.says(
    "The way is at https://example.org/a/very/long/address/that/does/not/end/for/a/while?and=goes&on=and&on=and-on-and-on-and-on",
  );
  await long.opensChat("Hiking");
  await long.says("M".repeat(120));
  await long.says("هل نلتقي في الساعة السابعة؟ Bring water, please.");
  await alice.opensChat("Hiking");
  await alice.hears("Bring water");
  await alice.does("Shall we go on Sunday?", "Reply");
  await alice.page
    .getByRole("textbox", { name: "Message" })
    .fill("@bob Sunday is good. I bring bread, cheese and apples for everybody, and whoever has a map brings it, too.");
  await alice.page.keyboard.press("Enter");
  await bob.hears("Sunday is good");
  await bob.does("Sunday is good", "React");
  await bob.page.getByRole("button", { name: "❤️" }).click();
  await alice.says("At sevn");
  await alice.does("At sevn", "Edit");
  await alice.page.getByRole("textbox", { name: "Message" }).fill("At seven");
  await alice.page.keyboard.press("Enter");
  await alice.page.getByText("edited").waitFor();
  await bob.says("Never mind");
  await bob.does("Never mind", "Take back");
  await alice.page.getByText("This message was taken back.").waitFor();
  await adds(alice, "Poll");
  await alice.page.getByLabel("Question").fill("Where to?");
  await alice.page.getByLabel("Answer 1").fill("Hills");
  await alice.page.getByLabel("Answer 2").fill("Lakes");
  await looks(alice, "new-poll");
  await alice.page.getByRole("button", { name: "Ask", exact: true }).click();
  await bob.page.getByRole("button", { name: "Lakes" }).click();
  await alice.page.getByText("1 person has voted").waitFor();
  await looks(alice, "chat");
  const picker = bob.page.locator("input[type=file]");
  await picker.setInputFiles({
    name: `${"map-of-all-the-ways-".repeat(5)}.txt`,
    mimeType: "text/plain",
    buffer: Buffer.from("way ".repeat(9_000)),
  });
  await looks(bob, "send-file");
  await bob.page.getByRole("dialog").getByRole("button", { name: "Send", exact: true }).click();
  await bob.page.getByRole("dialog").waitFor({ state: "detached" });
  await picker.setInputFiles({ name: "view.png", mimeType: "image/png", buffer: await alice.page.screenshot() });
  await bob.page.getByLabel("What do you say about it?").fill("From the top");
  await bob.page.getByRole("dialog").getByRole("button", { name: "Send", exact: true }).click();
  await bob.page.getByRole("dialog").waitFor({ state: "detached" });
  await adds(bob, "Voice message");
  await bob.page.getByText(/Recording 0:02/).waitFor();
  await looks(bob, "recording");
  await bob.page.getByRole("button", { name: "Send", exact: true }).click();
  await alice.page.locator(".file", { hasText: "Voice message" }).waitFor();
  await looks(alice, "chat-files");
  await alice.page
    .locator(".message", { hasText: "At seven" })
    .first()
    .getByRole("button", { name: "What to do with this message" })
    .click();
  await looks(alice, "message-menu");
  await alice.page.getByRole("menuitem", { name: "Details" }).click();
  await alice.page.getByRole("button", { name: /byte by byte/ }).click();
  await looks(alice, "message-details");
  await alice.page.keyboard.press("Escape");
  await alice.does("At seven", "Forward");
  await looks(alice, "forward");
  await alice.page.keyboard.press("Escape");
  await alice.page.getByRole("button", { name: "For the curious" }).click();
  await alice.page.locator(".drawer .epoch").waitFor();
  await alice.page.locator(".tree rect").first().waitFor();
  await looks(alice, "curious");
  await alice.page.locator(".seen summary", { hasText: "publish" }).first().click();
  await alice.page.locator(".seen .bytes").first().scrollIntoViewIfNeeded();
  await looks(alice, "curious-bytes");
  await alice.page.getByRole("button", { name: "Close the drawer" }).click();
  await alice.page.locator(".room-head-title").click();
  await alice.sees("Disappearing messages");
  await looks(alice, "details");
  await alice.goes("search");
  await alice.page.getByLabel("Words of a message").fill("sunday");
  await alice.sees("found");
  await looks(alice, "search");
  await alice.goes("settings");
  await alice.sees("What others are told");
  await looks(alice, "settings");

  await alice.opensChat("Hiking");
  await alice.does("Shall we go on Sunday?", "Report");
  await alice.page.getByLabel("Threats").check();
  await alice.page.getByLabel("In your words, if you like").fill("Third time this week");
  await looks(alice, "report");
  await alice.page.getByRole("button", { name: "Report it" }).click();
  await alice.sees("can see now that");
  await looks(alice, "reported");
  await alice.page.getByRole("button", { name: "Good" }).click();
  await reports();
  await locked();

  await laptop.open();
  await laptop.page.getByRole("button", { name: "I have an account on another device" }).click();
  await laptop.page.getByLabel("Your name").fill("alice");
  await laptop.page.getByRole("button", link).click();
  await alice.page.getByRole("button", { name: "Link it" }).waitFor();
  await looks(laptop, "link-this");
  await looks(alice, "link-asked");
  await alice.page.getByRole("button", { name: "Link it" }).click();
  await laptop.page.locator(".six-digits").waitFor();
  await looks(laptop, "compare");
  for (const { page } of [alice, laptop]) await page.getByRole("button", { name: "They are the same" }).click();
  await alice.page.getByRole("button", { name: "Good" }).click();
  await laptop.opensChat("Hiking");
  await alice.goes("devices");
  await alice.page.getByRole("button", { name: /^Take off/ }).waitFor();
  await looks(alice, "devices");
  await alice.goes("trust/mimi%3A%2F%2Fdemo.localhost%2Fu%2Fbob");
  await alice.page.locator(".digits li").first().waitFor();
  await looks(alice, "safety-numbers");

  await alice.opensChat("Hiking");
  await bob.page.getByRole("button", { name: "Video call" }).click();
  await alice.sees("is calling in Hiking");
  await looks(alice, "ringing");
  await alice.page.getByRole("button", { name: "Answer with video" }).click();
  await carol.page.getByRole("button", { name: "Answer with video" }).click();
  await alice.page.waitForFunction(() => document.querySelectorAll("video").length === 3);
  await alice.page.waitForTimeout(2_000);
  await looks(alice, "call");
  await alice.page.getByRole("button", { name: "Keys" }).click();
  await looks(alice, "call-keys");
  for (const each of [alice, carol, bob]) await each.page.getByRole("button", { name: "Hang up" }).click();

  const first = bob.page;
  await bob.open("#/bob/rooms");
  await bob.sees("bob is open in another tab");
  await looks(bob, "elsewhere");
  await bob.page.getByRole("button", { name: "Use it here" }).click();
  await bob.sees("Hiking");
  await first.getByText("bob goes on in another tab").waitFor();
  await first.close();
  await bob.opensChat("Hiking");
  await bob.page.locator(".room-head-title").click();
  await bob.page.getByRole("button", { name: "Leave this chat" }).click();
  await looks(bob, "leaving");
  await bob.page.getByRole("button", { name: "Leave for good" }).click();
  await bob.opensChat("Hiking");
  await bob.page.locator(".foot-note", { hasText: "You are not in this chat any more" }).waitFor();
  await looks(bob, "left");
  await demo.kill();
  await alice.opensChat(longRoom.slice(0, 20));
  await alice.sees("You are offline");
  await looks(alice, "offline");
}

/** What whoever runs the messenger sees of the report. */
async function reports() {
  const operator = await person("operator");
  const page = await operator.open("moderation.html");
  await looks(operator, "reports-secret");
  await page.getByLabel("The service’s secret").fill(demo.operatorSecret);
  await page.getByRole("button", { name: "Look" }).click();
  await page.getByRole("button", { name: "Shut bob out" }).click();
  await looks(operator, "reports");
  await page.getByRole("button", { name: "Do not" }).click();
  await page.getByLabel("Why, for whoever looks later").fill("They were joking");
  await page.getByRole("button", { name: "Nothing to be done" }).click();
  await operator.sees("Nothing waits.");
  await looks(operator, "reports-decided");
  await operator.context.close();
}

/** Somebody with a passkey, and without it. */
async function locked() {
  const erin = await person("erin");
  await passkey(erin, looks);
  await erin.context.close();
}

/** Names that layouts break on. @param {Person} alice */
async function names(alice) {
  for (const [name, given] of [
    ["bob", "ياسمين بنت عبد الرحمن"],
    ["carol", "bob"],
  ]) {
    await alice.page.getByRole("button", { name: `More about ${String(name)}` }).click();
    await alice.page.getByRole("menuitem", { name: "Call them something else" }).click();
    await alice.page.getByLabel("Name, on your devices alone").fill(String(given));
    if (name === "bob") await looks(alice, "name-dialog");
    await alice.page.getByRole("button", { name: "Keep it" }).click();
  }
}

/** @param {Person} alice @param {string} name */
async function room(alice, name) {
  await alice.goes("new");
  await alice.page.getByLabel("Name", { exact: true }).fill(name);
  for (const box of await alice.page.getByRole("checkbox").all()) await box.check();
  await alice.page.getByRole("button", { name: "Make the room" }).click();
  await alice.page.getByRole("heading", { name }).waitFor();
}

try {
  await pictures();
  if (values.sheet) await contactSheets(browser, folder);
  must(problems.length === 0, problems.join("\n\n"));
  must(complaints.length === 0, `the pages complained:\n${complaints.join("\n")}`);
} catch (error) {
  console.log(`failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  if (problems.length > 0) console.log(problems.join("\n\n"));
  process.exitCode = 1;
} finally {
  await browser.close();
  await demo.end();
}
