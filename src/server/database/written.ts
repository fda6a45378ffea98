/**
 * Ids of writes as they are stored: by one key for the device and its id, so that who wrote what does not stand in the tables longer
 * than it has to.
 */

import { hash } from "#symmetric";
import { bytesEqual } from "../../bytes/compare.ts";
import { fromHex, utf8 } from "../../bytes/text.ts";
import type { Once } from "../../delivery/port.ts";
import type { Row } from "./database.ts";
import { isDuplicate } from "./errors.ts";
import { bytes } from "./rows.ts";

/** Half of the SHA-256: an id is its device's own and random, so that nobody can make another write have its key. */
const keyBytes = 16;

/** The key of a write. */
export function writeKey({ device, id }: Once): Uint8Array {
  return hash("sha256", utf8(`${id} ${device}`)).subarray(0, keyBytes);
}

export function digestOf({ digest }: Once): Uint8Array {
  return fromHex(digest);
}

/** Whether a row was written by the same write. */
export function isSame(row: Row, { digest }: Once): boolean {
  return bytesEqual(bytes(row, "digest"), fromHex(digest));
}

/** Again where another write of the same key came first: it is found then. */
export async function unlessWritten<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    return write();
  }
}
