/**
 * Device queues: what has no room yet. A Welcome stays in its room until the device has it; the queue says where it is.
 */

import { copyBytes } from "../../bytes/copy.ts";
import { utf8 } from "../../bytes/text.ts";
import type { Caller, Core } from "../core.ts";
import type { Parcel, QueueItem, QueueRequest } from "../delivery.ts";
import { DeliveryError } from "../errors.ts";
import { within } from "../invalid.ts";
import { once } from "../once.ts";
import { userOfDevice } from "../../rooms/uri.ts";
import type { DeviceRow, QueuedRow } from "../port.ts";
import { mayWriteTo } from "../users/consent.ts";
import { enqueueFor, userNamed } from "./enqueue.ts";

/** What waits for a device, in order. */
export async function queueOf(core: Core, { device }: Caller, request: QueueRequest): Promise<readonly QueueItem[]> {
  const { after = 0n, limit = Infinity } = request;
  const { port, settings } = core;
  const { answerItems, answerBytes } = settings.limits;
  const rows = await port.devices.queue(device, after, Math.min(limit, answerItems), answerBytes);
  const items: QueueItem[] = [];
  let bytes = 0;
  for (const row of rows) {
    const item = await itemOf(core, device, row);
    if (item === undefined) continue;
    items.push(item);
    if (item.kind === "welcome") bytes += item.welcome.length + item.ratchetTree.length;
    if (bytes >= answerBytes) break; // the trees of many rooms at once would be a large answer
  }
  return items;
}

/** Undefined for a Welcome that is no longer: its commit was taken back, or it is too old. */
async function itemOf(
  { port }: Core,
  device: string,
  { number, at, content }: QueuedRow,
): Promise<QueueItem | undefined> {
  switch (content.kind) {
    case "welcome": {
      const { room, number: head } = content;
      const found = await port.rooms.welcome(room, head, device);
      if (found === undefined) return undefined;
      const [welcome, ratchetTree] = [copyBytes(found.welcome), copyBytes(found.ratchetTree)];
      return { number, at, kind: "welcome", room, head, welcome, ratchetTree };
    }
    case "consent": {
      const { from, operation, room } = content;
      return { number, at, kind: "consent", from, operation, ...(room === undefined ? {} : { room }) };
    }
    case "parcel": {
      const { from, topic, bytes } = content;
      return { number, at, kind: "parcel", from, topic, bytes: copyBytes(bytes) };
    }
  }
}

/** Everything up to this number is in the device's store: it is gone, and the Welcomes' trees with it. */
export async function acknowledgeQueue({ port }: Core, { device }: Caller, through: bigint): Promise<void> {
  // The rooms first: what fails between is said again.
  const rows = await port.devices.queue(device, 0n, Infinity, Infinity);
  for (const { number, content } of rows) {
    if (number <= through && content.kind === "welcome") await port.rooms.taken(content.room, content.number, device);
  }
  await port.devices.acknowledge(device, through);
}

/** The topic of parcels that link a device: all that one may send that is not listed yet. */
const linking = "link";

/** Bytes for the devices of one user. */
export async function sendParcel(core: Core, caller: Caller, { id, to, topic, bytes }: Parcel): Promise<void> {
  const { limits } = core.settings;
  within(bytes, limits.parcelBytes);
  within(utf8(topic), 64);
  const user = userNamed(to);
  const isOwn = user === caller.user;
  if (!caller.listed && !(isOwn && topic === linking)) throw new DeliveryError("not-allowed");
  const write = once(caller.device, id, "parcel", [to, topic, bytes]);
  if (!isOwn && !(await mayWriteTo(core, caller.user, user))) throw new DeliveryError("no-consent");
  const known = await core.port.devices.ofUser(user);
  // To a device by name also where it is not listed yet, if it is one's own: that is who asks to be linked.
  const listed = known.filter(({ device, listed }) =>
    to === user ? listed : device === to && (listed || (isOwn && caller.listed)),
  );
  if (!caller.listed)
    await checkLinkingRoom(core, listed, new Set(known.filter((row) => row.listed).map((row) => row.device)));
  const content = { kind: "parcel", from: caller.device, topic, bytes } as const;
  await enqueueFor(
    core,
    listed.map(({ device }) => device).filter((device) => device !== caller.device),
    write,
    content,
  );
}

/**
 * Strangers can be any number of devices that ask to be linked: all of them together have a small part of each queue. Those that were
 * forgotten since count, too: whatever is of the user's own, and of no device that is listed.
 *
 * @throws DeliveryError "rate"
 */
async function checkLinkingRoom(
  { port, settings }: Core,
  to: readonly DeviceRow[],
  listed: ReadonlySet<string>,
): Promise<void> {
  for (const { device, user } of to) {
    const rows = await port.devices.queue(device, 0n, Infinity, Infinity);
    const ofLinking = rows.filter(
      ({ content }) => content.kind === "parcel" && userOfDevice(content.from) === user && !listed.has(content.from),
    );
    if (ofLinking.length >= settings.limits.queueItemsOfLinking)
      throw new DeliveryError("rate", { detail: "the queue is full" });
  }
}
