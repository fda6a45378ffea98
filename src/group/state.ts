/**
 * All that a member holds of a group, and how it moves from epoch to epoch. RFC 9420 sections 8.6, 9.2, 12.4.2.
 */

import { isThenable } from "../bytes/decision.ts";
import type { Secret } from "../bytes/secret.ts";
import type { Awaitable } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import { exporterTree } from "../schedule/exporter-tree.ts";
import type { SecretTree, StagedKey } from "../schedule/secret-tree.ts";
import { secretsOf, secretsOfNext, type Epoch, type PastEpoch } from "./held/epoch.ts";
import type { RemovedEvent } from "../public-group/events.ts";
import type { Held } from "./held/held.ts";
import type { Identity } from "../public-group/identity.ts";
import type { OwnUpdate } from "./held/own-updates.ts";
import type { PendingCommit } from "./held/pending.ts";
import { ProposalStore } from "../public-group/proposals/proposal-store.ts";
import type { PskSource } from "./held/psks.ts";
import { Ledger } from "./records/ledger.ts";
import type { StateEvent } from "../public-group/records/persist.ts";
import { SentMessages, type KeptMessage } from "./held/sent.ts";
import type { Settings } from "../public-group/options/settings.ts";
import { outsideTurns } from "../public-group/turns/turns.ts";

/** A group's state. Its parts are replaced as a whole, in one synchronous step at the end of an operation. */
export type GroupState = { -readonly [Part in keyof Held]: Held[Part] } & {
  readonly settings: Settings;
  readonly sent: SentMessages;
  /** What is stored of it, where it is stored. */
  ledger: Ledger | undefined;
  /** Told of each new epoch, and of the end. */
  readonly listeners: Set<() => void>;
};

/** The state of a member that enters a group with this epoch. Nothing of it is stored yet. */
export function newState(settings: Settings, identity: Identity, epoch: Epoch): GroupState {
  return {
    settings,
    identity,
    epoch,
    past: [],
    resumption: new Map([[epoch.context.epoch, epoch.resumptionPsk]]),
    exporter: exporterTree(epoch.applicationExportSecret),
    proposals: new ProposalStore(settings.limits),
    withdrawn: undefined,
    ownUpdates: new Map(),
    sent: new SentMessages(epoch.suite, settings.window.ownMessages),
    pending: undefined,
    encrypted: 0,
    gone: false,
    removal: undefined,
    ledger: undefined,
    listeners: new Set(),
  };
}

/** What a state holds now. */
export function heldBy(state: GroupState): Held {
  const { identity, epoch, past, resumption, exporter, proposals, withdrawn, ownUpdates, pending } = state;
  const { encrypted, gone, removal } = state;
  const parts = { identity, epoch, past, resumption, exporter, proposals, withdrawn, ownUpdates, pending };
  return { ...parts, encrypted, gone, removal };
}

/** @throws CopseError "state-unknown" where nobody knows what is stored, "group-gone". */
export function checkAlive(state: GroupState): void {
  if (state.ledger?.isLost === true) throw new CopseError("state-unknown");
  if (state.gone) throw new CopseError("group-gone");
}

/** Where the group's PSKs are found. */
export function pskSource({ epoch, resumption, settings }: GroupState): PskSource {
  return { groupId: epoch.context.groupId, resumption, settings };
}

/** One step of a group: what it becomes, and what happens beside that. */
export interface Step {
  /** What is held afterwards, where it is something else. */
  readonly change?: Partial<Held> | undefined;
  /** The key of a message that is accepted by this step: of the current epoch, where the epoch is not named. */
  readonly key?: StagedKey | undefined;
  readonly keyEpoch?: bigint;
  /** A message of ours that is to be recognised. */
  readonly sent?: KeptMessage | undefined;
  /**
   * The event that the application's store is given with this step: made where the state is stored, and nowhere else.
   */
  readonly event: () => StateEvent;
}

/**
 * Take a step. Where the state is stored, that is done first: until then nothing has changed, and where nothing was written
 * nothing ever does. Where it is not, there is nothing to wait for.
 *
 * @throws CopseError "group-gone" where it was wiped in the meantime; "state-not-written", "state-unknown";
 * "private-message-open" where a key has grown too old.
 */
export function take(state: GroupState, step: Step): Promise<void> | undefined {
  checkAlive(state); // it may have been wiped while the operation waited: nothing of it is stored then
  const now = state.settings.clock();
  if (state.ledger !== undefined) return takeStored(state, state.ledger, step, now);
  carryOut(state, step, now);
  return undefined;
}

/** Store what the state becomes, then change it. Where nobody knows what is stored, it is wiped. */
function takeStored(state: GroupState, ledger: Ledger, step: Step, now: number): Promise<void> | undefined {
  const { change, key, keyEpoch = state.epoch.context.epoch, sent, event } = step;
  const staged = { key: key && { epoch: keyEpoch, parts: ofKey(() => key.changes(now)) }, sent };
  const failed = (error: unknown): never => {
    if (ledger.isLost) wipeState(state);
    throw error;
  };
  let written: Awaitable<void>;
  try {
    written = ledger.write({ ...heldBy(state), ...change }, state.sent, staged, event());
  } catch (error) {
    return failed(error);
  }
  if (isThenable(written)) return written.then(() => carryOut(state, step, now), failed);
  carryOut(state, step, now);
  return undefined;
}

/** Change what a step changes. */
function carryOut(state: GroupState, { change, key, sent }: Step, now: number): void {
  checkAlive(state);
  if (key !== undefined) {
    ofKey(() => {
      key.accept(now);
    });
  }
  if (sent !== undefined) state.sent.keep(sent);
  if (change !== undefined) become(state, change);
}

/** Hold something else. What is not held any more is wiped: "clients MUST delete" it (RFC 9420 section 9.2). */
function become(state: GroupState, change: Partial<Held>): void {
  const before = heldBy(state);
  if (change.epoch !== undefined) change.epoch.tree.settle();
  Object.assign(state, change);
  wipeBetween(before, heldBy(state));
  if (before.epoch !== state.epoch || before.gone !== state.gone) tell(state);
}

/** What comes with the next epoch, besides itself. */
export interface Transition {
  readonly next: Epoch;
  /** The key of the commit's message, where it was private: consumed by its acceptance. */
  readonly key?: StagedKey | undefined;
  /** Our own Update that the commit held. */
  readonly ownUpdate?: OwnUpdate | undefined;
  /** The identity that our leaf presents from now on, where it has changed. */
  readonly identity?: Identity;
  readonly event: () => StateEvent;
}

/**
 * Enter the next epoch. Of the current one stays what opens late messages (section 9.2); replaced path and leaf keys go, and
 * the proposals that were not committed.
 */
export function enterEpoch(state: GroupState, transition: Transition): Promise<void> | undefined {
  const { next, key, ownUpdate, identity, event } = transition;
  const { epoch, settings, resumption } = state;
  const { context, tree, secretTree, secrets } = epoch;
  const endedAt = settings.clock();
  const past = [...state.past, { context, tree, secretTree, senderDataSecret: secrets.senderDataSecret, endedAt }];
  const psks = [...resumption, [next.context.epoch, next.resumptionPsk] as const];
  const step: Step = {
    change: {
      epoch: next,
      past: keptOf(past, settings),
      resumption: new Map(psks.slice(-1 - settings.window.resumptionPsks)),
      exporter: exporterTree(next.applicationExportSecret),
      proposals: state.proposals.emptied(),
      withdrawn: undefined,
      ownUpdates: new Map(),
      pending: undefined,
      identity: identity ?? ownUpdate?.identity ?? state.identity,
      encrypted: 0,
    },
    key,
    event,
  };
  return take(state, step);
}

/**
 * Use the key of a message that is accepted.
 *
 * @throws CopseError "private-message-open" where it has grown too old since the message was opened.
 */
function ofKey<T>(use: () => T): T {
  try {
    return use();
  } catch (cause) {
    throw new CopseError("private-message-open", { cause });
  }
}

/** Forget what has grown too old. Needs no timer: every operation begins with it. RFC 9420 section 14.3 */
export function expire(state: GroupState): void {
  const { settings } = state;
  const now = settings.clock();
  const past = keptOf(state.past, settings);
  if (past.length < state.past.length) {
    for (const epoch of state.past) {
      if (past.includes(epoch)) continue;
      state.ledger?.forget(epoch.context.epoch, epoch.secretTree);
      epoch.senderDataSecret.wipe();
      epoch.secretTree.wipe();
    }
    state.past = past;
  }
  for (const { secretTree } of past) secretTree.expire(now);
  state.epoch.secretTree.expire(now);
}

/** The past epochs that the window still holds. */
function keptOf(past: readonly PastEpoch[], { window, clock }: Settings): readonly PastEpoch[] {
  const surplus = past.length - window.pastEpochs;
  const now = clock();
  return past.filter(({ endedAt }, i) => i >= surplus && now - endedAt < window.pastEpochAge);
}

/** Give up the pending commit without waiting for anything: the store follows, with this write or the next. */
export function dropPending(state: GroupState, pending: PendingCommit): Awaitable<void> {
  const { ledger } = state;
  ledger?.forget("next", pending.next.secretTree);
  const before = heldBy(state);
  state.pending = undefined;
  wipeBetween(before, heldBy(state));
  if (ledger !== undefined) return write(state, { kind: "dropped" });
}

/** End the group for us: this client was removed. What is public stays, to be read. */
export function endGroup(
  state: GroupState,
  removal: RemovedEvent,
  key: StagedKey | undefined,
): Promise<void> | undefined {
  const event = (): StateEvent => ({ kind: "received", event: removal });
  return take(state, { change: { ...over(state), removal }, key, event });
}

/** End the group for us without waiting for anything: the store follows with the next write. */
export function endAtOnce(state: GroupState): void {
  if (state.gone) return;
  const before = heldBy(state);
  state.ledger?.forgetAll(before);
  Object.assign(state, over(state));
  wipeBetween(before, heldBy(state));
  tell(state);
}

/** What is held of a group that is over. */
function over({ proposals }: GroupState): Omit<Held, "identity" | "epoch" | "encrypted" | "removal"> {
  const nothing = { pending: undefined, past: [], resumption: new Map(), exporter: new Map(), ownUpdates: new Map() };
  return { ...nothing, withdrawn: undefined, proposals: proposals.emptied(), gone: true };
}

/**
 * Store a new state, where that is asked for, before anybody has it.
 *
 * @throws CopseError "state-not-written", "state-unknown"; the state is wiped then, unless it is `kept` for another attempt
 * and nothing was written.
 */
export async function begin(
  state: GroupState,
  event: StateEvent,
  { kept = false }: { readonly kept?: boolean } = {},
): Promise<void> {
  const { persist } = state.settings;
  if (persist === undefined) return;
  state.ledger ??= new Ledger(persist);
  try {
    await write(state, event);
  } catch (error) {
    if (!kept || state.ledger.isLost) wipeState(state);
    throw error;
  }
}

/** Store what is not stored yet. */
export async function write(state: GroupState, event: StateEvent): Promise<void> {
  const { ledger } = state;
  try {
    await ledger?.write(heldBy(state), state.sent, {}, event);
  } catch (error) {
    if (ledger?.isLost === true) wipeState(state);
    throw error;
  }
}

/** Wipe all of a state, which nobody goes on with: what is stored of it stays. */
export function wipeState(state: GroupState): void {
  wipeBetween(heldBy(state), undefined);
}

/** The parts of what is held that have secrets. */
const secretParts = ["epoch", "past", "resumption", "exporter", "ownUpdates", "pending", "gone"] as const;

/** Wipe what was held and is not any more. */
function wipeBetween(before: Held, after: Held | undefined): void {
  if (after !== undefined && secretParts.every((part) => before[part] === after[part])) return;
  const kept = new Set(after && wipeable(after));
  for (const secret of wipeable(before)) if (!kept.has(secret)) secret.wipe();
}

function* wipeable(held: Held): Iterable<Secret<string> | SecretTree> {
  const { epoch, past, resumption, exporter, ownUpdates, pending, gone } = held;
  if (!gone) yield* secretsOf(epoch);
  for (const { senderDataSecret, secretTree } of past) yield* [senderDataSecret, secretTree];
  yield* resumption.values();
  yield* exporter.values();
  for (const { privateKey } of ownUpdates.values()) yield privateKey;
  if (pending !== undefined) yield* secretsOfNext(pending.next);
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
