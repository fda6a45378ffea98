/**
 * Receipts: what a member has received of each epoch, to acknowledge it, and to see from the AppAcks of others what somebody on
 * the way has withheld. Section 6.1 of draft-ietf-mls-extensions.
 *
 *     const receipts = createReceipts({ self: group.self.leafIndex });
 *     receipts.note(event);                                    // each message event
 *     receipts.noteSent(group.inspect(sealed));                // each message of ours
 *     await group.commit({ custom: [appData.ephemeral(components.app_ack, receipts.appAck(group.epoch))] });
 *     for (const { by, missingHere, missingThere } of receipts.compare(event, appData.ephemerals(event))) { ... }
 */

import { checkCount, checkUint, checkUint64 } from "../../bytes/numbers.ts";
import { options as optionsOf, uint32, type Shape, type Takes } from "../../bytes/takes.ts";
import type { EphemeralData } from "../app-data/ephemeral.ts";
import { components } from "../app-data/numbers.ts";
import { readAppAck, writeAppAck, type MessageRange } from "./app-ack.ts";
import { united, without, type Range, type Ranges } from "./ranges.ts";

/** What of a MessageEvent is noted. */
export interface ReceivedMessage {
  readonly kind: "message";
  readonly sender: { readonly leafIndex: number };
  readonly epoch: bigint;
  readonly generation: number;
}

/** What of `Group.inspect` says which message of ours it is: asked in the epoch in which it was sealed. */
export interface SentMessage {
  readonly own: boolean;
  readonly epoch?: bigint;
  readonly contentType?: string;
  readonly unverifiedGeneration?: number;
}

/** How two members differ in what they have received of an epoch. */
export interface Comparison {
  /** The leaf of who sent the AppAck. */
  readonly by: number;
  /**
   * What it says to have received and this member has not: withheld from here, or still on its way. A member can say it of messages
   * that nobody has sent.
   */
  readonly missingHere: readonly MessageRange[];
  /** What this member has received or sent, and it does not say to have received: withheld from there, or on its way when it said so. */
  readonly missingThere: readonly MessageRange[];
}

/** What bounds the memory of receipts. */
export interface ReceiptsOptions {
  /** The leaf of this member. */
  readonly self: number;
  /** The epochs that are kept, the newest. Default 3. */
  readonly epochs?: number;
  /**
   * Ranges of one sender in one epoch: each gap makes one more. Of too many the oldest are forgotten: nothing is said any more of
   * what comes before. Default 64.
   */
  readonly ranges?: number;
}

/** What is known of one sender's messages in one epoch. */
interface Known {
  /** Nothing is known of what comes before. */
  readonly from: number;
  readonly ranges: Ranges;
}

/** What has been received of each epoch. */
export interface Receipts {
  /** A message was received: in any order, and twice is once. */
  note(event: ReceivedMessage): void;
  /** A message of ours was sent. What is none is left aside. */
  noteSent(message: SentMessage): void;
  /** What was received of an epoch. */
  received(epoch: bigint): readonly MessageRange[];
  /** The same as the data of an AppAck, for `appData.ephemeral(components.app_ack, ...)`. */
  appAck(epoch: bigint): Uint8Array;
  /**
   * What the AppAcks of a commit say about the epoch that ends with it. `commit` is the CommitEvent, `told` what `appData.ephemerals`
   * finds in it. Of an epoch that is not kept nothing can be said.
   *
   * @throws CopseError of a `decode-` code for an AppAck that is none: where `appAck` is registered, none comes that far.
   */
  compare(commit: { readonly epoch: bigint }, told: readonly EphemeralData[]): readonly Comparison[];
}

const count: Takes = (place, value) => {
  checkCount(place, value as number, [1, 2 ** 16]);
};
const shape: Shape<ReceiptsOptions> = { self: uint32, epochs: count, ranges: count };
const takes: Takes = optionsOf(shape, "self");

/** Receipts of one member of one group. @throws TypeError for numbers out of range. */
export function createReceipts(options: ReceiptsOptions): Receipts {
  takes("createReceipts", options);
  const { self, epochs = 3, ranges: most = 64 } = options;
  const kept = new Map<bigint, Map<number, Known>>();

  const noteOne = (epoch: bigint, sender: number, generation: number): void => {
    checkUint64("epoch", epoch);
    checkUint("sender", sender, 32);
    checkUint("generation", generation, 32);
    let known = kept.get(epoch);
    if (known === undefined) {
      const oldest = oldestOf(kept, epochs);
      if (epoch < oldest) return;
      kept.delete(oldest);
      kept.set(epoch, (known = new Map<number, Known>()));
    }
    const { from, ranges } = known.get(sender) ?? { from: 0, ranges: [] };
    if (generation < from) return;
    const next = united([...ranges, [generation, generation]]);
    const dropped = next.length > most ? next[0] : undefined;
    known.set(sender, dropped === undefined ? { from, ranges: next } : { from: dropped[1] + 1, ranges: next.slice(1) });
  };
  const received = (epoch: bigint): readonly MessageRange[] => {
    checkUint64("epoch", epoch);
    return [...(kept.get(epoch) ?? [])]
      .filter(([sender]) => sender !== self)
      .sort(([a], [b]) => a - b)
      .flatMap(([sender, { ranges }]) => named(sender, ranges));
  };

  return {
    note: ({ epoch, sender, generation }) => {
      noteOne(epoch, sender.leafIndex, generation);
    },
    noteSent: ({ own, epoch, contentType, unverifiedGeneration: generation }) => {
      if (own && contentType === "application" && epoch !== undefined && generation !== undefined) {
        noteOne(epoch, self, generation);
      }
    },
    received,
    appAck: (epoch) => writeAppAck(received(epoch)),
    compare: ({ epoch }, told) => {
      checkUint64("commit.epoch", epoch);
      const ended = epoch - 1n;
      // Where nothing at all has come of an epoch, everything is missing.
      const known = ended < oldestOf(kept, epochs) ? undefined : (kept.get(ended) ?? new Map<number, Known>());
      return told.flatMap(({ componentId, data, sender }) =>
        componentId === components.app_ack &&
        sender.type === "member" &&
        sender.leafIndex !== self &&
        known !== undefined
          ? [{ by: sender.leafIndex, ...compared(known, readAppAck(data), sender.leafIndex, self) }]
          : [],
      );
    },
  };
}

/** The oldest epoch that is kept where another takes its place, else one before all epochs. */
function oldestOf(kept: ReadonlyMap<bigint, unknown>, most: number): bigint {
  return kept.size < most ? -1n : [...kept.keys()].reduce((a, b) => (a < b ? a : b));
}

/** What one AppAck and we know differently. */
function compared(
  known: ReadonlyMap<number, Known>,
  ranges: readonly MessageRange[],
  by: number,
  self: number,
): Omit<Comparison, "by"> {
  const theirs = new Map<number, Range[]>();
  for (const { sender, firstGeneration, lastGeneration } of ranges) {
    const list = theirs.get(sender) ?? [];
    theirs.set(sender, list);
    list.push([firstGeneration, lastGeneration]);
  }
  const senders = [...new Set([...known.keys(), ...theirs.keys()])].sort((a, b) => a - b);
  const missingHere: MessageRange[] = [];
  const missingThere: MessageRange[] = [];
  for (const sender of senders) {
    const { from, ranges: ours } = known.get(sender) ?? { from: 0, ranges: [] };
    const acked = united((theirs.get(sender) ?? []).map(([first, last]) => [Math.max(first, from), last]));
    // Nobody misses its own messages.
    if (sender !== self) missingHere.push(...named(sender, without(acked, ours)));
    if (sender !== by) missingThere.push(...named(sender, without(ours, acked)));
  }
  return { missingHere, missingThere };
}

function named(sender: number, ranges: Ranges): readonly MessageRange[] {
  return ranges.map(([firstGeneration, lastGeneration]) => ({ sender, firstGeneration, lastGeneration }));
}
