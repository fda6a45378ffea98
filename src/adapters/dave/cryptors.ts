/**
 * What seals and opens frames with one sender's keys of one epoch. DAVE counts a sender's frames in 32 bits that wrap, while
 * the generation of its key, the counter above 24 bits, goes on.
 *
 *     counter      ... | 8 bits | 24 bits
 *     generation   <----------->
 *     nonce              <----------------->     on the wire; the AEAD's: eight zeros, and this as a little-endian u32
 */

import type { Secret } from "../../bytes/secret.ts";
import { shortGcmOpen, shortGcmSeal } from "#short-gcm";
import { ReplayWindow } from "../../sframe/replay.ts";
import type { ProtocolFrame, SealedFrame } from "./frame.ts";
import { KeyRatchet } from "./ratchet.ts";

const framesPerGeneration = 2 ** 24;
const wrap = 2 ** 32;
/** The generations that a nonce's top byte tells apart. */
const generationWrap = 256;

/** For how long, in milliseconds, what came before is kept: an older generation's key, an older epoch's keys. */
export const retention = 10_000;
/** A receiver follows so many generations at once, and no further: deriving them is work. As libdave's kMaxGenerationGap. */
const maxGenerationGap = 250;
/** Nobody sends more frames in a second, so that a generation can't have come before its time. As libdave's. */
const maxFramesPerSecond = 50 + 2 * 60;
/** Counters that are told apart behind the newest. */
const replayWindow = 1024;

/** The AEAD's nonce. It is read before the next one is written. */
class Nonce {
  readonly bytes = new Uint8Array(12);
  readonly #view = new DataView(this.bytes.buffer);

  of(nonce: number): Uint8Array {
    this.#view.setUint32(8, nonce, true);
    return this.bytes;
  }
}

/** Our own frames of one epoch, whatever track they are of: they share one key and one counter. */
export class FrameSender {
  readonly #ratchet: KeyRatchet;
  readonly #nonce = new Nonce();
  #key: Secret<"dave key"> | undefined;
  #counter: number;

  /**
   * @param baseSecret Becomes the sender's.
   * @param counter For tests: the counter of a sender that has sealed so many frames.
   */
  constructor(baseSecret: Uint8Array, counter = 0) {
    this.#ratchet = new KeyRatchet(baseSecret);
    this.#counter = counter;
  }

  /** Seal once more: each call has a counter of its own. As libdave, the first is 1. */
  seal(clear: Uint8Array, secret: Uint8Array): SealedFrame {
    const counter = ++this.#counter;
    const generation = Math.floor(counter / framesPerGeneration);
    while (this.#key === undefined || this.#ratchet.generation <= generation) {
      this.#key?.wipe();
      this.#key = this.#ratchet.next();
    }
    const nonce = counter % wrap;
    const { ciphertext, tag } = this.#key.use((key) => shortGcmSeal(key, this.#nonce.of(nonce), clear, secret));
    return { nonce, ciphertext, tag };
  }

  wipe(): void {
    this.#key?.wipe();
    this.#ratchet.wipe();
  }
}

/** Why a frame does not open. */
export type OpenFailure = "replayed" | "limit" | "not-authentic";

interface GenerationKey {
  readonly key: Secret<"dave key">;
  /** When it goes: set once a newer generation has been heard. */
  expiresAt: number;
}

/** The frames of one other sender in one epoch, on all its tracks. */
export class FrameReceiver {
  readonly #ratchet: KeyRatchet;
  readonly #beganAt: number;
  readonly #nonce = new Nonce();
  readonly #seen = new ReplayWindow(replayWindow);
  /** From the oldest that is kept to the newest that was derived. */
  readonly #keys = new Map<number, GenerationKey>();
  #oldest = 0;
  /** The newest of which a frame has opened. */
  #newest = 0;

  /** @param baseSecret Becomes the receiver's. */
  constructor(baseSecret: Uint8Array, now: number) {
    this.#ratchet = new KeyRatchet(baseSecret);
    this.#beganAt = now;
  }

  /** Open a frame, or say why not. A frame that does not open changes nothing but which keys are at hand. */
  open(frame: ProtocolFrame, now: number): Uint8Array | OpenFailure {
    this.#expire(now);
    const generation = this.#generationOf(frame.nonce);
    const counter = BigInt(generation * framesPerGeneration + (frame.nonce % framesPerGeneration));
    if (!this.#seen.isFresh(counter)) return "replayed";
    if (generation > this.#furthest(now)) return "limit";
    const { key } = this.#keyOf(generation);
    const opened = key.use((bytes) => shortGcmOpen(bytes, this.#nonce.of(frame.nonce), frame.clear, frame));
    if (opened === undefined) return "not-authentic";
    this.#seen.record(counter);
    if (generation > this.#newest) this.#advance(generation, now);
    return opened;
  }

  wipe(): void {
    this.#ratchet.wipe();
    for (const { key } of this.#keys.values()) key.wipe();
    this.#keys.clear();
  }

  /** The first generation from the oldest kept one on that ends in the nonce's top byte. */
  #generationOf(nonce: number): number {
    const low = Math.floor(nonce / framesPerGeneration);
    const ahead = (low - (this.#oldest % generationWrap) + generationWrap) % generationWrap;
    return this.#oldest + ahead;
  }

  /** The last generation that may have begun by now, with one more for clocks and senders that run fast. */
  #furthest(now: number): number {
    const frames = ((now - this.#beganAt) / 1000) * maxFramesPerSecond;
    return Math.min(Math.floor(frames / framesPerGeneration) + 1, this.#newest + maxGenerationGap);
  }

  #keyOf(generation: number): GenerationKey {
    while (this.#ratchet.generation <= generation) {
      const next = this.#ratchet.generation;
      this.#keys.set(next, { key: this.#ratchet.next(), expiresAt: Infinity });
    }
    return this.#keys.get(generation)!; // from the oldest on, all are there
  }

  #advance(generation: number, now: number): void {
    this.#newest = generation;
    for (const [older, kept] of this.#keys) {
      if (older < generation) kept.expiresAt = Math.min(kept.expiresAt, now + retention);
    }
  }

  #expire(now: number): void {
    for (let kept = this.#keys.get(this.#oldest); kept !== undefined; kept = this.#keys.get(this.#oldest)) {
      if (kept.expiresAt > now) return;
      kept.key.wipe();
      this.#keys.delete(this.#oldest++);
    }
  }
}
