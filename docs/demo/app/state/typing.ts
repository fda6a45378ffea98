/**
 * Who is writing now. It is told past the log and shown for a few seconds.
 */

import { signal } from "@preact/signals";
import type { EphemeralEvent } from "copse/client";
import { client } from "./session.ts";

/** For each chat, the users who are writing. */
export const typing = signal<ReadonlyMap<string, ReadonlySet<string>>>(new Map());

const shownFor = 6_000;
const sayEvery = 3_000;
const timers = new Map<string, ReturnType<typeof setTimeout>>();
let saidAt = 0;

/** Whether this person lets others see it. All devices of the person have it. */
export const tellsTyping = signal(true);

/** Somebody writes, or stopped. */
export function heardTyping({ room, user, said }: EphemeralEvent): void {
  if (said.kind !== "typing" || user === client().user) return;
  set(room, user, said.activity !== "stopped");
}

function set(room: string, user: string, isTyping: boolean): void {
  const key = `${room} ${user}`;
  clearTimeout(timers.get(key));
  timers.delete(key);
  const users = new Set(typing.value.get(room));
  if (isTyping) {
    users.add(user);
    timers.set(
      key,
      setTimeout(() => set(room, user, false), shownFor),
    );
  } else users.delete(user);
  typing.value = new Map([...typing.value, [room, users]]);
}

/** What somebody says, they are not writing any more. */
export function saidSomething(room: string, user: string): void {
  set(room, user, false);
}

/** This person writes. */
export function tellTyping(room: string): void {
  if (!tellsTyping.value || Date.now() - saidAt < sayEvery) return;
  saidAt = Date.now();
  void client().room(room).typing();
}
