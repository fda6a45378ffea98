/**
 * What this device tells the service of the epochs that others begin: that it has reached them, or that it can't. Only members see
 * whether a commit's secrets are right: until a second one has confirmed an epoch, the service can take it back.
 */

import type { Complained, Connection } from "../../delivery/delivery.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import { hex } from "../../bytes/text.ts";
import { confirmationContent, confirmationLabel } from "../../delivery/rooms/confirm.ts";
import { proposalReference } from "../../delivery/rooms/proposal-reference.ts";
import { signWithLabel } from "../../crypto/labels.ts";
import { prepareRegistry } from "../../rules/registry.ts";
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

/** Complain of the commit, or the proposal, that this device can't take in. */
export async function complainOf(
  core: RoomCore,
  connection: Connection,
  commit: { readonly epoch: bigint; readonly number: bigint; readonly code: string; readonly message: Uint8Array },
): Promise<Complained> {
  const { epoch, number, code, message } = commit;
  const { around, id: room } = core;
  try {
    // The commit is signed by its author: it is the evidence, as far as it fits.
    const evidence = message.slice(0, mostEvidence);
    return await connection.complain({ id: around.writeId(), room, epoch, number, code, evidence });
  } catch (error) {
    if (!(error instanceof DeliveryError) || isAway(error)) throw error;
    return "kept";
  }
}

/**
 * Complain of each proposal that commits must hold and this device has not: nobody can commit what members could not take in. The service
 * may have forgotten what was said when it came.
 */
export async function complainOfProposals(core: RoomCore, connection: Connection): Promise<void> {
  try {
    const { proposals, epoch, head } = await connection.groupInfo({ room: core.id });
    const group = await core.group();
    if (group.epoch !== epoch) return;
    const known = new Set(group.pendingProposals.map(({ ref }) => hex(ref)));
    const { identity, groupOptions } = core.around;
    const reading = { proposals: prepareRegistry(groupOptions.registry).bodies };
    for (const message of proposals) {
      const ref = proposalReference(message, identity.suite, reading);
      if (ref === undefined || known.has(ref)) continue;
      await complainOf(core, connection, { epoch, number: head, code: "proposal-not-found", message });
    }
  } catch (error) {
    if (!(error instanceof DeliveryError) || isAway(error)) throw error;
  }
}

/** In bytes: what every service takes. */
const mostEvidence = 32 * 1024;
