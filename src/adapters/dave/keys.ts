/**
 * An engine's keys: of each epoch that is held, our own sender and the others' receivers. All tracks share them.
 */

import { Participants } from "../../call/engine/participants.ts";
import type { EngineEvent, EpochCommand } from "../../call/engine/protocol.ts";
import type { Scheduler } from "../../call/clock.ts";
import type { DaveMode, Sending } from "./commands.ts";
import { FrameReceiver, FrameSender, retention, type OpenFailure } from "./cryptors.ts";
import type { ProtocolFrame } from "./frame.ts";
import { readSenderSecrets } from "./sender-secrets.ts";

/** Older epochs go before their time where there are more. Each may be tried for a frame. */
const maxEpochs = 8;

/** Another member of an epoch. */
interface Peer {
  readonly participant: number;
  readonly receiver: FrameReceiver;
}

/** An epoch whose keys have come. */
export interface DaveEpoch {
  readonly epoch: bigint;
  readonly ownId: bigint | undefined;
  /** Undefined where this engine may not send in it. */
  readonly sender: FrameSender | undefined;
  readonly peers: ReadonlyMap<bigint, Peer>;
  /** Our own leaf. */
  readonly leafIndex: number;
  /** The participant at each leaf. */
  readonly members: ReadonlyMap<number, number>;
  readonly keyedAt: number;
  /** When it goes: ten seconds after the next one has come, or nothing is sent with a group any more. */
  readonly expiresAt: number;
}

/** What became of a frame of a user. */
export type Opened =
  | { readonly kind: "opened"; readonly secret: Uint8Array; readonly epoch: DaveEpoch; readonly participant: number }
  | {
      readonly kind: "refused";
      readonly cause: "own" | "not-a-member" | "unknown-key" | OpenFailure;
      readonly participant?: number | undefined;
    };

/** What keys tell their engine. */
interface DaveKeysListener {
  readonly emit: (event: EngineEvent) => void;
  /** Keys have come or gone, or members: whoever is in no epoch that is held can be forgotten. */
  readonly onChange: (participants: ReadonlySet<number>, hasNewKey: boolean) => void;
}

/** The keys of a call. */
export class DaveKeys {
  /** What was counted of each of the others, on all tracks together. */
  readonly participants: Participants = new Participants(retention);
  readonly #scheduler: Scheduler;
  readonly #listener: DaveKeysListener;
  /** Oldest first. */
  #epochs: readonly DaveEpoch[] = [];
  #newest = -1n;
  #mode: DaveMode = { sending: undefined, hearsClear: false };
  #clearUntil = -Infinity;
  #reported: bigint | undefined;
  #cancelWake: () => void = () => undefined;

  constructor(scheduler: Scheduler, listener: DaveKeysListener) {
    this.#scheduler = scheduler;
    this.#listener = listener;
  }

  get epochs(): readonly DaveEpoch[] {
    return this.#epochs;
  }

  /** The newest epoch that was announced, with or without its keys. */
  get newest(): bigint | undefined {
    return this.#newest < 0n ? undefined : this.#newest;
  }

  /** Whether frames that are no protocol frames are let through. */
  get hearsClear(): boolean {
    return this.#mode.hearsClear || this.#scheduler.now() < this.#clearUntil;
  }

  /**
   * Take in that an epoch has begun, or that its keys have come.
   *
   * @throws CopseError where they do not decode.
   */
  begin({ epoch, leafIndex, members, baseKey }: EpochCommand): void {
    if (epoch > this.#newest) this.#newest = epoch;
    if (baseKey === undefined) return;
    const now = this.#scheduler.now();
    const secrets = readSenderSecrets(baseKey);
    const last = this.#epochs.at(-1);
    if (last !== undefined && epoch <= last.epoch) {
      for (const { secret } of secrets) secret.fill(0);
      return;
    }
    const numbers = new Map(members.map(({ leafIndex: leaf, participant }) => [leaf, participant]));
    const peers = new Map<bigint, Peer>();
    let [sender, ownId]: [FrameSender | undefined, bigint | undefined] = [undefined, undefined];
    for (const { leafIndex: leaf, userId, secret } of secrets) {
      const participant = numbers.get(leaf);
      if (leaf === leafIndex) {
        ownId = userId;
        sender = new FrameSender(secret);
      } else if (participant !== undefined)
        peers.set(userId, { participant, receiver: new FrameReceiver(secret, now) });
      else secret.fill(0);
    }
    const begun = { epoch, ownId, sender, peers, leafIndex, members: numbers, keyedAt: now, expiresAt: Infinity };
    this.#retire(now);
    this.#epochs = [...this.#epochs, begun];
    this.#changed(true);
  }

  /**
   * A transition has been announced or executed. Hearing what is clear ends ten seconds after it was said, and so does hearing a
   * group that is sent with no more, whose place no other has taken.
   */
  follow(mode: DaveMode): void {
    const now = this.#scheduler.now();
    if (this.#mode.hearsClear && !mode.hearsClear) this.#clearUntil = now + retention;
    if (typeof this.#mode.sending === "bigint" && typeof mode.sending !== "bigint") this.#retire(now);
    this.#mode = mode;
    this.#changed(false);
  }

  /**
   * What to send with. Where the transition to a new epoch is never executed, the old one's end moves us on: whoever was removed
   * would otherwise read as long as the gateway likes.
   */
  sending(): DaveEpoch | Exclude<Sending, bigint> {
    const { sending } = this.#mode;
    const chosen = typeof sending === "bigint" ? this.#chosen(sending) : sending;
    const epoch = typeof chosen === "object" ? chosen.epoch : undefined;
    if (epoch !== this.#reported) {
      this.#reported = epoch;
      this.#listener.emit({ kind: "sending", epoch });
    }
    return chosen;
  }

  /** A frame of a participant has opened. */
  show(participant: number, epoch: DaveEpoch): void {
    this.participants.show(participant, epoch, this.#scheduler.now());
  }

  /** Open a frame of a user, with the newest keys first. */
  open(userId: bigint, frame: ProtocolFrame): Opened {
    const now = this.#scheduler.now();
    let refused: Opened = { kind: "refused", cause: this.#epochs.length === 0 ? "unknown-key" : "not-a-member" };
    for (const epoch of this.#epochs.toReversed()) {
      if (userId === epoch.ownId) return { kind: "refused", cause: "own" };
      const peer = epoch.peers.get(userId);
      if (peer === undefined || epoch.expiresAt <= now) continue;
      const { participant, receiver } = peer;
      const secret = receiver.open(frame, now);
      if (typeof secret !== "string") return { kind: "opened", secret, epoch, participant };
      // an epoch in which it was tried says more than one in which it was not
      if (refused.cause !== "not-authentic") refused = { kind: "refused", cause: secret, participant };
    }
    return refused;
  }

  close(): void {
    this.#cancelWake();
    for (const epoch of this.#epochs) wipe(epoch);
    this.#epochs = [];
    this.participants.follow([]);
  }

  #chosen(sending: bigint): DaveEpoch | undefined {
    const found = this.#epochs.find(({ epoch }) => epoch === sending);
    if (found !== undefined) return found;
    const oldest = this.#epochs[0];
    return oldest !== undefined && oldest.epoch > sending ? this.#epochs.at(-1) : undefined;
  }

  /** What there is so far goes in ten seconds. */
  #retire(now: number): void {
    this.#epochs = this.#epochs.map((old) => ({ ...old, expiresAt: Math.min(old.expiresAt, now + retention) }));
  }

  #changed(hasNewKey: boolean): void {
    const now = this.#scheduler.now();
    const tooMany = this.#epochs.length - maxEpochs;
    const gone = this.#epochs.filter(({ expiresAt }, place) => expiresAt <= now || place < tooMany);
    this.#epochs = this.#epochs.filter((epoch) => !gone.includes(epoch));
    for (const epoch of gone) {
      wipe(epoch);
      this.#listener.emit({ kind: "erased", epoch: epoch.epoch });
    }
    this.sending();
    this.#cancelWake();
    const next = this.#epochs[0]?.expiresAt ?? Infinity;
    if (next < Infinity) {
      this.#cancelWake = this.#scheduler.after(Math.max(0, next - now), () => {
        this.#changed(false);
      });
    }
    this.#listener.onChange(this.participants.follow(this.#epochs), hasNewKey);
  }
}

function wipe({ sender, peers }: DaveEpoch): void {
  sender?.wipe();
  for (const { receiver } of peers.values()) receiver.wipe();
}
