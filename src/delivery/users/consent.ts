/**
 * Consent and blocking: who may write to whom. draft-ietf-mimi-protocol section 5.7.
 */

import { decision } from "../../bytes/decision.ts";
import { isUri } from "../../rooms/uri.ts";
import type { Caller, Core } from "../core.ts";
import type { ConsentEntry } from "../delivery.ts";
import { putInto } from "../devices/enqueue.ts";
import { DeliveryError } from "../errors.ts";
import { once } from "../once.ts";
import type { ConsentRow, UserWritten } from "../port.ts";

/**
 * Whether a user may write to another, in general or about one room. Who is blocked is told what everybody is told who was never let, or
 * is not let any more.
 */
export async function mayWriteTo(core: Core, from: string, to: string, room?: string): Promise<boolean> {
  if (from === to) return true;
  const { port } = core;
  if (await port.users.isBlocked(to, from)) return false;
  const general = await port.users.consent(to, from, "");
  if (general?.granted === true) return true;
  const ofRoom = room === undefined ? undefined : await port.users.consent(to, from, room);
  if (ofRoom?.granted === true) return true;
  if (general?.refused === true || ofRoom?.refused === true) return false;
  const { consent } = core.settings;
  if (typeof consent === "string") return consent === "everybody";
  return decision("areContacts", consent.areContacts(from, to));
}

/** Ask for, cancel, give, take back a consent. */
export async function consent(core: Core, caller: Caller, entry: ConsentEntry): Promise<void> {
  const { id, user, operation, room } = entry;
  if (!isUri(user, "user") || user === caller.user) throw new DeliveryError("invalid", { detail: "no other user" });
  if (room !== undefined && !isUri(room, "room")) throw new DeliveryError("invalid", { detail: "no room" });
  const { port, settings } = core;
  const write = { once: once(caller.device, id, "consent", [user, operation, room]), at: settings.clock() };
  const limits = { ...write, most: settings.limits.consents };
  const isAsked = operation === "request" || operation === "cancel";
  if (isAsked) {
    const mode = settings.consent;
    if (typeof mode === "object" && !(await decision("areContacts", mode.areContacts(caller.user, user)))) {
      throw new DeliveryError("no-consent");
    }
    const retryAfter = operation === "request" ? core.rates.take("asks", `${caller.user} ${user}`) : 0;
    if (retryAfter > 0) throw new DeliveryError("rate", { retryAfter });
    const devices = await port.devices.ofUser(user);
    if (devices.length === 0) return; // of who is not there nothing is kept
    const change: Partial<ConsentRow> = { requested: operation === "request" };
    // Half of the room is the user's own: nobody who asks keeps it from giving consent.
    const most = Math.floor(limits.most / 2);
    const { kind } = checked(await port.users.setConsent(user, caller.user, room ?? "", change, { ...limits, most }));
    if (kind === "done") await tell();
    return;
  }
  const isGranted = operation === "grant";
  const change: ConsentRow = { granted: isGranted, requested: false, refused: !isGranted };
  const set = checked(await port.users.setConsent(caller.user, user, room ?? "", change, limits));
  // A revocation is not announced, and a consent that nobody has asked for is found when it is used.
  if (!isGranted || set.kind !== "done" || !set.before.requested) return;
  await tell();

  // What is kept of who is blocked, and answered to it, is what is of everybody: only nobody hears of it. So nothing of the other's queue
  // is answered, either.
  async function tell(): Promise<void> {
    if (await port.users.isBlocked(user, caller.user)) return;
    const devices = (await port.devices.ofUser(user)).filter(({ listed }) => listed).map(({ device }) => device);
    await putInto(core, devices, write.once, { kind: "consent", from: caller.user, operation, room });
  }
}

function checked(written: UserWritten): UserWritten {
  if (written.kind === "taken") throw new DeliveryError("id-taken");
  if (written.kind === "full") throw new DeliveryError("rate", { detail: "there are as many as the service keeps" });
  return written;
}

/** From now on the service keeps a user from this one, or no longer. What the other has asked, and what waits of it, is forgotten. */
export async function block(
  { port, settings }: Core,
  caller: Caller,
  { id, user, blocked }: { readonly id: Uint8Array; readonly user: string; readonly blocked: boolean },
): Promise<void> {
  if (!isUri(user, "user") || user === caller.user) throw new DeliveryError("invalid", { detail: "no other user" });
  const write = {
    once: once(caller.device, id, "block", [user, blocked]),
    at: settings.clock(),
    most: settings.limits.consents,
  };
  checked(await port.users.block(caller.user, user, blocked, write));
  if (!blocked) return;
  for (const { device } of await port.devices.ofUser(caller.user)) await port.devices.dropFrom(device, user);
}
