/**
 * How often something may be done in a minute: a bucket that fills again, one for all, or one each for as many as are remembered.
 */

/** How many are remembered. Beyond that, those that have been quiet for longest are forgotten. */
const mostRemembered = 10_000;
const minute = 60_000;

/** What is left of a minute's share. Times are in milliseconds. */
export class Bucket {
  readonly #perMinute: number;
  #left: number;
  #at: number;

  constructor(perMinute: number, now: number) {
    this.#perMinute = perMinute;
    this.#left = perMinute;
    this.#at = now;
  }

  /** How long to wait until one is left: 0 where it is. */
  wait(now: number): number {
    this.#left = Math.min(this.#perMinute, this.#left + (Math.max(0, now - this.#at) / minute) * this.#perMinute);
    this.#at = now;
    return this.#left >= 1 ? 0 : Math.ceil(((1 - this.#left) * minute) / this.#perMinute);
  }

  /** Take one: whether it was left. */
  take(now: number): boolean {
    if (this.wait(now) > 0) return false;
    this.#left -= 1;
    return true;
  }
}

/** A bucket for each name. */
export class Buckets {
  readonly #perMinute: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  of(name: string, now: number): Bucket {
    const bucket = this.#buckets.get(name) ?? new Bucket(this.#perMinute, now);
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket); // the last one of the map
    if (this.#buckets.size > mostRemembered) this.#buckets.delete(this.#buckets.keys().next().value ?? "");
    return bucket;
  }
}
