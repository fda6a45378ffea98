/**
 * What an observer's records hold.
 */

import { isBytes, isBytesOrNull, isCount, isFlag, recordKind, type RecordKind } from "../records/record.ts";

/** "epoch" and "before" of an observer. */
export interface StoredPublicEpoch {
  readonly suite: number;
  readonly context: Uint8Array;
  readonly interimTranscriptHash: Uint8Array;
  readonly confirmationTag: Uint8Array;
  /** The committed ReInit proposal, encoded. */
  readonly reinit: Uint8Array | null;
  /** The width of the ratchet tree. */
  readonly width: number;
  /** Whether the application has said that the group has moved on out of sight. */
  readonly stopped: boolean;
}

/** "proposal" of an observer. */
export interface StoredPublicProposal {
  readonly authenticated: Uint8Array;
}

export const publicEpochRecord: RecordKind<StoredPublicEpoch> = recordKind<StoredPublicEpoch>({
  suite: isCount,
  context: isBytes,
  interimTranscriptHash: isBytes,
  confirmationTag: isBytes,
  reinit: isBytesOrNull,
  width: isCount,
  stopped: isFlag,
});

export const publicProposalRecord: RecordKind<StoredPublicProposal> = recordKind<StoredPublicProposal>({
  authenticated: isBytes,
});
