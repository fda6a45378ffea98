/**
 * Wake-ups by LISTEN and NOTIFY, over a connection of their own: never within a transaction that writes, since all that notify wait for
 * each other when they commit.
 */

import type { Client } from "pg";
import { platformTimers, type Timers } from "../../bytes/timers.ts";
import { platformRandom } from "../../crypto/random.ts";
import type { Wakeup, Wakeups } from "../../delivery/wakeups.ts";
import { optional } from "./optional.ts";
import { connectionTo } from "./postgres.ts";
import { WakeupChannel } from "./wakeup-channel.ts";
import { mostTogether } from "./wakeup-bytes.ts";

const channel = "copse";

/** The most that wait to be told: what is more was slow to come anyway, and is found by who looks. */
const mostWaiting = 4_096;

/** The wake-ups of a database, until they are closed. */
export async function postgresWakeups(url: string, timers: Timers = platformTimers): Promise<PostgresWakeups> {
  const { Client } = (await optional("pg", () => import("pg"))).default;
  const wakeups = new PostgresWakeups(() => new Client(connectionTo(url)), timers);
  await wakeups.connect();
  return wakeups;
}

export class PostgresWakeups implements Wakeups {
  readonly #make: () => Client;
  readonly #channel: WakeupChannel;
  readonly #waiting: Wakeup[] = [];
  #client: Client | undefined;
  #isTelling = false;

  constructor(make: () => Client, timers: Timers) {
    this.#make = make;
    this.#channel = new WakeupChannel(timers, platformRandom);
  }

  /** Listen; where the connection ends, again and again until it is there. */
  async connect(): Promise<void> {
    const client = this.#make();
    client.on("error", () => undefined); // the end is told as such
    client.on("notification", ({ payload }) => {
      this.#channel.take(payload ?? "");
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
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#channel.comeBack(() => this.connect());
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
        const wakeups = this.#waiting.splice(0, mostTogether);
        const pieces = this.#channel.pieces(wakeups);
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
    return this.#channel.hear(listener, lost);
  }

  async close(): Promise<void> {
    this.#channel.close();
    await this.#client?.end();
  }
}
