/**
 * Group contexts in records. A long extension, as a room's list of participants is, has a record of its own under its hash: the
 * contexts of the epochs that are kept name it, and a commit that does not change it does not write it again.
 */

import { hex } from "../../bytes/text.ts";
import { nothing } from "../../bytes/nothing.ts";
import { decode, encode } from "../../codec/codec.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import { extensionName } from "../../public-group/records/names.ts";
import { bytesRecord, storedReading } from "../../public-group/records/record.ts";
import type { WriteSet } from "../../public-group/records/write-set.ts";
import { GroupContext } from "../../wire/group-context.ts";
import type { Held } from "../held/held.ts";
import type { StoredContext } from "./values.ts";

/** Extensions of more bytes have records of their own: about what a record costs beside its value. */
const longest = 256;

/** Hashes by an extension's bytes, which one epoch hands to the next. */
const hashes = new WeakMap<Uint8Array, string>();

function hashOf(suite: CipherSuite, data: Uint8Array): string {
  let hash = hashes.get(data);
  if (hash === undefined) {
    hash = hex(suite.hash(data));
    hashes.set(data, hash);
  }
  return hash;
}

/** A context as an epoch's record holds it: without its long extensions, whose hashes it has instead. */
export function storeContext(suite: CipherSuite, context: GroupContext): StoredContext {
  const apart: Record<string, string> = {};
  const extensions = context.extensions.map((extension) => {
    const { type, data } = extension;
    if (data.length <= longest) return extension;
    apart[String(type)] = hashOf(suite, data);
    return { type, data: nothing };
  });
  return { context: encode(GroupContext, { ...context, extensions }), apart };
}

/** "extension": what the contexts of the epochs that are kept name, and those before did not. */
export function writeExtensions(set: WriteSet, before: Held | undefined, after: Held): void {
  const [old, now] = [longOf(before), longOf(after)];
  for (const hash of old.keys()) if (!now.has(hash)) set.delete(extensionName(hash));
  for (const [hash, data] of now) if (!old.has(hash)) set.put(extensionName(hash), bytesRecord.write(data));
}

function longOf(held: Held | undefined): ReadonlyMap<string, Uint8Array> {
  const long = new Map<string, Uint8Array>();
  if (held === undefined) return long;
  for (const { context } of [held.epoch, ...held.past]) {
    for (const { data } of context.extensions) {
      if (data.length > longest) long.set(hashOf(held.epoch.suite, data), data);
    }
  }
  return long;
}

/** Whether a context was stored by a version that kept long extensions in it. */
export function isWhole({ apart }: StoredContext): boolean {
  return apart === undefined;
}

/**
 * The encoding of a context that was stored.
 *
 * @throws CopseError "snapshot-damaged" where the record of an extension is missing.
 */
export function wholeContext(stored: StoredContext, extensions: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const { context: bytes, apart = {} } = stored;
  if (Object.keys(apart).length === 0) return bytes;
  const context = decode(GroupContext, bytes, storedReading);
  const whole = context.extensions.map((extension) => {
    const hash = apart[String(extension.type)];
    if (hash === undefined) return extension;
    const data = extensions.get(hash);
    if (data === undefined) throw new CopseError("snapshot-damaged", { detail: "there is no record of an extension" });
    return { type: extension.type, data };
  });
  return encode(GroupContext, { ...context, extensions: whole });
}
