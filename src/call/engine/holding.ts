/**
 * Frames that wait for their key, in order, and frames that are being opened: both bounded in number and bytes, for each track
 * and for all together.
 */

/** How much may wait. */
export interface HoldingLimits {
  readonly frames: number;
  readonly bytes: number;
}

/** Counts frames and their bytes against a limit. */
export class HeldBudget {
  readonly #limits: HoldingLimits;
  #frames = 0;
  #bytes = 0;

  constructor(limits: HoldingLimits) {
    this.#limits = limits;
  }

  get frames(): number {
    return this.#frames;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether a frame of so many bytes fits. */
  hasRoomFor(bytes: number): boolean {
    return this.#frames < this.#limits.frames && this.#bytes + bytes <= this.#limits.bytes;
  }

  add(bytes: number): void {
    this.#frames++;
    this.#bytes += bytes;
  }

  remove(bytes: number): void {
    this.#frames--;
    this.#bytes -= bytes;
  }
}

/** What can wait. */
export interface Held {
  /** How many bytes it holds on to. */
  readonly size: number;
}

/** A track's queue. */
export class HeldFrames<H extends Held> {
  readonly #own: HeldBudget;
  readonly #all: HeldBudget;
  readonly #queue: H[] = [];

  constructor(limits: HoldingLimits, all: HeldBudget) {
    this.#own = new HeldBudget(limits);
    this.#all = all;
  }

  get length(): number {
    return this.#queue.length;
  }

  /** The frame that has waited longest. */
  get first(): H | undefined {
    return this.#queue[0];
  }

  /** Take the first out. */
  shift(): H | undefined {
    const first = this.#queue.shift();
    if (first !== undefined) for (const budget of [this.#own, this.#all]) budget.remove(first.size);
    return first;
  }

  /** Put a frame at the end. @returns What had to go for it: older frames, or itself where even then it does not fit. */
  push(held: H): readonly H[] {
    const gone: H[] = [];
    const fits = (): boolean => [this.#own, this.#all].every((budget) => budget.hasRoomFor(held.size));
    while (!fits()) {
      const oldest = this.shift();
      if (oldest === undefined) return [...gone, held];
      gone.push(oldest);
    }
    this.#queue.push(held);
    for (const budget of [this.#own, this.#all]) budget.add(held.size);
    return gone;
  }
}

/** Waits for frames of other tracks to be opened. */
export type Waiter = () => void;

/** Frames of all tracks that are being opened. */
export class AllOpening extends HeldBudget {
  readonly #waiters = new Set<Waiter>();

  /** Call a waiter once when there may be room, after those that have waited longer. */
  await(waiter: Waiter): void {
    this.#waiters.add(waiter);
  }

  forget(waiter: Waiter): void {
    this.#waiters.delete(waiter);
  }

  override remove(bytes: number): void {
    super.remove(bytes);
    for (const waiter of [...this.#waiters]) {
      if (!this.hasRoomFor(1)) return;
      this.#waiters.delete(waiter);
      waiter();
    }
  }
}

/**
 * A track's frames that are being opened. One frame may always be opened, however large it is: otherwise a large one
 * would wait for ever.
 */
export class Opening {
  readonly #own: HeldBudget;
  readonly #all: AllOpening;
  readonly #waiter: Waiter;

  /** @param waiter Hears when there may be room that other tracks have taken. */
  constructor(limits: HoldingLimits, all: AllOpening, waiter: Waiter) {
    this.#own = new HeldBudget(limits);
    this.#all = all;
    this.#waiter = waiter;
  }

  /** Whether a frame of so many bytes may be begun now. */
  hasRoomFor(bytes: number): boolean {
    if (this.#own.frames > 0 && !this.#own.hasRoomFor(bytes)) return false;
    if (this.#all.frames === 0 || this.#all.hasRoomFor(bytes)) return true;
    this.#all.await(this.#waiter);
    return false;
  }

  add(bytes: number): void {
    this.#own.add(bytes);
    this.#all.add(bytes);
  }

  remove(bytes: number): void {
    this.#own.remove(bytes);
    this.#all.remove(bytes);
  }

  close(): void {
    this.#all.forget(this.#waiter);
  }
}
