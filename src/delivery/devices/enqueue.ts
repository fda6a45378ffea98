/**
 * Into the queues of devices.
 */

import { isUri, userOfDevice } from "../../rooms/uri.ts";
import type { Core } from "../core.ts";
import { DeliveryError } from "../errors.ts";
import type { Settings } from "../options.ts";
import type { Enqueue, Once, QueuedContent } from "../port.ts";

/** What a device's queue holds at most. */
export function queueLimits({ limits }: Settings): Enqueue["limits"] {
  const { queueItems: items, queueBytes: bytes, queueItemsOfOne: ofOne } = limits;
  return { items, bytes, ofOne, welcomes: limits.queueWelcomes, welcomesOfOne: limits.queueWelcomesOfOne };
}

/** Into each of these queues, once, where there is room. What became of it in each. */
export async function putInto(
  { port, settings, news }: Core,
  devices: readonly string[],
  write: Once,
  content: QueuedContent,
): Promise<ReadonlySet<"done" | "known" | "taken" | "full">> {
  const limits = queueLimits(settings);
  const kinds = new Set<"done" | "known" | "taken" | "full">();
  for (const device of devices) {
    const { kind } = await port.devices.enqueue({ device, once: write, at: settings.clock(), content, limits });
    kinds.add(kind);
    if (kind === "done") news.queued(device);
  }
  return kinds;
}

/** Into each of these queues, once. @throws DeliveryError "rate" where one is full: the others have it. */
export async function enqueueFor(
  core: Core,
  devices: readonly string[],
  write: Once,
  content: QueuedContent,
): Promise<void> {
  const kinds = await putInto(core, devices, write, content);
  if (kinds.has("taken")) throw new DeliveryError("id-taken");
  if (kinds.has("full")) throw new DeliveryError("rate", { detail: "the queue is full" });
}

/** The user that is meant, by a URI of one or of a device. @throws DeliveryError "not-found" */
export function userNamed(uri: string): string {
  if (isUri(uri, "user")) return uri;
  if (isUri(uri, "device")) return userOfDevice(uri);
  throw new DeliveryError("not-found");
}
