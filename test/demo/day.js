/**
 * A day with three people: each step is what a person does, and what the others see of it.
 */

import { must, Person } from "./person.js";

/**
 * @typedef {object} World
 * @property {import("playwright-core").Browser} browser
 * @property {import("./server.js").Demo} demo
 * @property {string | undefined} screenshots
 */

/** @param {string} what @param {() => Promise<unknown>} work */
async function step(what, work) {
  const began = performance.now();
  await work();
  console.log(`ok ${what} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
}

/** @param {World} world */
export async function day({ browser, demo }) {
  /** @param {string} name */
  const person = async (name) =>
    new Person(
      name,
      await browser.newContext({
        viewport: { width: 1280, height: 800 },
        permissions: ["camera", "microphone", "clipboard-read", "clipboard-write"],
      }),
      demo.address,
    );
  const alice = await person("alice");
  const bob = await person("bob");
  const carol = await person("carol");

  await step("three people have accounts", async () => {
    for (const each of [alice, bob, carol]) {
      await each.open();
      await each.signUp();
    }
  });
  await step("who is asked decides, and then both can write", async () => {
    await alice.asks(bob);
    await bob.agrees(alice);
    await bob.says("Hello Alice, it is me.");
    await alice.opensChat("bob");
    await alice.hears("Hello Alice, it is me.");
    await alice.says("Good to read you.");
    await bob.hears("Good to read you.");
  });
  await step("a reload keeps the person and what was said", async () => {
    await alice.page.reload();
    await alice.hears("Good to read you.");
    must((await alice.count("Good to read you.")) === 1, "it is there twice");
  });
  await step("a room for three", async () => {
    await alice.asks(carol);
    await carol.agrees(alice);
    await alice.makesRoom("Hiking", [bob, carol]);
    await alice.says("Shall we go on Sunday?");
    for (const each of [bob, carol]) {
      await each.opensChat("Hiking");
      await each.hears("Shall we go on Sunday?");
    }
  });
}
