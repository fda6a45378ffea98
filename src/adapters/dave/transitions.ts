/**
 * The two phases of a transition ("Commit Handling", "Passthrough Mode"): the gateway announces it, and when everybody is ready
 * it has it executed. From the first on new frames can be heard, from the second on they are sent.
 */

import type { DaveMode, Sending } from "./commands.ts";

/** Of transitions that were announced, so many may not have been executed: the oldest go. */
const maxPending = 64;

/** The transition that is executed at once: of a group that has nobody to wait for. */
export const initTransition = 0;

interface Transition {
  readonly protocolVersion: number;
  /** What is sent with from its execution on; undefined where there is no group. */
  readonly epoch: bigint | undefined;
}

/** The transitions of a session. */
export class Transitions {
  readonly #allowsClear: boolean;
  readonly #pending = new Map<number, Transition>();
  /** The newest epoch that was sent with. */
  #newest = -1n;
  #mode: DaveMode = { sending: undefined, hearsClear: false };

  constructor(allowsClear: boolean) {
    this.#allowsClear = allowsClear;
  }

  get mode(): DaveMode {
    return this.#mode;
  }

  /** A transition is announced. Where it leads to clear frames, these are heard from now on. */
  prepare(id: number, transition: Transition): void {
    if (transition.protocolVersion === 0) this.#set(this.#mode.sending, this.#allowsClear);
    this.#pending.delete(id);
    this.#pending.set(id, transition);
    for (const oldest of this.#pending.keys()) {
      if (this.#pending.size <= maxPending) break;
      this.#pending.delete(oldest);
    }
  }

  /**
   * A transition is executed. Gives its protocol version; undefined where it was not announced, or something newer is sent with
   * already: a gateway that has an old one executed late does not give the call back to who was removed since.
   *
   * @param hasGroup Whether a group is established: then one that was announced before there was any leads nowhere.
   */
  execute(id: number, hasGroup: boolean): number | undefined {
    const transition = this.#pending.get(id);
    if (transition === undefined) return undefined;
    this.#pending.delete(id);
    const { protocolVersion, epoch } = transition;
    if (protocolVersion === 0) this.#set(this.#allowsClear ? "clear" : undefined, this.#allowsClear);
    else if (epoch === undefined ? hasGroup : epoch < this.#newest) return undefined;
    else this.#set(epoch, false);
    return protocolVersion;
  }

  /** A commit has removed us: nothing is sent until we are in a group again. */
  leave(): void {
    this.#pending.clear();
    this.#set(undefined, this.#mode.hearsClear);
  }

  /** Nothing is sent or heard any more. */
  end(): void {
    this.#pending.clear();
    this.#set(undefined, false);
  }

  #set(sending: Sending, hearsClear: boolean): void {
    if (typeof sending === "bigint") this.#newest = sending;
    this.#mode = { sending, hearsClear };
  }
}
