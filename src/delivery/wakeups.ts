/**
 * Hints between the processes of one service, which work on one database. The database is the only authority: a hint that is lost
 * costs time, and one that comes twice, or late, costs nothing.
 */

/** What other processes may want to know. */
export type Wakeup =
  /** A room has another item; `left` are devices that are out by it. */
  | { readonly kind: "room"; readonly room: string; readonly head: bigint; readonly left: readonly string[] }
  /** Something waits in a device's queue. */
  | { readonly kind: "queue"; readonly device: string }
  /** Bytes for those members of a room who are connected now. */
  | { readonly kind: "whisper"; readonly room: string; readonly from: string; readonly bytes: Uint8Array }
  /** A device was opened: a connection of an earlier opening is over. */
  | { readonly kind: "opened"; readonly device: string; readonly incarnation: bigint };

/** A way from each process to all others. */
export interface Wakeups {
  /** Tell all others. It does not throw, and nobody waits for it. */
  tell(wakeup: Wakeup): void;
  /**
   * Hear what others tell, and nothing that was told here; `lost`, where something may have been told that did not come here. What it
   * gives ends it.
   */
  hear(listener: (wakeup: Wakeup) => void, lost?: () => void): () => void;
}

/** Wake-ups of a process that is alone with its database. */
export const noWakeups: Wakeups = { tell: () => undefined, hear: () => () => undefined };
