/**
 * What is asked of a database about users' encrypted histories.
 */

/** Records of a user's history, one behind the other in one chain. */
export interface HistoryWrite {
  readonly user: string;
  /** In hex. */
  readonly chain: string;
  /** Of the first one. */
  readonly position: bigint;
  readonly records: readonly Uint8Array[];
  /** "full" where records and edges of the user would be more bytes than this. */
  readonly most: number;
}

/** The edge of an epoch of a user's history. */
export interface HistoryEdgeWrite {
  readonly user: string;
  readonly epoch: bigint;
  readonly edge: Uint8Array;
  /** As of records. */
  readonly most: number;
}

/** "fork": something else stands there, and nothing was written. */
export type HistoryWritten = "kept" | "fork" | "full";

/** Histories: what users keep encrypted, which nobody but their devices reads. It goes with the user. */
export interface HistoriesPort {
  /** All of them, or none. What stands there already is not written again. "full" also where the user is no more. */
  put(write: HistoryWrite): Promise<HistoryWritten>;
  /** Records of a chain below a position, the last first: at most `limit`, and no more behind the one with which they are as many bytes. */
  read(user: string, chain: string, below: bigint, limit: number, bytes: number): Promise<readonly Uint8Array[]>;
  /** Keep the edge of an epoch, of which there is one. "full" also where the user is no more. */
  putEdge(write: HistoryEdgeWrite): Promise<HistoryWritten>;
  /** The edge of an epoch, or undefined. */
  edge(user: string, epoch: bigint): Promise<Uint8Array | undefined>;
}
