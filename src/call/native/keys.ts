/**
 * The keys of a call whose frames the browser seals and opens: each epoch's, as an HKDF key that can't be exported
 * again, and the timer that moves them on.
 */

import { checkBytes } from "../../sframe/arguments.ts";
import type { CommonSettings } from "../engine/defaults.ts";
import { Epochs, type EngineEpoch } from "../engine/epochs.ts";
import { Participants } from "../engine/participants.ts";
import type { EngineEvent, EpochCommand } from "../engine/protocol.ts";

/** An epoch and its key. */
export interface NativeKey {
  readonly epoch: EngineEpoch;
  readonly key: CryptoKey;
}

/** What keys tell their backend. */
export interface NativeKeysListener {
  readonly emit: (event: EngineEvent) => void;
  /** Frames are sealed with this key from now on; undefined: with none. */
  readonly onSend: (key: NativeKey | undefined) => void;
  /** A key has come, and `before` is the newest epoch of those before it. */
  readonly onKey: (key: NativeKey, before: bigint | undefined) => void;
  /** Who is in one of the epochs that are held, ourselves excepted. */
  readonly onChange: (participants: ReadonlySet<number>) => void;
  readonly onErase: (epoch: bigint) => void;
  /** Something is not what it must be, or the browser does not take a key. */
  readonly onFailure: (error: unknown) => void;
}

/** The keys of a call. */
export class NativeKeys {
  readonly epochs: Epochs;
  /** Who is in the epochs that are held. No frame of theirs is ever seen to open. */
  readonly participants: Participants;
  readonly #settings: CommonSettings;
  readonly #listener: NativeKeysListener;
  readonly #keys = new Map<bigint, CryptoKey>();
  #imports: Promise<void> = Promise.resolve();
  #sending: EngineEpoch | undefined;
  #isClosed = false;
  #cancelWake: () => void = () => undefined;

  constructor(settings: CommonSettings, listener: NativeKeysListener) {
    this.#settings = settings;
    this.#listener = listener;
    this.participants = new Participants(settings.eraseDelay);
    this.epochs = new Epochs(settings, ({ epoch, keyedAt }) => {
      this.#keys.delete(epoch);
      listener.onErase(epoch);
      if (keyedAt !== undefined) listener.emit({ kind: "erased", epoch });
    });
  }

  /** What is sent with now. */
  get sending(): NativeKey | undefined {
    return this.#sending && this.of(this.#sending);
  }

  /** The key of an epoch. */
  of(epoch: EngineEpoch): NativeKey | undefined {
    const key = this.#keys.get(epoch.epoch);
    return key && { epoch, key };
  }

  /**
   * Take in that an epoch has begun, or that its key has come. The key counts once the browser has imported it.
   *
   * @throws Error where a key is not what it must be.
   */
  begin({ baseKey, ...epoch }: EpochCommand): void {
    this.epochs.begin(epoch, this.#settings.scheduler.now());
    this.#changed();
    if (baseKey === undefined) return;
    const { keyLength } = this.#settings.suite;
    checkBytes("baseKey", baseKey, [keyLength, keyLength]);
    const importing = importKey(baseKey);
    baseKey.fill(0); // which has been read
    this.#imports = this.#imports.then(async () => {
      const outcome = await importing;
      if (this.#isClosed) return;
      if ("error" in outcome) this.#listener.onFailure(outcome.error);
      else this.#take({ ...epoch, baseKey }, outcome.key);
    });
  }

  /** Erase everything. */
  close(): void {
    this.#isClosed = true;
    this.#cancelWake();
    this.epochs.clear();
    this.participants.follow([]);
    this.#sending = undefined;
  }

  #take(command: EpochCommand, key: CryptoKey): void {
    const before = this.epochs.all.findLast(({ epoch, keyedAt }) => epoch < command.epoch && keyedAt !== undefined);
    const epoch = this.epochs.begin(command, this.#settings.scheduler.now());
    if (epoch === undefined) return; // erased in the meantime
    this.#keys.set(epoch.epoch, key);
    this.#listener.onKey({ epoch, key }, before?.epoch);
    this.#changed();
  }

  #changed(): void {
    const { scheduler } = this.#settings;
    const now = scheduler.now();
    this.epochs.expire(now);
    this.#listener.onChange(this.participants.follow(this.epochs.all));
    const sending = this.epochs.sending(now, this.participants);
    if (sending?.epoch !== this.#sending?.epoch) {
      this.#sending = sending;
      this.#listener.onSend(this.sending);
      this.#listener.emit({ kind: "sending", epoch: sending?.epoch });
    }
    this.#cancelWake();
    const next = this.epochs.nextChange(now);
    if (next !== undefined) {
      this.#cancelWake = scheduler.after(next - now, () => {
        this.#changed();
      });
    }
  }
}

type Outcome = { readonly key: CryptoKey } | { readonly error: unknown };

/** WebCrypto reads the bytes before it returns. */
function importKey(baseKey: Uint8Array): Promise<Outcome> {
  return crypto.subtle
    .importKey("raw", baseKey as Uint8Array<ArrayBuffer>, "HKDF", false, ["deriveBits", "deriveKey"])
    .then(
      (key) => ({ key }),
      (error: unknown) => ({ error }),
    );
}
