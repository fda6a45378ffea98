/**
 * What a group stores, as plain data: version 1. Field by field, so that a later version knows what it reads.
 */

import { unlimited, type Limits } from "../codec/limits.ts";
import { CopseError } from "../errors.ts";
import type { SecretTreeState } from "../schedule/secret-tree.ts";
import type { OwnEvent } from "./events.ts";

/** The secrets of an epoch, in this order. */
export type StoredSecrets = readonly [
  senderData: Uint8Array,
  exporter: Uint8Array,
  external: Uint8Array,
  membership: Uint8Array,
  epochAuthenticator: Uint8Array,
  init: Uint8Array,
];

/** An epoch's secret half. */
export interface StoredEpochSecrets {
  readonly secrets: StoredSecrets;
  readonly resumptionPsk: Uint8Array;
  readonly secretTree: SecretTreeState;
  readonly privateKeys: readonly (readonly [level: number, key: Uint8Array])[];
  readonly leafIndex: number;
}

/** A past epoch: its leaves as differences from the current tree, null for a blank one. */
export interface StoredPastEpoch {
  readonly context: Uint8Array;
  readonly leaves: readonly (readonly [leafIndex: number, leaf: Uint8Array | null])[];
  readonly senderData: Uint8Array;
  readonly secretTree: SecretTreeState;
  readonly endedAt: number;
}

/** A pending proposal, with the key of an Update of ours. */
export interface StoredPendingProposal {
  readonly authenticated: Uint8Array;
  readonly privateKey: Uint8Array | null;
  /** The signature key of the identity that an Update of ours presents. */
  readonly signatureKey: Uint8Array | null;
}

/** A pending commit: its tree is made again from its content. */
export interface StoredPending extends StoredEpochSecrets {
  readonly groupId: Uint8Array;
  readonly message: Uint8Array;
  readonly welcome: Uint8Array | null;
  readonly groupInfo: Uint8Array | null;
  readonly authenticated: Uint8Array;
  readonly purpose: string;
  readonly signatureKey: Uint8Array;
}

/** A whole group. */
export interface StoredGroup extends StoredEpochSecrets {
  readonly suite: number;
  readonly signatureKey: Uint8Array;
  readonly context: Uint8Array;
  readonly tree: Uint8Array;
  readonly interimTranscriptHash: Uint8Array;
  readonly confirmationTag: Uint8Array;
  /** The committed ReInit proposal, encoded. */
  readonly reinit: Uint8Array | null;
  /** Past resumption PSKs by epoch in decimal digits; the current one is with the epoch. */
  readonly resumption: readonly (readonly [epoch: string, psk: Uint8Array])[];
  readonly past: readonly StoredPastEpoch[];
  readonly proposals: readonly StoredPendingProposal[];
  readonly sent: readonly (readonly [hash: Uint8Array, what: OwnEvent["what"], epoch: string])[];
  readonly pending: StoredPending | null;
  readonly encrypted: number;
}

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

/** What is stored was within the limits when it came in; they may be tighter now. */
export const storedLimits: Limits = unlimited;

/** The version that this code writes, and the newest that it reads. */
export const snapshotVersion = 1;

type Check = (value: unknown) => boolean;

const isBytes: Check = (value) => value instanceof Uint8Array;
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isText: Check = (value) => typeof value === "string" && value.length <= 32;
const isNumber: Check = (value) => typeof value === "number" && !Number.isNaN(value);
const isEpoch: Check = (value) => typeof value === "string" && /^\d{1,20}$/.test(value);

function maybe(check: Check): Check {
  return (value) => value === null || check(value);
}

function listOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check);
}

function tuple(...checks: readonly Check[]): Check {
  return (value) =>
    Array.isArray(value) && value.length === checks.length && checks.every((check, i) => check(value[i]));
}

function record<T>(fields: { readonly [K in keyof T]-?: Check }): Check {
  const entries = Object.entries<Check>(fields);
  return (value) =>
    typeof value === "object" &&
    value !== null &&
    entries.every(([key, check]) => check((value as Readonly<Record<string, unknown>>)[key]));
}

const isRatchet = tuple(isCount, isBytes, listOf(tuple(isCount, isBytes, isNumber)));
const isSecretTree = record<SecretTreeState>({
  width: isCount,
  nodes: listOf(tuple(isCount, isBytes)),
  leaves: listOf(tuple(isCount, isRatchet, isRatchet)),
});
const epochSecrets: { readonly [K in keyof StoredEpochSecrets]: Check } = {
  secrets: tuple(isBytes, isBytes, isBytes, isBytes, isBytes, isBytes),
  resumptionPsk: isBytes,
  secretTree: isSecretTree,
  privateKeys: listOf(tuple(isCount, isBytes)),
  leafIndex: isCount,
};
const isPastEpoch = record<StoredPastEpoch>({
  context: isBytes,
  leaves: listOf(tuple(isCount, maybe(isBytes))),
  senderData: isBytes,
  secretTree: isSecretTree,
  endedAt: isNumber,
});
const isProposal = record<StoredPendingProposal>({
  authenticated: isBytes,
  privateKey: maybe(isBytes),
  signatureKey: maybe(isBytes),
});
const isPending = record<StoredPending>({
  ...epochSecrets,
  groupId: isBytes,
  message: isBytes,
  welcome: maybe(isBytes),
  groupInfo: maybe(isBytes),
  authenticated: isBytes,
  purpose: isText,
  signatureKey: isBytes,
});
const isGroup = record<StoredGroup>({
  ...epochSecrets,
  suite: isCount,
  signatureKey: isBytes,
  context: isBytes,
  tree: isBytes,
  interimTranscriptHash: isBytes,
  confirmationTag: isBytes,
  reinit: maybe(isBytes),
  resumption: listOf(tuple(isEpoch, isBytes)),
  past: listOf(isPastEpoch),
  proposals: listOf(isProposal),
  sent: listOf(tuple(isBytes, isText, isEpoch)),
  pending: maybe(isPending),
  encrypted: isCount,
});

const isObserver = record<StoredObserver>({
  suite: isCount,
  context: isBytes,
  tree: isBytes,
  interimTranscriptHash: isBytes,
  confirmationTag: isBytes,
  reinit: maybe(isBytes),
  proposals: listOf(isBytes),
  stopped: (value) => typeof value === "boolean",
});

/** @throws CopseError "snapshot-damaged" where a field is missing or of another type. */
export function asStoredGroup(value: unknown): StoredGroup {
  if (!isGroup(value)) throw new CopseError("snapshot-damaged");
  return value as StoredGroup;
}

/** @throws CopseError "snapshot-damaged" where a field is missing or of another type. */
export function asStoredObserver(value: unknown): StoredObserver {
  if (!isObserver(value)) throw new CopseError("snapshot-damaged");
  return value as StoredObserver;
}

/** @throws CopseError "snapshot-damaged" where a field is missing or of another type. */
export function asStoredPending(value: unknown): StoredPending {
  if (!isPending(value)) throw new CopseError("snapshot-damaged");
  return value as StoredPending;
}
