/**
 * A call of three pages over the SFU: each holds one member of the group, and the group's messages are carried between
 * them here.
 */

import { startSfu } from "./host.js";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {typeof import("../page/sfu.ts")} Actions */
/** @typedef {import("./host.js").Sfu} Sfu */

/** Those who are in a call, in the order in which they came. */
export const names = /** @type {const} */ (["alice", "bob", "carol"]);

/** @typedef {(typeof names)[number]} Name */

/**
 * Have a page do something.
 *
 * @template {keyof Actions} A
 * @param {Page} page
 * @param {A} action
 * @param {Parameters<Actions[A]>[0]} [input]
 * @returns {Promise<Awaited<ReturnType<Actions[A]>>>}
 */
export function act(page, action, input) {
  const done = page.evaluate(([called, given]) => {
    const { copseSfu } = /** @type {{ copseSfu: Record<string, (input: unknown) => unknown> }} */ (
      /** @type {unknown} */ (globalThis)
    );
    return copseSfu[called]?.(given);
  }, /** @type {const} */ ([action, input]));
  return /** @type {Promise<Awaited<ReturnType<Actions[A]>>>} */ (done);
}

/**
 * @typedef {object} Call
 * @property {Sfu} sfu
 * @property {Record<Name, Page>} pages
 * @property {() => Promise<Page>} newcomer a page of somebody who is not in the group
 */

/**
 * Bring three pages into one group, and do something with them and an SFU.
 *
 * @param {Page} first a page that stands where the others are opened
 * @param {(call: Call) => Promise<string>} play
 * @returns {Promise<string>} what `play` gives
 */
export async function inCall(first, play) {
  const browser = first.context().browser();
  if (browser === null) throw new Error("the page has no browser");
  const sfu = await startSfu();
  /** @type {Page[]} */
  const opened = [];
  const newcomer = async () => {
    const page = await browser.newPage();
    opened.push(page);
    await page.goto(first.url());
    return page;
  };
  try {
    const [bob, carol] = await Promise.all([newcomer(), newcomer()]);
    const pages = { alice: first, bob, carol };
    await gather(pages);
    const seen = await play({ sfu, pages, newcomer });
    for (const name of names) await checkAccount(pages[name], name);
    return seen;
  } finally {
    await Promise.all([...opened.map((page) => page.close()), sfu.end()]);
  }
}

/** Whatever was seen went through the engine, and layers that the SFU left out were missed by nobody. @param {Page} page @param {Name} name */
async function checkAccount(page, name) {
  const { pictures, passed, drops } = await act(page, "account");
  if (pictures > passed)
    throw new Error(`${name} saw ${String(pictures)} pictures, and only ${String(passed)} frames were opened`);
  if (drops.length > 0) throw new Error(`${name} dropped frames: ${drops.join(", ")}`);
}

/** The first makes a group, adds the others one by one, and those who are in hear of it. @param {Record<Name, Page>} pages */
async function gather(pages) {
  const keyPackages = new Map();
  for (const name of names) keyPackages.set(name, await act(pages[name], "introduce", { name }));
  await act(pages.alice, "found");
  /** @type {Page[]} */
  const others = [];
  for (const name of names.slice(1)) {
    const { commit, welcome } = await act(pages.alice, "invite", { keyPackage: keyPackages.get(name) });
    await act(pages[name], "enter", { welcome });
    for (const other of others) await act(other, "hear", { commit });
    others.push(pages[name]);
  }
}

/** Everybody else. @param {Name} name */
export const othersOf = (name) => names.filter((other) => other !== name);
