/**
 * A sender ratchet: a chain of secrets, each of which gives one key, one nonce and the next secret.
 * RFC 9420 sections 9.1, 9.2.
 *
 *     ratchet_secret_[N]_[j]
 *           |
 *           +--> DeriveTreeSecret(., "nonce", j, AEAD.Nn) = ratchet_nonce_[N]_[j]
 *           |
 *           +--> DeriveTreeSecret(., "key", j, AEAD.Nk)   = ratchet_key_[N]_[j]
 *           V
 *     DeriveTreeSecret(., "secret", j, KDF.Nh)            = ratchet_secret_[N]_[j+1]
 */

import { concat } from "../bytes/concat.ts";
import { Secret } from "../bytes/secret.ts";
import { deriveTreeSecret } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { CopseError } from "../errors.ts";
import type { KeyAndNonce } from "./key-schedule.ts";

/** How far messages may arrive out of order. */
export interface RatchetWindow {
  /**
   * The most generations that one message may jump over. Section 9.1 leaves it open, and without a bound a member could
   * make everybody derive four thousand million secrets.
   */
  readonly generationGap: number;
  /** The most keys of skipped generations that one ratchet keeps; the oldest go first. */
  readonly outOfOrderKeys: number;
  /** How long the key of a skipped generation is kept, in milliseconds; without it, as long as the epoch. */
  readonly outOfOrderAge?: number;
}

/** A key and a nonce of one generation, for one message. Whoever is given them wipes them after it. */
export interface MessageKey extends KeyAndNonce {
  readonly generation: number;
}

/** The key and nonce of a skipped generation: the generation, both behind one another, when it was skipped. */
export type KeptKeyState = readonly [generation: number, keyAndNonce: Uint8Array, keptAt: number];

/** A ratchet as plain data: its next generation, that one's secret (empty after the last), and the kept keys. */
export type RatchetState = readonly [generation: number, secret: Uint8Array, kept: readonly KeptKeyState[]];

/** A generation derived ahead of the ratchet's own state. */
export interface RatchetPlan extends MessageKey {
  /** The ratchet secrets behind the ratchet's own, up to this generation's. */
  readonly chain: readonly Secret<"ratchet_secret">[];
}

/** What accepting a plan makes of its ratchet: the secrets are the ratchet's from the acceptance on. */
export interface RatchetStep {
  /** Where the ratchet stands then; undefined where a kept key is used, which moves nothing. */
  readonly next: { readonly generation: number; readonly secret: Secret<"ratchet_secret"> | undefined } | undefined;
  /** The keys of skipped generations that are kept from then on. */
  readonly kept: readonly (readonly [generation: number, keyAndNonce: Secret<"ratchet_key_and_nonce">])[];
  /** The generations whose kept keys go. */
  readonly forgotten: readonly number[];
}

/** The generation is a uint32: this is the first that does not exist. */
const end = 2 ** 32;

interface KeptKey {
  readonly keyAndNonce: Secret<"ratchet_key_and_nonce">;
  readonly keptAt: number;
}

export class Ratchet {
  /** The first generation that has not been derived. */
  #generation: number;
  /** That generation's secret, or undefined when there is none left. */
  #secret: Secret<"ratchet_secret"> | undefined;
  /** By generation, in increasing order. */
  readonly #kept = new Map<number, KeptKey>();

  /** A ratchet at its root. The secret is the ratchet's from now on. */
  constructor(secret: Secret<"ratchet_secret"> | undefined, generation = 0) {
    this.#secret = secret;
    this.#generation = generation;
  }

  /** A ratchet that goes on from a state that `isRatchetState` holds. The state's bytes are copied. */
  static restore([generation, secret, kept]: RatchetState): Ratchet {
    const own = generation === end ? undefined : Secret.of("ratchet_secret", secret.slice());
    const ratchet = new Ratchet(own, generation);
    for (const [skipped, bytes, keptAt] of kept) {
      ratchet.#kept.set(skipped, { keyAndNonce: Secret.of("ratchet_key_and_nonce", bytes.slice()), keptAt });
    }
    return ratchet;
  }

  /** When the key was skipped that has been kept the longest; without any, Infinity. */
  get oldest(): number {
    let oldest = Infinity;
    for (const { keptAt } of this.#kept.values()) oldest = Math.min(oldest, keptAt);
    return oldest;
  }

  /**
   * The next generation's key, forgotten here: "Each key/nonce pair MUST NOT be used to encrypt more than one message."
   *
   * @throws CopseError "generation-overflow" after generation 2^32 - 1.
   */
  next(suite: CipherSuite): MessageKey {
    const generation = this.#generation;
    const secret = this.#current();
    const message = { generation, ...deriveKeyAndNonce(suite, secret, generation) };
    this.#advance(suite);
    return message;
  }

  /**
   * Pass over generations without deriving their keys, at the cost of one expansion each.
   *
   * @throws CopseError "generation-overflow" where there are fewer left; then nothing has changed.
   */
  skip(suite: CipherSuite, count: number): void {
    if (this.#generation + count > end) throw new CopseError("generation-overflow");
    for (let i = 0; i < count; i++) this.#advance(suite);
  }

  /** Pass over the generations below this one: how many these were. */
  skipTo(suite: CipherSuite, generation: number): number {
    const count = Math.max(0, generation - this.#generation);
    this.skip(suite, count);
    return count;
  }

  /**
   * Derive a generation's key and change nothing. The plan's secrets go with `accept` or `wipePlan`.
   *
   * @throws CopseError "message-key-used", "generation-gap".
   */
  plan(suite: CipherSuite, generation: number, window: RatchetWindow, now?: number): RatchetPlan {
    if (generation < this.#generation) return { ...this.#keptKey(suite, generation, window, now), chain: [] };
    checkGap(this.#generation, generation, window);
    const chain: Secret<"ratchet_secret">[] = [];
    let secret = this.#current();
    for (let at = this.#generation; at < generation; at++) {
      secret = nextSecret(suite, secret, at);
      chain.push(secret);
    }
    return { generation, ...deriveKeyAndNonce(suite, secret, generation), chain };
  }

  /**
   * What accepting a plan of this ratchet's present state makes of it: the generation is used, and those before it are
   * kept as far as the window allows. Nothing changes yet.
   */
  step(suite: CipherSuite, { generation, chain }: RatchetPlan, window: RatchetWindow): RatchetStep {
    const first = this.#generation;
    if (generation < first) return { next: undefined, kept: [], forgotten: [generation] };
    const secrets = [this.#current(), ...chain];
    const last = secrets.at(-1)!;
    const secret = generation + 1 < end ? nextSecret(suite, last, generation) : undefined;
    const kept: [number, Secret<"ratchet_key_and_nonce">][] = [];
    for (let skipped = Math.max(first, generation - window.outOfOrderKeys); skipped < generation; skipped++) {
      const { key, nonce } = deriveKeyAndNonce(suite, secrets[skipped - first]!, skipped);
      kept.push([skipped, Secret.of("ratchet_key_and_nonce", concat(key, nonce))]);
      key.fill(0);
      nonce.fill(0);
    }
    const surplus = Math.max(0, this.#kept.size + kept.length - window.outOfOrderKeys);
    const forgotten = surplus === 0 ? [] : [...this.#kept.keys()].slice(0, surplus);
    return { next: { generation: generation + 1, secret }, kept, forgotten };
  }

  /** Take a step. All other secrets that the plan's generation or a kept one came from are wiped. */
  accept({ chain }: RatchetPlan, { next, kept, forgotten }: RatchetStep, now: number): void {
    for (const generation of forgotten) this.#forget(generation);
    for (const [generation, keyAndNonce] of kept) this.#kept.set(generation, { keyAndNonce, keptAt: now });
    if (next === undefined) return;
    for (const secret of [this.#current(), ...chain]) secret.wipe();
    this.#secret = next.secret;
    this.#generation = next.generation;
  }

  /** Wipe the kept keys that are older than the window allows: their generations. */
  expire(window: RatchetWindow, now: number): readonly number[] {
    const expired: number[] = [];
    for (const [generation, { keptAt }] of this.#kept) {
      if (!isExpired(keptAt, window, now)) continue;
      this.#forget(generation);
      expired.push(generation);
    }
    return expired;
  }

  /** A copy of the key of a skipped generation that is kept. */
  kept(generation: number): { readonly keyAndNonce: Uint8Array; readonly keptAt: number } | undefined {
    const kept = this.#kept.get(generation);
    return kept && { keyAndNonce: kept.keyAndNonce.use((bytes) => bytes.slice()), keptAt: kept.keptAt };
  }

  /** Where it stands: the next generation and its secret, in a copy; empty after the last. */
  position(): readonly [generation: number, secret: Uint8Array] {
    return [this.#generation, this.#secret?.use((bytes) => bytes.slice()) ?? new Uint8Array(0)];
  }

  /** The generations of the kept keys, in increasing order. */
  generations(): Iterable<number> {
    return this.#kept.keys();
  }

  /** Everything that there is to know, in copies. */
  state(): RatchetState {
    const kept = [...this.#kept].map(([generation, { keyAndNonce, keptAt }]): KeptKeyState => {
      return [generation, keyAndNonce.use((bytes) => bytes.slice()), keptAt];
    });
    return [...this.position(), kept];
  }

  wipe(): void {
    this.#secret?.wipe();
    for (const generation of this.#kept.keys()) this.#forget(generation);
  }

  #current(): Secret<"ratchet_secret"> {
    if (this.#secret === undefined) throw new CopseError("generation-overflow");
    return this.#secret;
  }

  #advance(suite: CipherSuite): void {
    const secret = this.#current();
    this.#secret = this.#generation + 1 < end ? nextSecret(suite, secret, this.#generation) : undefined;
    this.#generation += 1;
    secret.wipe();
  }

  #keptKey(suite: CipherSuite, generation: number, window: RatchetWindow, now: number | undefined): MessageKey {
    const kept = this.#kept.get(generation);
    if (kept === undefined || (now !== undefined && isExpired(kept.keptAt, window, now))) {
      throw new CopseError("message-key-used");
    }
    return kept.keyAndNonce.use((bytes) => ({
      generation,
      key: bytes.slice(0, suite.keyLength),
      nonce: bytes.slice(suite.keyLength),
    }));
  }

  #forget(generation: number): void {
    this.#kept.get(generation)?.keyAndNonce.wipe();
    this.#kept.delete(generation);
  }
}

/** Wipe the secrets of a step that is not taken. */
export function wipeStep({ next, kept }: RatchetStep): void {
  next?.secret?.wipe();
  for (const [, keyAndNonce] of kept) keyAndNonce.wipe();
}

/** Wipe what a plan holds. */
export function wipePlan({ key, nonce, chain }: RatchetPlan): void {
  key.fill(0);
  nonce.fill(0);
  for (const secret of chain) secret.wipe();
}

/** Whether some ratchet of this suite can have this state. */
export function isRatchetState(suite: CipherSuite, [generation, secret, kept]: RatchetState): boolean {
  if (!isGeneration(generation, end) || secret.length !== (generation === end ? 0 : suite.hashLength)) return false;
  let least = 0;
  for (const [skipped, bytes, keptAt] of kept) {
    if (!isGeneration(skipped, generation - 1) || skipped < least || typeof keptAt !== "number") return false;
    if (bytes.length !== suite.keyLength + suite.nonceLength) return false;
    least = skipped + 1;
  }
  return true;
}

/** @throws CopseError "generation-gap" where a generation is further ahead of the next one than the window allows. */
export function checkGap(next: number, generation: number, window: RatchetWindow): void {
  if (generation - next > window.generationGap)
    throw new CopseError("generation-gap", { got: generation, expected: next });
}

/** Whether a number is a generation, up to a greatest one. */
export function isGeneration(generation: number, greatest: number = end - 1): boolean {
  return Number.isInteger(generation) && generation >= 0 && generation <= greatest;
}

function isExpired(keptAt: number, window: RatchetWindow, now: number): boolean {
  return window.outOfOrderAge !== undefined && now - keptAt >= window.outOfOrderAge;
}

function nextSecret(
  suite: CipherSuite,
  secret: Secret<"ratchet_secret">,
  generation: number,
): Secret<"ratchet_secret"> {
  return Secret.of(
    "ratchet_secret",
    secret.use((bytes) => deriveTreeSecret(suite, bytes, "secret", generation, suite.hashLength)),
  );
}

function deriveKeyAndNonce(suite: CipherSuite, secret: Secret<"ratchet_secret">, generation: number): KeyAndNonce {
  return secret.use((bytes) => ({
    key: deriveTreeSecret(suite, bytes, "key", generation, suite.keyLength),
    nonce: deriveTreeSecret(suite, bytes, "nonce", generation, suite.nonceLength),
  }));
}
