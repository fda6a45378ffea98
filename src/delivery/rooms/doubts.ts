/**
 * Proposals that members say they can't take in. The service has no key to check a membership tag with: of a proposal with a wrong one
 * no member has anything that a commit could refer to. What is remembered here is this process's own, as rates are: members that are
 * refused for such a proposal say it again.
 */

interface Doubt {
  /** When it was first said. */
  readonly at: number;
  readonly users: Set<string>;
}

interface RoomDoubts {
  readonly epoch: bigint;
  readonly proposals: Map<string, Doubt>;
}

export class Doubts {
  readonly #rooms = new Map<string, RoomDoubts>();
  readonly #most: number;

  /** @param most rooms that are remembered */
  constructor(most: number) {
    this.#most = most;
  }

  /** A user of the room can't take in a proposal of this epoch. */
  add(room: string, epoch: bigint, said: { readonly ref: string; readonly user: string; readonly at: number }): void {
    const known = this.#rooms.get(room);
    const doubts = known?.epoch === epoch ? known : { epoch, proposals: new Map<string, Doubt>() };
    this.#rooms.delete(room);
    this.#rooms.set(room, doubts);
    for (const oldest of this.#rooms.keys()) {
      if (this.#rooms.size <= this.#most) break;
      this.#rooms.delete(oldest);
    }
    const { at, users } = doubts.proposals.get(said.ref) ?? { at: said.at, users: new Set<string>() };
    doubts.proposals.set(said.ref, { at, users: users.add(said.user) });
  }

  /** Who has said it of a proposal of this epoch, and when first. */
  of(room: string, epoch: bigint, ref: string): Doubt | undefined {
    const known = this.#rooms.get(room);
    return known?.epoch === epoch ? known.proposals.get(ref) : undefined;
  }
}
