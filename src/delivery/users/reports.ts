/**
 * Reports of messages: stored for whoever runs the service, who alone can verify them. The service reads nothing of them here.
 */

import type { Caller, Core } from "../core.ts";
import type { Report } from "../delivery.ts";
import { DeliveryError } from "../errors.ts";
import { within } from "../invalid.ts";
import { once } from "../once.ts";
import { membership } from "../rooms/access.ts";

/** @throws DeliveryError "not-found" for whoever never was in the room, "too-large" where the user has too many that wait */
export async function report(core: Core, caller: Caller, given: Report): Promise<void> {
  const { port, settings } = core;
  const { user, device } = caller;
  const { id, room, report: bytes } = given;
  const { limits, clock } = settings;
  within(bytes, limits.reportBytes);
  await membership(core, caller, room);
  const write = once(device, id, "report", [room, bytes]);
  const row = { user, room, at: clock(), bytes };
  const added = await port.users.addReport(row, write, limits.reportBytesOfUser);
  if (added === "taken") throw new DeliveryError("id-taken");
  if (added === "full") throw new DeliveryError("too-large", { detail: "the user has reported as much as is kept" });
  if (added !== "added" || settings.onReport === undefined) return;
  try {
    await settings.onReport({ ...row, bytes: bytes.slice() });
  } catch {
    // It is stored: whoever was not told finds it among the others.
  }
}
