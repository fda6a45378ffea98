/**
 * The logs of LevelDB: what it writes goes to the newest one, which a flushed write puts on the disk, with all that was written to it before.
 * It begins another when so many bytes are in memory, and does not flush the one that it leaves. So that one is flushed here, before the next
 * flushed write; where none can have been left, nothing is opened.
 */

import { readdirSync } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { utf8 } from "../bytes/text.ts";

/** LevelDB begins another log when more than this is in memory, in bytes. */
export const writeBufferSize: number = 4 * 1024 * 1024;

/**
 * Below this no log is left. How many links an entry has in its list is a matter of chance, and so is then how much of a block is wasted: with lengths that
 * somebody has chosen for it, LevelDB takes up to 14% more than is counted here.
 */
const room: number = (writeBufferSize / 16) * 13;

/** LevelDB's memory: entries lie in blocks, and what does not fit into the rest of one goes to the next, or to one of its own. */
const blockLength = 4096;
const ownBlock = 1024;
/** The address of a block. */
const besideBlock = 8;
/** The number of a change, behind its key. */
const besideKey = 8;
/** Where the entry is, and its links: more than it takes on average. */
const linksLength = 32;

/** What entries take in LevelDB's memory. */
class Arena {
  size = 0;
  #left = 0;

  take(length: number): void {
    if (length <= this.#left) this.#left -= length;
    else if (length > ownBlock) this.size += length + besideBlock;
    else {
      this.size += blockLength + besideBlock;
      this.#left = blockLength - length;
    }
  }
}

export class LevelLogs {
  readonly #folder: string;
  #newest: number;
  /** What is in memory since the newest log was begun. */
  #memory = new Arena();
  /** Whether something may not be on the disk; and whether some of it may be in a log that was left. */
  #isUnflushed = false;
  #isLeft = false;

  /** The logs of a database that was opened just now: its newest log is empty. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#newest = this.#look();
  }

  /** Whether the next write may leave the newest log for another. */
  get mayLeave(): boolean {
    return this.#memory.size > room;
  }

  /** Before a flushed write: what it does not put on the disk itself is put there. */
  async flush(): Promise<void> {
    if (!this.#isUnflushed || !(this.#isLeft || this.mayLeave)) return;
    await flushLogs(this.#folder);
    this.#isUnflushed = this.#isLeft = false;
  }

  /** This was written, flushed or not. */
  wrote(puts: ReadonlyMap<string, Uint8Array>, deletes: readonly string[], isFlushed: boolean): void {
    const newest = this.mayLeave ? this.#look() : this.#newest;
    if (newest !== this.#newest) {
      this.#newest = newest;
      this.#memory = new Arena();
      this.#isLeft ||= this.#isUnflushed;
    }
    for (const key of deletes) this.#take(key, 0); // in the order in which they are written
    for (const [key, value] of puts) this.#take(key, value.length);
    this.#isUnflushed = !isFlushed || this.#isLeft;
  }

  #take(key: string, valueLength: number): void {
    // To the byte: whether an entry has a block of its own decides what is wasted of the others.
    this.#memory.take(withLength(utf8(key).length + besideKey) + withLength(valueLength));
    this.#memory.take(linksLength);
  }

  #look(): number {
    return Math.max(0, ...readdirSync(this.#folder).map((name) => (isLog(name) ? Number.parseInt(name, 10) : 0)));
  }
}

/** What so many bytes take behind their length, which has seven bits in each byte. */
function withLength(length: number): number {
  let bytes = 1;
  for (let left = length; left >= 0x80; left /= 0x80) bytes++;
  return bytes + length;
}

function isLog(name: string): boolean {
  return name.endsWith(".log");
}

async function flushLogs(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!isLog(name)) continue;
    try {
      const file = await open(join(folder, name), "r+");
      await file.datasync().finally(() => file.close());
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== "ENOENT") throw error; // it has become a table, which LevelDB flushes
    }
  }
}
