/**
 * What waits in a room: its intents as the store has them, read once and kept up with what is written, so that sending reads nothing.
 */

import type { Store, StoreChange } from "../../storage/store.ts";
import { intentEntry, type NumberedIntent } from "./intent.ts";

export class Outbox {
  readonly #store: Store;
  readonly #room: string;
  #intents: Map<bigint, NumberedIntent> | undefined;
  #writes = 0;

  constructor(store: Store, room: string) {
    this.#store = store;
    this.#room = room;
  }

  /** The intents, oldest first. Whatever is written while somebody goes over them is seen. */
  async intents(): Promise<Iterable<NumberedIntent>> {
    return (await this.#read()).values();
  }

  async size(): Promise<number> {
    return (await this.#read()).size;
  }

  /** These changes are in the store: those of this room's intents count here, too. */
  written(changes: readonly StoreChange[]): void {
    this.#writes++;
    for (const change of changes) {
      const [kind, room, number] = "put" in change ? change.put : change.delete;
      if (this.#intents === undefined || kind !== "intent" || room !== this.#room || typeof number !== "bigint")
        continue;
      if ("put" in change) this.#intents.set(number, { ...intentEntry.read(change.value), number });
      else this.#intents.delete(number);
    }
  }

  /** Keep nothing in memory. */
  forget(): void {
    this.#intents = undefined;
  }

  async #read(): Promise<Map<bigint, NumberedIntent>> {
    for (;;) {
      if (this.#intents !== undefined) return this.#intents;
      const writes = this.#writes;
      const read = new Map<bigint, NumberedIntent>();
      for await (const { key, value } of this.#store.range({ prefix: ["intent", this.#room], from: 0n })) {
        const number = key[2] as bigint;
        read.set(number, { ...intentEntry.read(value), number });
      }
      if (writes === this.#writes) return (this.#intents = read);
    }
  }
}
