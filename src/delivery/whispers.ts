/**
 * Whispers: bytes for those members of a room who are connected now. They are in no log and no queue, and lost without harm.
 */

import type { Capability } from "../rooms/formats/capabilities.ts";
import type { Caller, Core } from "./core.ts";
import { DeliveryError } from "./errors.ts";
import { within } from "./invalid.ts";

/** What lets a member whisper, each by itself: whoever may neither speak nor be in a call has nothing to say past the log. */
const needed: readonly Capability[] = ["canSendMessage", "canJoinCall"];

/** Tell the connected members of a room. Only a member can whom the room's rules let speak, or be in a call, whose signals go this way. */
export async function whisper(
  core: Core,
  { device, user }: Caller,
  { room, bytes }: { readonly room: string; readonly bytes: Uint8Array },
): Promise<void> {
  const { port, settings, news, rates } = core;
  within(bytes, settings.limits.whisperBytes);
  const retryAfter = rates.take("whispers", device);
  if (retryAfter > 0) throw new DeliveryError("rate", { retryAfter });
  const members = await port.rooms.devices(room);
  if (members?.devices.includes(device) !== true) throw new DeliveryError("not-found");
  if (settings.rooms !== undefined && !(await mayWhisper(core, room, user))) throw new DeliveryError("not-allowed");
  news.whisper(room, device, bytes);
}

function mayWhisper(core: Core, room: string, user: string): Promise<boolean> {
  return core.rooms.inTurn(room, async () => {
    const mimi = (await core.rooms.load(room))?.mimi;
    return mimi === undefined || needed.some((capability) => mimi.mayDo(user, { kind: "can", capability }));
  });
}
