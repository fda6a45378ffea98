/**
 * A store that encrypts another one: whoever reads the disk learns how many entries there are, how long they are, the numbers at
 * the ends of keys, and which keys begin with the same texts; no text of a key and nothing of a value.
 *
 * Each text of a key becomes 128 bits of HMAC-SHA-256 over it and what stands before it, so that ranges still work. A value is
 * sealed with its key by XChaCha20-Poly1305 under a random nonce, and bound to where it stands. Whoever can write to the disk can put
 * an old value, or an old disk, in the place of the new one: a client finds that out by what its delivery service knows.
 */

import { hmac } from "#symmetric";
import { concat } from "../bytes/concat.ts";
import { isObject } from "../bytes/takes.ts";
import { hex, utf8, utf8Decode } from "../bytes/text.ts";
import { decode, encode, opaque, struct, type Codec } from "../codec/codec.ts";
import type { Random } from "../crypto/provider.ts";
import { platformRandom, randomBytes } from "../crypto/random.ts";
import { xchacha20Poly1305Open, xchacha20Poly1305Seal } from "../crypto/symmetric-xchacha.ts";
import { StoreError } from "./errors.ts";
import { readKey, writeKey, type StoreKey, type StorePrefix } from "./key.ts";
import type { Store, StoreChange, StoreRange } from "./store.ts";

/** Options of `encrypted`. */
export interface EncryptedOptions {
  readonly random?: Random;
}

/** What is sealed. */
interface Sealed {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}
const Sealed: Codec<Sealed> = struct<Sealed>({ key: opaque, value: opaque });

/** By this entry a key is known to be the right one. */
const marker: StoreKey = ["copse encrypted store", "1"];
const keyLength = 32;
const nonceLength = 24;
const nameLength = 16;
/** Two stores under one key have nothing in common. */
const saltLength = 16;
/** How many prefixes are remembered with what they become. */
const remembered = 10_000;

/**
 * The store under a key of 32 bytes, which the caller keeps elsewhere: in the platform's key store, or under a passphrase. It takes
 * the other store over, and closes it, also where it refuses it.
 *
 * @throws StoreError "store-key" where the store was encrypted under another key, "store-damaged" where it holds something and
 * was never encrypted.
 */
export async function encrypted(
  store: Store,
  key: Uint8Array,
  { random = platformRandom }: EncryptedOptions = {},
): Promise<Store> {
  try {
    if (!(key instanceof Uint8Array) || key.length !== keyLength)
      throw new TypeError("key is a Uint8Array of 32 bytes");
    return await encryptedUnder(store, key, random);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function encryptedUnder(store: Store, key: Uint8Array, random: Random): Promise<Store> {
  const known = await store.get(marker);
  const salt = known?.slice(0, saltLength) ?? randomBytes(random, saltLength);
  const nameKey = hmac("sha256", key, concat(utf8("copse store names"), salt));
  const valueKey = hmac("sha256", key, concat(utf8("copse store values"), salt));
  const hide = hidingWith(nameKey);
  let reading = 0;
  let closed = false;

  const hidden = (key: StoreKey): StoreKey => {
    writeKey(key); // or a TypeError
    const end = key.at(-1);
    return typeof end === "bigint"
      ? ([...hide(key.slice(0, -1) as StorePrefix), end] as unknown as StoreKey)
      : (hide(key as StorePrefix) as unknown as StoreKey);
  };
  const seal = (key: StoreKey, at: StoreKey, value: Uint8Array): Uint8Array => {
    const nonce = randomBytes(random, nonceLength);
    const content = encode(Sealed, { key: utf8(writeKey(key)), value });
    const sealed = concat(nonce, xchacha20Poly1305Seal(valueKey, nonce, utf8(writeKey(at)), content));
    content.fill(0);
    return sealed;
  };
  const open = (at: StoreKey, sealed: Uint8Array): { readonly key: StoreKey; readonly value: Uint8Array } => {
    const nonce = sealed.subarray(0, nonceLength);
    try {
      const content = xchacha20Poly1305Open(valueKey, nonce, utf8(writeKey(at)), sealed.subarray(nonceLength));
      const { key, value } = decode(Sealed, content);
      return { key: readKey(utf8Decode(key) ?? ""), value };
    } catch (cause) {
      throw new StoreError("store-damaged", { cause });
    }
  };
  /** The keys go when the store is closed and nothing that was asked for before is still being read. */
  const wipe = (): void => {
    if (!closed || reading > 0) return;
    nameKey.fill(0);
    valueKey.fill(0);
  };
  const whileOpen = async <T>(read: () => Promise<T>): Promise<T> => {
    if (closed) throw new StoreError("store-closed");
    reading++;
    try {
      return await read();
    } finally {
      reading--;
      wipe();
    }
  };
  const checkOpen = (): void => {
    if (closed) throw new StoreError("store-closed");
  };
  await checkMarker(store, known, salt, seal, open);

  return {
    get: (key) =>
      whileOpen(async () => {
        const at = hidden(key);
        const sealed = await store.get(at);
        return sealed && open(at, sealed).value;
      }),
    getMany: (keys) =>
      whileOpen(async () => {
        const places = keys.map(hidden);
        const found = await store.getMany(places);
        return found.map((sealed, i) => sealed && open(places[i]!, sealed).value);
      }),
    async *range(range) {
      const { prefix, limit = Infinity, ...rest } = range;
      const check = checking(range);
      checkOpen();
      writeKey(["", ...prefix]);
      let left = limit;
      const asked = { prefix: hide(prefix), ...rest, limit: prefix.length === 0 ? limit + 1 : limit }; // beside the marker
      for await (const { key: at, value: sealed } of store.range(asked)) {
        checkOpen();
        if (writeKey(at) === writeKey(marker)) continue;
        if (left-- <= 0) return;
        const entry = open(at, sealed);
        check(entry.key);
        yield entry;
      }
    },
    async batch(changes, options) {
      checkOpen();
      await store.batch(
        changes.map((change): StoreChange => {
          if (!isObject(change) || "put" in change === "delete" in change) {
            throw new TypeError("a change is { put, value } or { delete }");
          }
          if (!("put" in change)) return { delete: hidden(change.delete) };
          const at = hidden(change.put);
          if (!(change.value instanceof Uint8Array)) throw new TypeError("a value is a Uint8Array");
          return { put: at, value: seal(change.put, at, change.value) };
        }),
        options,
      );
    },
    flush: () => store.flush(),
    async close() {
      closed = true;
      try {
        await store.close();
      } finally {
        wipe();
      }
    },
  };
}

type Seal = (key: StoreKey, at: StoreKey, value: Uint8Array) => Uint8Array;
type Open = (at: StoreKey, sealed: Uint8Array) => unknown;

/** A wrong key would find nothing under any name, and look like a store that is new. */
async function checkMarker(
  store: Store,
  known: Uint8Array | undefined,
  salt: Uint8Array,
  seal: Seal,
  open: Open,
): Promise<void> {
  if (known !== undefined) {
    try {
      open(marker, known.subarray(saltLength));
    } catch (cause) {
      throw new StoreError("store-key", { cause });
    }
    return;
  }
  const first = await store.range({ prefix: [], limit: 1 })[Symbol.asyncIterator]().next();
  if (first.done !== true) {
    throw new StoreError("store-damaged", { detail: "it holds entries that were never encrypted" });
  }
  const value = concat(salt, seal(marker, marker, new Uint8Array(0)));
  await store.batch([{ put: marker, value }], { flush: true });
}

/**
 * Looks at the keys that come of a range, one after the other: whether each is one of it, and its number comes behind the last one. What was
 * sealed under another key says so itself, and must not be read as what was asked for.
 */
function checking({ prefix, from, below, reverse = false }: StoreRange): (key: StoreKey) => void {
  const isNumbered = from !== undefined || below !== undefined;
  let last: StoreKey | undefined;
  return (key) => {
    const [number, before] = [key.at(-1), last?.at(-1)];
    const isAsked =
      prefix.every((part, i) => key[i] === part) &&
      (!isNumbered ||
        (key.length === prefix.length + 1 &&
          typeof number === "bigint" &&
          number >= (from ?? 0n) &&
          (below === undefined || number < below)));
    const isBeside = last?.length === key.length && key.slice(0, -1).every((part, i) => part === last?.[i]);
    const isNumber = typeof number === "bigint" && typeof before === "bigint"; // texts may stand among them
    const isBehind = reverse ? number! < before! : number! > before!;
    if (!isAsked || (isBeside && isNumber && !isBehind)) {
      throw new StoreError("store-damaged", { detail: "it gives what was not asked for" });
    }
    last = key;
  };
}

/** What the texts of a key become: each depends on those before it, so that the same word elsewhere looks different. */
function hidingWith(nameKey: Uint8Array): (prefix: StorePrefix) => readonly string[] {
  const known = new Map<string, string>();
  return (prefix) => {
    const hidden: string[] = [];
    let before = "";
    for (const part of prefix) {
      const input = `${before}/${part}`; // `before` is hex of one length, or empty
      let name = known.get(input);
      if (name === undefined) {
        name = hex(hmac("sha256", nameKey, utf8(input)).subarray(0, nameLength));
        if (known.size >= remembered) known.clear();
        known.set(input, name);
      }
      hidden.push(name);
      before = name;
    }
    return hidden;
  };
}
