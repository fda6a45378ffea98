/**
 * How often who may do what: a bucket for each device, user or room, and kind of work. They are this process's own: a service of many processes
 * lets a device do so much at each.
 */

import type { Clock } from "../bytes/clock.ts";
import type { DeliveryLimits, Rate } from "./limits.ts";

/** What has a rate. */
export type RateName = {
  [K in keyof DeliveryLimits]: DeliveryLimits[K] extends Rate ? K : never;
}[keyof DeliveryLimits];

interface Bucket {
  level: number;
  at: number;
}

/** Full buckets say nothing: beyond so many, they are looked for and forgotten. */
const most = 100_000;

export class Rates {
  readonly #buckets = new Map<string, Bucket>();
  readonly #limits: DeliveryLimits;
  readonly #clock: Clock;

  constructor(limits: DeliveryLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Take so much for a device: 0, or how many milliseconds to wait, and nothing is taken. */
  take(name: RateName, device: string, amount = 1): number {
    const { burst, perSecond } = this.#limits[name];
    if (burst === Infinity) return 0;
    const now = this.#clock();
    const key = `${name} ${device}`;
    const bucket = this.#buckets.get(key) ?? { level: burst, at: now };
    const level = Math.min(burst, bucket.level + (Math.max(0, now - bucket.at) / 1000) * perSecond);
    const missing = Math.min(amount, burst) - level;
    if (missing > 0) return Math.max(1, Math.ceil((missing / perSecond) * 1000));
    this.#buckets.set(key, { level: level - amount, at: now });
    if (this.#buckets.size > most) this.#forgetFull(now);
    return 0;
  }

  /** What was taken was not used. */
  giveBack(name: RateName, device: string, amount = 1): void {
    const key = `${name} ${device}`;
    const bucket = this.#buckets.get(key);
    if (bucket !== undefined) bucket.level += amount;
  }

  /** How many buckets are known. */
  get size(): number {
    return this.#buckets.size;
  }

  #forgetFull(now: number): void {
    for (const [key, { level, at }] of this.#buckets) {
      const { burst, perSecond } = this.#limits[key.slice(0, key.indexOf(" ")) as RateName];
      if (level + (Math.max(0, now - at) / 1000) * perSecond >= burst) this.#buckets.delete(key);
    }
  }
}
