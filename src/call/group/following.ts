/**
 * Following the group: handshakes are taken in the service's order, kept where they are early, asked for where they are
 * missing. Who can't follow any more, because a commit that the service chose is refused here or has been lost, is told so
 * once the service is ahead for too long.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { CopseError } from "../../errors.ts";
import type { CommitEvent, GroupEvent } from "../../public-group/events.ts";
import type { Group } from "../../group/group.ts";
import type { Settings } from "../../public-group/options/settings.ts";
import type { ChatView } from "./chat-view.ts";
import { Held, type Holding } from "./held.ts";
import { peek, type Handshake } from "./peek.ts";
import { selfRemoveType } from "../../extensions/self-remove.ts";
import type { Surroundings } from "./surroundings.ts";

/** What following needs. */
export interface FollowingInput extends Surroundings {
  readonly callId: Uint8Array;
  readonly view: ChatView;
  readonly settings: Settings;
  readonly holding: Holding;
  /** The group, while this device is in it. */
  readonly group: () => Group | undefined;
  /** The group has taken a handshake; `own` is the change where that was a commit of ours. */
  readonly took: (event: GroupEvent, own: CommitEvent | undefined) => Promise<void>;
  /** The service is ahead, and this device has not caught up. */
  readonly behind: () => void;
}

/** Follows the group behind `group()`, whichever it is. */
export class Following {
  readonly #input: FollowingInput;
  readonly #held: Held;
  /** The epoch that the service has said to be in. */
  #told = 0n;
  #ahead: { epoch: bigint; readonly cancel: () => void } | undefined;
  #askedAt = -Infinity;
  /**
   * Whether the group has taken a handshake since the waiting ones were last tried: otherwise they would fail again.
   */
  #hasNews = false;
  #cancelPoll: (() => void) | undefined;

  constructor(input: FollowingInput) {
    this.#input = input;
    this.#held = new Held(input.holding);
  }

  /** Stop all timers. */
  stop(): void {
    this.#ahead?.cancel();
    this.#cancelPoll?.();
  }

  /** Ask the service now and then whether something was missed. */
  poll(): void {
    const { scheduler, timing } = this.#input;
    this.#cancelPoll?.();
    this.#cancelPoll = scheduler.after(timing.poll, () => {
      this.ask();
      this.poll();
    });
  }

  /** Ask the service for everything from this epoch on. */
  ask(): void {
    const { group, scheduler, transport } = this.#input;
    const since = group()?.epoch;
    if (since === undefined) return;
    this.#askedAt = scheduler.now();
    transport.send({ kind: "ask", since });
  }

  /** Take a handshake in now, keep it for later, or refuse it. `message` must be in memory of its own: it may be kept. */
  async offer(message: Uint8Array): Promise<void> {
    const { callId, refused } = this.#input;
    try {
      const handshake = this.#peek(message);
      if (bytesEqual(handshake.groupId, callId)) await this.#take(message, handshake);
    } catch (error) {
      refused(error);
    }
  }

  /** Offer again what was kept of this epoch, as long as that leads anywhere. */
  async retry(): Promise<void> {
    this.#hasNews = false;
    for (let size = Infinity; this.#held.size < size;) {
      size = this.#held.size;
      const epoch = this.#input.group()?.epoch;
      if (epoch === undefined) return;
      const all = [...this.#held.take(epoch)];
      try {
        for (let next = all.shift(); next !== undefined; next = all.shift()) await this.#take(next, this.#peek(next));
      } finally {
        for (const rest of all) this.#hold(rest, this.#peek(rest)); // a hook of the application has failed
      }
    }
  }

  /** Whether a commit of the current epoch waits for a proposal, and one has come since it was tried. */
  get isWaiting(): boolean {
    const group = this.#input.group();
    return this.#hasNews && group !== undefined && this.#held.hasCommit(group.epoch);
  }

  /** The self_remove proposals of an epoch that are kept. */
  departures(epoch: bigint): readonly Uint8Array[] {
    return this.#held.custom(epoch, selfRemoveType);
  }

  /** This device has entered an epoch. */
  moved(): void {
    this.hear(this.#ahead?.epoch ?? 0n);
  }

  /**
   * The service says that the group is in this epoch. Nobody has signed that, so only its last word counts, and where that
   * is ahead it is asked for the commits that lead there.
   */
  hear(epoch: bigint): void {
    this.#told = epoch;
    const own = this.#input.group()?.epoch;
    if (own === undefined) return;
    if (epoch <= own) {
      this.#ahead?.cancel();
      this.#ahead = undefined;
    } else if (this.#ahead === undefined) {
      const { scheduler, timing, enqueue } = this.#input;
      const cancel = scheduler.after(timing.patience, () => {
        enqueue(() => {
          this.#giveUp();
        });
      });
      this.#ahead = { epoch, cancel };
      this.#askSoon();
    } else this.#ahead.epoch = epoch;
  }

  #giveUp(): void {
    const own = this.#input.group()?.epoch;
    const isBehind = this.#ahead !== undefined && own !== undefined && this.#ahead.epoch > own;
    this.#ahead = undefined;
    if (isBehind) this.#input.behind();
  }

  async #take(message: Uint8Array, handshake: Handshake): Promise<void> {
    const group = this.#input.group();
    if (group === undefined || handshake.epoch > group.epoch) {
      this.#keep(message, handshake);
      return;
    }
    if (handshake.epoch < group.epoch) return;
    if (this.#isEarly(handshake)) {
      this.#hold(message, handshake);
      return;
    }
    try {
      const own = group.pendingCommit;
      const event = await group.receive(message);
      this.#hasNews = true;
      await this.#input.took(event, event.kind === "own" && event.what === "commit" ? own?.change : undefined);
    } catch (error) {
      if (error instanceof CopseError && error.code === "proposal-not-found") this.#keep(message, handshake);
      else this.#input.refused(error);
    }
  }

  /**
   * Keep a handshake until what comes before it is there, and ask the service for that: once, not for each such
   * handshake.
   */
  #keep(message: Uint8Array, handshake: Handshake): void {
    this.#hold(message, handshake);
    this.#askSoon();
  }

  #askSoon(): void {
    if (this.#input.scheduler.now() - this.#askedAt >= this.#input.timing.debounce) this.ask();
  }

  #peek(message: Uint8Array): Handshake {
    return peek(message, this.#input.settings);
  }

  #hold(message: Uint8Array, handshake: Handshake): void {
    this.#held.add(message, handshake, this.#input.group()?.epoch ?? this.#told);
  }

  /** Whether the chat, as far as this device has followed it, is behind what a handshake speaks of. */
  #isEarly({ content, proposals }: Handshake): boolean {
    const { view } = this.#input;
    return proposals.some((proposal) =>
      content === "commit"
        ? proposal.type === "psk" && view.standing(proposal.psk) === "later"
        : proposal.type === "add" && !view.isPresent(proposal.keyPackage.leafNode),
    );
  }
}
