/**
 * What a person has chosen: shared by all devices.
 */

import { signal } from "@preact/signals";
import { client } from "./session.ts";
import { tellsTyping } from "./typing.ts";

/** Whether others are told what this person has read. */
export const tellsRead = signal(true);

/** Read what this person's devices share. */
export function loadSettings(all: ReadonlyMap<string, string>): void {
  tellsRead.value = all.get("setting read") !== "no";
  tellsTyping.value = all.get("setting typing") !== "no";
}

/** Tell others what was read, or do not. */
export async function setTellsRead(tells: boolean): Promise<void> {
  tellsRead.value = tells;
  await client().shared.set("setting read", tells ? undefined : "no");
  for (const room of client().rooms) await room.setReceipts({ read: tells });
}

/** Show others that this person writes, or do not. */
export async function setTellsTyping(tells: boolean): Promise<void> {
  tellsTyping.value = tells;
  await client().shared.set("setting typing", tells ? undefined : "no");
}
