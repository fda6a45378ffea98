/**
 * The messages of the chat that is open. A page is read at the beginning, older ones when they are scrolled to, and each entry again when an event
 * says that it is another.
 */

import { signal } from "@preact/signals";
import type { TimelineEntry } from "copse/client";
import { client } from "./session.ts";

/** The messages of a chat, the oldest first. */
export interface TimelineView {
  readonly room: string;
  readonly entries: readonly TimelineEntry[];
  /** Whether there are none before these. */
  readonly isWhole: boolean;
}

export const timeline = signal<TimelineView | undefined>(undefined);

/** Whether older messages are being read. */
export const isLoading = signal(false);

/** The place of the message that the person wants to see: the list scrolls to it and forgets it. */
export const wanted = signal<bigint | undefined>(undefined);

const page = 60;
/** How many are read at once on the way to an old message. */
const longPage = 500;

/** Show a chat's messages: the newest, or one and what came after it. */
export async function openTimeline(room: string, place?: bigint): Promise<void> {
  timeline.value = undefined;
  wanted.value = place;
  const entries = await client().room(room).timeline({ limit: page });
  timeline.value = { room, entries: [...entries].reverse(), isWhole: entries.length < page };
  if (place !== undefined) await showPlace(room, place);
}

/** Show none. */
export function closeTimeline(): void {
  timeline.value = undefined;
  wanted.value = undefined;
}

/** What is shown of a chat, where that is still the one: it may be another after a wait. */
function shownOf(room: string): TimelineView | undefined {
  const view = timeline.peek();
  return view?.room === room ? view : undefined;
}

/** Older messages, too. */
export async function loadOlder(count: number = page): Promise<void> {
  const now = timeline.peek();
  const before = now?.entries[0]?.place;
  if (now === undefined || now.isWhole || before === undefined || isLoading.peek()) return;
  isLoading.value = true;
  try {
    const older = await client().room(now.room).timeline({ before, limit: count });
    const current = shownOf(now.room);
    if (current === undefined) return;
    timeline.value = {
      room: now.room,
      entries: [...[...older].reverse(), ...current.entries],
      isWhole: older.length < count,
    };
  } finally {
    isLoading.value = false;
  }
}

/** Older messages have come before those that a chat had. */
export async function olderCame(room: string): Promise<void> {
  const now = shownOf(room);
  if (now === undefined || !now.isWhole) return;
  if (now.entries.length === 0) return openTimeline(room);
  timeline.value = { ...now, isWhole: false };
  await loadOlder();
}

/** Scroll to a message of a chat that is shown, with all that came after it. */
export async function showPlace(room: string, place: bigint): Promise<void> {
  for (;;) {
    const now = shownOf(room);
    if (now === undefined) return;
    const oldest = now.entries[0]?.place;
    if (now.isWhole || oldest === undefined || oldest <= place) break;
    await loadOlder(longPage);
    const then = shownOf(room)?.entries[0]?.place;
    if (then === oldest) await new Promise((resolve) => setTimeout(resolve, 50)); // somebody else was reading older ones
  }
  wanted.value = place;
}

/** An entry is there, another, or gone. */
export async function refreshEntry(room: string, place: bigint): Promise<void> {
  if (shownOf(room) === undefined) return;
  const entry = await client().room(room).entry(place);
  const now = shownOf(room);
  if (now === undefined) return;
  const at = now.entries.findIndex((each) => each.place >= place);
  const isThere = now.entries[at]?.place === place;
  if (entry === undefined && !isThere) return;
  if (at === 0 && !isThere && !now.isWhole) return; // it is on a page that was not read
  const entries = [...now.entries];
  if (at === -1 && entry !== undefined) entries.push(entry);
  else entries.splice(at, isThere ? 1 : 0, ...(entry === undefined ? [] : [entry]));
  timeline.value = { ...now, entries };
}
