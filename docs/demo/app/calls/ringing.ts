/**
 * Calls that ring, and the one that this tab is in. What carries pictures and sound is loaded when there is a call.
 */

import { signal } from "@preact/signals";
import type { Client, ClientEvent, EphemeralEvent } from "copse/client";
import { blocked } from "../state/contacts.ts";
import type { LiveCall } from "./live.ts";

/** A call that rings here. */
export interface Ringing {
  readonly room: string;
  readonly call: Uint8Array;
  readonly from: string;
  readonly video: boolean;
}

export const ringing = signal<Ringing | undefined>(undefined);

/** The call that this tab is in. */
export const live = signal<LiveCall | undefined>(undefined);

let silence: ReturnType<typeof setTimeout> | undefined;

/** A call rings, or does no longer. */
export async function heardCall(client: Client, event: Extract<ClientEvent, { readonly kind: "call" }>): Promise<void> {
  const isShown = ringing.value !== undefined && ringing.value.call.toString() === event.call.toString();
  if (event.state !== "ringing") {
    if (isShown) stopRinging();
    return;
  }
  const room = client.room(event.room);
  const entry = await room.entry(event.entry);
  const left = (entry?.call?.until ?? 0) - Date.now();
  if (entry?.call === undefined || entry.call.outgoing || left <= 0 || room.isMuted) return;
  if (blocked.value.includes(entry.user) || live.value !== undefined) return;
  ringing.value = { room: event.room, call: event.call, from: entry.user, video: entry.call.video };
  clearTimeout(silence);
  silence = setTimeout(stopRinging, left);
}

function stopRinging(): void {
  clearTimeout(silence);
  ringing.value = undefined;
}

/** What other devices say to get connected. */
export function heardSignal(event: EphemeralEvent): void {
  if (event.said.kind === "signal") live.value?.heard(event, event.said);
}

/** Call everybody in a chat. */
export async function startCall(client: Client, room: string, video: boolean): Promise<void> {
  const { LiveCall } = await import("./live.ts");
  await LiveCall.start(client, room, video);
}

/** Come into a call. */
export async function joinCall(client: Client, room: string, call: Uint8Array, video: boolean): Promise<void> {
  stopRinging();
  const { LiveCall } = await import("./live.ts");
  await LiveCall.join(client, room, call, video);
}

/** Say no, on all of this person's devices. */
export async function declineCall(client: Client): Promise<void> {
  const now = ringing.value;
  stopRinging();
  if (now !== undefined) await client.room(now.room).declineCall(now.call);
}

/** Nobody is signed in any more. */
export function leaveCalls(): void {
  stopRinging();
  live.value?.drop();
  live.value = undefined;
}
