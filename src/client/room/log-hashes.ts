/**
 * The hashes that a room's log had on this device, to compare with what others had read when they spoke: see log.ts.
 */

/** Hashes that are remembered, to compare what others had read when they spoke. */
const most = 512;

/** The hashes that a room's log had here, since its group came into memory. */
export class LogHashes {
  readonly #hashes = new Map<string, Uint8Array>();
  /** Who was told of, in which epoch. */
  readonly #told = new Set<string>();

  at(epoch: bigint, count: number): Uint8Array | undefined {
    return this.#hashes.get(placeOf(epoch, count));
  }

  put(epoch: bigint, count: number, value: Uint8Array): void {
    this.#hashes.set(placeOf(epoch, count), value);
    for (const oldest of this.#hashes.keys()) {
      if (this.#hashes.size <= most) break;
      this.#hashes.delete(oldest);
    }
  }

  /** Whether this is the first time in an epoch that it is said of a device. */
  isFirst(epoch: bigint, device: string): boolean {
    const what = `${String(epoch)} ${device}`;
    if (this.#told.has(what)) return false;
    if (this.#told.size >= most) this.#told.clear();
    this.#told.add(what);
    return true;
  }

  /** The log is another one from now on. */
  forget(): void {
    this.#hashes.clear();
  }
}

function placeOf(epoch: bigint, count: number): string {
  return `${String(epoch)}/${String(count)}`;
}
