/**
 * All that a member holds of a group, and how it moves from epoch to epoch. RFC 9420 sections 8.6, 9.2, 12.4.2.
 */

import type { Secret } from "../bytes/secret.ts";
import { CopseError } from "../errors.ts";
import type { StagedKey } from "../schedule/secret-tree.ts";
import { endEpoch, wipeEpoch, wipePastEpoch, wipePrivateKeys, type Epoch, type PastEpoch } from "./epoch.ts";
import type { RemovedEvent } from "./events.ts";
import type { Identity } from "./identity.ts";
import type { PendingCommit } from "./pending.ts";
import { ProposalStore, type OwnUpdate } from "./proposal-store.ts";
import type { PskSource } from "./psks.ts";
import { SentMessages } from "./sent.ts";
import type { Settings } from "./settings.ts";
import { outsideTurns } from "./turns.ts";

/** A group's state. Its parts are replaced as a whole, in one synchronous step at the end of an operation. */
export interface GroupState {
  readonly settings: Settings;
  identity: Identity;
  epoch: Epoch;
  /** Past epochs whose messages can still be opened, oldest first. */
  past: readonly PastEpoch[];
  /** Resumption PSKs by epoch, oldest first; the current one's is the last. */
  readonly resumption: Map<bigint, Secret<"resumption_psk">>;
  readonly proposals: ProposalStore;
  readonly sent: SentMessages;
  pending: PendingCommit | undefined;
  /** Messages that were encrypted in this epoch. */
  encrypted: number;
  /** Whether the group is over for us: every secret is wiped. */
  gone: boolean;
  /** How we were removed, where we were. */
  removal: RemovedEvent | undefined;
  /** Told of each new epoch, and of the end. */
  readonly listeners: Set<() => void>;
}

/** The state of a member that enters a group with this epoch. */
export function newState(settings: Settings, identity: Identity, epoch: Epoch): GroupState {
  return {
    settings,
    identity,
    epoch,
    past: [],
    resumption: new Map([[epoch.context.epoch, epoch.resumptionPsk]]),
    proposals: new ProposalStore(settings.limits),
    sent: new SentMessages(epoch.suite, settings.window.ownMessages),
    pending: undefined,
    encrypted: 0,
    gone: false,
    removal: undefined,
    listeners: new Set(),
  };
}

/** @throws CopseError "group-gone". */
export function checkAlive(state: GroupState): void {
  if (state.gone) throw new CopseError("group-gone");
}

/** Where the group's PSKs are found. */
export function pskSource({ epoch, resumption, settings }: GroupState): PskSource {
  return { groupId: epoch.context.groupId, resumption, settings };
}

/** What comes with the next epoch, besides itself. */
export interface Transition {
  readonly next: Epoch;
  /** The key of the commit's message, where it was private: consumed by its acceptance. */
  readonly key?: StagedKey;
  /** Our own Update that the commit held. */
  readonly ownUpdate?: OwnUpdate | undefined;
  /** The identity that our leaf presents from now on, where it has changed. */
  readonly identity?: Identity;
}

/**
 * Enter the next epoch. Everything of the current one that section 9.2 does not let us keep is wiped: path and leaf keys
 * that were replaced, every secret but those that open late messages, and the proposals that were not committed.
 */
export function enterEpoch(state: GroupState, { next, key, ownUpdate, identity }: Transition): void {
  checkAlive(state);
  const { epoch, settings, resumption, pending } = state;
  const now = settings.clock();
  if (key !== undefined) acceptKey(key, now);
  next.tree.settle();
  state.past = [...state.past, endEpoch(epoch, now)];
  wipePrivateKeys(epoch.privateKeys, next.privateKeys);
  resumption.set(next.context.epoch, next.resumptionPsk);
  for (const [number, psk] of resumption) {
    if (resumption.size <= settings.window.resumptionPsks + 1) break;
    psk.wipe();
    resumption.delete(number);
  }
  state.proposals.clear();
  if (pending !== undefined && pending.next !== next) wipeEpoch(pending.next, next);
  state.pending = undefined;
  state.identity = identity ?? ownUpdate?.identity ?? state.identity;
  state.epoch = next;
  state.encrypted = 0;
  expire(state);
  tell(state);
}

/**
 * A message is accepted: its key is used up.
 *
 * @throws CopseError "private-message-open" where the key has grown too old since the message was opened.
 */
export function acceptKey(key: StagedKey, now: number): void {
  try {
    key.accept(now);
  } catch (cause) {
    throw new CopseError("private-message-open", { cause });
  }
}

/** Forget what has grown too old. Needs no timer: every operation begins with it. RFC 9420 section 14.3 */
export function expire(state: GroupState): void {
  const { settings } = state;
  const { pastEpochs, pastEpochAge } = settings.window;
  const now = settings.clock();
  const surplus = state.past.length - pastEpochs;
  const kept = state.past.filter((past, i) => i >= surplus && now - past.endedAt < pastEpochAge);
  if (kept.length < state.past.length) {
    for (const past of state.past) if (!kept.includes(past)) wipePastEpoch(past);
    state.past = kept;
  }
  for (const { secretTree } of kept) secretTree.expire(now);
  state.epoch.secretTree.expire(now);
}

/** Give up the pending commit, if there is one. */
export function dropPending(state: GroupState): void {
  if (state.pending === undefined) return;
  wipeEpoch(state.pending.next, state.epoch);
  state.pending = undefined;
}

/** End the group for us: wipe every secret that is left. What is public stays, to be read. */
export function endGroup(state: GroupState): void {
  if (state.gone) return;
  dropPending(state);
  state.proposals.clear();
  for (const past of state.past) wipePastEpoch(past);
  state.past = [];
  wipeEpoch(state.epoch);
  for (const psk of state.resumption.values()) psk.wipe();
  state.resumption.clear();
  state.gone = true;
  tell(state);
}

/** Tell the listeners, for whom the operation does not wait: what they start takes its turn. What one of them throws is the application's: it reaches nobody here, and undoes nothing. */
function tell({ listeners }: GroupState): void {
  for (const listener of [...listeners]) {
    try {
      outsideTurns(listener);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
