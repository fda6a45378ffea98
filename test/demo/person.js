/**
 * A person before a browser: what they do, by the names that a screen reader says.
 */

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").BrowserContext} BrowserContext */

/** How long a step may take on a busy machine, in milliseconds. */
const patience = 25_000;

/** Everything that a page complained of. @type {string[]} */
export const complaints = [];

/** What a page may say: a server that was ended on purpose can't be reached. */
const expected = [
  /ERR_CONNECTION_REFUSED/,
  /ERR_INTERNET_DISCONNECTED/,
  /ERR_CONNECTION_RESET/,
  /ERR_SOCKET_NOT_CONNECTED/,
  /ERR_EMPTY_RESPONSE/,
  /WebSocket connection to .* failed/,
  // A secret that is not the service’s.
  /401 \(Unauthorized\) \S+\/operator\/reports$/,
];

/** Somebody with a browser. */
export class Person {
  /** @param {string} name @param {BrowserContext} context @param {string} address */
  constructor(name, context, address) {
    this.name = name;
    this.context = context;
    this.address = address;
    /** @type {Page | undefined} */
    this.opened = undefined;
  }

  /** @returns {Page} */
  get page() {
    if (this.opened === undefined) throw new Error(`${this.name} has opened nothing`);
    return this.opened;
  }

  /** A tab, at an address of the page. @param {string} [hash] */
  async open(hash = "") {
    const page = await this.context.newPage();
    this.opened = page;
    page.setDefaultTimeout(patience);
    page.on("pageerror", (error) => complaints.push(`${this.name}: ${error.stack ?? error.message}`));
    page.on("console", (message) => {
      const text = `${message.text()} ${message.location().url}`;
      if (message.type() !== "error" || expected.some((each) => each.test(text))) return;
      complaints.push(`${this.name}: ${text}`);
    });
    await page.goto(`${this.address}${hash}`);
    return page;
  }

  /** An account, from the first view on. */
  async signUp() {
    const { page } = this;
    await page.getByLabel("Your name").fill(this.name);
    await page.getByRole("button", { name: "Begin" }).click();
    await page.getByRole("heading", { name: "Write this down" }).waitFor();
    await page.getByLabel("I have written it down").check();
    await page.getByRole("button", { name: "Go on" }).click();
    await this.sees("Your chats");
  }

  /** @param {string} text */
  async sees(text) {
    await this.page.getByText(text).first().waitFor();
  }

  /** @param {string} hash what stands behind the name in the address */
  async goes(hash) {
    await this.page.evaluate((to) => {
      location.hash = to;
    }, `#/${this.name}/${hash}`);
  }

  /** Ask somebody to be written to. @param {Person} other */
  async asks(other) {
    await this.goes("contacts");
    await this.page.getByLabel("Name of a person").fill(other.name);
    await this.page.getByRole("button", { name: "Ask", exact: true }).click();
    await this.sees(`You have asked ${other.name}`);
  }

  /** Agree to be written to. @param {Person} other */
  async agrees(other) {
    await this.goes("contacts");
    await this.page.getByRole("button", { name: `Agree: ${other.name} may write to you` }).click();
    await this.page.getByRole("textbox", { name: "Message" }).waitFor();
  }

  /** A room. @param {string} name @param {readonly Person[]} others @param {string} [policy] */
  async makesRoom(name, others, policy) {
    await this.goes("new");
    await this.page.getByLabel("Name", { exact: true }).fill(name);
    if (policy !== undefined) await this.page.getByLabel(policy).check();
    for (const other of others) await this.page.getByRole("checkbox", { name: other.name }).check();
    await this.page.getByRole("button", { name: "Make the room" }).click();
    await this.page.getByRole("heading", { name }).waitFor();
  }

  /** Open a chat of the list. @param {string} title */
  async opensChat(title) {
    await this.goes("rooms");
    await this.page.locator(".room-row", { hasText: title }).first().click();
    await this.page.locator(".room-head h1", { hasText: title }).waitFor();
  }

  /** Write and send. @param {string} text */
  async says(text) {
    await this.page.getByRole("textbox", { name: "Message" }).fill(text);
    await this.page.keyboard.press("Enter");
    await this.hears(text);
  }

  /** Read in the chat that is open. @param {string} text */
  async hears(text) {
    await this.page.locator(".bubble", { hasText: text }).first().waitFor();
  }

  /** Do something with a message. @param {string} text @param {string} what */
  async does(text, what) {
    const message = this.page.locator(".message", { hasText: text }).first();
    await message.getByRole("button", { name: "What to do with this message" }).click();
    await message.getByRole("menuitem", { name: what }).click();
  }

  /** How often a text is among the messages of the chat that is open. @param {string} text */
  count(text) {
    return this.page.locator(".bubble .text", { hasText: text }).count();
  }
}

/** @param {boolean} holds @param {string} problem */
export function must(holds, problem) {
  if (!holds) throw new Error(problem);
}
