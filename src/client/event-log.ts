/**
 * Events on their way to the application: stored with what brings them, told in their order, one at a time, and forgotten when the
 * application's listener has returned. What a listener throws leaves the event where it is: it is told again after a while, longer
 * each time, or when the client is opened the next time. No number is given to two events that were told.
 */

import { u64 } from "../codec/codec.ts";
import type { Store, StoreChange } from "../storage/store.ts";
import { eventEntry, type ClientEvent, type NumberedEvent } from "./events.ts";
import { entryKind, type EntryKind } from "./store/entry.ts";
import { eventKey, eventsKey } from "./store/keys.ts";

/** Takes an event. What it returns is awaited before the event is forgotten. */
export type EventListener = (event: NumberedEvent) => unknown;

/** The number of the last event that was taken: no later one has it, so that whoever is told an event again knows it by its number. */
const takenEntry: EntryKind<bigint> = entryKind(u64);

/** How many events are forgotten in one batch at the most. */
const batchSize = 64;
/** The shortest and the longest wait before an event that was not taken is told again, in milliseconds. */
const shortestWait = 1_000;
const longestWait = 300_000;

export class EventLog {
  readonly #store: Store;
  #next: bigint;
  #listener: EventListener | undefined;
  #waiting: NumberedEvent[] = [];
  #telling: Promise<void> | undefined;
  /** Something may have come since the one who tells has looked. */
  #isAsked = false;
  #isStopped = false;
  #refusals = 0;
  /** The greatest number of an event that was taken. */
  #told = 0n;
  #retellBy: ((delay: number) => void) | undefined;
  #fail: (cause: unknown) => void = () => undefined;
  /** Rooms of the user's own devices: nobody is told of them. */
  isHidden: (room: string) => boolean = () => false;

  private constructor(store: Store, next: bigint, waiting: NumberedEvent[]) {
    this.#store = store;
    this.#next = next;
    this.#told = (waiting[0]?.number ?? next) - 1n;
    this.#waiting = waiting;
  }

  /** With what the application had not taken before. */
  static async open(store: Store): Promise<EventLog> {
    const waiting: NumberedEvent[] = [];
    const taken = await store.get(eventsKey);
    let next = taken === undefined ? 1n : takenEntry.read(taken) + 1n;
    for await (const { key, value } of store.range({ prefix: ["event"], from: 0n })) {
      const number = key[1] as bigint;
      waiting.push({ ...eventEntry.read(value), number });
      if (number >= next) next = number + 1n;
    }
    return new EventLog(store, next, waiting);
  }

  /** Changes that store events, and what to call when they are written. */
  adding(events: readonly ClientEvent[]): { readonly changes: readonly StoreChange[]; readonly after: () => void } {
    const told = events.filter((event) => !("room" in event && this.isHidden(event.room)));
    const numbered = told.map((event) => ({ ...event, number: this.#next++ }));
    return {
      changes: numbered.map((event) => ({ put: eventKey(event.number), value: eventEntry.write(event) })),
      after: () => {
        if (numbered.length === 0) return;
        this.#waiting.push(...numbered);
        this.#tell();
      },
    };
  }

  /** What the application has not taken yet, in its order. */
  get waiting(): readonly NumberedEvent[] {
    return this.#waiting;
  }

  /** Who comes back with `retell` after so many milliseconds, and who is told that the store does not take it. */
  retellBy(later: (delay: number) => void, fail: (cause: unknown) => void): void {
    this.#retellBy = later;
    this.#fail = fail;
  }

  /** Tell again what was not taken. */
  retell(): void {
    this.#tell();
  }

  /** From now on events go to this listener, those first that it has not taken. */
  listen(listener: EventListener | undefined): void {
    this.#listener = listener;
    this.#refusals = 0;
    this.#tell();
  }

  /** When nothing is left that could be told now. */
  async settled(): Promise<void> {
    while (this.#telling !== undefined) await this.#telling;
  }

  /** Tell nothing more. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return this.settled();
  }

  #refused(): void {
    if (this.#teller === undefined) return;
    this.#retellBy?.(Math.min(longestWait, shortestWait * 2 ** this.#refusals++));
  }

  get #teller(): EventListener | undefined {
    return this.#isStopped ? undefined : this.#listener;
  }

  #tell(): void {
    this.#isAsked = true;
    if (this.#telling !== undefined || this.#listener === undefined) return;
    this.#telling = this.#tellAll()
      .finally(() => {
        this.#telling = undefined;
        if (this.#isAsked) this.#tell(); // it came at the last moment
      })
      .catch(this.#fail); // what was taken is told again when the client is opened again
  }

  async #tellAll(): Promise<void> {
    for (;;) {
      this.#isAsked = false;
      if (this.#isStopped || this.#waiting.length === 0) return;
      const taken: NumberedEvent[] = [];
      for (const event of this.#waiting.slice(0, batchSize)) {
        const listener = this.#teller;
        if (listener === undefined || !(await heard(listener, event))) break;
        taken.push(event);
      }
      const last = taken.at(-1);
      if (last === undefined) {
        this.#isAsked = false; // also what came meanwhile waits
        this.#refused();
        return;
      }
      this.#refusals = 0;
      this.#waiting = this.#waiting.slice(taken.length);
      const greatest = taken.reduce((most, { number }) => (number > most ? number : most), last.number);
      if (greatest > this.#told) this.#told = greatest;
      await this.#store.batch([
        ...taken.map(({ number }) => ({ delete: eventKey(number) })),
        { put: eventsKey, value: takenEntry.write(this.#told) },
      ]);
    }
  }
}

/** Whether the listener took it. Its error is reported as one that nobody caught. */
async function heard(listener: EventListener, event: NumberedEvent): Promise<boolean> {
  try {
    await listener(event);
    return true;
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
    return false;
  }
}
