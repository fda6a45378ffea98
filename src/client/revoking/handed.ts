/**
 * A new account key that another device of the user has handed on. It proves itself by the root's signature, so that it does not matter who says
 * it; it is kept until the list that it has signed is known, and then this device has it.
 */

import { attemptLong } from "../../bytes/attempt.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { AccountError } from "../../accounts/errors.ts";
import { readAccountKey, type AccountKey } from "../../accounts/keys.ts";
import { utf8 } from "../../bytes/text.ts";
import { opaque } from "../../codec/codec.ts";
import type { StoreChange } from "../../storage/store.ts";
import { entryKind, type EntryKind } from "../store/entry.ts";
import { handedKey } from "../store/keys.ts";
import type { Surroundings } from "../surroundings.ts";

const handedEntry: EntryKind<Uint8Array> = entryKind(opaque);

/** The longest account key, in bytes: with keys and a signature of the largest suites that there are. */
const longestKey = 16 * 1024;

/** What comes of a key that somebody says: nothing where it is none, another account's, or no later than what this device has. */
export async function handed(around: Surroundings, written: Uint8Array): Promise<readonly StoreChange[]> {
  if (written.length > longestKey) return [];
  const key = await keyOf(written);
  if (key === undefined) return [];
  const { certificate } = key;
  key.privateKey.wipe();
  const view = await around.book?.viewOf(around.user);
  const before = await handedTo(around);
  before?.privateKey.wipe();
  if (view === undefined || !bytesEqual(certificate.user, utf8(around.user))) return [];
  if (certificate.cipherSuite !== view.cipherSuite || !bytesEqual(certificate.rootKey, view.rootKey)) return [];
  if (certificate.number <= (before?.certificate.number ?? 1)) return [];
  return [{ put: handedKey, value: handedEntry.write(written) }];
}

/** The key that was handed to this device, which it does not have yet. */
export async function handedTo({ store }: Surroundings): Promise<AccountKey | undefined> {
  const stored = await store.get(handedKey);
  return stored && keyOf(handedEntry.read(stored));
}

async function keyOf(written: Uint8Array): Promise<AccountKey | undefined> {
  return attemptLong(AccountError, () => readAccountKey(written));
}
