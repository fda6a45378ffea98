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

  /** What is answered from now on. */
  change(change: (value: T) => T): void {
    for (const [key, said] of this.#said) this.#said.set(key, { ...said, value: change(said.value) });
  }

  /** Forget those from before a time. */
  forget(before: number): void {
    for (const [key, { at }] of this.#said) if (at < before) this.#said.delete(key);
  }
}

function keyOf({ device, id }: Once): string {
  return `${id} ${device}`;
}
