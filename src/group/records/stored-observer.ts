/**
 * What the snapshot of an observer holds.
 */

import { CopseError } from "../../errors.ts";

/** The version of an observer's snapshots that this code writes, and the newest that it reads. */
export const observerVersion = 1;

/** An observer. */
export interface StoredObserver {
  readonly suite: number;
  readonly context: Uint8Array;
  readonly tree: Uint8Array;
  readonly interimTranscriptHash: Uint8Array;
  readonly confirmationTag: Uint8Array;
  readonly reinit: Uint8Array | null;
  readonly proposals: readonly Uint8Array[];
  readonly stopped: boolean;
}

/** @throws CopseError "snapshot-damaged" where a field is missing or of another type. */
export function asStoredObserver(value: unknown): StoredObserver {
  const stored = value as Partial<StoredObserver> | null;
  const bytes = [stored?.context, stored?.tree, stored?.interimTranscriptHash, stored?.confirmationTag];
  const isObserver =
    bytes.every((field) => field instanceof Uint8Array) &&
    Number.isSafeInteger(stored?.suite) &&
    (stored?.reinit === null || stored?.reinit instanceof Uint8Array) &&
    typeof stored.stopped === "boolean" &&
    Array.isArray(stored.proposals) &&
    stored.proposals.every((proposal) => (proposal as unknown) instanceof Uint8Array);
  if (!isObserver) throw new CopseError("snapshot-damaged");
  return stored as StoredObserver;
}
