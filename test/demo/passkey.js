/**
 * Somebody locks the messenger with a passkey, by Chromium's virtual authenticator: nothing opens without it, and the account outlives it.
 */

import { must } from "./person.js";

/** @param {import("./person.js").Person} who with a browser of their own @param {(who: import("./person.js").Person, view: string) => Promise<void>} looks */
export async function passkey(who, looks) {
  const page = await who.open();
  const devtools = await who.context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  /** @param {boolean} hasPrf */
  const authenticator = async (hasPrf) => {
    const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        ctap2Version: "ctap2_1",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
        hasPrf,
      },
    });
    return authenticatorId;
  };
  const old = await authenticator(false);
  await page.getByLabel("Your name").fill(who.name);
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByText("Lock it with a passkey as well").click();
  await page.getByRole("button", { name: "Lock it with a passkey", exact: true }).click();
  await who.sees("This passkey can’t keep a secret for a page.");
  must((await storedKey(who)).bytes === 48, "the store is locked by a passkey that has no secret");
  await devtools.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: old });
  const authenticatorId = await authenticator(true);
  await page.getByRole("button", { name: "Lock it with a passkey", exact: true }).click();
  await who.sees("Locked: this browser asks for your passkey");
  await looks(who, "code-and-passkey");
  await page.getByLabel("I have written it down").check();
  await page.getByRole("button", { name: "Go on" }).click();
  const { bytes, opened } = await storedKey(who);
  must(bytes === 48 + 28 && opened === 32 + 28, "the key of the store opens without the passkey");

  await page.reload();
  await who.sees(`${who.name} is locked`);
  await looks(who, "locked");
  await page.getByRole("button", { name: "Unlock" }).click();
  await who.sees("Your chats");

  await who.goes("settings");
  await page.getByRole("button", { name: "Open without a passkey" }).click();
  await page.getByRole("button", { name: "Lock it with a passkey", exact: true }).waitFor();
  must((await storedKey(who)).opened === 32, "the key of the store is locked still");
  await page.reload();
  await who.sees("What others are told");
  await page.getByRole("button", { name: "Lock it with a passkey", exact: true }).click();
  await who.sees("Locked: this browser asks for your passkey");

  await devtools.send("WebAuthn.clearCredentials", { authenticatorId });
  await page.reload();
  await page.getByRole("button", { name: "Unlock" }).click();
  await who.sees("The passkey was not used.");
  await page.getByText("The passkey is gone").click();
  await looks(who, "passkey-gone");
  await page.getByRole("button", { name: "Take it away" }).click();
  await page.getByRole("button", { name: "I lost my devices" }).waitFor();
}

/** How long the wrapped key of the store is, and what of it opens by the browser's own key alone. @param {import("./person.js").Person} who */
function storedKey({ page, name }) {
  return page.evaluate(async (person) => {
    /** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
    const done = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error("a request failed"));
      });
    const database = await done(indexedDB.open("copse messenger keys"));
    /** @type {{ wrapping: CryptoKey, nonce: Uint8Array<ArrayBuffer>, wrapped: Uint8Array<ArrayBuffer> }} */
    const { wrapping, nonce: iv, wrapped } = await done(database.transaction("keys").objectStore("keys").get(person));
    database.close();
    const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, wrapping, wrapped);
    return { bytes: wrapped.length, opened: opened.byteLength };
  }, name);
}
