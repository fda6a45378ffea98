/**
 * What happened that a person should know of, until they say that they have seen it: in a chat, or about the whole account. Nothing is only shown
 * for a moment.
 */

import { signal } from "@preact/signals";

/** Something to know. */
export interface Notice {
  readonly id: number;
  /** The chat that it is about; undefined: all. */
  readonly room: string | undefined;
  readonly tone: "info" | "warning" | "danger";
  readonly text: string;
  /** The user whom it is about, where a person can do something about that one. */
  readonly about?: string;
}

export const notices = signal<readonly Notice[]>([]);

let last = 0;
/** More than these are not kept: a stranger may be the reason of one. */
const most = 50;

/** Tell something. What is told already is not told twice. */
export function notice(told: Omit<Notice, "id">): void {
  const rest = notices.value.filter(({ room, text }) => room !== told.room || text !== told.text);
  notices.value = [...rest, { ...told, id: ++last }].slice(-most);
}

/** It was seen. */
export function dismiss(id: number): void {
  notices.value = notices.value.filter((each) => each.id !== id);
}

/** Nobody is signed in any more. */
export function clearNotices(): void {
  notices.value = [];
}
