/**
 * The sliding window that refuses a counter seen before. RFC 9605 section 9.3; RFC 3711 section 3.3.2.
 */

/**
 * Which counters of one KID and key have been accepted: of the highest and those right behind it each is known,
 * everything older counts as seen. It is as large at the end of a call as at the beginning.
 */
export class ReplayWindow {
  readonly #size: number;
  /** A ring of bits, as many as the power of two that is not below the size: a counter's place is its low bits. */
  readonly #seen: Uint32Array;
  #highest = -1n;

  /** A window of this many counters, up to 2^16. Of size 0, it refuses nothing. */
  constructor(size: number) {
    this.#size = size;
    this.#seen = new Uint32Array(Math.max(1, 2 ** Math.ceil(Math.log2(size / 32))));
  }

  /** Whether a counter would be accepted. Changes nothing: ask before a frame is authenticated. */
  isFresh(ctr: bigint): boolean {
    const behind = Number(this.#highest - ctr);
    if (behind < 0 || this.#size === 0) return true;
    const place = this.#place(ctr);
    return behind < this.#size && (this.#seen[place >> 5]! & (1 << place)) === 0;
  }

  /** Accept the counter of an authentic frame, or say false where it must be refused. */
  record(ctr: bigint): boolean {
    if (!this.isFresh(ctr)) return false;
    const place = this.#place(ctr);
    const ahead = Number(ctr - this.#highest);
    if (ahead > 0) {
      this.#highest = ctr;
      this.#forget(place, ahead);
    }
    this.#seen[place >> 5]! |= 1 << place;
    return true;
  }

  /** A counter's place in the ring. */
  #place(ctr: bigint): number {
    return Number(BigInt.asUintN(16, ctr)) & (32 * this.#seen.length - 1);
  }

  /**
   * Clear so many places, the last of them this one. The counters that they stood for are older than the window by now,
   * and count as seen.
   */
  #forget(last: number, count: number): void {
    const seen = this.#seen;
    if (count >= 32 * seen.length) seen.fill(0);
    else for (let i = 0; i < count; i++) seen[((last - i) >> 5) & (seen.length - 1)]! &= ~(1 << (last - i));
  }
}
