/**
 * Who is in a call: the members of its group, under numbers that stay theirs from epoch to epoch.
 */

import { hex } from "../bytes/text.ts";
import type { Credential } from "../wire/credential.ts";
import type { EngineMember } from "./engine/protocol.ts";
import type { EpochSource } from "./epoch-source.ts";

/** Someone in a call. */
export interface Participant {
  /** A number within this `Call`: the same as long as the signature key is the same, and never another's. */
  readonly id: number;
  /** In the newest epoch in which it is a member. */
  readonly leafIndex: number;
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  readonly isSelf: boolean;
}

/** What an epoch has changed. */
export interface Attendance {
  readonly joined: readonly Participant[];
  readonly left: readonly Participant[];
}

interface Known {
  readonly participant: Participant;
  /** The newest epoch in which it was a member. */
  readonly epoch: bigint;
}

/** The participants of the current epoch, and of past ones whose frames may still come. */
export class ParticipantList {
  /** By signature key, which two members never share (RFC 9420 section 7.3). */
  readonly #known = new Map<string, Known>();
  #lastId = 0;
  #epoch = -1n;

  /** The members of the current epoch, by leaf. */
  get present(): readonly Participant[] {
    return [...this.#known.values()].filter(({ epoch }) => epoch === this.#epoch).map(({ participant }) => participant);
  }

  /** The current epoch's members, as an engine wants them. */
  get members(): readonly EngineMember[] {
    return this.present.map(({ id, leafIndex }) => ({ participant: id, leafIndex }));
  }

  find(id: number): Participant | undefined {
    for (const { participant } of this.#known.values()) if (participant.id === id) return participant;
    return undefined;
  }

  /** Take in the members of a new epoch. */
  enter({ epoch, self, members }: Pick<EpochSource, "epoch" | "self" | "members">): Attendance {
    const before = this.present;
    this.#epoch = epoch;
    const joined: Participant[] = [];
    for (const { leafIndex, credential, signatureKey } of members) {
      const name = hex(signatureKey);
      const known = this.#known.get(name);
      const participant: Participant = {
        id: known?.participant.id ?? ++this.#lastId,
        leafIndex,
        credential,
        signatureKey,
        isSelf: leafIndex === self.leafIndex,
      };
      this.#known.delete(name); // so that the map is in the order of the leaves
      this.#known.set(name, { participant, epoch });
      if (!before.some(({ id }) => id === participant.id)) joined.push(participant);
    }
    const present = this.present;
    return { joined, left: before.filter(({ id }) => !present.some((participant) => participant.id === id)) };
  }

  /** Forget who has not been a member since this epoch. */
  forget(epoch: bigint): void {
    for (const [name, known] of this.#known) {
      if (known.epoch <= epoch && known.epoch < this.#epoch) this.#known.delete(name);
    }
  }
}
