/**
 * What a group's records hold. A record is a version, one byte, and a msgpack map whose fields have names, so that a later
 * version can add a field; a node of the ratchet tree is the version and its encoding of RFC 9420.
 */

import { unlimited } from "../../codec/limits.ts";
import type { ReadOptions } from "../../codec/reader.ts";
import { CopseError } from "../../errors.ts";
import { packBehind, unpack } from "./msgpack.ts";

/** What is stored was within the limits when it came in; they may be tighter now. */
export const storedReading: ReadOptions = { limits: unlimited };

/** The version of each record that this code writes, and the newest that it reads. */
const version = 1;

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

/** "epoch" */
export interface StoredEpoch extends StoredEpochSecrets {
  readonly suite: number;
  /** The signature key of our leaf. */
  readonly signatureKey: Uint8Array;
  readonly context: Uint8Array;
  readonly interimTranscriptHash: Uint8Array;
  readonly confirmationTag: Uint8Array;
  /** The committed ReInit proposal, encoded. */
  readonly reinit: Uint8Array | null;
  /** Whether the group is over for us: then the secrets are empty. */
  readonly gone: boolean;
}

/** "past": the leaves by index that are others than in the epoch after it, null for a blank one. */
export interface StoredPast {
  readonly context: Uint8Array;
  readonly senderData: Uint8Array;
  readonly leaves: Readonly<Record<string, Uint8Array | null>>;
  readonly width: number;
  readonly endedAt: number;
}

/** "psk" and "secret" */
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
}

/** "sent": half a hash of the message, what it was, and the number of its epoch. */
export interface StoredSent {
  readonly hash: Uint8Array;
  readonly what: string;
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
  readonly authenticated: Uint8Array;
  readonly purpose: string;
  readonly signatureKey: Uint8Array;
  readonly resumptionPsk: Uint8Array;
}

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

type Check = (value: unknown) => boolean;

const isBytes: Check = (value) => value instanceof Uint8Array;
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isText: Check = (value) => typeof value === "string" && value.length <= 32;
const isNumber: Check = (value) => typeof value === "number" && !Number.isNaN(value);
const isEpoch: Check = (value) => typeof value === "string" && /^\d{1,20}$/.test(value);
const isFlag: Check = (value) => typeof value === "boolean";
const isBytesOrNull: Check = (value) => value === null || isBytes(value);

function mapOf(check: Check): Check {
  return (value) =>
    isPlain(value) && Object.entries(value).every(([key, inner]) => /^(0|[1-9]\d{0,9})$/.test(key) && check(inner));
}

/** Whether a value is a map with names. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** The records in a snapshot, by name. @throws CopseError "snapshot-damaged" */
export function asRecords(value: unknown): readonly (readonly [string, Uint8Array])[] {
  if (!isPlain(value)) throw new CopseError("snapshot-damaged");
  return Object.entries(value).map(([name, bytes]) => {
    if (!(bytes instanceof Uint8Array)) throw new CopseError("snapshot-damaged");
    return [name, bytes];
  });
}

/** A kind of record: how it is written and read. */
export interface RecordKind<T> {
  write(value: T): Uint8Array;
  /** @throws CopseError "snapshot-damaged", or "snapshot-version" where a newer version wrote it. */
  read(bytes: Uint8Array): T;
}

function kind<T extends object>(fields: { readonly [K in keyof T]-?: Check }): RecordKind<T> {
  const checks = Object.entries<Check>(fields);
  return {
    write: (value) => packBehind(version, value),
    read: (bytes) => {
      const value = unpack(contentOf(bytes));
      if (!isPlain(value) || !checks.every(([key, check]) => check(value[key]))) {
        throw new CopseError("snapshot-damaged");
      }
      return value as T;
    },
  };
}

/** A record whose content is bytes: a message, or the encoding of a node. */
export const bytesRecord: RecordKind<Uint8Array> = {
  write: versioned,
  read: (bytes) => contentOf(bytes).slice(),
};

function versioned(content: Uint8Array): Uint8Array {
  const whole = new Uint8Array(1 + content.length);
  whole[0] = version;
  whole.set(content, 1);
  return whole;
}

function contentOf(bytes: Uint8Array): Uint8Array {
  if (!(bytes instanceof Uint8Array)) throw new TypeError("a record is a Uint8Array");
  const [written = 0] = bytes;
  if (written > version) throw new CopseError("snapshot-version");
  if (written !== version) throw new CopseError("snapshot-damaged");
  return bytes.subarray(1);
}

const secrets: Check = (value) =>
  isPlain(value) &&
  ["senderData", "exporter", "external", "membership", "epochAuthenticator", "init"].every((name) =>
    isBytes(value[name]),
  );
const epochSecrets: { readonly [K in keyof StoredEpochSecrets]: Check } = {
  secrets,
  privateKeys: mapOf(isBytes),
  leafIndex: isCount,
  width: isCount,
};

export const epochRecord: RecordKind<StoredEpoch> = kind<StoredEpoch>({
  ...epochSecrets,
  suite: isCount,
  signatureKey: isBytes,
  context: isBytes,
  interimTranscriptHash: isBytes,
  confirmationTag: isBytes,
  reinit: isBytesOrNull,
  gone: isFlag,
});

export const pastRecord: RecordKind<StoredPast> = kind<StoredPast>({
  context: isBytes,
  senderData: isBytes,
  leaves: mapOf(isBytesOrNull),
  width: isCount,
  endedAt: isNumber,
});

export const secretRecord: RecordKind<StoredSecret> = kind<StoredSecret>({ secret: isBytes });

export const ratchetRecord: RecordKind<StoredRatchet> = kind<StoredRatchet>({ generation: isCount, secret: isBytes });

export const keyRecord: RecordKind<StoredKey> = kind<StoredKey>({ key: isBytes, at: isNumber });

export const proposalRecord: RecordKind<StoredProposalRecord> = kind<StoredProposalRecord>({
  authenticated: isBytes,
  privateKey: isBytesOrNull,
  signatureKey: isBytesOrNull,
});

export const sentRecord: RecordKind<StoredSent> = kind<StoredSent>({ hash: isBytes, what: isText, epoch: isEpoch });

export const sendingRecord: RecordKind<StoredSending> = kind<StoredSending>({ encrypted: isCount, sent: isCount });

export const pendingRecord: RecordKind<StoredPendingCommit> = kind<StoredPendingCommit>({
  ...epochSecrets,
  groupId: isBytes,
  authenticated: isBytes,
  purpose: isText,
  signatureKey: isBytes,
  resumptionPsk: isBytes,
});

export const publicEpochRecord: RecordKind<StoredPublicEpoch> = kind<StoredPublicEpoch>({
  suite: isCount,
  context: isBytes,
  interimTranscriptHash: isBytes,
  confirmationTag: isBytes,
  reinit: isBytesOrNull,
  width: isCount,
  stopped: isFlag,
});

export const publicProposalRecord: RecordKind<StoredPublicProposal> = kind<StoredPublicProposal>({
  authenticated: isBytes,
});
