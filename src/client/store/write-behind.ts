/**
 * A client's store, which may keep what comes of a room's log for a moment: many messages are then one batch. What is kept is
 * read as if it were written, is written before or with whatever is written next, and until then nothing is told of it and
 * nothing is sent by it. The death of the process loses it, as it loses nothing else: the log is read again from where the
 * store is.
 */

import { copyBytes } from "../../bytes/copy.ts";
import type { StoreKey } from "../../storage/key.ts";
import type { BatchOptions, Store, StoreChange, StoreEntry, StoreRange } from "../../storage/store.ts";

/** A key as a string, for a map: unlike a store's, in no order. */
function mapKey(key: StoreKey): string {
  let text = "";
  for (const part of key) text += typeof part === "string" ? `${String(part.length)}:${part}` : `#${String(part)}`;
  return text;
}

/** So many batches are kept at the most, and so many bytes of values. */
const mostBatches = 128;
const mostBytes = 262_144;

export class WriteBehind implements Store {
  readonly #store: Store;
  /** What is kept: the last change of each key. */
  readonly #kept: Map<string, StoreChange> = new Map<string, StoreChange>();
  #batches = 0;
  #bytes = 0;
  readonly #whenWritten: (() => void)[] = [];
  /** The last of the writes that go one after another. */
  #writing: Promise<void> | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  async get(key: StoreKey): Promise<Uint8Array | undefined> {
    const [value] = await this.getMany([key]);
    return value;
  }

  async getMany(keys: readonly StoreKey[]): Promise<readonly (Uint8Array | undefined)[]> {
    if (this.#batches === 0) return this.#store.getMany(keys);
    const kept = keys.map((key) => this.#kept.get(mapKey(key)));
    const stored = await this.#store.getMany(keys);
    return kept.map((change, i) => {
      if (change === undefined) return stored[i];
      return "put" in change ? copyBytes(change.value) : undefined;
    });
  }

  async *range(range: StoreRange): AsyncIterable<StoreEntry> {
    await this.write();
    yield* this.#store.range(range);
  }

  batch(changes: readonly StoreChange[], options?: BatchOptions): Promise<void> {
    return this.#isIdle ? this.#store.batch(changes, options) : this.#write(changes, options);
  }

  /** A batch that is written with the next ones. @throws what `batch` throws, of those before it: then it is not kept */
  async keep(changes: readonly StoreChange[]): Promise<void> {
    if (this.#batches >= mostBatches || this.#bytes >= mostBytes) await this.write();
    this.#batches++;
    for (const change of changes) {
      if ("put" in change) {
        this.#kept.set(mapKey(change.put), { put: change.put, value: copyBytes(change.value) });
        this.#bytes += change.value.length;
      } else this.#kept.set(mapKey(change.delete), change);
    }
  }

  /** Calls when all that was kept so far is written: at once where nothing is. */
  whenWritten(call: () => void): void {
    if (this.#batches === 0) call();
    else this.#whenWritten.push(call);
  }

  /** Write what is kept. @throws what `batch` throws: then it stays kept */
  async write(): Promise<void> {
    if (!this.#isIdle) await this.#write([]);
  }

  async flush(): Promise<void> {
    await this.write();
    await this.#store.flush();
  }

  /** The store is let go of, whether or not what is kept could be written: it is read again. */
  async close(): Promise<void> {
    try {
      await this.write();
    } finally {
      await this.#store.close();
    }
  }

  get #isIdle(): boolean {
    return this.#batches === 0 && this.#writing === undefined;
  }

  /** What is kept, and these changes behind it, in one batch behind those that are under way. */
  #write(changes: readonly StoreChange[], options?: BatchOptions): Promise<void> {
    const writing = (this.#writing ?? Promise.resolve())
      .catch(() => undefined) // it has told whoever asked for it
      .then(() => this.#writeAll(changes, options))
      .finally(() => {
        if (this.#writing === writing) this.#writing = undefined;
      });
    return (this.#writing = writing);
  }

  async #writeAll(changes: readonly StoreChange[], options?: BatchOptions): Promise<void> {
    const kept = [...this.#kept];
    if (kept.length === 0 && changes.length === 0) return;
    const [batches, bytes, waiting] = [this.#batches, this.#bytes, this.#whenWritten.length];
    const all = new Map(kept);
    for (const change of changes) all.set(mapKey("put" in change ? change.put : change.delete), change);
    await this.#store.batch([...all.values()], options);
    for (const [key, change] of kept) if (this.#kept.get(key) === change) this.#kept.delete(key);
    this.#batches -= batches;
    this.#bytes -= bytes;
    for (const call of this.#whenWritten.splice(0, waiting)) call();
  }
}
