/**
 * The receiving side's keys, by KID, each with its replay window: what all receivers are built on. RFC 9605 sections
 * 4.4.4 and 9.3.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { nothing } from "../bytes/nothing.ts";
import { CopseError } from "../errors.ts";
import { checkBytes } from "./arguments.ts";
import { checkCount } from "../bytes/numbers.ts";
import { asArray, checkCrypto, defaultCrypto, type SFrameCrypto } from "./crypto.ts";
import { perform, type Form, type Result, type Steps } from "./form.ts";
import { FrameKey } from "./frame-key.ts";
import { readSFrameHeader, type SFrameHeader } from "./header.ts";
import { ReplayWindow } from "./replay.ts";
import { checkSuite, type SFrameSuite } from "./suites.ts";

/** What all receivers are made of. */
export interface ReceivingOptions<F extends Form> {
  readonly suite: SFrameSuite;
  /** Where the cryptography is done. Default: synchronously, over the platform's primitives. */
  readonly crypto?: SFrameCrypto<F>;
  /**
   * How many counters, the highest of a KID included, are told apart: older frames are refused. 0 to 2^16; 0 turns
   * replay protection off. Default 1024.
   */
  readonly replayWindow?: number;
  /** How many KIDs may be known at once. Default 65,536. */
  readonly maxKeys?: number;
}

/** A frame that was authentic and fresh. */
export interface OpenedFrame {
  readonly kid: bigint;
  readonly ctr: bigint;
  /** The media frame, in an array of its own. */
  readonly plaintext: Bytes;
}

/** A key that is derived for one frame, and kept if that frame is authentic. */
export interface Derivation<Source> {
  /** A copy, which the table wipes. */
  readonly baseKey: Uint8Array;
  /** What `open` returns with every frame of this KID. */
  readonly source?: Source;
  /**
   * The frame is authentic, and the key about to be kept.
   *
   * @throws CopseError where in the meantime it must not be.
   */
  readonly adopt: () => void;
}

/** The key of a KID that is not in the table. @throws CopseError where there is none. */
export type Derive<Source> = (kid: bigint) => Derivation<Source>;

interface Entry<F extends Form, Source> {
  readonly key: FrameKey<F>;
  readonly replay: ReplayWindow;
  readonly source: Source | undefined;
}

/** A frame on its way. */
interface Opening<F extends Form, Source> {
  readonly frame: Uint8Array;
  readonly metadata: Uint8Array;
  header?: SFrameHeader;
  entry?: Entry<F, Source>;
  derivation?: Derivation<Source>;
  isDeciphering?: boolean;
}

/** Keys by KID, and where they come from, if their derivation tells. */
export class KeyTable<F extends Form, Source = unknown> {
  readonly suite: SFrameSuite;
  readonly crypto: SFrameCrypto<F>;
  readonly #replayWindow: number;
  readonly #maxKeys: number;
  readonly #derive: Derive<Source>;
  readonly #entries = new Map<bigint, Entry<F, Source>>();
  readonly #steps: Steps<F, Opening<F, Source>, Uint8Array | ArrayBuffer, OpenedFrame & Source> = {
    begin: (opening) => {
      const { frame, metadata } = opening;
      checkBytes("metadata", metadata);
      const header = (opening.header = readSFrameHeader(frame));
      const { kid, ctr } = header;
      let entry = this.#entries.get(kid);
      if (entry === undefined) {
        const { baseKey, source } = (opening.derivation = this.#derive(kid));
        try {
          entry = this.#entry(kid, baseKey, source);
        } finally {
          baseKey.fill(0);
        }
      }
      opening.entry = entry;
      if (!entry.replay.isFresh(ctr)) throw new CopseError("sframe-replay");
      opening.isDeciphering = true;
      return entry.key.open(header, metadata, frame);
    },
    done: (plaintext, opening) => {
      const { kid, ctr } = opening.header!;
      opening.isDeciphering = false;
      const { replay, source } = this.#keep(kid, opening.entry!, opening.derivation);
      if (!replay.record(ctr)) throw new CopseError("sframe-replay");
      return { kid, ctr, plaintext: asArray(plaintext), ...source } as OpenedFrame & Source;
    },
    failed: (cause, { derivation, entry, isDeciphering }) => {
      if (derivation !== undefined) entry?.key.wipe();
      if (isDeciphering) throw new CopseError("sframe-open", { cause });
    },
  };

  constructor(options: ReceivingOptions<F>, derive: Derive<Source>) {
    const { suite, crypto = defaultCrypto<F>(), replayWindow = 1024, maxKeys = 65_536 } = options;
    checkSuite(suite);
    checkCrypto(crypto);
    checkCount("maxKeys", maxKeys, [1, 2 ** 32]);
    checkCount("replayWindow", replayWindow, [0, 2 ** 16]);
    this.suite = suite;
    this.crypto = crypto;
    this.#replayWindow = replayWindow;
    this.#maxKeys = maxKeys;
    this.#derive = derive;
  }

  has(kid: bigint): boolean {
    return this.#entries.has(kid);
  }

  /**
   * Keep a key. The same key again changes nothing; another takes the old one's place, with an empty window.
   *
   * @throws CopseError "limit-exceeded".
   */
  add(kid: bigint, baseKey: Uint8Array): void {
    const entry = this.#entry(kid, baseKey);
    const old = this.#entries.get(kid);
    if (old?.key.equals(entry.key)) entry.key.wipe();
    else {
      old?.key.wipe();
      this.#entries.set(kid, entry);
    }
  }

  /** Forget a key and what was received under it. Says whether there was one. */
  delete(kid: bigint): boolean {
    this.#entries.get(kid)?.key.wipe();
    return this.#entries.delete(kid);
  }

  /** Forget the keys of some KIDs. */
  deleteWhere(matches: (kid: bigint) => boolean): void {
    for (const kid of this.#entries.keys()) if (matches(kid)) this.delete(kid);
  }

  /**
   * Open a frame and count it; until it has proved authentic, nothing changes. The replay window is asked twice: before
   * the work, and after it, because in the asynchronous form the same frame may have been opened in the meantime.
   */
  open(frame: Uint8Array, metadata: Uint8Array = nothing): Result<F, OpenedFrame & Source> {
    return perform(this.crypto.form, this.#steps, { frame, metadata });
  }

  /** The entry that counts an authentic frame: its own, or that of another first frame of the KID that was faster. */
  #keep(kid: bigint, entry: Entry<F, Source>, derivation: Derivation<Source> | undefined): Entry<F, Source> {
    const current = this.#entries.get(kid);
    if (current === entry) return entry;
    if (derivation === undefined) throw new CopseError("sframe-unknown-kid"); // the key was removed meanwhile
    if (current !== undefined) {
      entry.key.wipe();
      return current;
    }
    this.#checkRoom(kid);
    derivation.adopt();
    this.#entries.set(kid, entry);
    return entry;
  }

  #checkRoom(kid: bigint): void {
    if (this.#entries.size >= this.#maxKeys && !this.#entries.has(kid)) {
      throw new CopseError("limit-exceeded", { limit: "maxKeys" });
    }
  }

  #entry(kid: bigint, baseKey: Uint8Array, source?: Source): Entry<F, Source> {
    const { crypto, suite } = this;
    this.#checkRoom(kid);
    return { key: new FrameKey({ crypto, suite, kid, baseKey }), replay: new ReplayWindow(this.#replayWindow), source };
  }
}
