/**
 * What a group's records hold.
 */

import {
  isBytes,
  isBytesOrNull,
  isCount,
  isEpoch,
  isFlag,
  isNumber,
  isPlain,
  mapOf,
  oneOf,
  recordKind,
  type Check,
  type RecordKind,
} from "../../public-group/records/record.ts";
import type { OwnEvent } from "../../public-group/events.ts";
import type { CommitPurpose } from "../../rules/proposal.ts";

/** The secrets of an epoch, but for its resumption PSK and its secret tree. */
export interface StoredSecrets {
  readonly senderData: Uint8Array;
  readonly exporter: Uint8Array;
  readonly external: Uint8Array;
  readonly membership: Uint8Array;
  readonly epochAuthenticator: Uint8Array;
  readonly init: Uint8Array;
}

/** What an epoch has of its own beside its tree. */
export interface StoredEpochSecrets {
  readonly secrets: StoredSecrets;
  /** By level. */
  readonly privateKeys: Readonly<Record<string, Uint8Array>>;
  readonly leafIndex: number;
  /** The width of the secret tree. */
  readonly width: number;
}

/** A group context, as records hold it. */
export interface StoredContext {
  /** Its encoding, in which the extensions of `apart` are empty. */
  readonly context: Uint8Array;
  /** The hashes, in hex, of extensions with records of their own, by type. 0.1.0 had no such field, and stored contexts whole. */
  readonly apart?: Readonly<Record<string, string>>;
}

/** "epoch" */
export interface StoredEpoch extends StoredEpochSecrets, StoredContext {
  readonly suite: number;
  /** The signature key of our leaf. */
  readonly signatureKey: Uint8Array;
  readonly interimTranscriptHash: Uint8Array;
  readonly confirmationTag: Uint8Array;
  /** The committed ReInit proposal, encoded. */
  readonly reinit: Uint8Array | null;
  /** Whether the group is over for us: then the secrets are empty. */
  readonly gone: boolean;
  /** How this member was removed, where it was. 0.1.0 had no such field. */
  readonly removal?: Uint8Array;
}

/** "past": the leaves by index that are others than in the epoch after it, null for a blank one. */
export interface StoredPast extends StoredContext {
  readonly senderData: Uint8Array;
  readonly leaves: Readonly<Record<string, Uint8Array | null>>;
  readonly width: number;
  readonly endedAt: number;
}

/** "psk", "export" and "secret" */
export interface StoredSecret {
  readonly secret: Uint8Array;
}

/** "ratchet": the next generation and its secret, empty after the last. */
export interface StoredRatchet extends StoredSecret {
  readonly generation: number;
}

/** "key": the key and the nonce behind one another, and when the generation was skipped, in milliseconds. */
export interface StoredKey {
  readonly key: Uint8Array;
  readonly at: number;
}

/** "proposal": with the key of an Update of ours, and the signature key that it presents. */
export interface StoredProposalRecord {
  readonly authenticated: Uint8Array;
  readonly privateKey: Uint8Array | null;
  readonly signatureKey: Uint8Array | null;
  /** Whether this member has taken it back. 0.1.0 forgot what was taken back. */
  readonly withdrawn?: boolean;
}

/** "sent": half a hash of the message, what it was, and the number of its epoch. */
export interface StoredSent {
  readonly hash: Uint8Array;
  readonly what: OwnEvent["what"];
  readonly epoch: string;
}

/** "sending": the messages that were encrypted in this epoch, and the number of the next that is sent. */
export interface StoredSending {
  readonly encrypted: number;
  readonly sent: number;
}

/** "pending": the commit's content, and the secrets of the epoch that it begins. */
export interface StoredPendingCommit extends StoredEpochSecrets {
  readonly groupId: Uint8Array;
  /** Without the ciphertexts of its path: they are in the message, for others, and as many as there are members. */
  readonly authenticated: Uint8Array;
  /** The confirmed transcript hash of the epoch that it begins, which covers them. */
  readonly confirmedTranscriptHash: Uint8Array;
  readonly purpose: CommitPurpose;
  readonly signatureKey: Uint8Array;
  readonly resumptionPsk: Uint8Array;
  /** The root of the exporter tree of the epoch that it begins. 0.1.0 had none. */
  readonly applicationExport?: Uint8Array;
}

/** What a message of ours was. */
export const isWhat: Check = oneOf<OwnEvent["what"]>("message", "proposal", "commit");
/** What a commit is for. */
export const isPurpose: Check = oneOf<CommitPurpose>("ordinary", "reinit", "branch");

const secrets: Check = (value) =>
  isPlain(value) &&
  ["senderData", "exporter", "external", "membership", "epochAuthenticator", "init"].every((name) =>
    isBytes(value[name]),
  );
const isHash: Check = (value) => typeof value === "string" && /^[0-9a-f]{64,128}$/.test(value);
const storedContext: { readonly [K in keyof StoredContext]-?: Check } = {
  context: isBytes,
  apart: (value) => value === undefined || mapOf(isHash)(value),
};
const isBytesOrNone: Check = (value) => value === undefined || isBytes(value);
const epochSecrets: { readonly [K in keyof StoredEpochSecrets]: Check } = {
  secrets,
  privateKeys: mapOf(isBytes),
  leafIndex: isCount,
  width: isCount,
};

export const epochRecord: RecordKind<StoredEpoch> = recordKind<StoredEpoch>({
  ...epochSecrets,
  suite: isCount,
  ...storedContext,
  signatureKey: isBytes,
  interimTranscriptHash: isBytes,
  confirmationTag: isBytes,
  reinit: isBytesOrNull,
  gone: isFlag,
  removal: isBytesOrNone,
});

export const pastRecord: RecordKind<StoredPast> = recordKind<StoredPast>({
  ...storedContext,
  senderData: isBytes,
  leaves: mapOf(isBytesOrNull),
  width: isCount,
  endedAt: isNumber,
});

export const secretRecord: RecordKind<StoredSecret> = recordKind<StoredSecret>({ secret: isBytes });

export const ratchetRecord: RecordKind<StoredRatchet> = recordKind<StoredRatchet>({
  generation: isCount,
  secret: isBytes,
});

export const keyRecord: RecordKind<StoredKey> = recordKind<StoredKey>({ key: isBytes, at: isNumber });

export const proposalRecord: RecordKind<StoredProposalRecord> = recordKind<StoredProposalRecord>({
  authenticated: isBytes,
  privateKey: isBytesOrNull,
  signatureKey: isBytesOrNull,
  withdrawn: (value) => value === undefined || isFlag(value),
});

export const sentRecord: RecordKind<StoredSent> = recordKind<StoredSent>({
  hash: isBytes,
  what: isWhat,
  epoch: isEpoch,
});

export const sendingRecord: RecordKind<StoredSending> = recordKind<StoredSending>({
  encrypted: isCount,
  sent: isCount,
});

export const pendingRecord: RecordKind<StoredPendingCommit> = recordKind<StoredPendingCommit>({
  ...epochSecrets,
  groupId: isBytes,
  authenticated: isBytes,
  confirmedTranscriptHash: isBytes,
  purpose: isPurpose,
  signatureKey: isBytes,
  resumptionPsk: isBytes,
  applicationExport: isBytesOrNone,
});
