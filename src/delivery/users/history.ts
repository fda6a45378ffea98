/**
 * A user's encrypted history: the service keeps it for the user's devices, and can't read it.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { hex } from "../../bytes/text.ts";
import type { Caller, Core } from "../core.ts";
import type { HistoryEdge, HistoryKept, HistoryRequest, HistoryUpload } from "../delivery.ts";
import { DeliveryError } from "../errors.ts";
import { within } from "../invalid.ts";
import type { HistoryWritten } from "../port.ts";

const places = 2n ** 64n;

/** @throws DeliveryError "too-large" also where the user has as much as the service keeps; "rate" */
export async function putHistory(core: Core, { user, device }: Caller, given: HistoryUpload): Promise<HistoryKept> {
  const { chain, position, records } = given;
  const { limits } = core.settings;
  if (records.length > limits.answerItems) throw new DeliveryError("too-large");
  for (const record of records) within(record, limits.historyRecordBytes);
  if (position + BigInt(records.length) > places)
    throw new DeliveryError("invalid", { detail: "the records end behind the last place" });
  const size = records.reduce((sum, { length }) => sum + length, 0);
  take(core, device, size);
  const most = limits.historyBytesOfUser;
  return kept(await core.port.histories.put({ user, chain: hex(chain), position, records, most }));
}

export async function historyOf(core: Core, { user }: Caller, request: HistoryRequest): Promise<readonly Bytes[]> {
  const { chain, below, limit = Infinity } = request;
  const { answerItems, answerBytes } = core.settings.limits;
  const count = Math.min(limit, answerItems);
  return (await core.port.histories.read(user, hex(chain), below, count, answerBytes)).map(copyBytes);
}

/** @throws as `putHistory` */
export async function putHistoryEdge(
  core: Core,
  { user, device }: Caller,
  { epoch, edge }: { readonly epoch: bigint; readonly edge: Uint8Array },
): Promise<HistoryKept> {
  const { historyRecordBytes, historyBytesOfUser: most } = core.settings.limits;
  within(edge, historyRecordBytes);
  take(core, device, edge.length);
  return kept(await core.port.histories.putEdge({ user, epoch, edge, most }));
}

export async function historyEdge({ port }: Core, { user }: Caller, epoch: bigint): Promise<HistoryEdge> {
  const edge = await port.histories.edge(user, epoch);
  return edge === undefined ? {} : { edge: copyBytes(edge) };
}

/** What is kept counts as the bytes of files do. */
function take({ rates }: Core, device: string, bytes: number): void {
  const retryAfter = rates.take("uploads", device, bytes);
  if (retryAfter > 0) throw new DeliveryError("rate", { retryAfter });
}

function kept(written: HistoryWritten): HistoryKept {
  if (written === "full") throw new DeliveryError("too-large", { detail: "the user has as much history as is kept" });
  return written;
}
