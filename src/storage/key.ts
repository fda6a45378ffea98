/**
 * Keys of a store, and how they are written as one string, under which a database keeps them in order.
 *
 *     ["timeline", "room 7", 12n]     timeline/room 7/#000000000000000c/
 *
 * Each part ends with a slash, so that whatever begins with the same parts stands side by side. A number has sixteen digits, so
 * that numbers stand in their own order.
 */

import { checkUint64 } from "../bytes/numbers.ts";
import { StoreError } from "./errors.ts";

/**
 * A key: texts, and behind them a number where what stands under them is in order. A wrapper may hide the texts; the number
 * stays as it is.
 */
export type StoreKey = readonly [string, ...string[]] | readonly [string, ...string[], bigint];

/** What a key begins with: none for all keys. */
export type StorePrefix = readonly string[];

/** What would read as something else, or not be kept by every database. */
const special = /[%/#\u0000-\u001f]/g;
const lone = /\p{Surrogate}/u;
/** Most texts have neither these nor half a character. */
const unusual = /[%/#\u0000-\u001f\ud800-\udfff]/;

/** A key as a string. @throws TypeError for what is no key. */
export function writeKey(key: StoreKey): string {
  if (!Array.isArray(key) || key.length === 0)
    throw new TypeError("a key is an array of strings, and a bigint behind them");
  const end: unknown = key.at(-1);
  if (typeof end !== "bigint") return writePrefix(key as StorePrefix);
  if (key.length === 1) throw new TypeError("a key begins with a string");
  return writePrefix(key.slice(0, -1) as StorePrefix) + writeNumber(end);
}

/** A prefix as a string: "" for none. @throws TypeError for what is none. */
export function writePrefix(prefix: StorePrefix): string {
  return Array.from(prefix, (part) => `${writeText(part)}/`).join(""); // a hole is no string
}

/** The last part of a key. @throws TypeError for what is no unsigned integer of 64 bits. */
export function writeNumber(number: bigint): string {
  checkUint64("the number of a key", number);
  return `#${number.toString(16).padStart(16, "0")}/`;
}

/** The key that a string is. @throws StoreError "store-damaged" where nobody has written it. */
export function readKey(written: string): StoreKey {
  if (!/^(?:[^/#]*\/)+(?:#[0-9a-f]{16}\/)?$/.test(written)) throw new StoreError("store-damaged");
  const parts = written.split("/").slice(0, -1);
  const end = parts.at(-1);
  if (end?.startsWith("#") !== true) return parts.map(readText) as unknown as StoreKey;
  return [...parts.slice(0, -1).map(readText), BigInt(`0x${end.slice(1)}`)] as unknown as StoreKey;
}

/** Whatever begins with a prefix is below this, and nothing else that does not come before it; undefined where all is. */
export function endOf(prefix: string): string | undefined {
  return prefix === "" ? undefined : `${prefix.slice(0, -1)}0`; // "0" comes behind "/"
}

function writeText(part: unknown): string {
  if (typeof part !== "string") throw new TypeError("a part of a key is a string; a bigint may stand at its end");
  if (!unusual.test(part)) return part;
  if (lone.test(part)) throw new TypeError("a key is well-formed text");
  return part.replaceAll(special, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

function readText(part: string): string {
  return part.replaceAll(/%(..)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
