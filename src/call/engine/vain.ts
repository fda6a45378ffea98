/**
 * Keys that were waited for in vain. Nobody has authenticated a frame whose key is missing, so what it costs is borne by the
 * track that it came on and by nobody else: there, frames of its KID are not waited for again.
 */

/** How many KIDs a track remembers. A track that has waited in vain for as many waits for no key any more. */
const most = 16;

/** The KIDs that one track has waited for in vain, since the last epoch began. */
export class VainKids {
  readonly #kids = new Set<bigint>();

  add(kid: bigint): void {
    if (this.#kids.size < most) this.#kids.add(kid);
  }

  /** Whether it is no use to wait for this one. */
  has(kid: bigint): boolean {
    return this.#kids.size >= most || this.#kids.has(kid);
  }

  /** Another epoch has begun: its key may be among those to come. */
  clear(): void {
    this.#kids.clear();
  }
}
