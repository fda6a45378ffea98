/**
 * The key of a person's store. `encrypted` of copse/storage takes 32 bytes; they lie in IndexedDB under a WebCrypto key that can't be exported: whoever
 * copies the files of the browser has neither, and a script that gets into the page can use the key, but not carry it away.
 */

import { encrypted, type Store } from "copse/storage";
import { indexedDbStore } from "copse/storage/indexeddb";
import { deleteDB, openDB, type DBSchema } from "idb";

interface Keys extends DBSchema {
  keys: { key: string; value: WrappedKey };
}

interface WrappedKey {
  readonly wrapping: CryptoKey;
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly wrapped: Uint8Array<ArrayBuffer>;
}

const databaseOf = (person: string): string => `copse messenger ${person}`;

/** How long another tab has to let go of a store, in milliseconds. */
const patience = 3_000;

/**
 * A person's store. `take`: another tab was asked to let go of it, and loses it where it does not.
 *
 * @throws StoreError "store-locked" where another tab has it
 */
export async function openStore(person: string, take: boolean): Promise<Store> {
  const store = take ? await takenStore(databaseOf(person)) : await indexedDbStore(databaseOf(person));
  const key = await keyOf(person);
  try {
    return await encrypted(store, key);
  } finally {
    key.fill(0);
  }
}

/** A person's store and its key are gone. */
export async function deleteStore(person: string): Promise<void> {
  const keys = await openKeys();
  await keys.delete("keys", person); // first: without it the rest can't be read
  keys.close();
  await deleteDB(databaseOf(person));
}

async function takenStore(name: string): Promise<Store> {
  const signal = AbortSignal.timeout(patience);
  try {
    return await indexedDbStore(name, { second: "wait", signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    return indexedDbStore(name, { second: "take" }); // that tab hangs
  }
}

async function keyOf(person: string): Promise<Uint8Array<ArrayBuffer>> {
  const keys = await openKeys();
  try {
    const known = await keys.get("keys", person);
    if (known !== undefined) {
      const { wrapping, nonce: iv, wrapped } = known;
      return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, wrapping, wrapped));
    }
    const key = crypto.getRandomValues(new Uint8Array(32));
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    const wrapping = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const wrapped = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, wrapping, key));
    await keys.put("keys", { wrapping, nonce, wrapped }, person);
    return key;
  } finally {
    keys.close();
  }
}

function openKeys(): ReturnType<typeof openDB<Keys>> {
  return openDB<Keys>("copse messenger keys", 1, {
    upgrade(fresh) {
      fresh.createObjectStore("keys");
    },
  });
}
