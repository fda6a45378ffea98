/**
 * The other participants: what was counted of each, on all tracks together.
 */

import { Counter, type Fate } from "../../call/engine/counts.ts";
import type { ParticipantStatistics } from "../../call/engine/protocol.ts";
import type { DaveEpoch } from "./keys.ts";

interface Peer {
  readonly counter: Counter;
  /** The newest epoch of which a frame has opened. */
  shown: DaveEpoch | undefined;
}

/** The participants of the epochs that are held. */
export class Peers {
  #peers = new Map<number, Peer>();

  count(participant: number, fate: Fate): void {
    this.#peers.get(participant)?.counter.count(fate);
  }

  /** A frame of a participant has opened. */
  show(participant: number, epoch: DaveEpoch): void {
    const peer = this.#peers.get(participant);
    if (peer !== undefined && (peer.shown === undefined || peer.shown.epoch < epoch.epoch)) peer.shown = epoch;
  }

  /** Know the members of these epochs, and nobody else. */
  follow(epochs: readonly DaveEpoch[]): ReadonlySet<number> {
    const present = new Set(epochs.flatMap(({ participants }) => [...participants]));
    const before = this.#peers;
    this.#peers = new Map(
      Array.from(present, (number) => [number, before.get(number) ?? { counter: new Counter(), shown: undefined }]),
    );
    return present;
  }

  statistics(now: number): readonly ParticipantStatistics[] {
    return Array.from(this.#peers, ([participant, { counter, shown }]) => ({
      participant,
      epoch: shown?.epoch,
      keyAge: shown === undefined ? undefined : now - shown.keyedAt,
      ...counter.counts,
    }));
  }
}
