/**
 * How this member was removed, as bytes: who is out keeps what it was told. RFC 9420 section 12.4
 */

import { decode, encode, opaque, optional, struct, u16, u32, u64, u8, vector, type Codec } from "../../codec/codec.ts";
import type { CommitEvent, Member, RemovedEvent, UpdatedMember } from "../../public-group/events.ts";
import { storedReading } from "../../public-group/records/record.ts";
import { Credential } from "../../wire/credential.ts";
import { Extensions } from "../../wire/extension.ts";
import { Sender } from "../../wire/framing.ts";
import { Capabilities } from "../../wire/leaf-node.ts";
import { PreSharedKeyId } from "../../wire/pre-shared-key.ts";
import type { ReInit } from "../../wire/proposal.ts";

const flag: Codec<boolean> = {
  write: (out, value) => {
    out.u8(value ? 1 : 0);
  },
  read: (input) => u8.read(input) === 1,
};

const StoredMember: Codec<Member> = struct<Member>({
  leafIndex: u32,
  credential: Credential,
  signatureKey: opaque,
  encryptionKey: opaque,
  capabilities: Capabilities,
  extensions: Extensions,
});
const Members: Codec<readonly Member[]> = vector(StoredMember, "leaves");

const StoredReInit: Codec<Omit<ReInit, "type">> = struct<Omit<ReInit, "type">>({
  groupId: opaque,
  version: u16,
  cipherSuite: u16,
  extensions: Extensions,
});

/** A custom proposal behind its length: it can be read without the registry that it was received with. */
interface StoredCustom {
  readonly proposalType: number;
  readonly body: Uint8Array;
  readonly sender: Sender;
}

/** What a commit changes, without its names. */
type StoredChange = Omit<CommitEvent, "kind" | "reinit" | "custom" | "left" | "proposers"> & {
  readonly reinit: Omit<ReInit, "type"> | undefined;
  readonly custom: readonly StoredCustom[];
};
const StoredChange: Codec<StoredChange> = struct<StoredChange>({
  committer: StoredMember,
  external: flag,
  epoch: u64,
  added: Members,
  removed: Members,
  updated: vector(struct<UpdatedMember>({ before: StoredMember, after: StoredMember }), "leaves"),
  psks: vector(PreSharedKeyId, "psks"),
  contextChanged: flag,
  contextExtensions: struct<CommitEvent["contextExtensions"]>({ before: Extensions, after: Extensions }),
  reinit: optional(StoredReInit),
  custom: vector(struct<StoredCustom>({ proposalType: u16, body: opaque, sender: Sender }), "proposals"),
  authenticatedData: opaque,
});

interface StoredRemoval {
  readonly by: Sender;
  readonly proposedBy: Sender;
  readonly change: StoredChange;
  /** The leaves of those who have asked to leave. Records from before there was this end without it. */
  readonly left: readonly number[];
  /** Who proposed what. Records from before there was this end without it. */
  readonly proposers: CommitEvent["proposers"];
}
const Senders: Codec<readonly Sender[]> = vector(Sender, "leaves");
const Proposers: Codec<CommitEvent["proposers"]> = struct<CommitEvent["proposers"]>({
  added: Senders,
  removed: Senders,
  context: optional(Sender),
  reinit: optional(Sender),
});
const Leaves: Codec<readonly number[]> = vector(u32, "leaves");
const StoredRemoval: Codec<StoredRemoval> = struct<StoredRemoval>({
  by: Sender,
  proposedBy: Sender,
  change: StoredChange,
  left: sinceThen(Leaves, []),
  proposers: sinceThen(Proposers, { added: [], removed: [], context: undefined, reinit: undefined }),
});

/** What an older version has not written. */
function sinceThen<Value>(codec: Codec<Value>, without: Value): Codec<Value> {
  return {
    write: (out, value) => {
      codec.write(out, value);
    },
    read: (input) => (input.remaining === 0 ? without : codec.read(input)),
  };
}

/** A removal as it is stored. */
export function removalToBytes({ by, proposedBy, change }: RemovedEvent): Uint8Array {
  const custom = change.custom.map(({ proposal: { proposalType, body }, sender }) => ({ proposalType, body, sender }));
  const left = change.left.map(({ leafIndex }) => leafIndex);
  const { proposers } = change;
  return encode(StoredRemoval, { by, proposedBy, change: { ...change, custom }, left, proposers });
}

/** A removal that was stored. @throws CopseError of a `decode-` code. */
export function removalFromBytes(bytes: Uint8Array): RemovedEvent {
  const { by, proposedBy, change, left, proposers } = decode(StoredRemoval, bytes, storedReading);
  const { reinit } = change;
  return {
    kind: "removed",
    by,
    proposedBy,
    epoch: change.epoch,
    change: {
      kind: "commit",
      ...change,
      left: change.removed.filter(({ leafIndex }) => left.includes(leafIndex)),
      proposers,
      reinit: reinit && { type: "reinit", ...reinit },
      custom: change.custom.map(({ proposalType, body, sender }) => ({
        proposal: { type: "custom", proposalType, body },
        sender,
      })),
    },
  };
}
