/**
 * Complaints to the service, of what this device can't take in: fetched by who has one.
 */

import { hex } from "../../bytes/text.ts";
import type { Complained, Connection } from "../../delivery/delivery.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import { proposalReference } from "../../delivery/rooms/proposal-reference.ts";
import { prepareRegistry } from "../../rules/registry.ts";
import { isAway } from "../away.ts";
import type { RoomCore } from "./core.ts";

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
