/**
 * Where a call's keys come from: an MLS group, as far as a call needs to know it. `Group` is one, and
 * `copse/adapters/ts-mls` makes one of a ts-mls client state.
 */

import type { Awaitable } from "../crypto/provider.ts";
import type { Credential } from "../wire/credential.ts";

/** A member of the group in the current epoch. */
export interface EpochMember {
  /** Names the member within this epoch, and nothing beyond it. RFC 9420 section 5.3.3 */
  readonly leafIndex: number;
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
}

/** A group, seen from its current epoch. Everything that is read in one turn of the event loop is of one epoch. */
export interface EpochSource {
  /** The group's id. */
  readonly id: Uint8Array;
  /** The number of the current epoch. */
  readonly epoch: bigint;
  /** This client. */
  readonly self: Pick<EpochMember, "leafIndex">;
  readonly members: Iterable<EpochMember>;
  /** The width of the ratchet tree: the number of its leaves, blank ones included. RFC 9605 section 5.2 needs it. */
  readonly treeWidth: number;
  /** What members compare to know that nobody is between them. RFC 9420 section 8.7 */
  readonly epochAuthenticator: Uint8Array;
  /** Whether the group is over for this client: removed, left or wiped. */
  readonly isGone: boolean;
  /** MLS-Exporter of the epoch in which it is called, whenever its promise is kept. The caller owns the array. RFC 9420 section 8.5 */
  exportSecret(label: string, context: Uint8Array, length: number): Awaitable<Uint8Array>;
  /** Be told when the epoch has changed or the group is over, until the returned function is called. */
  onEpoch(listener: () => void): () => void;
}
