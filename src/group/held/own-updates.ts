/**
 * The private halves of the Updates that we have proposed, until they are committed or their epoch ends. RFC 9420 section
 * 12.1.2
 */

import { keyString } from "../../tree/indexes.ts";
import type { NodePrivateKey } from "../../tree/treekem.ts";
import type { Identity } from "../../public-group/identity.ts";

/** What an Update of ours brings once it is committed: the private key of the new leaf, and the identity in it. */
export interface OwnUpdate {
  readonly privateKey: NodePrivateKey;
  /** The identity that the new leaf presents. */
  readonly identity: Identity;
}

/** Our Updates by their ProposalRefs. */
export type OwnUpdates = ReadonlyMap<string, OwnUpdate>;

/** These Updates and one more. */
export function withOwnUpdate(updates: OwnUpdates, ref: Uint8Array, update: OwnUpdate): OwnUpdates {
  return new Map(updates).set(keyString(ref), update);
}

/** These Updates without the one of a ProposalRef. */
export function withoutOwnUpdate(updates: OwnUpdates, ref: Uint8Array): OwnUpdates {
  const rest = new Map(updates);
  return rest.delete(keyString(ref)) ? rest : updates;
}

/** The Update of a ProposalRef, where it is one of ours. */
export function ownUpdateOf(updates: OwnUpdates, ref: Uint8Array): OwnUpdate | undefined {
  return updates.get(keyString(ref));
}
