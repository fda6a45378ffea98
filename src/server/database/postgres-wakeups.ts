/**
 * Wake-ups by LISTEN and NOTIFY, over a connection of their own: never within a transaction that writes, since all that notify wait for
 * each other when they commit.
 */

import type { Client } from "pg";
import { hex } from "../../bytes/text.ts";
import { platformTimers, type Timers } from "../../bytes/timers.ts";
import { platformRandom } from "../../crypto/random.ts";
import type { Wakeup, Wakeups } from "../../delivery/wakeups.ts";
import { optional } from "./optional.ts";
import { connectionTo } from "./postgres.ts";
import { Pieces, piecesOf } from "./wakeup-bytes.ts";

const channel = "copse";

/** The most that wait to be told: what is more was slow to come anyway, and is found by who looks. */
const mostWaiting = 4_096;
/** How many are told at once. */
const atOnce = 256;
/** How long to wait before the next connection is tried, in milliseconds. */
const pause = 1_000;

/** The wake-ups of a database, until they are closed. */
export async function postgresWakeups(url: string, timers: Timers = platformTimers): Promise<PostgresWakeups> {
  const { Client } = (await optional("pg", () => import("pg"))).default;
  const wakeups = new PostgresWakeups(() => new Client(connectionTo(url)), timers);
  await wakeups.connect();
  return wakeups;
}

export class PostgresWakeups implements Wakeups {
  readonly #make: () => Client;
  readonly #timers: Timers;
  readonly #process: string = hex(platformRandom(8));
  readonly #pieces = new Pieces(this.#process);
  readonly #listeners = new Set<(wakeup: Wakeup) => void>();
  readonly #lost = new Set<() => void>();
  readonly #waiting: Wakeup[] = [];
  #client: Client | undefined;
  #isTelling = false;
  #isClosed = false;
  #cancel: (() => void) | undefined;

  constructor(make: () => Client, timers: Timers) {
    this.#make = make;
    this.#timers = timers;
  }

  /** Listen; where the connection ends, again and again until it is there. */
  async connect(): Promise<void> {
    const client = this.#make();
    client.on("error", () => undefined); // the end is told as such
    client.on("notification", ({ payload }) => {
      for (const wakeup of this.#pieces.take(payload ?? "")) this.#hear(wakeup);
    });
    client.on("end", () => {
      this.#ended(client);
    });
    try {
      await client.connect();
      await client.query("set synchronous_commit = off"); // a hint does not wait for the disk
      await client.query(`listen ${channel}`);
      this.#client = client;
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
  }

  #ended(client: Client): void {
    if (this.#client !== client || this.#isClosed) return;
    this.#client = undefined;
    this.#again();
  }

  #again(): void {
    this.#cancel = this.#timers.after(pause, () => {
      if (this.#isClosed) return;
      this.connect().then(
        () => {
          for (const listener of this.#lost) listener(); // whatever was told in between
        },
        () => {
          this.#again();
        },
      );
    });
  }

  tell(wakeup: Wakeup): void {
    if (this.#waiting.length >= mostWaiting) this.#waiting.shift();
    this.#waiting.push(wakeup);
    if (!this.#isTelling) void this.#tellAll();
  }

  async #tellAll(): Promise<void> {
    this.#isTelling = true;
    try {
      await Promise.resolve(); // so that what one request tells goes at once
      while (this.#waiting.length > 0) {
        const wakeups = this.#waiting.splice(0, atOnce);
        const pieces = piecesOf(this.#process, wakeups);
        await this.#client?.query({
          name: "copse notify",
          text: `select pg_notify('${channel}', u.piece) from unnest($1::text[]) with ordinality as u(piece, place) order by u.place`,
          values: [pieces],
        });
      }
    } catch {
      // The connection is gone: they are lost, as hints may be.
    } finally {
      this.#isTelling = false;
    }
  }

  hear(listener: (wakeup: Wakeup) => void, lost?: () => void): () => void {
    this.#listeners.add(listener);
    if (lost !== undefined) this.#lost.add(lost);
    return () => {
      this.#listeners.delete(listener);
      if (lost !== undefined) this.#lost.delete(lost);
    };
  }

  #hear(wakeup: Wakeup): void {
    for (const listener of this.#listeners) listener(wakeup);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel?.();
    await this.#client?.end();
  }
}
