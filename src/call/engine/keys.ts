/**
 * An engine's keys: the epochs, what is sealed and opened with them, and the timer that moves them on. All tracks
 * share them.
 */

import type { Form } from "../../sframe/form.ts";
import { MlsSFrame } from "../../sframe/mls.ts";
import type { SFrameSender } from "../../sframe/sender.ts";
import { contextOf } from "./contexts.ts";
import { Epochs, type EngineEpoch } from "./epochs.ts";
import { memberOf } from "./member.ts";
import { Participants } from "./participants.ts";
import type { DropCause, EngineEvent, EpochCommand } from "./protocol.ts";
import type { EngineSettings } from "./settings.ts";

/** What can be done with a frame of a KID. */
export type KeyLookup =
  | { readonly kind: "ready"; readonly epoch: EngineEpoch; readonly participant: number }
  /** Its key may come. */
  | { readonly kind: "awaited" }
  | { readonly kind: "refused"; readonly cause: DropCause };

/** What keys tell their engine. */
export interface KeysListener {
  readonly emit: (event: EngineEvent) => void;
  readonly onChange: (change: KeyChange) => void;
}

/** Keys have come or gone, or members: frames that wait may go on, and who is gone can be forgotten. */
export interface KeyChange {
  /** Who is in one of the epochs that are held, ourselves excepted. */
  readonly participants: ReadonlySet<number>;
  readonly hasNewKey: boolean;
  /** Whether an epoch has begun, or its key has come: others may be about to. */
  readonly hasBegun: boolean;
}

/** The keys of a call. */
export class EngineKeys {
  readonly participants: Participants;
  readonly #settings: EngineSettings;
  readonly #listener: KeysListener;
  readonly #frames: MlsSFrame<Form>;
  readonly #epochs: Epochs;
  /** `rekeyNeeded` has been reported for this epoch and for all before it. */
  #worn = -1n;
  #sending: bigint | undefined;
  #cancelWake: () => void = () => undefined;

  constructor(settings: EngineSettings, listener: KeysListener) {
    this.#settings = settings;
    this.#listener = listener;
    const { suite, crypto, epochBits, replayWindow, maxKeys, maxContexts } = settings;
    this.#frames = new MlsSFrame<Form>({ suite, crypto, epochBits, replayWindow, maxKeys, maxContexts });
    this.#epochs = new Epochs(settings, (erased) => {
      this.#frames.removeEpoch(erased.epoch);
      if (erased.keyedAt !== undefined) listener.emit({ kind: "erased", epoch: erased.epoch });
    });
    this.participants = new Participants(settings.eraseDelay);
  }

  /** The epochs that have begun and are not erased. */
  get epochs(): readonly EngineEpoch[] {
    return this.#epochs.all;
  }

  /**
   * Take in that an epoch has begun, or that its key has come.
   *
   * @throws Error where a key is not what it must be.
   */
  begin(command: EpochCommand): void {
    const { baseKey } = command;
    const keyed = this.#epochs.begin(command, this.#settings.scheduler.now());
    if (keyed === undefined) baseKey?.fill(0);
    else if (baseKey !== undefined) this.#frames.addEpoch({ ...keyed, exporter: () => baseKey });
    this.#changed({ hasNewKey: keyed !== undefined, hasBegun: true });
  }

  /** The epoch to send with, where there is one. */
  sending(): EngineEpoch | undefined {
    const epoch = this.#epochs.sending(this.#settings.scheduler.now(), this.participants);
    if (epoch?.epoch !== this.#sending) {
      this.#sending = epoch?.epoch;
      this.#listener.emit({ kind: "sending", epoch: this.#sending });
    }
    return epoch;
  }

  /**
   * The sender of one of our tracks.
   *
   * @throws CopseError "sframe-kid-range" or "limit-exceeded".
   */
  sender(epoch: EngineEpoch, track: number): SFrameSender<Form> {
    const { session, epochBits } = this.#settings;
    const context = contextOf(session, track, { epochBits, treeWidth: epoch.treeWidth });
    return this.#frames.sender({ epoch: epoch.epoch, context });
  }

  /** A sender of this epoch has used up half of what its key may seal. */
  wear(epoch: bigint): void {
    if (epoch <= this.#worn) return;
    this.#worn = epoch;
    this.#listener.emit({ kind: "rekeyNeeded", epoch });
  }

  /** What can be done with a frame of this KID. */
  find(kid: bigint): KeyLookup {
    const found = this.#epochs.find(kid);
    if (found.kind === "unknown") return { kind: "refused", cause: "unknown-key" };
    if (found.kind === "awaited") return found;
    const { epoch } = found;
    const member = memberOf(kid, epoch, this.#settings.epochBits);
    return typeof member === "string"
      ? { kind: "refused", cause: member }
      : { kind: "ready", epoch, participant: member.participant };
  }

  /** Open a frame whose key is there. Fails as `MlsSFrame.open` does. */
  async open(frame: Uint8Array, metadata: Uint8Array): Promise<Uint8Array> {
    const { plaintext } = await this.#frames.open(frame, metadata);
    return plaintext;
  }

  /** A frame of a participant has opened. */
  show(participant: number, epoch: EngineEpoch): void {
    if (this.participants.show(participant, epoch, this.#settings.scheduler.now())) this.sending();
  }

  /** Erase everything. */
  close(): void {
    this.#cancelWake();
    this.#epochs.clear();
    this.#frames.wipe();
    this.participants.follow([]);
  }

  #changed(change: Omit<KeyChange, "participants">): void {
    const { scheduler } = this.#settings;
    this.#epochs.expire(scheduler.now());
    this.sending();
    this.#cancelWake();
    const next = this.#epochs.nextChange(scheduler.now());
    if (next !== undefined) {
      this.#cancelWake = scheduler.after(Math.max(0, next - scheduler.now()), () => {
        this.#changed({ hasNewKey: false, hasBegun: false });
      });
    }
    this.#listener.onChange({ participants: this.participants.follow(this.#epochs.all), ...change });
  }
}
