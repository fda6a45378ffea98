/**
 * What this device tells the service of the epochs that others begin: that it has reached them. Only members see
 * whether a commit's secrets are right: until a second one has confirmed an epoch, the service can take it back.
 */

import type { Connection } from "../../delivery/delivery.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import { confirmationContent, confirmationLabel } from "../../delivery/rooms/confirm.ts";
import { signWithLabel } from "../../crypto/labels.ts";
import { isAway } from "../away.ts";
import type { RoomCore } from "./core.ts";

/** In larger rooms about so many members confirm each epoch: two would do, and not all are there. */
const enough = 16;

/** Confirm the epoch that another member has begun. Nothing is lost where the service does not hear of it. */
export async function confirmEpoch(core: RoomCore, connection: Connection): Promise<void> {
  const epoch = core.toConfirm;
  core.toConfirm = undefined;
  if (epoch === undefined || core.state.status !== "member") return;
  const group = await core.group();
  if (group.epoch !== epoch || !isChosen(group.self.leafIndex, epoch, group.size)) return;
  const content = confirmationContent(core.id, epoch, group.groupContext.confirmedTranscriptHash);
  const signature = await signWithLabel(core.around.identity.signer, confirmationLabel, content);
  try {
    await connection.confirm({ room: core.id, epoch, signature });
    core.confirmed = epoch;
  } catch (error) {
    if (!(error instanceof DeliveryError) || isAway(error)) throw error;
  }
}

/** Other members in each epoch, the same for everybody's guess. */
function isChosen(leafIndex: number, epoch: bigint, size: number): boolean {
  if (size <= enough) return true;
  const mixed = Math.imul(leafIndex + 1, 0x9e3779b1) ^ Math.imul(Number(epoch & 0xffffffffn), 0x85ebca6b);
  return (Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35) >>> 0) % size < enough;
}
