/**
 * Counted indexes: how many members hold a key or support a type, kept as the tree changes instead of being searched for.
 *
 * A fork is an overlay: it counts its own changes and leaves what it was forked from alone, so that dropping a pending
 * commit drops its changes. Settling one folds them in; its siblings are stale from then on and say so.
 */

interface Base<K> {
  counts: Map<K, number>;
  version: number;
}

/** A multiset of keys. */
export class Counted<K> {
  readonly #base: Base<K>;
  #delta: Map<K, number>;
  #version: number;
  /** How many keys are held more than once. */
  #repeated: number;

  constructor(base?: Base<K>, delta?: ReadonlyMap<K, number>, repeated = 0) {
    this.#base = base ?? { counts: new Map(), version: 0 };
    this.#delta = new Map(delta);
    this.#version = this.#base.version;
    this.#repeated = repeated;
  }

  /** Whether some key is held more than once. */
  get hasRepeated(): boolean {
    this.#checkFresh();
    return this.#repeated > 0;
  }

  /** How often the key is held. */
  count(key: K): number {
    this.#checkFresh();
    return (this.#base.counts.get(key) ?? 0) + (this.#delta.get(key) ?? 0);
  }

  add(key: K): void {
    if (this.#change(key, 1) === 2) this.#repeated++;
  }

  remove(key: K): void {
    if (this.#change(key, -1) === 1) this.#repeated--;
  }

  /** An overlay of its own over the same counts. */
  fork(): Counted<K> {
    this.#checkFresh();
    return new Counted(this.#base, this.#delta, this.#repeated);
  }

  /**
   * Make this overlay's changes everybody's. Forks that were made of it and are named go on, with what they changed beyond
   * it; all others of the same counts are stale afterwards.
   */
  settle(forks: readonly Counted<K>[] = []): void {
    this.#checkFresh();
    if (this.#delta.size === 0) return;
    if (this.#base.counts.size === 0 && forks.length === 0) {
      // The first of everything: a whole tree that was read, say. Nothing was counted before, so no change is negative.
      this.#base.counts = this.#delta;
    } else {
      for (const [key, change] of this.#delta) {
        const count = (this.#base.counts.get(key) ?? 0) + change;
        if (count === 0) this.#base.counts.delete(key);
        else this.#base.counts.set(key, count);
        for (const fork of forks) fork.#change(key, -change);
      }
    }
    this.#delta = new Map();
    this.#version = ++this.#base.version;
    for (const fork of forks) fork.#version = this.#version;
  }

  /** Every key that is held, with its count. */
  *entries(): Iterable<[K, number]> {
    this.#checkFresh();
    for (const [key, count] of this.#base.counts) {
      const total = count + (this.#delta.get(key) ?? 0);
      if (total > 0) yield [key, total];
    }
    for (const [key, change] of this.#delta) if (!this.#base.counts.has(key) && change > 0) yield [key, change];
  }

  /** Gives how often the key is held then. */
  #change(key: K, change: number): number {
    this.#checkFresh();
    const delta = (this.#delta.get(key) ?? 0) + change;
    if (delta === 0) this.#delta.delete(key);
    else this.#delta.set(key, delta);
    return (this.#base.counts.get(key) ?? 0) + delta;
  }

  #checkFresh(): void {
    if (this.#version !== this.#base.version) throw new TypeError("this index belongs to a tree that was outlived");
  }
}
