/**
 * What was begun and not sent: all devices of the person have it.
 */

import { client } from "./session.ts";

const drafts = new Map<string, string>();
const timers = new Map<string, ReturnType<typeof setTimeout>>();
const prefix = "draft ";
/** The longest value that is shared. */
const longest = 4_000;

/** Read the drafts that this person's devices share. */
export function loadDrafts(all: ReadonlyMap<string, string>): void {
  for (const [name, value] of all) {
    if (name.startsWith(prefix) && !timers.has(name.slice(prefix.length))) drafts.set(name.slice(prefix.length), value);
  }
}

/** What was begun in a chat. */
export function draftOf(room: string): string {
  return drafts.get(room) ?? "";
}

/** What stands in a chat's field now: it is stored when nothing is typed for a second. */
export function keepDraft(room: string, text: string): void {
  drafts.set(room, text);
  clearTimeout(timers.get(room));
  timers.set(
    room,
    setTimeout(() => {
      timers.delete(room);
      void client()
        .shared.set(`${prefix}${room}`, text === "" ? undefined : text.slice(0, longest))
        .catch(() => undefined); // the tab is closing, or the text is longer in bytes: it stays in the field
    }, 1_000),
  );
}

/** Nobody is signed in any more. */
export function clearDrafts(): void {
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
  drafts.clear();
}
