/**
 * A group's records, taken apart and put in order: from a store, in whatever order it gives them.
 */

import { CopseError } from "../../errors.ts";
import type { KeptKeyState, RatchetState } from "../../schedule/ratchet.ts";
import type { RatchetType, SecretTreePartName } from "../../schedule/secret-tree-parts.ts";
import type { SecretTreeState } from "../../schedule/secret-tree.ts";
import { decode } from "../../codec/codec.ts";
import { GroupContext } from "../../wire/group-context.ts";
import { type RatchetTreeNodes } from "../../wire/ratchet-tree.ts";
import { readStored } from "../../public-group/records/damaged.ts";
import {
  parseName,
  type pendingMessageNames,
  type RecordName,
  type TreeLabel,
} from "../../public-group/records/names.ts";
import {
  epochRecord,
  keyRecord,
  pastRecord,
  pendingRecord,
  proposalRecord,
  ratchetRecord,
  secretRecord,
  sendingRecord,
  sentRecord,
  type StoredEpoch,
  type StoredPast,
  type StoredPendingCommit,
  type StoredProposalRecord,
  type StoredSending,
  type StoredSent,
} from "./values.ts";
import type { StoredBeside } from "../../public-group/records/beside.ts";
import { bytesRecord, storedReading } from "../../public-group/records/record.ts";
import { wholeContext } from "./contexts.ts";
import { inOrder, mostLeaves, nodesOf, type Records } from "../../public-group/records/collected.ts";

/** A past epoch. Its leaves are told by how they differ from those of the next one that is kept, or of the current one. */
export interface ReadPast extends StoredPast {
  readonly leavesOf: "next" | "current";
  readonly secretTree: SecretTreeState;
}

/** A pending commit, with its messages. */
export interface ReadPending extends Omit<StoredPendingCommit, "confirmedTranscriptHash"> {
  /** Undefined where the content is whole, so that it can be computed. */
  readonly confirmedTranscriptHash: Uint8Array | undefined;
  readonly message: Uint8Array;
  readonly welcome: Uint8Array | undefined;
  readonly groupInfo: Uint8Array | undefined;
  readonly secretTree: SecretTreeState;
}

/** Everything of a group. */
export interface ReadGroup {
  readonly epoch: StoredEpoch;
  /** Undefined where the group is over for us. */
  readonly secretTree: SecretTreeState | undefined;
  readonly nodes: RatchetTreeNodes;
  readonly beside: readonly StoredBeside[];
  /** Oldest first. */
  readonly past: readonly ReadPast[];
  /** By epoch, oldest first, the current one's included. */
  readonly resumption: readonly (readonly [epoch: bigint, psk: Uint8Array])[];
  /** The nodes of the exporter tree: none where a version stored it that had no safe exporter. */
  readonly exporter: readonly (readonly [nodeIndex: number, secret: Uint8Array])[];
  /** In the order of their arrival. */
  readonly proposals: readonly (readonly [number: number, proposal: StoredProposalRecord])[];
  /** Oldest first. */
  readonly sent: readonly (readonly [number: number, sent: StoredSent])[];
  readonly sending: StoredSending;
  readonly pending: ReadPending | undefined;
}

type NumberedKind = Extract<RecordName, { number: number }>["kind"];
type SingleName = "epoch" | "sending" | "pending" | keyof typeof pendingMessageNames;

/** The records by kind, as they come. */
class Sorted {
  readonly single = new Map<SingleName, Uint8Array>();
  readonly numbered: Readonly<Record<NumberedKind, Map<number, Uint8Array>>> = {
    node: new Map(),
    proposal: new Map(),
    sent: new Map(),
    export: new Map(),
  };
  readonly past = new Map<bigint, StoredPast>();
  readonly psks = new Map<bigint, Uint8Array>();
  readonly trees = new Map<TreeLabel, ReadTree>();
  readonly beside: StoredBeside[] = [];
  readonly extensions = new Map<string, Uint8Array>();
  readonly #names = new Set<string>();

  add(name: string, value: Uint8Array): void {
    const parsed = parseName(name);
    // Of two records of one name nobody knows which is the newer: with the older, a key could be used twice.
    if (this.#names.has(name)) throw new CopseError("snapshot-damaged", { detail: "two records of one name" });
    this.#names.add(name);
    switch (parsed.kind) {
      case "epoch":
      case "sending":
      case "pending":
        this.single.set(parsed.kind, value);
        return;
      case "pending-message":
        this.single.set(parsed.part, value);
        return;
      case "node":
      case "proposal":
      case "sent":
      case "export":
        this.numbered[parsed.kind].set(parsed.number, value);
        return;
      case "beside":
        this.beside.push({ type: parsed.type, hash: parsed.hash, value });
        return;
      case "extension":
        this.extensions.set(parsed.hash, bytesRecord.read(value));
        return;
      case "past":
        this.past.set(parsed.epoch, pastRecord.read(value));
        return;
      case "psk":
        this.psks.set(parsed.epoch, secretRecord.read(value).secret);
        return;
      case "secret-tree": {
        const tree = this.trees.get(parsed.label) ?? new ReadTree();
        this.trees.set(parsed.label, tree);
        tree.add(parsed.part, value);
      }
    }
  }

  /** The state of an epoch's secret tree, which nobody else asks for. */
  takeTree(label: TreeLabel, width: number): SecretTreeState {
    const tree = this.trees.get(label) ?? new ReadTree();
    this.trees.delete(label);
    return tree.state(width);
  }
}

interface ReadRatchet {
  position?: readonly [generation: number, secret: Uint8Array];
  readonly kept: KeptKeyState[];
}

/** The parts of a secret tree. */
class ReadTree {
  readonly #nodes = new Map<number, Uint8Array>();
  readonly #leaves = new Map<number, Readonly<Record<RatchetType, ReadRatchet>>>();

  add(part: SecretTreePartName, value: Uint8Array): void {
    if (part.kind === "node") {
      this.#nodes.set(part.nodeIndex, secretRecord.read(value).secret);
      return;
    }
    const leaf = this.#leaves.get(part.leafIndex) ?? { handshake: { kept: [] }, application: { kept: [] } };
    this.#leaves.set(part.leafIndex, leaf);
    if (part.kind === "ratchet") {
      const { generation, secret } = ratchetRecord.read(value);
      leaf[part.type].position = [generation, secret];
    } else {
      const { key, at } = keyRecord.read(value);
      leaf[part.type].kept.push([part.generation, key, at]);
    }
  }

  /** @throws CopseError "snapshot-damaged" where a ratchet is missing. */
  state(width: number): SecretTreeState {
    return {
      width,
      nodes: inOrder(this.#nodes),
      leaves: inOrder(this.#leaves).map(([leafIndex, { handshake, application }]) => [
        leafIndex,
        stateOf(handshake),
        stateOf(application),
      ]),
    };
  }
}

function stateOf({ position, kept }: ReadRatchet): RatchetState {
  if (position === undefined) throw new CopseError("snapshot-damaged", { detail: "a ratchet is missing" });
  return [...position, kept.sort(([a], [b]) => a - b)];
}

/**
 * Put a group's records in order.
 *
 * @throws CopseError "snapshot-damaged" where one is missing or is not what was written; "snapshot-version" for one that a
 * newer version of this library wrote.
 */
export function readGroup(records: Records): ReadGroup {
  const sorted = new Sorted();
  for (const [name, value] of records) sorted.add(name, value);
  const { single, numbered } = sorted;
  const { extensions } = sorted;
  const stored = epochRecord.read(required(single, "epoch"));
  const epoch = { ...stored, context: readStored(() => wholeContext(stored, extensions)) };
  const { epoch: number } = readStored(() => decode(GroupContext, epoch.context, storedReading));
  const group: ReadGroup = {
    epoch,
    secretTree: epoch.gone ? undefined : sorted.takeTree(number, epoch.width),
    nodes: readStored(() => nodesOf(numbered.node, epoch.gone ? mostLeaves : epoch.width)),
    beside: sorted.beside,
    past: inOrder(sorted.past).map(([at, past]) => ({
      ...past,
      context: readStored(() => wholeContext(past, extensions)),
      leavesOf: "next",
      secretTree: sorted.takeTree(at, past.width),
    })),
    resumption: inOrder(sorted.psks),
    exporter: inOrder(numbered.export).map(([at, value]) => [at, secretRecord.read(value).secret]),
    proposals: inOrder(numbered.proposal).map(([at, value]) => [at, proposalRecord.read(value)]),
    sent: inOrder(numbered.sent).map(([at, value]) => [at, sentRecord.read(value)]),
    sending: sendingRecord.read(required(single, "sending")),
    pending: pendingOf(sorted),
  };
  if (sorted.trees.size > 0) throw new CopseError("snapshot-damaged", { detail: "a secret tree of no epoch" });
  return group;
}

/**
 * The pending commit among some records.
 *
 * @throws CopseError "snapshot-damaged", "snapshot-version".
 */
export function readPending(records: Records): ReadPending {
  const sorted = new Sorted();
  for (const [name, value] of records) sorted.add(name, value);
  const pending = pendingOf(sorted);
  if (pending === undefined) throw new CopseError("snapshot-damaged", { detail: "there is no pending commit" });
  return pending;
}

function pendingOf(sorted: Sorted): ReadPending | undefined {
  const { single } = sorted;
  const bytes = single.get("pending");
  if (bytes === undefined) {
    if (["message", "welcome", "groupInfo"].some((name) => single.has(name as SingleName))) {
      throw new CopseError("snapshot-damaged", { detail: "a message of no pending commit" });
    }
    return undefined;
  }
  const pending = pendingRecord.read(bytes);
  const optional = (name: SingleName): Uint8Array | undefined => {
    const value = single.get(name);
    return value && bytesRecord.read(value);
  };
  return {
    ...pending,
    message: bytesRecord.read(required(single, "message")),
    welcome: optional("welcome"),
    groupInfo: optional("groupInfo"),
    secretTree: sorted.takeTree("next", pending.width),
  };
}

function required(single: Sorted["single"], name: SingleName): Uint8Array {
  const value = single.get(name);
  if (value === undefined) throw new CopseError("snapshot-damaged", { detail: `there is no record of the ${name}` });
  return value;
}
