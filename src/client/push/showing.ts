/**
 * What a push notification shows: the messages and calls of which the application has not been told yet, since the last notification.
 */

import { u64 } from "../../codec/codec.ts";
import type { Said } from "../../content/messages/message.ts";
import { wordsOf } from "../../content/messages/read.ts";
import type { StoreKey } from "../../storage/key.ts";
import type { ClientCore } from "../core.ts";
import type { NumberedEvent } from "../events.ts";
import { isMuted } from "../room/muting.ts";
import { entryKind, type EntryKind } from "../store/entry.ts";

/** A message, or a call that rings, as a notification shows it. */
export interface PushedMessage {
  readonly room: string;
  /** The room's name, where it has one. */
  readonly roomName: string | undefined;
  readonly user: string;
  /** Its place in the room's timeline. */
  readonly entry: bigint;
  /** When the service accepted it, in milliseconds since 1970. */
  readonly at: number;
  readonly kind: Said["kind"];
  /** Its words; "" where it has none. */
  readonly text: string;
  /** Whether the user has muted the room: the application decides whether to show it. */
  readonly isMuted: boolean;
}

/** What came of a wake-up. */
export interface Pushed {
  /** The newest messages, 16 at the most, the oldest of them first. */
  readonly messages: readonly PushedMessage[];
  /**
   * Whether all that the service has in these rooms was looked at, and, of a wake-up without a room, nothing waits for the device itself, as an
   * invitation: else there is more than is shown.
   */
  readonly isComplete: boolean;
}

/** So many are shown. */
const mostShown = 16;

/** The last event that a notification was made of. */
const pushedKey: StoreKey = ["client", "pushed"];
const pushedEntry: EntryKind<bigint> = entryKind(u64);

/**
 * What is to be shown now. It counts as shown when `show` has returned: where the process dies before, the next one shows it. The application
 * is told of all of it all the same.
 */
export async function showing(
  core: ClientCore,
  isComplete: boolean,
  show: (pushed: Pushed) => unknown = () => undefined,
): Promise<Pushed> {
  const { store } = core.around;
  const stored = await store.get(pushedKey);
  const shown = stored === undefined ? 0n : pushedEntry.read(stored);
  const events = core.events.waiting.filter(({ number }) => number > shown);
  const messages: PushedMessage[] = [];
  for (const event of events.toReversed()) {
    if (messages.length >= mostShown) break;
    const message = await messageOf(core, event);
    if (message !== undefined) messages.unshift(message);
  }
  const pushed = { messages, isComplete };
  await show(pushed);
  const last = events.at(-1);
  if (last !== undefined) await store.batch([{ put: pushedKey, value: pushedEntry.write(last.number) }]);
  return pushed;
}

async function messageOf(core: ClientCore, event: NumberedEvent): Promise<PushedMessage | undefined> {
  if (event.kind !== "message" && !(event.kind === "call" && event.state === "ringing")) return undefined;
  const { room, entry } = event;
  const there = core.rooms.get(room)?.core;
  const found = await core.timeline.at(room, entry);
  if (there === undefined || found?.said === undefined || found.status !== "received") return undefined;
  const { said, user, at } = found;
  const roomName = there.loaded === undefined ? undefined : there.rules.data.room_metadata.roomName;
  const words = wordsOf(said);
  return { room, roomName, user, entry, at, kind: said.kind, text: words, isMuted: isMuted(there) };
}
