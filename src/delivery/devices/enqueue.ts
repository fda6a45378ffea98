/**
 * Into the queues of devices.
 */

import { isUri, userOfDevice } from "../../rooms/uri.ts";
import type { Core } from "../core.ts";
import { DeliveryError } from "../errors.ts";
import type { Once, QueuedContent } from "../port.ts";

/** Into each of these queues, once. @throws DeliveryError "rate" where one is full: the others have it. */
export async function enqueueFor(
  { port, settings, news }: Core,
  devices: readonly string[],
  write: Once,
  content: QueuedContent,
): Promise<void> {
  const { queueItems: items, queueBytes: bytes, queueItemsOfOne: ofOne } = settings.limits;
  const limits = { items, bytes, ofOne };
  let isFull = false;
  for (const device of devices) {
    const { kind } = await port.devices.enqueue({ device, once: write, at: settings.clock(), content, limits });
    if (kind === "taken") throw new DeliveryError("id-taken");
    isFull ||= kind === "full";
    if (kind === "done") news.queued(device);
  }
  if (isFull) throw new DeliveryError("rate", { detail: "the queue is full" });
}

/** The user that is meant, by a URI of one or of a device. @throws DeliveryError "not-found" */
export function userNamed(uri: string): string {
  if (isUri(uri, "user")) return uri;
  if (isUri(uri, "device")) return userOfDevice(uri);
  throw new DeliveryError("not-found");
}
