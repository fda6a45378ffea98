/**
 * What an observer holds of a group, replaced as a whole at the end of each operation.
 */

import type { ProposalStore } from "../proposals/proposal-store.ts";
import type { PublicEpoch } from "../epoch.ts";

/** An epoch and the proposals that wait in it. */
export interface FollowedEpoch {
  readonly epoch: PublicEpoch;
  readonly proposals: ProposalStore;
}

/** A group that is followed. */
export interface Followed extends FollowedEpoch {
  /** The epoch before, until the current one is confirmed. */
  readonly before: FollowedEpoch | undefined;
  readonly stopped: boolean;
}
