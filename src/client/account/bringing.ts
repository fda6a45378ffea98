/**
 * Every room in line with the user's list of devices: who has made the list begins, and each other device does what is left when its turn
 * has come, so that nothing hangs on one of them. How far a room is stands in its state, so that a room that comes later, or can't be
 * changed now, is looked at when it is there.
 */

import type { AccountView } from "../../accounts/view.ts";
import { struct, u64 } from "../../codec/codec.ts";
import { hasPassed } from "../passed.ts";
import type { RoomCore } from "../room/core.ts";
import { entryKind, integer, timeEntry, type EntryKind } from "../store/entry.ts";
import { bringKey, listedKey } from "../store/keys.ts";
import type { Surroundings } from "../surroundings.ts";
import { patience, positionOf } from "./turns.ts";

/** A room and what keeps it going. */
export interface RoomOfDevices {
  readonly core: RoomCore;
  readonly worker: { wakeToSend(): void };
}

export interface BringingParts {
  readonly around: () => Surroundings;
  readonly rooms: () => Iterable<RoomOfDevices>;
  /** Run something after so many milliseconds. */
  readonly after: (delay: number, run: () => void) => void;
  /** Do the client's chores soon. */
  readonly chores: () => void;
}

/** How long a device that is on the list and has no key package is looked for, in milliseconds. */
const longestWait = 60 * 60 * 1000;
/** How long a room is left alone that was looked at, in milliseconds. */
const pause = 20_000;
/** Rooms that are looked at before the client's other chores come again. */
const atOnce = 32;

/** A list, and since when this device knows it. */
interface Listed {
  readonly number: bigint;
  readonly since: number;
}
const listedEntry: EntryKind<Listed> = entryKind(struct<Listed>({ number: u64, since: integer }));

export class Bringing {
  readonly #parts: BringingParts;
  /** When the client comes back for it, in milliseconds since 1970. */
  #comesAt = Infinity;
  /** When each room was looked at last, and those that were in line then, since a device has asked. */
  #looked = new Map<string, number>();
  readonly #inLine = new Set<string>();
  /** The list that they were looked at for. */
  #number = -1n;

  constructor(parts: BringingParts) {
    this.#parts = parts;
  }

  /** Bring what can be brought now. It is done when every room says so. */
  async bring(view: AccountView): Promise<void> {
    const { around, rooms, chores } = this.#parts;
    const { device, store, clock } = around();
    const position = positionOf(view, device);
    if (view.number !== this.#number) this.#looked = new Map();
    this.#number = view.number;
    const asked = await store.get(bringKey);
    const now = clock();
    let askedAt = asked && timeEntry.read(asked);
    if (askedAt !== undefined && askedAt > now) askedAt = await this.#askedNow(now);
    if (position === undefined) return;
    const behind = Array.from(rooms()).filter(({ core }) => {
      if (core.state.status !== "member") return false;
      return core.state.listed <= view.number || (askedAt !== undefined && !this.#inLine.has(core.id));
    });
    const { since } = await this.#listed(view.number, now);
    const begins = Math.max(since, askedAt ?? 0) + position * patience;
    if (begins > now) {
      this.#comeBack(begins);
      return;
    }
    const waits = now < (askedAt ?? since) + longestWait;
    const due = behind.filter(({ core: { id } }) => hasPassed(pause, this.#looked.get(id) ?? -Infinity, now));
    const { bringInLine } = await import("../room/own-clients.ts");
    let left = behind.length;
    for (const { core, worker } of due.slice(0, atOnce)) {
      this.#looked.set(core.id, now);
      if (await bringInLine(core, view, waits)) {
        this.#inLine.add(core.id);
        left--;
      }
      worker.wakeToSend();
    }
    if (due.length > atOnce) chores();
    if (askedAt !== undefined && (left === 0 || !waits)) await store.batch([{ delete: bringKey }]);
  }

  /** Since when this list is known here. */
  async #listed(number: bigint, now: number): Promise<Listed> {
    const { store } = this.#parts.around();
    const stored = await store.get(listedKey);
    const known = stored && listedEntry.read(stored);
    if (known?.number === number && known.since <= now) return known;
    const listed = { number, since: now };
    await store.batch([{ put: listedKey, value: listedEntry.write(listed) }]);
    return listed;
  }

  /** What was asked by a clock that has been set back since is asked now. */
  async #askedNow(now: number): Promise<number> {
    await this.#parts.around().store.batch([{ put: bringKey, value: timeEntry.write(now) }]);
    return now;
  }

  #comeBack(at: number): void {
    const { around, after, chores } = this.#parts;
    const now = around().clock();
    if (this.#comesAt > now && this.#comesAt <= at) return;
    this.#comesAt = at;
    after(at - now, chores);
  }
}
