/**
 * SFrame for an MLS group: the keys of its recent epochs, for our own senders and for everybody else's frames.
 * RFC 9605 section 5.2. Of MLS it knows an exporter function, nothing more.
 */

import { Secret } from "../bytes/secret.ts";
import { checkOptions } from "./arguments.ts";
import { CopseError } from "../errors.ts";
import { checkCount } from "../bytes/numbers.ts";
import type { Form, Result } from "./form.ts";
import { KeyTable, type Derivation, type OpenedFrame, type ReceivingOptions } from "./key-table.ts";
import { maxEpochBits, mlsKid, sframeBaseKey, splitMlsKid, type MlsExporter } from "./mls-kid.ts";
import { SFrameSender } from "./sender.ts";

/** What `MlsSFrame` is made of. All members must agree on `suite` and `epochBits`. */
export interface MlsSFrameOptions<F extends Form> extends ReceivingOptions<F> {
  /** E: how many bits of the epoch a KID carries, 0 to 16. 2^E epochs are held at once. */
  readonly epochBits: number;
  /** How many contexts are accepted from one sender in one epoch, and how many we use ourselves. Default 16. */
  readonly maxContexts?: number;
}

/** An epoch as a member of the group knows it. */
export interface MlsEpoch {
  readonly epoch: bigint;
  /** Our own leaf in this epoch. */
  readonly leafIndex: number;
  /** The width of the ratchet tree in this epoch: the number of its leaves, blank ones included. */
  readonly treeWidth: number;
  /** MLS-Exporter in this epoch, asked once. The array that it gives is owned here, and wiped with the epoch. */
  readonly exporter: MlsExporter;
}

/** Who sent a frame, as its KID says. Any member can claim to be any other (section 7.2). */
export interface MlsSFrameSource {
  readonly epoch: bigint;
  readonly leafIndex: number;
  readonly context: bigint;
}

/** A frame of a member, and which member, epoch and context its KID named. */
export type MlsOpenedFrame = OpenedFrame & MlsSFrameSource;

interface HeldEpoch<F extends Form> extends Omit<MlsEpoch, "exporter"> {
  readonly baseKey: Secret<"sframe base key">;
  /** Our own, by context. */
  readonly senders: Map<bigint, SFrameSender<F>>;
  /** How many contexts have been received from a leaf. */
  readonly contexts: Map<number, number>;
}

/**
 * Seals and opens the frames of a group's members.
 *
 * A new epoch is for receiving at once; when to send in it is the application's choice, since the others may learn of
 * it later (section 4.4.1). Which member a leaf index is, and whether it is one at all (a leaf may be blank, or outside
 * a tree whose width is no power of two), is for the group to say: ask it before media is shown under a name.
 *
 * @example
 * const frames = new MlsSFrame({ suite: sframeSuite(4), epochBits: 4 });
 * frames.addEpoch({ epoch, leafIndex, treeWidth, exporter });
 * const frame = frames.sender({ epoch }).encrypt(opusFrame);
 * const { leafIndex: from, plaintext } = frames.open(received);
 */
export class MlsSFrame<F extends Form = "sync"> {
  readonly epochBits: number;
  readonly #table: KeyTable<F, MlsSFrameSource>;
  readonly #maxContexts: number;
  /** By their low E bits. */
  readonly #epochs = new Map<bigint, HeldEpoch<F>>();
  #newest = -1n;

  /** @throws TypeError where an option is not what it must be. */
  constructor(options: MlsSFrameOptions<F>) {
    checkOptions(options, "suite crypto replayWindow maxKeys epochBits maxContexts");
    const { epochBits, maxContexts = 16 } = options;
    checkCount("epochBits", epochBits, [0, maxEpochBits]);
    checkCount("maxContexts", maxContexts, [1, 2 ** 32]);
    this.epochBits = epochBits;
    this.#table = new KeyTable(options, (kid) => this.#derive(kid));
    this.#maxContexts = maxContexts;
  }

  /** The epochs that are held, in ascending order. */
  get epochs(): readonly bigint[] {
    return [...this.#epochs.values()].map(({ epoch }) => epoch);
  }

  /**
   * Take an epoch's keys. "Receivers MUST remove an old epoch when a new epoch with the same low-order E bits is
   * introduced": epochs 2^E and more behind the new one are erased.
   *
   * Epochs come in ascending order, each once: if one could come back, its counters would begin anew.
   *
   * @throws CopseError "sframe-key-order" where the epoch is not newer than every one before; "sframe-kid-range" where
   * our leaf is outside the tree.
   * @throws TypeError where an argument is not what it must be.
   */
  addEpoch({ epoch, leafIndex, treeWidth, exporter }: MlsEpoch): void {
    mlsKid({ context: 0n, leafIndex, epoch, treeWidth, epochBits: this.epochBits }); // checks its arguments
    if (epoch <= this.#newest) throw new CopseError("sframe-key-order");
    const baseKey = Secret.of("sframe base key", sframeBaseKey(exporter, this.#table.suite));
    for (const old of this.epochs) if (epoch - old >= 1n << BigInt(this.epochBits)) this.removeEpoch(old);
    const added = { epoch, leafIndex, treeWidth, baseKey, senders: new Map(), contexts: new Map() };
    this.#epochs.set(this.#low(epoch), added);
    this.#newest = epoch;
  }

  /** Erase an epoch: its keys, its senders and what was received in it. Says whether it was held. */
  removeEpoch(epoch: bigint): boolean {
    const held = this.#held(epoch);
    if (held === undefined) return false;
    const low = this.#low(epoch);
    held.baseKey.wipe();
    for (const sender of held.senders.values()) sender.wipe();
    this.#table.deleteWhere((kid) => this.#low(kid) === low);
    return this.#epochs.delete(low);
  }

  /**
   * Our sender in an epoch, the same object for the same context. It works until the epoch is erased.
   *
   * Several workers, tracks or sessions of one member do not see each other's counters: each must take a context of its
   * own (default 0n), and a session resumed within an epoch one that was not used before.
   *
   * @throws CopseError "epoch-unavailable" where the epoch is not held; "sframe-kid-range" where the context does not
   * fit in the KID; "limit-exceeded" where there are too many contexts.
   * @throws TypeError where an argument is not what it must be.
   */
  sender({ epoch, context = 0n }: { readonly epoch: bigint; readonly context?: bigint }): SFrameSender<F> {
    const held = this.#held(epoch);
    if (held === undefined) throw new CopseError("epoch-unavailable");
    let sender = held.senders.get(context);
    if (sender !== undefined) return sender;
    const kid = mlsKid({ ...held, context, epochBits: this.epochBits });
    this.#countWithRoom(held.senders.size);
    const { suite, crypto } = this.#table;
    sender = held.baseKey.use((baseKey) => new SFrameSender({ suite, kid, baseKey, crypto }));
    held.senders.set(context, sender);
    return sender;
  }

  /**
   * Open a frame of another member.
   *
   * @param metadata What the sender gave as metadata, byte for byte. Default: none.
   * @throws CopseError "sframe-header"; "sframe-unknown-kid" where its epoch is not held; "sframe-kid-role" for a frame
   * of our own leaf; "sframe-replay"; "sframe-open"; "limit-exceeded" for the first frame of a KID where its sender has
   * too many contexts or there are too many KIDs.
   * @throws TypeError where an argument is not a byte string.
   */
  open(frame: Uint8Array, metadata?: Uint8Array): Result<F, MlsOpenedFrame> {
    return this.#table.open(frame, metadata);
  }

  /** Erase every epoch. */
  wipe(): void {
    for (const epoch of this.epochs) this.removeEpoch(epoch);
  }

  /** The key of a KID that is met for the first time. */
  #derive(kid: bigint): Derivation<MlsSFrameSource> {
    const held = this.#epochs.get(this.#low(kid));
    if (held === undefined) throw new CopseError("sframe-unknown-kid");
    const { epoch, treeWidth } = held;
    const source = { ...splitMlsKid(kid, { epochBits: this.epochBits, treeWidth }), epoch };
    const { leafIndex } = source;
    if (leafIndex === held.leafIndex) throw new CopseError("sframe-kid-role");
    this.#countWithRoom(held.contexts.get(leafIndex));
    return {
      baseKey: held.baseKey.use((bytes) => new Uint8Array(bytes)),
      source,
      adopt: () => {
        if (this.#held(epoch) !== held) throw new CopseError("sframe-unknown-kid"); // erased in the meantime
        held.contexts.set(leafIndex, this.#countWithRoom(held.contexts.get(leafIndex)) + 1);
      },
    };
  }

  /** How many contexts there are. @throws CopseError "limit-exceeded" where there may be no more. */
  #countWithRoom(count = 0): number {
    if (count >= this.#maxContexts) throw new CopseError("limit-exceeded", { limit: "maxContexts" });
    return count;
  }

  #held(epoch: bigint): HeldEpoch<F> | undefined {
    const held = this.#epochs.get(this.#low(epoch));
    return held?.epoch === epoch ? held : undefined;
  }

  #low(epochOrKid: bigint): bigint {
    return BigInt.asUintN(this.epochBits, epochOrKid);
  }
}
