/**
 * What a member holds of a group, as one value. RFC 9420 sections 8.6, 9.2.
 */

import type { Secret } from "../../bytes/secret.ts";
import type { ExporterTree } from "../../schedule/exporter-tree.ts";
import type { Epoch, PastEpoch } from "./epoch.ts";
import type { RemovedEvent } from "../../public-group/events.ts";
import type { Identity } from "../../public-group/identity.ts";
import type { OwnUpdates } from "./own-updates.ts";
import type { PendingCommit } from "./pending.ts";
import type { NumberedProposal, ProposalStore } from "../../public-group/proposals/proposal-store.ts";

/** What is held of a group. It never changes, but for the secret trees: an operation puts another in its place. */
export interface Held {
  readonly identity: Identity;
  readonly epoch: Epoch;
  /** Past epochs whose messages can still be opened, oldest first. */
  readonly past: readonly PastEpoch[];
  /** Resumption PSKs by epoch, oldest first; the current one's is the last. */
  readonly resumption: ReadonlyMap<bigint, Secret<"resumption_psk">>;
  /** What the current epoch can still export to components. */
  readonly exporter: ExporterTree;
  readonly proposals: ProposalStore;
  /** The proposal by which this member has asked to leave, where it has taken that back: it may not make another in the epoch. */
  readonly withdrawn: NumberedProposal | undefined;
  /** The keys of our Updates among the proposals. */
  readonly ownUpdates: OwnUpdates;
  readonly pending: PendingCommit | undefined;
  /** Messages that were encrypted in this epoch. */
  readonly encrypted: number;
  /** Whether the group is over for us: every secret is wiped. */
  readonly gone: boolean;
  /** How we were removed, where we were. */
  readonly removal: RemovedEvent | undefined;
}
