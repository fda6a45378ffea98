/**
 * A store whose process can die before and after each of its writes, and in which nothing happens any more when it has.
 */

import type { BatchOptions, Store, StoreChange, StoreEntry, StoreRange } from "../../storage/store.ts";
import type { StoreKey } from "../../storage/key.ts";

export class MortalStore implements Store {
  readonly #store: Store;
  readonly #point: () => void;
  readonly #pause: () => Promise<void>;
  #isDead = false;
  #last: Promise<void> = Promise.resolve();

  /** `point` may call `die`. `pause` is how long the disk takes. */
  constructor(store: Store, point: () => void, pause: () => Promise<void>) {
    this.#store = store;
    this.#point = point;
    this.#pause = pause;
  }

  die(): void {
    this.#isDead = true;
  }

  get(key: StoreKey): Promise<Uint8Array | undefined> {
    return this.#unless(() => this.#store.get(key));
  }

  getMany(keys: readonly StoreKey[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#unless(() => this.#store.getMany(keys));
  }

  async *range(range: StoreRange): AsyncIterable<StoreEntry> {
    await this.#unless(() => Promise.resolve());
    for await (const entry of this.#store.range(range)) {
      await this.#unless(() => Promise.resolve());
      yield entry;
    }
  }

  batch(changes: readonly StoreChange[], options?: BatchOptions): Promise<void> {
    return this.#inOrder(async () => {
      await this.#pause();
      this.#point();
      await this.#unless(() => this.#store.batch(changes, options));
      this.#point();
      await this.#unless(() => Promise.resolve());
    });
  }

  flush(): Promise<void> {
    return this.#inOrder(() => this.#unless(() => this.#store.flush()));
  }

  close(): Promise<void> {
    return this.#unless(() => this.#store.close());
  }

  #inOrder(write: () => Promise<void>): Promise<void> {
    const done = this.#last.then(write);
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** What a dead process has begun never ends. */
  #unless<T>(operation: () => Promise<T>): Promise<T> {
    return this.#isDead ? new Promise<T>(() => undefined) : operation();
  }
}
