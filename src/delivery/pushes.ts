/**
 * Wake-ups by push: for devices that are not connected here and for which a message or something in their queue waits. They say nothing
 * else. A device is woken once in a while until it connects: what else comes meanwhile, it finds then.
 */

import type { Settings } from "./options.ts";
import type { Sessions } from "./sessions.ts";

/** Beyond so many, those are forgotten that may be woken again. */
const most = 100_000;

export class Pushes {
  readonly #settings: Pick<Settings, "push" | "clock" | "limits">;
  readonly #sessions: Sessions;
  /** When each device was woken that has not connected since. */
  readonly #woken = new Map<string, number>();

  constructor(settings: Pick<Settings, "push" | "clock" | "limits">, sessions: Sessions) {
    this.#settings = settings;
    this.#sessions = sessions;
  }

  /** Whether anybody is woken at all. */
  get isOn(): boolean {
    return this.#settings.push !== undefined;
  }

  /** Something waits for these devices. */
  wake(devices: Iterable<string>): void {
    const { push, clock, limits } = this.#settings;
    if (push === undefined) return;
    const now = clock();
    const asleep = [...devices].filter(
      (device) =>
        this.#sessions.of(device) === undefined && now - (this.#woken.get(device) ?? -Infinity) >= limits.pushPause,
    );
    if (asleep.length === 0) return;
    for (const device of asleep) this.#woken.set(device, now);
    if (this.#woken.size > most) this.#forget(now);
    // Nobody waits for it, and nothing depends on it.
    void (async () => push(asleep))().catch(() => undefined);
  }

  /** The device has connected, here or elsewhere: what comes behind it is news again. */
  connected(device: string): void {
    this.#woken.delete(device);
  }

  #forget(now: number): void {
    for (const [device, at] of this.#woken) {
      if (now - at >= this.#settings.limits.pushPause || this.#woken.size > most) this.#woken.delete(device);
    }
  }
}
