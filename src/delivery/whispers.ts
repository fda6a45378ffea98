/**
 * Whispers: bytes for those members of a room who are connected now. They are in no log and no queue, and lost without harm.
 */

import type { Caller, Core } from "./core.ts";
import { DeliveryError } from "./errors.ts";
import { within } from "./invalid.ts";

/** Tell the connected members of a room. Only a member can. */
export async function whisper(
  { port, settings, news, rates }: Core,
  { device }: Caller,
  { room, bytes }: { readonly room: string; readonly bytes: Uint8Array },
): Promise<void> {
  within(bytes, settings.limits.whisperBytes);
  const retryAfter = rates.take("whispers", device);
  if (retryAfter > 0) throw new DeliveryError("rate", { retryAfter });
  const devices = await port.rooms.devices(room);
  if (!devices.includes(device)) throw new DeliveryError("not-found");
  news.whisper(room, device, bytes);
}
