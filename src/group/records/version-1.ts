/**
 * The snapshots of 0.1.0: one value for a whole group, read as what its records would say. Nothing is written like this any
 * more.
 */

import { decode } from "../../codec/codec.ts";
import { CopseError } from "../../errors.ts";
import type { SecretTreeState } from "../../schedule/secret-tree.ts";
import { GroupContext } from "../../wire/group-context.ts";
import { RatchetTreeNodes } from "../../wire/ratchet-tree.ts";
import type { ReadGroup, ReadPending } from "./read.ts";
import { isPurpose, isWhat, type StoredEpochSecrets as EpochSecrets } from "./values.ts";
import { isBytes, isCount, isEpoch, isNumber, storedReading, type Check } from "../../public-group/records/record.ts";
import type { OwnEvent } from "../../public-group/events.ts";
import type { CommitPurpose } from "../../rules/proposal.ts";

/** The secrets of an epoch, in this order. */
type StoredSecrets = readonly [
  senderData: Uint8Array,
  exporter: Uint8Array,
  external: Uint8Array,
  membership: Uint8Array,
  epochAuthenticator: Uint8Array,
  init: Uint8Array,
];

/** An epoch's secret half. */
interface StoredEpochSecrets {
  readonly secrets: StoredSecrets;
  readonly resumptionPsk: Uint8Array;
  readonly secretTree: SecretTreeState;
  readonly privateKeys: readonly (readonly [level: number, key: Uint8Array])[];
  readonly leafIndex: number;
}

/** A past epoch: its leaves as differences from the current tree, null for a blank one. */
interface StoredPastEpoch {
  readonly context: Uint8Array;
  readonly leaves: readonly (readonly [leafIndex: number, leaf: Uint8Array | null])[];
  readonly senderData: Uint8Array;
  readonly secretTree: SecretTreeState;
  readonly endedAt: number;
}

/** A pending proposal, with the key of an Update of ours. */
interface StoredPendingProposal {
  readonly authenticated: Uint8Array;
  readonly privateKey: Uint8Array | null;
  /** The signature key of the identity that an Update of ours presents. */
  readonly signatureKey: Uint8Array | null;
}

/** A pending commit: its tree is made again from its content. */
interface StoredPending extends StoredEpochSecrets {
  readonly groupId: Uint8Array;
  readonly message: Uint8Array;
  readonly welcome: Uint8Array | null;
  readonly groupInfo: Uint8Array | null;
  readonly authenticated: Uint8Array;
  readonly purpose: CommitPurpose;
  readonly signatureKey: Uint8Array;
}

/** A whole group. */
interface StoredGroup extends StoredEpochSecrets {
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
  purpose: isPurpose,
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
  sent: listOf(tuple(isBytes, isWhat, isEpoch)),
  pending: maybe(isPending),
  encrypted: isCount,
});

/**
 * What the value of a snapshot says.
 *
 * @throws CopseError "snapshot-damaged" where a field is missing or of another type.
 */
export function readGroup1(value: unknown): ReadGroup {
  if (!isGroup(value)) throw new CopseError("snapshot-damaged");
  const stored = value as StoredGroup;
  const { suite, signatureKey, context, interimTranscriptHash, confirmationTag, reinit } = stored;
  const { epoch } = decode(GroupContext, context, storedReading);
  return {
    epoch: {
      ...epochSecrets1(stored),
      suite,
      signatureKey,
      context,
      interimTranscriptHash,
      confirmationTag,
      reinit,
      gone: false,
    },
    secretTree: stored.secretTree,
    nodes: decode(RatchetTreeNodes, stored.tree, storedReading),
    beside: [],
    past: stored.past.map(({ leaves, secretTree, ...past }) => ({
      ...past,
      secretTree,
      width: secretTree.width,
      leaves: Object.fromEntries(leaves),
      leavesOf: "current",
    })),
    resumption: [
      ...stored.resumption.map(([number, psk]) => [BigInt(number), psk] as const),
      [epoch, stored.resumptionPsk] as const,
    ],
    exporter: [],
    proposals: stored.proposals.map((proposal, number) => [number, proposal]),
    sent: stored.sent.map(([hash, what, of], number) => [number, { hash, what, epoch: of }]),
    sending: { encrypted: stored.encrypted, sent: stored.sent.length },
    pending: stored.pending === null ? undefined : readPendingFields(stored.pending),
  };
}

/**
 * What the value of a pending commit says that was stored beside a snapshot.
 *
 * @throws CopseError "snapshot-damaged" where a field is missing or of another type.
 */
export function readPending1(value: unknown): ReadPending {
  if (!isPending(value)) throw new CopseError("snapshot-damaged");
  return readPendingFields(value as StoredPending);
}

function readPendingFields(stored: StoredPending): ReadPending {
  const { groupId, authenticated, purpose, signatureKey, resumptionPsk, message, welcome, groupInfo } = stored;
  return {
    ...epochSecrets1(stored),
    groupId,
    authenticated,
    confirmedTranscriptHash: undefined, // the content is whole
    purpose,
    signatureKey,
    resumptionPsk,
    message,
    welcome: welcome ?? undefined,
    groupInfo: groupInfo ?? undefined,
    secretTree: stored.secretTree,
  };
}

function epochSecrets1({ secrets, privateKeys, leafIndex, secretTree }: StoredEpochSecrets): EpochSecrets {
  const [senderData, exporter, external, membership, epochAuthenticator, init] = secrets;
  return {
    secrets: { senderData, exporter, external, membership, epochAuthenticator, init },
    privateKeys: Object.fromEntries(privateKeys),
    leafIndex,
    width: secretTree.width,
  };
}
