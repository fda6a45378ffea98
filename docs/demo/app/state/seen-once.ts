/**
 * What this device has shown once and does not show again, also after a reload.
 */

import type { Store } from "copse/storage";
import { toHex } from "../components/hex.ts";

const prefix = ["messenger", "seen-once"] as const;
const nothing = new Uint8Array();
const seen = new Set<string>();
let kept: Store | undefined;

/** Read what this device has shown, and keep what it shows. */
export async function keepSeenOnce(store: Store): Promise<void> {
  seen.clear();
  kept = store;
  for await (const { key } of store.range({ prefix })) seen.add(String(key[prefix.length]));
}

/** Whether a message was shown once. */
export function wasSeenOnce(id: Uint8Array): boolean {
  return seen.has(toHex(id));
}

/** A message was shown once. */
export async function sawOnce(id: Uint8Array): Promise<void> {
  const name = toHex(id);
  seen.add(name);
  await kept?.batch([{ put: [...prefix, name], value: nothing }]).catch(() => undefined); // then until the page is reloaded
}
