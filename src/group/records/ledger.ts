/**
 * What a store has of a group, and how it comes to have what the group becomes: one write set for each operation, before its
 * result leaves.
 */

import { isThenable } from "../../bytes/decision.ts";
import type { Awaitable } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import type { SecretTreePart, SecretTreePartName } from "../../schedule/secret-tree-parts.ts";
import type { SecretTree } from "../../schedule/secret-tree.ts";
import type { KeptMessage, SentMessages } from "../held/sent.ts";
import type { Held } from "../held/held.ts";
import {
  secretTreeName,
  secretTreeRecordsOf,
  sendingName,
  sentName,
  type TreeLabel,
} from "../../public-group/records/names.ts";
import { writeError, type Persist, type StateEvent } from "../../public-group/records/persist.ts";
import { sendingRecord, sentRecord } from "./values.ts";
import { changesBetween, sentValue } from "./write.ts";
import { putParts } from "./write-parts.ts";
import type { WriteSet } from "../../public-group/records/write-set.ts";

/** What an operation will change beside what is held. */
export interface Staged {
  /** What a key that is about to be accepted will change in the secret tree of this epoch. */
  readonly key?: { readonly epoch: bigint; readonly parts: readonly SecretTreePart[] } | undefined;
  readonly sent?: KeptMessage | undefined;
}

/** Follows what is stored of one group. */
export class Ledger {
  readonly #persist: Persist;
  #stored: Held | undefined;
  /** Messages of ours that are stored have lower numbers. */
  #nextSent = 0;
  /** Messages that were encrypted, as stored. */
  #encrypted: number | undefined;
  /** Records of what was wiped in between, and may still be stored. */
  #leftovers: Set<string> = new Set<string>();
  /** The write under way. */
  #writing: WriteSet | undefined;
  #isLost = false;

  constructor(persist: Persist) {
    this.#persist = persist;
  }

  /** A ledger of what has come out of a store; `leftovers` are records that nobody needs. */
  static of(persist: Persist, stored: Held, sent: SentMessages, leftovers: Iterable<string>): Ledger {
    const ledger = new Ledger(persist);
    for (const name of leftovers) ledger.#leftovers.add(name);
    ledger.#note(stored, treesOf(stored), sent.next);
    return ledger;
  }

  /** Whether a write has failed, so that nobody knows what is stored. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Whether a write is under way: what it stores is not to change before it is over. */
  get isWriting(): boolean {
    return this.#writing !== undefined;
  }

  /** A secret tree is about to be wiped: what is stored of it goes with the next write. */
  forget(label: TreeLabel, tree: SecretTree): void {
    for (const name of tree.storedNames()) this.#leftovers.add(secretTreeName(label, name));
  }

  /** All secret trees are about to be wiped, perhaps in the middle of a write: what that stores goes with the next, too. */
  forgetAll({ epoch, past, pending }: Held): void {
    for (const { context, secretTree } of [epoch, ...past]) this.forget(context.epoch, secretTree);
    if (pending !== undefined) this.forget("next", pending.next.secretTree);
    for (const name of secretTreeRecordsOf(this.#writing?.puts.keys() ?? [])) this.#leftovers.add(name);
  }

  /** Whether something is to be written that does not belong to an operation. */
  isBehind(held: Held): boolean {
    return this.#changes(held).size > 0;
  }

  /**
   * Store what the group becomes.
   *
   * @throws CopseError "state-not-written", after which the next write tells the same again; "state-unknown", from then on.
   */
  write(after: Held, sent: SentMessages, staged: Staged, event: StateEvent): Awaitable<void> {
    if (this.#isLost) throw new CopseError("state-unknown");
    const trees = treesOf(after);
    const set = this.#changes(after, trees);
    const { key } = staged;
    if (key !== undefined && hasEpoch(after, key.epoch)) putParts(set, key.epoch, key.parts);
    const nextSent = this.#writeSent(set, sent, staged.sent);
    if (after.encrypted !== this.#encrypted || nextSent !== this.#nextSent) {
      set.put(sendingName, sendingRecord.write({ encrypted: after.encrypted, sent: nextSent }));
    }
    const whole = this.#stored === undefined;
    const deletes = whole ? [] : [...set.deletes];
    const changes = { groupId: after.epoch.context.groupId.slice(), whole, puts: set.puts, deletes };
    // What is wiped or changed in place from here on belongs to the next write.
    const leftovers = this.#leftovers;
    const touched: (readonly [SecretTree, readonly SecretTreePartName[]])[] = [];
    for (const [, tree] of trees) {
      const names = tree.takeTouched();
      if (names.length > 0) touched.push([tree, names]);
    }
    if (leftovers.size > 0) this.#leftovers = new Set();
    this.#writing = set;
    const done = (): void => {
      this.#writing = undefined;
      this.#note(after, trees, nextSent);
    };
    const failed = (cause: unknown): never => {
      this.#writing = undefined;
      for (const name of leftovers) this.#leftovers.add(name);
      for (const [tree, names] of touched) tree.touchAgain(names);
      const error = writeError(cause);
      this.#isLost = error.code === "state-unknown";
      throw error;
    };
    let answer: Awaitable<void>;
    try {
      answer = this.#persist(changes, event);
    } catch (cause) {
      return failed(cause);
    }
    // A hook that has written at once is not waited for: waiting takes as long as the rest of the writing.
    if (isThenable(answer)) return answer.then(done, failed);
    done();
  }

  #note(stored: Held, trees: Trees, nextSent: number): void {
    this.#stored = stored;
    this.#nextSent = nextSent;
    this.#encrypted = stored.encrypted;
    for (const [, tree] of trees) tree.track();
  }

  /** All but the messages of ours, and what is staged. */
  #changes(after: Held, trees: Trees = treesOf(after)): WriteSet {
    const set = changesBetween(this.#stored, after);
    for (const name of this.#leftovers) if (!set.puts.has(name)) set.delete(name);
    for (const [label, tree] of trees) putParts(set, label, tree.touched());
    return set;
  }

  /** "sent": gives the number of the next. */
  #writeSent(set: WriteSet, sent: SentMessages, staged: KeptMessage | undefined): number {
    const put = (message: KeptMessage): void => {
      set.put(sentName(message.number), sentRecord.write(sentValue(message)));
    };
    if (sent.next > this.#nextSent) {
      for (const message of sent.values()) if (message.number >= this.#nextSent) put(message);
    }
    if (staged !== undefined) put(staged);
    for (const number of sent.surplus(staged)) set.delete(sentName(number));
    return sent.next + (staged === undefined ? 0 : 1);
  }
}

type Trees = readonly (readonly [TreeLabel, SecretTree])[];

/** Every secret tree that is stored of a state. */
function treesOf({ epoch, past, pending, gone }: Held): Trees {
  const trees: [TreeLabel, SecretTree][] = past.map(({ context, secretTree }) => [context.epoch, secretTree]);
  if (!gone) trees.push([epoch.context.epoch, epoch.secretTree]);
  if (pending !== undefined) trees.push(["next", pending.next.secretTree]);
  return trees;
}

/** Whether the secret tree of an epoch, the current one or a past one, is among them. */
function hasEpoch({ epoch, past, gone }: Held, number: bigint): boolean {
  return !gone && (epoch.context.epoch === number || past.some(({ context }) => context.epoch === number));
}
