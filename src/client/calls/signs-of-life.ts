/**
 * Which devices of a call show that they are there still. Each says so past the log, again and again; one that has died says nothing, and nobody can
 * say it for it. Who says nothing may hear everything all the same, so it stays in the list, and is marked.
 */

/** Larger rooms hear it more rarely: everybody in the room gets it. */
const smallRoom = 50;
/** How often each device says it in a room of so many devices, in milliseconds. */
export function lifeEvery(devices: number): number {
  return devices <= smallRoom ? 20_000 : 60_000;
}
/** After how many that did not come a device counts as silent: three may be lost. */
const missed = 3.5;

/** The signs that this device has seen. */
export class SignsOfLife {
  readonly #now: () => number;
  readonly #every: () => number;
  readonly #seen = new Map<string, number>();
  /** When one of any other device that stays was seen last. */
  #lastAt = -Infinity;

  constructor({ now, every }: { readonly now: () => number; readonly every: () => number }) {
    this.#now = now;
    this.#every = every;
  }

  /** How long a device can say nothing before it is silent, in milliseconds. */
  get patience(): number {
    return missed * this.#every();
  }

  /** These devices are in the call: those that were not are there now. */
  areIn(devices: readonly string[]): void {
    for (const device of this.#seen.keys()) if (!devices.includes(device)) this.#seen.delete(device);
    for (const device of devices) if (!this.#seen.has(device)) this.#seen.set(device, this.#now());
  }

  /** A device has said something. */
  heard(device: string, stays: boolean): void {
    if (stays) this.#lastAt = this.#now();
    if (this.#seen.has(device)) this.#seen.set(device, this.#now());
  }

  /** Nobody could be heard. */
  startAnew(): void {
    for (const device of this.#seen.keys()) this.#seen.set(device, this.#now());
  }

  isSilent(device: string): boolean {
    const seen = this.#seen.get(device);
    return seen !== undefined && this.#now() - seen > this.patience;
  }

  get lastAt(): number {
    return this.#lastAt;
  }
}
