/**
 * What a report needs of messages that came: the hub's frank of each, beside its entry, and the original where the entry says something
 * else. What was edited, was taken back or has vanished stays for six hours out of sight, sealed under a key of its own, so that it can still be
 * reported: the one exception to deletion, which a room's policy ends where it forbids to log, and the option `keepOriginals` on this device.
 */

import { concat } from "../../bytes/concat.ts";
import { nothing } from "../../bytes/nothing.ts";
import { fixed, opaque, optional, struct } from "../../codec/codec.ts";
import { messageId } from "../../content/message-id.ts";
import { decodeContent } from "../../content/decode.ts";
import type { StoreKey } from "../../storage/key.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import { userOfDevice } from "../../rooms/uri.ts";
import { bytesEqual } from "../../bytes/compare.ts";
import { xchacha20Poly1305Open, xchacha20Poly1305Seal } from "../../crypto/symmetric-xchacha.ts";
import { ClientError } from "../errors.ts";
import type { RoomCore } from "../room/core.ts";
import { entryKind, integer, text, type EntryKind } from "../store/entry.ts";
import { frankKey, messageKey, originalKey } from "../store/keys.ts";
import type { Folded, OpenedMessage, Surroundings } from "../surroundings.ts";
import { timelineEntry, type StoredEntry } from "../timeline/entry.ts";
import { addExpiry } from "../timeline/expiry.ts";

/** How long an original stays, in milliseconds. */
const keptFor = 6 * 60 * 60 * 1000;
/** The bytes of one user's originals that are kept: beyond that its oldest go first. */
const mostOfUser = 4 * 1024 * 1024;

/** A message that can be reported. */
export interface Franked {
  readonly device: string;
  /** When the service accepted it, in milliseconds since 1970. */
  readonly at: number;
  readonly stamp: Uint8Array;
  /** Its application data; undefined where that is what its entry says. */
  readonly content: Uint8Array | undefined;
}
const shape = { device: text, at: integer, stamp: opaque, content: optional(opaque) };
export const frankedEntry: EntryKind<Franked> = entryKind(struct<Franked>(shape));

/** What is kept of a message whose entry says something else, or is gone. */
export interface Original extends Franked {
  readonly room: string;
  readonly id: Uint8Array;
}
const originalEntry: EntryKind<Original> = entryKind(struct<Original>({ ...shape, room: text, id: fixed(32) }));

/** The key that seals an original is an entry of its own, which goes with it: what is left of the original in a database says nothing then. */
interface Secret {
  readonly key: Uint8Array;
  /** Whose message it is, and what it takes, so that nothing is opened to count it. */
  readonly user: string;
  readonly size: number;
}
const keyLength = 32;
const nonceLength = 24;
const secretEntry: EntryKind<Secret> = entryKind(struct<Secret>({ key: fixed(keyLength), user: text, size: integer }));
function originalSecretKey(number: bigint): StoreKey {
  return ["original-key", number];
}

type Around = Pick<Surroundings, "store" | "clock" | "random">;
type Outcome = Omit<Folded, "nextEntry">;

/** What the timeline makes of a message, with what reports the message, and what becomes of the originals that it replaces. */
export async function keeping(
  core: RoomCore,
  { device, content, at, stamp }: OpenedMessage & { readonly stamp: Uint8Array },
  folded: Folded,
): Promise<Folded> {
  const { around, id: room } = core;
  const { changes } = await leaving(core, folded);
  const user = userOfDevice(device);
  const id = messageId(content, { senderUri: user, roomUri: room });
  const isTaken = has(folded.changes, messageKey(room, id));
  // Nobody reports itself, nor what says nothing.
  if (!isTaken || user === around.user || decodeContent(content).nestedPart.cardinality === "null")
    return { ...folded, changes };
  const isEntry = entriesIn(folded.changes, room).some(({ after }) => after?.edit === undefined && isOf(after, id));
  const franked = { device, at, stamp, content: isEntry ? undefined : content };
  return { ...folded, changes: [...changes, { put: frankKey(room, id), value: frankedEntry.write(franked) }] };
}

/** What the timeline does, with what becomes of the originals that its entries don't say any more. */
export async function leaving<T extends Outcome>(core: RoomCore, folded: T): Promise<T> {
  const { around, id: room } = core;
  const { store } = around;
  const changes = [...folded.changes];
  for (const { key, after } of entriesIn(folded.changes, room)) {
    const stored = await store.get(key);
    if (stored === undefined) continue;
    const before = timelineEntry.read(stored);
    for (const { id, content } of gone(before, after)) {
      const found = await store.get(frankKey(room, id));
      if (found === undefined) continue;
      changes.push({ delete: frankKey(room, id) });
      const franked = frankedEntry.read(found);
      const original = { ...franked, content: franked.content ?? content, room, id };
      if (await mayKeep(core)) changes.push(...(await putAway(around, original)));
    }
  }
  for (const change of folded.changes) {
    if (!("delete" in change) || change.delete[0] !== "expiry") continue;
    const number = change.delete[1] as bigint;
    if ((await store.get(originalKey(number))) !== undefined) changes.push(...forgetting(number));
  }
  return { ...folded, changes };
}

/** Whether the person wants it, and the room does not forbid to keep what its messages do not say any more. */
async function mayKeep(core: RoomCore): Promise<boolean> {
  if (!core.around.keepOriginals) return false;
  if (core.state.status !== "member") return true; // the room says nothing to it any more
  await core.group();
  return core.rules.data.logging_policy?.logging !== "forbidden";
}

function forgetting(number: bigint): readonly StoreChange[] {
  return [{ delete: originalKey(number) }, { delete: originalSecretKey(number) }];
}

/** The messages that an entry has said before, and does not say any more. */
function gone(
  before: StoredEntry,
  after: StoredEntry | undefined,
): readonly { readonly id: Uint8Array; readonly content?: Uint8Array }[] {
  const { id, content, edit, reactions, otherIds } = before;
  const isGone = after === undefined || (after.content.length === 0 && content.length > 0);
  const first = edit === undefined ? [{ id, content }] : [];
  if (isGone) return [...first, ...[...otherIds, ...reactions.map((each) => each.id)].map((each) => ({ id: each }))];
  const isEdited = after.edit !== undefined && (edit === undefined || !bytesEqual(after.edit.id, edit.id));
  const withdrawn = reactions.filter((each) => !after.reactions.some((one) => bytesEqual(one.id, each.id)));
  return [
    ...(isEdited ? [...first, ...(edit === undefined ? [] : [{ id: edit.id }])] : []),
    ...withdrawn.map((each) => ({ id: each.id })),
  ];
}

/** Entries of a room that a batch writes or deletes. */
function entriesIn(
  changes: readonly StoreChange[],
  room: string,
): readonly { readonly key: StoreKey; readonly after: StoredEntry | undefined }[] {
  return changes.flatMap((change) => {
    const key = "put" in change ? change.put : change.delete;
    if (key[0] !== "timeline" || key[1] !== room) return [];
    return [{ key, after: "put" in change ? timelineEntry.read(change.value) : undefined }];
  });
}

function isOf(entry: StoredEntry | undefined, id: Uint8Array): boolean {
  return entry !== undefined && bytesEqual(entry.id, id);
}

function has(changes: readonly StoreChange[], wanted: StoreKey): boolean {
  const name = wanted.join("\0");
  return changes.some((change) => "put" in change && change.put.join("\0") === name);
}

/** Keep it for a while; where its sender has too many, without the oldest of them. */
async function putAway({ store, clock, random }: Around, original: Original): Promise<readonly StoreChange[]> {
  const user = userOfDevice(original.device);
  const size = sizeOf(original);
  if (size > mostOfUser) return [];
  const changes: StoreChange[] = [];
  const sizes: { readonly number: bigint; readonly size: number }[] = [];
  for await (const { key, value } of store.range({ prefix: ["original-key"], from: 0n })) {
    const each = secretEntry.read(value);
    if (each.user === user) sizes.push({ number: key[1] as bigint, size: each.size });
  }
  let sum = sizes.reduce((all, each) => all + each.size, size);
  for (const { number, size: freed } of sizes) {
    if (sum <= mostOfUser) break;
    sum -= freed;
    changes.push(...forgetting(number), { delete: ["expiry", number] });
  }
  const { number, change } = await addExpiry(store, random, clock() + keptFor, { room: original.room, place: 0n });
  const key = random(keyLength);
  const nonce = random(nonceLength);
  const sealed = xchacha20Poly1305Seal(key, nonce, nothing, originalEntry.write(original));
  return [
    ...changes,
    change,
    { put: originalSecretKey(number), value: secretEntry.write({ key, user, size }) },
    { put: originalKey(number), value: concat(nonce, sealed) },
  ];
}

/** Everything that an original takes in the store, and a little for its keys. */
function sizeOf({ content, stamp, device, room }: Original): number {
  return (content?.length ?? 0) + stamp.length + device.length + room.length + 128;
}

/** All originals that are kept, the oldest first. */
export async function* originals(
  store: Store,
): AsyncIterable<{ readonly number: bigint; readonly original: Original }> {
  for await (const { key: place, value } of store.range({ prefix: ["original"], from: 0n })) {
    const number = place[1] as bigint;
    const secret = await store.get(originalSecretKey(number));
    if (secret === undefined) continue; // it was over in between
    const { key } = secretEntry.read(secret);
    const [nonce, sealed] = [value.subarray(0, nonceLength), value.subarray(nonceLength)];
    let opened: Uint8Array;
    try {
      opened = xchacha20Poly1305Open(key, nonce, nothing, sealed);
    } catch {
      throw new ClientError("client-damaged");
    }
    yield { number, original: originalEntry.read(opened) };
  }
}
