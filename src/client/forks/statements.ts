/**
 * What a device signs of the epoch that it is in: the room, the epoch and its confirmed transcript hash, as it does to confirm an epoch to the
 * service. Two of them about one epoch that differ are evidence that the service has shown two commits: a fork.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { decodeCopy, encode, opaque, struct, u64, vector, type Codec } from "../../codec/codec.ts";
import { signWithLabel, verifyWithLabel } from "../../crypto/labels.ts";
import { CopseError } from "../../errors.ts";
import type { MimiContent } from "../../content/mimi.ts";
import { confirmationContent, confirmationLabel } from "../../delivery/rooms/confirm.ts";
import { deviceOf } from "../../rooms/uri.ts";
import { entryKind, text, type EntryKind } from "../store/entry.ts";
import type { RoomCore } from "../room/core.ts";
import { epochsType } from "./content.ts";

/** A device's word about one epoch of a room. */
export interface EpochStatement {
  readonly room: string;
  readonly epoch: bigint;
  readonly confirmedTranscriptHash: Uint8Array;
  /** By the device's leaf key: SignWithLabel under `confirmationLabel` over `confirmationContent`. */
  readonly signature: Uint8Array;
}
export const EpochStatement: Codec<EpochStatement> = struct<EpochStatement>({
  room: text,
  epoch: u64,
  confirmedTranscriptHash: opaque,
  signature: opaque,
});
const Statements: Codec<readonly EpochStatement[]> = vector(EpochStatement, "proposals");

/** A statement that was heard, and is not compared yet. */
export interface Heard {
  readonly statement: EpochStatement;
  /** The room in which it was said. */
  readonly via: string;
}
export const heardEntry: EntryKind<Heard> = entryKind(struct<Heard>({ statement: EpochStatement, via: text }));

/** Two statements about one epoch, this device's first. */
export interface StoredFork {
  readonly own: EpochStatement;
  readonly other: EpochStatement;
}
export const forkEntry: EntryKind<StoredFork> = entryKind(
  struct<StoredFork>({ own: EpochStatement, other: EpochStatement }),
);

/** As many as one message says, and as are read of one. */
export const mostStatements = 8;

/** This device's word. */
export async function state(
  { around, id: room }: RoomCore,
  epoch: bigint,
  confirmedTranscriptHash: Uint8Array,
): Promise<EpochStatement> {
  const content = confirmationContent(room, epoch, confirmedTranscriptHash);
  const signature = await signWithLabel(around.identity.signer, confirmationLabel, content);
  return { room, epoch, confirmedTranscriptHash, signature };
}

export function writeStatements(statements: readonly EpochStatement[]): MimiContent["nestedPart"] {
  const content = encode(Statements, statements);
  return { disposition: "session", language: "", cardinality: "single", contentType: epochsType, content };
}

/** What a device has said in this room of others, as far as it has signed it. */
export async function readStatements(
  { loaded: group }: RoomCore,
  device: string,
  { nestedPart }: MimiContent,
): Promise<readonly EpochStatement[]> {
  if (group === undefined || nestedPart.cardinality !== "single") return [];
  const keys = Array.from(group.members).flatMap(({ credential, signatureKey }) =>
    deviceOf(credential) === device ? [signatureKey] : [],
  );
  let said: readonly EpochStatement[];
  try {
    said = decodeCopy(Statements, nestedPart.content);
  } catch (error) {
    if (error instanceof CopseError) return [];
    throw error;
  }
  const signed: EpochStatement[] = [];
  for (const statement of said.slice(0, mostStatements)) {
    const { room, epoch, confirmedTranscriptHash, signature } = statement;
    const content = confirmationContent(room, epoch, confirmedTranscriptHash);
    for (const publicKey of keys) {
      if (!(await verifyWithLabel(group.suite, { publicKey, label: confirmationLabel, content, signature }))) continue;
      signed.push(statement);
      break;
    }
  }
  return signed;
}

export function isSame(a: EpochStatement, b: EpochStatement): boolean {
  return bytesEqual(a.confirmedTranscriptHash, b.confirmedTranscriptHash);
}
