/**
 * What was asked for and may fail later: in words, so that its failure can be told in words, too.
 */

import type { Asked, AskedMessage } from "copse/client";
import { refreshEntry, timeline } from "./timeline.ts";

const asked = new Map<string, string>();
/** More than these are not remembered. */
const most = 1_000;

/** Remember what was asked for: "Adding Bob". */
export async function asking<T extends Asked>(words: string, work: Promise<T>): Promise<T> {
  const done = await work;
  if (asked.size >= most) asked.clear();
  asked.set(nameOf(done.intent), words);
  // A message is shown when it is stored: that it is out is told later, and offline much later.
  const { entry } = done as T & Partial<AskedMessage>;
  const room = timeline.peek()?.room;
  if (entry !== undefined && room !== undefined) await refreshEntry(room, entry);
  return done;
}

/** What an intent was for. */
export function whatFor(intent: Uint8Array): string {
  return asked.get(nameOf(intent)) ?? "Something that you asked for";
}

/** It is over. */
export function answered(intent: Uint8Array): void {
  asked.delete(nameOf(intent));
}

function nameOf(intent: Uint8Array): string {
  return intent.toString();
}
