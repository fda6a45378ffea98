/**
 * A bounded table: whoever drives a server forgets to free things, and the one used longest ago goes when there are too many.
 */

import { status } from "@grpc/grpc-js";
import { Refusal } from "./status.ts";

/** Numbers for everything that a server remembers. No two things share one: an RPC takes a state or a transaction. */
export class Numbers {
  #last = 0;

  next(): number {
    if (this.#last === 0xffff_ffff) throw new Refusal(status.RESOURCE_EXHAUSTED, "no number is left");
    return ++this.#last;
  }

  /** Whether something has had this number. */
  has(id: number): boolean {
    return id >= 1 && id <= this.#last;
  }
}

/** Things of one kind by number. */
export class Table<T> {
  readonly #entries = new Map<number, T>();
  readonly #what: string;
  readonly #numbers: Numbers;
  readonly #limit: number;
  readonly #end: (entry: T) => void;

  constructor(options: {
    readonly what: string;
    readonly numbers: Numbers;
    readonly limit: number;
    /** Ends what is forgotten: its keys are wiped. */
    readonly end: (entry: T) => void;
  }) {
    this.#what = options.what;
    this.#numbers = options.numbers;
    this.#limit = options.limit;
    this.#end = options.end;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Remember, and forget what was used longest ago where there is no room. */
  add(entry: T): number {
    const id = this.#numbers.next();
    this.#entries.set(id, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#limit && oldest !== undefined) this.end(oldest);
    return id;
  }

  /** What has this number, if anything. */
  find(id: number): T | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    return entry;
  }

  /** @throws Refusal NOT_FOUND */
  get(id: number): T {
    const entry = this.find(id);
    if (entry === undefined) throw new Refusal(status.NOT_FOUND, `no such ${this.#what}`);
    return entry;
  }

  /** Forget. */
  end(id: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    this.#end(entry);
  }

  /** Give away: what becomes of it is the taker's affair. */
  release(id: number): void {
    this.#entries.delete(id);
  }

  /** Forget everything. */
  clear(): void {
    for (const id of [...this.#entries.keys()]) this.end(id);
  }
}
