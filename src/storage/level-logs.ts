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

/** What an entry takes in memory beside its key and its value, at most on average: its lengths, its number, its links in a skip list. */
const besideEntry = 64;

/** Below this no log is left, in bytes of entries: LevelDB's blocks of memory are three quarters full at the least. */
const room: number = (writeBufferSize / 4) * 3;

/** How many bytes an entry counts for. */
export function entrySize(key: string, valueLength: number): number {
  return utf8(key).length + valueLength + besideEntry;
}

export class LevelLogs {
  readonly #folder: string;
  #newest: number;
  /** What is in memory at most, since the newest log was begun. */
  #written = 0;
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
    return this.#written > room;
  }

  /** Before a flushed write: what it does not put on the disk itself is put there. */
  async flush(): Promise<void> {
    if (!this.#isUnflushed || !(this.#isLeft || this.mayLeave)) return;
    await flushLogs(this.#folder);
    this.#isUnflushed = this.#isLeft = false;
  }

  /** So much was written, flushed or not. */
  wrote(size: number, isFlushed: boolean): void {
    const mayHaveLeft = this.mayLeave;
    this.#written += size;
    const newest = mayHaveLeft ? this.#look() : this.#newest;
    if (newest !== this.#newest) {
      this.#newest = newest;
      this.#written = size;
      this.#isLeft ||= this.#isUnflushed;
    }
    this.#isUnflushed = !isFlushed || this.#isLeft;
  }

  #look(): number {
    return Math.max(0, ...readdirSync(this.#folder).map((name) => (isLog(name) ? Number.parseInt(name, 10) : 0)));
  }
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
