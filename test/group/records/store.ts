/**
 * A store in memory: a write set is written as a whole, with what the application does about its event, or not at all.
 */

import type { StateChanges, StateEvent } from "../../../src/public-group/records/persist.ts";

/** The records of one group. */
export class MemoryStore {
  readonly records: Map<string, Uint8Array> = new Map<string, Uint8Array>();
  /** What the last write set was of. */
  last: StateEvent | undefined;
  writes = 0;

  /** One transaction. @throws TypeError for a write set that says two things of one record. */
  apply({ whole, puts, deletes }: StateChanges, event: StateEvent): void {
    if (deletes.some((name) => puts.has(name)) || new Set(deletes).size < deletes.length) {
      throw new TypeError("a write set says two things of one record");
    }
    if (whole) {
      if (deletes.length > 0) throw new TypeError("there is nothing to delete of what is replaced");
      this.records.clear();
    }
    for (const name of deletes) this.records.delete(name);
    for (const [name, value] of puts) this.records.set(name, value.slice());
    this.last = event;
    this.writes += 1;
  }

  copy(): MemoryStore {
    const copy = new MemoryStore();
    for (const [name, value] of this.records) copy.records.set(name, value.slice());
    copy.last = this.last;
    copy.writes = this.writes;
    return copy;
  }

  /** Everything that is written, behind one another: to look for bytes in. */
  bytes(): Buffer {
    return Buffer.concat([...this.records.values()]);
  }
}

/** What a write set is to a store: names and values of what it puts, names of what it deletes. */
export function sizeOf({ puts, deletes }: StateChanges): number {
  let size = 0;
  for (const [name, value] of puts) size += name.length + value.length;
  for (const name of deletes) size += name.length;
  return size;
}
