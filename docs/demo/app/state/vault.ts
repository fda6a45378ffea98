/**
 * The key of a person's store. `encrypted` of copse/storage takes 32 bytes; they lie in IndexedDB under a WebCrypto key that can't be exported: whoever
 * copies the files of the browser has neither, and a script that gets into the page can use the key, but not carry it away. Where the person asks for
 * it they lie under the secret of a passkey as well (lock/passkey.ts): then whoever has the whole unlocked computer opens nothing without that.
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
  /** What is wrapped is wrapped by the secret of this passkey, too. */
  readonly passkey?: Passkey;
}

/** A passkey, and what it is asked with. Nothing of it is secret. */
export interface Passkey {
  readonly id: Uint8Array<ArrayBuffer>;
  readonly salt: Uint8Array<ArrayBuffer>;
}

/** What a passkey does to the key of a store: it wraps, or opens what it has wrapped. */
export interface Lock {
  readonly passkey: Passkey;
  readonly key: CryptoKey;
}

const databaseOf = (person: string): string => `copse messenger ${person}`;

/** The stores that this tab has opened, by whose they are. */
const opened = new Map<string, Store>();

/** How long another tab has to let go of a store, in milliseconds. */
const patience = 3_000;

/**
 * A person's store. `letGo` asks another tab to let go of it, which loses it where it does not.
 *
 * @throws StoreError "store-locked" where another tab has it; PasskeyError
 */
export async function openStore(person: string, letGo?: () => void): Promise<Store> {
  const key = await keyOf(person); // first: where a passkey does not open it, no store is taken from another tab
  try {
    letGo?.();
    const store = letGo === undefined ? await indexedDbStore(databaseOf(person)) : await takenStore(databaseOf(person));
    const sealed = await encrypted(store, key);
    opened.set(person, sealed);
    return sealed;
  } finally {
    key.fill(0);
  }
}

/** The store that this tab has opened last for a person: what the page itself keeps lies in it, too. */
export function openedStore(person: string): Store | undefined {
  return opened.get(person);
}

/** The passkey without which a person's store does not open; undefined where it takes none. */
export async function passkeyOf(person: string): Promise<Passkey | undefined> {
  const keys = await openKeys();
  const known = await keys.get("keys", person);
  keys.close();
  return known?.passkey;
}

/** From now on the store opens with the passkey of this lock, or without one. It asks for the passkey of before. */
export async function lockStore(person: string, lock: Lock | undefined): Promise<void> {
  const key = await keyOf(person);
  const keys = await openKeys();
  try {
    await keys.put("keys", await wrappedKey(key, lock), person);
  } finally {
    key.fill(0);
    keys.close();
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
    if (known !== undefined) return await unwrapped(known);
    const key = crypto.getRandomValues(new Uint8Array(32));
    await keys.put("keys", await wrappedKey(key, undefined), person);
    return key;
  } finally {
    keys.close();
  }
}

async function wrappedKey(key: Uint8Array<ArrayBuffer>, lock: Lock | undefined): Promise<WrappedKey> {
  const inner = lock === undefined ? key : await sealed(lock.key, key);
  const wrapping = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const wrapped = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, wrapping, inner));
  return { wrapping, nonce, wrapped, ...(lock !== undefined && { passkey: lock.passkey }) };
}

async function unwrapped({ wrapping, nonce: iv, wrapped, passkey }: WrappedKey): Promise<Uint8Array<ArrayBuffer>> {
  const inner = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, wrapping, wrapped));
  if (passkey === undefined) return inner;
  const { openedBy } = await import("../lock/passkey.ts");
  return openedBy(passkey, inner);
}

/** With its nonce before it. */
async function sealed(by: CryptoKey, key: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bytes = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, by, key));
  return new Uint8Array([...iv, ...bytes]);
}

function openKeys(): ReturnType<typeof openDB<Keys>> {
  return openDB<Keys>("copse messenger keys", 1, {
    upgrade(fresh) {
      fresh.createObjectStore("keys");
    },
  });
}
