/**
 * Disappearing messages: when each goes, in the order of time. The sender's timer starts when the service accepts the message, a
 * receiver's when it is read; what nobody has read goes after 14 days.
 */

import { struct, u64 } from "../../codec/codec.ts";
import type { Random } from "../../crypto/provider.ts";
import type { StoreKey } from "../../storage/key.ts";
import type { Store, StoreChange } from "../../storage/store.ts";
import { entryKind, text, type EntryKind } from "../store/entry.ts";
import { longestCall, type CallEntry } from "./call-entry.ts";
import type { StoredEntry } from "./entry.ts";

/** How long an unread message with a timer is kept, in milliseconds. */
const unreadFor: number = 14 * 24 * 60 * 60 * 1000;

/** Which message an expiry is of. */
interface Place {
  readonly room: string;
  readonly place: bigint;
}
const expiringEntry: EntryKind<Place> = entryKind(struct<Place>({ room: text, place: u64 }));

/** A message that is over, and the number of its expiry. */
export interface Expiring extends Place {
  readonly number: bigint;
}

/** Behind the time stand so many bits that tell two messages of one millisecond apart. */
const spread = 20n;

/** When a call is over of which nobody says so: all who were in it may have died. */
function callExpiryOf({ state, until }: CallEntry): number | undefined {
  if (state === "ringing") return until;
  return state === "accepted" ? until + longestCall : undefined;
}

/** When a message goes, in milliseconds since 1970, as far as it is known. */
export function expiryOf(entry: Pick<StoredEntry, "at" | "readAt" | "status" | "call" | "timer">): number | undefined {
  const { timer: expires } = entry;
  // What expires of a call is its ringing, or that it goes on: the entry stays, and says that it was missed, or has ended.
  if (entry.call !== undefined) return callExpiryOf(entry.call);
  if (expires === undefined) return undefined;
  if (!expires.relative) return expires.time * 1000;
  const unread = entry.at + unreadFor;
  if (entry.status === "waiting" || entry.status === "failed") return undefined;
  if (entry.status === "sent") return entry.at + expires.time * 1000;
  return entry.readAt === undefined ? unread : Math.min(unread, entry.readAt + expires.time * 1000);
}

/** A number that nobody else's expiry has, and the change that stores it. */
export async function addExpiry(
  store: Store,
  random: Random,
  at: number,
  expiring: Place,
): Promise<{ readonly number: bigint; readonly change: StoreChange }> {
  for (;;) {
    const [a = 0, b = 0, c = 0] = random(3);
    const number = (BigInt(Math.ceil(at)) << spread) | BigInt(((a << 16) | (b << 8) | c) >> 4);
    if ((await store.get(["expiry", number])) !== undefined) continue;
    return { number, change: { put: ["expiry", number], value: expiringEntry.write(expiring) } };
  }
}

/** The time of an expiry's key, in milliseconds since 1970; undefined for every other key. */
export function expiryTime(key: StoreKey): number | undefined {
  const [kind, number] = key;
  return kind === "expiry" && typeof number === "bigint" ? Number(number >> spread) : undefined;
}

/** What is over at this time, the oldest first. */
export async function* expired(store: Store, now: number): AsyncIterable<Expiring> {
  const below = (BigInt(Math.floor(now)) + 1n) << spread;
  for await (const { key, value } of store.range({ prefix: ["expiry"], from: 0n, below })) {
    yield { ...expiringEntry.read(value), number: key[1] as bigint };
  }
}

/** When the next message goes, in milliseconds since 1970. */
export async function nextExpiry(store: Store): Promise<number | undefined> {
  for await (const { key } of store.range({ prefix: ["expiry"], from: 0n, limit: 1 })) {
    return Number((key[1] as bigint) >> spread);
  }
  return undefined;
}
