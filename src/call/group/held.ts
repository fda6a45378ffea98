/**
 * Handshakes that can't be taken yet: of a later epoch, by a device that the chat does not show yet, with a PSK that it does
 * not have yet, or with proposals that have not arrived. What was dropped can be asked for again.
 *
 * Nobody has verified them, so they are bounded in number and bytes, and of too many those go first that are least likely to
 * be of use: of epochs that are far away, then of senders who are no members, then of the sender who takes most of the room,
 * and of these the oldest. All of it is a stranger's word; what it can't say is that it is more urgent than the next epoch.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import type { Sender } from "../../wire/framing.ts";
import type { Handshake } from "./peek.ts";

/** What may be kept. */
export interface Holding {
  /** Handshakes. */
  readonly held: number;
  /** Bytes of one of them. */
  readonly heldMessageBytes: number;
  /** Bytes of all together. */
  readonly heldBytes: number;
}

/**
 * The longest message of a call where the application does not say: a Welcome or a GroupInfo with the tree of 10,000 devices, or
 * of 2,000 with certificates.
 */
export const defaultMessageBytes: number = 2 ** 24;

/** Messages that wait for their turn may take as many bytes as so many of the longest. */
export const longestQueued: number = 4;

/** What is kept where the application does not say. */
export const defaultHolding: Holding = { held: 256, heldMessageBytes: 2 ** 21, heldBytes: 2 ** 23 };

/** A handshake that waits: its bytes, and no more of what it says than it is found by, since that can take fifty times as much. */
interface HeldHandshake {
  readonly message: Uint8Array;
  readonly epoch: bigint;
  readonly content: "proposal" | "commit";
  readonly isMember: boolean;
  /** Who says to have sent it. */
  readonly from: string;
  /** The type of a proposal that is a custom one. */
  readonly customType: number | undefined;
}

/** The handshakes that wait, in the order of arrival. */
export class Held {
  readonly #limits: Holding;
  #waiting: readonly HeldHandshake[] = [];

  constructor(limits: Holding) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Bytes of all that wait. */
  get bytes(): number {
    return this.#waiting.reduce((sum, { message }) => sum + message.length, 0);
  }

  /**
   * Keep one, once.
   *
   * @param message In memory of its own, which is kept.
   * @param now The epoch that comes next to be taken.
   */
  add(message: Uint8Array, { epoch, content, sender, proposals }: Handshake, now: bigint): void {
    if (message.length > this.#limits.heldMessageBytes) return;
    if (this.#waiting.some((held) => bytesEqual(held.message, message))) return;
    const [proposal] = proposals;
    const customType = content === "proposal" && proposal?.type === "custom" ? proposal.proposalType : undefined;
    const isMember = sender.type === "member";
    this.#waiting = [...this.#waiting, { message, epoch, content, isMember, from: nameOf(sender), customType }];
    while (this.size > this.#limits.held || this.bytes > this.#limits.heldBytes) this.#dropOne(now);
  }

  /** Take out what is of this epoch or of earlier ones, oldest first; what has to wait longer is added again. */
  take(epoch: bigint): readonly Uint8Array[] {
    const taken = this.#waiting.filter((held) => held.epoch <= epoch);
    this.#waiting = this.#waiting.filter((held) => held.epoch > epoch);
    return taken.map(({ message }) => message);
  }

  /** Whether a commit of an epoch is among them. */
  hasCommit(epoch: bigint): boolean {
    return this.#waiting.some((held) => held.content === "commit" && held.epoch === epoch);
  }

  /** The proposals of an epoch that have this type. */
  custom(epoch: bigint, proposalType: number): readonly Uint8Array[] {
    return this.#waiting
      .filter((held) => held.epoch === epoch && held.customType === proposalType)
      .map(({ message }) => message);
  }

  #dropOne(now: bigint): void {
    const room = new Map<string, number>();
    for (const { from, message } of this.#waiting) room.set(from, (room.get(from) ?? 0) + message.length);
    const isWorse = (one: HeldHandshake, other: HeldHandshake): boolean => {
      const [oneAway, otherAway] = [distance(one.epoch, now), distance(other.epoch, now)];
      if (oneAway !== otherAway) return oneAway > otherAway;
      if (one.isMember !== other.isMember) return !one.isMember;
      return room.get(one.from)! > room.get(other.from)!;
    };
    const worst = this.#waiting.reduce((worst, one) => (isWorse(one, worst) ? one : worst));
    this.#waiting = this.#waiting.filter((held) => held !== worst);
  }
}

/** How far an epoch is from now; one that is over is further than any to come. */
function distance(epoch: bigint, now: bigint): bigint {
  return epoch < now ? 2n ** 64n : epoch - now;
}

function nameOf(sender: Sender): string {
  if (sender.type === "member") return `member ${sender.leafIndex}`;
  return sender.type === "external" ? `external ${sender.senderIndex}` : sender.type;
}
