/**
 * The rooms whose groups are in memory: so many at the most, those that were used last. The others are in the store, and are restored
 * when they are used again.
 */

/** A room that can be forgotten: it does so in its turn, so that nothing that it is doing loses its group. */
export interface Loadable {
  turn<Result>(work: () => Promise<Result>): Promise<Result>;
  release(): void;
  /** Whether something holds on to its group, as a call does. */
  readonly isPinned?: boolean;
}

export class LoadedRooms {
  readonly #most: number;
  /** The one that was used last stands last. */
  readonly #rooms = new Set<Loadable>();

  constructor(most: number) {
    this.#most = most;
  }

  /** A room uses its group now. */
  used(room: Loadable): void {
    this.#rooms.delete(room);
    this.#rooms.add(room);
    if (this.#rooms.size <= this.#most) return;
    const [longestUnused] = this.#rooms;
    if (longestUnused === undefined) return;
    this.#rooms.delete(longestUnused);
    void longestUnused.turn(() => {
      // Unless it was used while this waited, or something holds it.
      if (!this.#rooms.has(longestUnused) && longestUnused.isPinned !== true) longestUnused.release();
      return Promise.resolve();
    });
  }
}
