/**
 * Writes that are said again: by the device that wrote and its id.
 */

import type { Once, WrittenBefore } from "../port.ts";

interface Said<T> {
  readonly digest: string;
  readonly value: T;
  readonly at: number;
}

/** What was answered to writes, until it is forgotten. */
export class WritesOnce<T> {
  readonly #said = new Map<string, Said<T>>();

  find(once: Once): WrittenBefore<T> | undefined {
    const said = this.#said.get(keyOf(once));
    if (said === undefined) return undefined;
    return said.digest === once.digest ? { kind: "known", value: said.value } : { kind: "taken" };
  }

  add(once: Once, value: T, at: number): void {
    this.#said.set(keyOf(once), { digest: once.digest, value, at });
  }

  /** Forget those of which this is true, and those from before a time. */
  forget(before: number, also: (value: T) => boolean = () => false): void {
    for (const [key, { value, at }] of this.#said) if (at < before || also(value)) this.#said.delete(key);
  }
}

function keyOf({ device, id }: Once): string {
  return `${id} ${device}`;
}
