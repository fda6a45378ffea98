/**
 * A day with three people and four devices, the second half of which is in evening.js: each step is what a person does, and what the others see of it. After each step nothing that was
 * said lies on a disk in the clear.
 */

import { foundOnDisk } from "./disk.js";
import { evening } from "./evening.js";
import { lost } from "./lost.js";
import { must, Person } from "./person.js";
import { pictures } from "./moving.js";
import { passkey } from "./passkey.js";
import { look } from "./views.js";

/**
 * @typedef {object} World
 * @property {import("playwright-core").Browser} browser
 * @property {import("./server.js").Demo} demo
 * @property {string | undefined} screenshots
 */

/** @param {World} world */
export async function day({ browser, demo, screenshots }) {
  /** @param {string} name */
  const person = async (name) => {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      permissions: ["camera", "microphone", "clipboard-read", "clipboard-write"],
    });
    return new Person(name, context, demo.address);
  };
  const alice = await person("alice");
  const bob = await person("bob");
  const carol = await person("carol");
  const laptop = await person("alice");
  /** What was said, and so lies nowhere in the clear. @type {string[]} */
  const said = [];
  /** @param {Person} who @param {string} text */
  const says = async (who, text) => {
    said.push(text);
    await who.says(text);
  };

  /** @param {string} what @param {() => Promise<unknown>} work */
  const step = async (what, work) => {
    const began = performance.now();
    await work().catch((/** @type {unknown} */ error) => {
      throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    });
    const seconds = (performance.now() - began) / 1000;
    for (const { opened, name } of [alice, bob, carol, laptop]) {
      if (opened === undefined || opened.isClosed()) continue;
      const found = await foundOnDisk(opened, said);
      must(found.length === 0, `on the disk of ${name}: ${found.join(", ")}`);
    }
    console.log(`ok ${what} (${seconds.toFixed(1)} s)`);
  };
  /** @param {Person} who @param {string} view */
  const looks = (who, view) => look(who.page, view, screenshots);

  await step("three people have accounts", async () => {
    await alice.open();
    await looks(alice, "door");
    await alice.signUp();
    for (const each of [bob, carol]) {
      await each.open();
      await each.signUp();
    }
    await carol.open();
    await carol.page.getByLabel("Your name").fill("alice");
    await carol.page.getByRole("button", { name: "Begin" }).click();
    await carol.sees("This name is taken");
    await carol.page.close();
    carol.opened = carol.context.pages()[0];
  });
  await step("who is asked decides, and then both can write", async () => {
    await alice.asks(bob);
    await bob.goes("contacts");
    await bob.sees("Would like to write to you");
    await looks(bob, "contacts");
    await bob.agrees(alice);
    await says(bob, "Hello Alice, it is me.");
    await alice.opensChat("bob");
    await alice.hears("Hello Alice, it is me.");
    await says(alice, "Good to read you.");
    await bob.hears("Good to read you.");
  });
  await step("a reload keeps the person and what was said", async () => {
    await alice.page.reload();
    await alice.hears("Good to read you.");
    must((await alice.count("Good to read you.")) === 1, "it is there twice");
  });
  await step("a second tab is the same person, and takes over when it is asked to", async () => {
    const first = bob.page;
    await bob.open("#/bob/rooms");
    await bob.sees("bob is open in another tab");
    await looks(bob, "elsewhere");
    await bob.page.getByRole("button", { name: "Use it here" }).click();
    await bob.opensChat("alice");
    await bob.hears("Good to read you.");
    await first.getByText("bob goes on in another tab").waitFor();
    await first.close();
    await says(bob, "From the other tab.");
    await alice.hears("From the other tab.");
  });
  await step("a room for three: answers, reactions, edits, mentions, taking back", async () => {
    await alice.asks(carol);
    await carol.agrees(alice);
    await alice.makesRoom("Hiking", [bob, carol]);
    await says(alice, "Shall we go on Sunday?");
    for (const each of [bob, carol]) {
      await each.opensChat("Hiking");
      await each.hears("Shall we go on Sunday?");
    }
    await bob.does("Shall we go on Sunday?", "React");
    await bob.page.getByRole("button", { name: "👍" }).click();
    await alice.page.locator(".reactions", { hasText: "👍" }).waitFor();
    await carol.does("Shall we go on Sunday?", "Reply");
    await says(carol, "Sunday is good, @bob?");
    await bob.page.locator(".mention.me").waitFor();
    await bob.page.locator(".quote", { hasText: "Shall we go on Sunday?" }).waitFor();
    await says(bob, "At sevn");
    await bob.does("At sevn", "Edit");
    await bob.page.getByRole("textbox", { name: "Message" }).fill("At seven");
    await bob.page.keyboard.press("Enter");
    await alice.hears("At seven");
    await alice.page.getByText("edited").waitFor();
    await says(bob, "Never mind this");
    await carol.hears("Never mind this");
    await bob.does("Never mind this", "Take back");
    await carol.page.getByText("This message was taken back.").waitFor();
    must((await carol.count("Never mind this")) === 0, "it is still there");
  });
  await step("a poll", async () => {
    await alice.page.getByRole("button", { name: "Add something" }).click();
    await alice.page.getByRole("menuitem", { name: "Poll" }).click();
    await alice.page.getByLabel("Question").fill("Where to?");
    await alice.page.getByLabel("Answer 1").fill("Hills");
    await alice.page.getByLabel("Answer 2").fill("Lakes");
    await alice.page.getByRole("button", { name: "Ask", exact: true }).click();
    await bob.page.getByRole("button", { name: "Lakes" }).click();
    await carol.page.getByText("1 person has voted").waitFor();
    await carol.page.getByRole("button", { name: "Hills" }).click();
    await alice.page.getByText("2 people have voted").waitFor();
    await looks(alice, "room");
  });
  await step("a file and a picture", async () => {
    const words = "The way goes along the brook.";
    said.push(words);
    const picker = alice.page.locator("input[type=file]");
    await picker.setInputFiles({ name: "way.txt", mimeType: "text/plain", buffer: Buffer.from(words.repeat(5_000)) });
    await alice.page.getByLabel("What do you say about it?").fill("The way");
    await alice.page.getByRole("dialog").getByRole("button", { name: "Send", exact: true }).click();
    const file = bob.page.locator(".file", { hasText: "way.txt" });
    await file.waitFor();
    const download = bob.page.waitForEvent("download");
    await file.getByRole("button", { name: "Save" }).click();
    const chunks = [];
    for await (const chunk of await (await download).createReadStream()) chunks.push(/** @type {Buffer} */ (chunk));
    must(Buffer.concat(chunks).toString() === words.repeat(5_000), "the file is another one");
    await picker.setInputFiles({ name: "view.png", mimeType: "image/png", buffer: await alice.page.screenshot() });
    await alice.page.getByRole("dialog").getByRole("button", { name: "Send", exact: true }).click();
    await carol.page.getByRole("button", { name: "Show the picture" }).click();
    await carol.page.locator(".large-picture").waitFor();
    must(
      await carol.page.evaluate(
        () => (document.querySelector("img.large-picture")?.getBoundingClientRect().width ?? 0) > 100,
      ),
      "the picture is empty",
    );
    await carol.page.keyboard.press("Escape");
    await picker.setInputFiles({ name: "secret.png", mimeType: "image/png", buffer: await alice.page.screenshot() });
    await alice.page.getByLabel("To be seen once").check();
    await alice.page.getByRole("dialog").getByRole("button", { name: "Send", exact: true }).click();
    await carol.page.locator(".file", { hasText: "To be seen once" }).getByRole("button", { name: "Show" }).click();
    await carol.page.locator(".large-picture").waitFor();
    await carol.page.keyboard.press("Escape");
    await carol.sees("You have seen this. It is not shown again.");
  });
  await step("messages that disappear, on all devices", async () => {
    await alice.goes("rooms");
    await alice.opensChat("Hiking");
    await alice.page.locator(".room-head-title").click();
    await alice.page.getByLabel("New messages go").selectOption("5");
    await alice.page.getByText("New messages go").waitFor();
    await looks(alice, "details");
    await alice.opensChat("Hiking");
    await alice.page.locator(".room-head", { hasText: "5 seconds" }).waitFor();
    await says(alice, "This goes in five seconds");
    await bob.hears("This goes in five seconds");
    for (const each of [alice, bob, carol]) {
      await each.page.waitForFunction(
        () =>
          ![...document.querySelectorAll(".bubble")].some(({ textContent }) =>
            textContent.includes("This goes in five seconds"),
          ),
      );
    }
    await alice.page.locator(".room-head-title").click();
    await alice.page.getByLabel("New messages go").selectOption("");
    await alice.opensChat("Hiking");
    await alice.page.locator(".room-head", { hasText: "5 seconds" }).waitFor({ state: "detached" });
    await bob.goes("search");
    await bob.page.getByLabel("Words of a message").fill("goes five seconds");
    await bob.sees("Nothing was found.");
    await bob.page.getByLabel("Words of a message").fill("sunday");
    await bob.sees("found");
    await looks(bob, "search");
    await bob.opensChat("Hiking");
  });
  await step("a second device is linked by compared digits", async () => {
    await laptop.open();
    await laptop.page.getByRole("button", { name: "I have an account on another device" }).click();
    await laptop.page.getByLabel("Your name").fill("alice");
    await laptop.page.getByRole("button", { name: "Link this browser" }).click();
    await alice.page.getByRole("button", { name: "Link it" }).waitFor();
    await nothingCovers(alice);
    const name = (await laptop.page.locator("p b", { hasText: /^computer-/ }).textContent()) ?? "";
    await alice.page.locator(".invited", { hasText: name }).getByRole("button", { name: "Link it" }).click();
    const digits = await Promise.all([alice, laptop].map(({ page }) => page.locator(".six-digits").textContent()));
    must(
      digits[0] === digits[1] && /^\d{6}$/.test((digits[0] ?? "").replaceAll(" ", "")),
      `the digits are ${digits.join(" and ")}`,
    );
    await looks(laptop, "compare");
    for (const { page } of [alice, laptop]) await page.getByRole("button", { name: "They are the same" }).click();
    await alice.page.getByRole("button", { name: "Good" }).click();
    await laptop.opensChat("Hiking");
    await bob.opensChat("Hiking");
    await says(bob, "Welcome, laptop");
    await laptop.hears("Welcome, laptop");
    // What was said before it was there comes by the encrypted history.
    await laptop.hears("Shall we go on Sunday?");
    await laptop.hears("At seven");
    must((await laptop.count("Never mind this")) === 0, "what was taken back came again");
    await laptop.page.getByText("Your earlier messages are coming").waitFor({ state: "detached" });
  });
  await step("what is to be known, and what was seen once, outlive a reload", async () => {
    await carol.sees("alice has a new device");
    await carol.page.reload();
    await carol.sees("You have seen this. It is not shown again.");
    const known = carol.page.locator(".notice", { hasText: "alice has a new device" });
    await known.getByRole("link", { name: "Compare safety numbers" }).waitFor();
    await known.getByRole("button", { name: "I have seen this" }).click();
    await carol.page.reload();
    await carol.hears("Welcome, laptop");
    must((await known.count()) === 0, "what was seen is shown again");
    must(
      (await alice.page.locator(".notice", { hasText: "has a new device" }).count()) === 0,
      "who has linked a device is warned of it",
    );
  });
  await step("a call, into which somebody comes who had declined", async () => {
    await bob.page.getByRole("button", { name: "Video call" }).click();
    await alice.sees("bob is calling in Hiking");
    await looks(alice, "ringing");
    await carol.page.getByRole("button", { name: "Decline" }).click();
    await alice.page.getByRole("button", { name: "Answer with video" }).click();
    for (const each of [alice, bob]) await pictures(each, 2);
    await laptop.page.locator(".ringing").waitFor({ state: "detached" }); // answered by this user's other device
    await alice.page.getByRole("button", { name: "Keys" }).click();
    await bob.page.getByRole("button", { name: "Keys" }).click();
    await alice.page.getByText(/\d+ frames opened/).waitFor();
    await looks(alice, "call");
    await agree([alice, bob], ".keys .code");
    await carol.page.getByRole("button", { name: "Join" }).last().click();
    for (const each of [alice, bob, carol]) await pictures(each, 3);
    for (const each of [alice, carol, bob]) await each.page.getByRole("button", { name: "Hang up" }).click();
    for (const each of [alice, carol, bob]) await each.page.locator(".call-panel").waitFor({ state: "detached" });
    for (const each of [alice, carol, bob, laptop]) await each.page.locator(".call.ended").first().waitFor();
  });
  await step("safety numbers are the same on both sides", async () => {
    await alice.goes("trust/mimi%3A%2F%2Fdemo.localhost%2Fu%2Fbob");
    await bob.goes("trust/mimi%3A%2F%2Fdemo.localhost%2Fu%2Falice");
    for (const each of [alice, bob]) await each.page.locator(".digits li").first().waitFor();
    await agree([alice, bob], ".digits");
    await looks(alice, "trust");
  });
  await lost({ person, demo, step, looks });
  await step("a passkey locks the messenger, and the account outlives it", async () => {
    const erin = await person("erin");
    await passkey(erin, looks);
    await erin.context.close();
  });
  await evening({ person, alice, bob, carol, laptop, demo, step, says, looks });
}

/** On a phone, what asks stands above the list of chats, and covers nothing of it. @param {Person} who */
async function nothingCovers(who) {
  const before = await who.page.evaluate(() => location.hash);
  await who.goes("rooms");
  await who.page.setViewportSize({ width: 390, height: 780 });
  const card = await who.page.locator(".invited").boundingBox();
  const head = await who.page.locator(".list-pane .pane-head").boundingBox();
  must(card !== null && head !== null && head.y >= card.y + card.height, "a device that asks covers the list of chats");
  await who.page.setViewportSize({ width: 1280, height: 800 });
  await who.page.evaluate((to) => {
    location.hash = to;
  }, before);
}

/** Until all show the same. @param {readonly Person[]} people @param {string} selector */
async function agree(people, selector) {
  for (let tries = 0; tries < 60; tries++) {
    const shown = await Promise.all(people.map(({ page }) => page.locator(selector).textContent()));
    if (shown[0] !== "" && shown.every((each) => each === shown[0])) return;
    await people[0]?.page.waitForTimeout(250);
  }
  throw new Error(`they do not agree on ${selector}`);
}
