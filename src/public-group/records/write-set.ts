/**
 * Records to put and to delete, by name: all of them are written, or none.
 */

/** Gathers the changes of one operation. */
export class WriteSet {
  readonly puts: Map<string, Uint8Array> = new Map<string, Uint8Array>();
  readonly deletes: Set<string> = new Set<string>();

  /** The number of records that change. */
  get size(): number {
    return this.puts.size + this.deletes.size;
  }

  put(name: string, value: Uint8Array): void {
    this.deletes.delete(name);
    this.puts.set(name, value);
  }

  delete(name: string): void {
    this.puts.delete(name);
    this.deletes.add(name);
  }
}
