/**
 * The sliding window that refuses a counter seen before. RFC 9605 section 9.3; RFC 3711 section 3.3.2.
 */

/**
 * Which counters of one KID and key have been accepted: of the highest and those right behind it each is known,
 * everything older counts as seen.
 */
export class ReplayWindow {
  readonly #size: bigint;
  #highest = -1n;
  /** Bit i stands for the counter i behind the highest. */
  #seen = 0n;

  /** A window of this many counters. Of size 0, it refuses nothing. */
  constructor(size: number) {
    this.#size = BigInt(size);
  }

  /** Whether a counter would be accepted. Changes nothing: ask before a frame is authenticated. */
  isFresh(ctr: bigint): boolean {
    const behind = this.#highest - ctr;
    return this.#size === 0n || behind < 0n || (behind < this.#size && ((this.#seen >> behind) & 1n) === 0n);
  }

  /** Accept the counter of an authentic frame, or say false where it must be refused. */
  record(ctr: bigint): boolean {
    if (!this.isFresh(ctr)) return false;
    const ahead = ctr - this.#highest;
    if (ahead <= 0n) this.#seen |= 1n << -ahead;
    else {
      this.#seen = ahead < this.#size ? BigInt.asUintN(Number(this.#size), this.#seen << ahead) | 1n : 1n;
      this.#highest = ctr;
    }
    return true;
  }
}
