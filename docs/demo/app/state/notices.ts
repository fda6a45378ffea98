/**
 * What happened that a person should know of, until they say that they have seen it: in a chat, or about the whole account. Nothing is only shown
 * for a moment, nor lost with the tab: the client tells an event once, so what it says is on this device's disk before the event is taken.
 */

import { signal } from "@preact/signals";
import type { Store } from "copse/storage";
import type { Way } from "./ways.ts";

/** Something to know. */
export interface Notice {
  readonly id: number;
  /** The kind of the event that it comes of, or another name by which it is taken back: `settle`. */
  readonly kind: string;
  /** The chat that it is about; undefined: all. */
  readonly room: string | undefined;
  readonly tone: "info" | "warning" | "danger";
  readonly text: string;
  /** The user whom it is about. */
  readonly about?: string;
  /** What can be done, in the order of the buttons. */
  readonly ways?: readonly Way[];
}

export const notices = signal<readonly Notice[]>([]);

/** Where they are kept: in the person's encrypted store, beside what the client has there. */
const key = ["messenger", "notices"] as const;
/** More than these are not kept: a stranger may be the reason of one. The mildest go first, so that nobody pushes a danger out of sight. */
const most = 50;
const mildestFirst = ["info", "warning", "danger"] as const;

/** What names characters of a recovery code: it is on paper, and on no disk. */
export const neverKept = "recovery-code";

let last = 0;
let kept: Store | undefined;

/** Show those that this device has kept, before those that were told meanwhile, and keep what comes. */
export async function keepNotices(store: Store): Promise<void> {
  const known = read(await store.get(key));
  kept = store;
  const early = notices.value;
  notices.value = [];
  for (const each of [...known, ...early]) add(each);
  if (early.length > 0) await keep();
}

/** Tell something. What is told already is not told twice. It is on the disk when the promise is fulfilled. */
export function notice(told: Omit<Notice, "id">): Promise<void> {
  add(told);
  return keep();
}

/** It was seen. */
export function dismiss(id: number): Promise<void> {
  notices.value = notices.value.filter((each) => each.id !== id);
  return keep();
}

/** What was told by this name is so no more: in this chat, or of the account. */
export async function settle(kinds: readonly string[], room?: string): Promise<void> {
  const rest = notices.value.filter((each) => each.room !== room || !kinds.includes(each.kind));
  if (rest.length === notices.value.length) return;
  notices.value = rest;
  await keep();
}

/** Nobody is signed in any more. */
export function clearNotices(): void {
  kept = undefined;
  notices.value = [];
}

function add(told: Omit<Notice, "id">): void {
  const rest = notices.value.filter(({ room, text }) => room !== told.room || text !== told.text);
  const all = [...rest, { ...told, id: ++last }];
  const tone = all.length > most ? mildestFirst.find((each) => all.some((one) => one.tone === each)) : undefined;
  const over = all.find((one) => one.tone === tone);
  notices.value = all.filter((one) => one !== over);
}

async function keep(): Promise<void> {
  const all = notices.value.filter(({ kind }) => kind !== neverKept);
  // A disk that takes nothing does not let the client forget the event either: it is told again.
  await kept?.batch([{ put: key, value: new TextEncoder().encode(JSON.stringify(all)) }]).catch(() => undefined);
}

/** What this page has written is read as that; what an older page wrote may be anything. */
function read(value: Uint8Array | undefined): readonly Omit<Notice, "id">[] {
  if (value === undefined) return [];
  try {
    const all: unknown = JSON.parse(new TextDecoder().decode(value));
    return Array.isArray(all) ? (all as Omit<Notice, "id">[]) : [];
  } catch {
    return [];
  }
}
