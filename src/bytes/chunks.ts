/**
 * Bytes that are asked for by their number, however they come: from a disk, from a network.
 */

export class Chunks {
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #fail: () => Error;
  #piece: Uint8Array = new Uint8Array(0);

  /** What comes too short or too long is an error that is made then. */
  constructor(pieces: AsyncIterable<Uint8Array>, fail: () => Error) {
    this.#pieces = pieces[Symbol.asyncIterator]();
    this.#fail = fail;
  }

  /** The next bytes, in memory of their own. @throws where there are fewer. */
  async take(length: number): Promise<Uint8Array> {
    const bytes = await this.upTo(length);
    if (bytes.length < length) throw this.#fail();
    return bytes;
  }

  /** As many bytes, or those that are left, in memory of their own. */
  async upTo(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length && (await this.#more())) {
      const piece = this.#piece.subarray(0, length - filled);
      bytes.set(piece, filled);
      filled += piece.length;
      this.#piece = this.#piece.subarray(piece.length);
    }
    return bytes.subarray(0, filled);
  }

  /** @throws where bytes are left. */
  async end(): Promise<void> {
    if (await this.#more()) throw this.#fail();
  }

  /** Let go of where the bytes come from. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #more(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const next = await this.#pieces.next();
      if (next.done === true) return false;
      const piece: unknown = next.value;
      if (!(piece instanceof Uint8Array)) throw new TypeError("a source gives Uint8Arrays");
      this.#piece = piece;
    }
    return true;
  }
}
