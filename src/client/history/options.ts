/**
 * What an application decides about the encrypted history of its user.
 */

import type { PlatformClass } from "../../bytes/platform.ts";
import type { RestoreFinding } from "../../vault/history/restore.ts";
import type { TimelineEntry } from "../timeline/shown.ts";

/** Keep the user's history at the service, encrypted for the user's devices. */
export interface HistoryOptions {
  /**
   * Whether an entry is kept. All of a user's devices have to say the same. It is not asked about what disappears or is to be seen once, which is
   * never kept. Default: everything.
   */
  readonly keeps?: (entry: TimelineEntry, room: string) => boolean;
}

/** How far a restoring is. */
export interface RestoringProgress {
  /** Entries that the timelines have got. */
  readonly restored: number;
  /** Records of this epoch that were looked at, and that there are. What is before it is known when it is reached. */
  readonly done: bigint;
  readonly total: bigint;
}

/** How to restore. */
export interface RestoreHistoryOptions {
  /** Called with each page, when it is stored. */
  readonly onProgress?: (progress: RestoringProgress) => void;
  /** Stops it behind the page that is under way, until another call. */
  readonly signal?: PlatformClass<"AbortSignal">;
}

/** What came of it. */
export interface RestoredHistory {
  /** Entries that the timelines have got. */
  readonly restored: number;
  /** Records that opened and say nothing that a timeline can show. */
  readonly unreadable: number;
  /** Entries of rooms that this device was in before the client had the option: there is no place before what they have. */
  readonly misplaced: number;
  /** What is missing or damaged: 1,000 at the most. None: everything is here that the user's devices have told of. */
  readonly findings: readonly RestoreFinding[];
  /** False where the edge to what is before is not there, or not yet: the client looks for it again by itself, for a day. */
  readonly isWhole: boolean;
}

/** The user's encrypted history, of a client that was opened with the option `history`. */
export interface ClientHistory {
  /**
   * Bring what the user's devices have kept into the timelines, the newest first, while everything else goes on. Entries that came this way have
   * the status "restored". Said once: from then on the client goes on by itself where it has broken off, looks again for what was not there yet, and
   * takes in what the others write late of what this device does not have; the event "restored" tells. Said again after the signal has stopped it, it
   * goes on there.
   *
   *     await client.history.restore({ onProgress: ({ restored }) => show(restored) });
   *
   * @throws ClientError "history-off" without the option, "history-early" where this device is not among the user's others yet, "offline";
   * VaultError, DeliveryError; the reason of the signal
   */
  restore(options?: RestoreHistoryOptions): Promise<RestoredHistory>;
}
