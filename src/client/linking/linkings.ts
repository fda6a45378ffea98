/**
 * The linkings of a client: those under way, and what a crash has left of one. A device that is on the list and does not say that it has
 * the account is taken off again.
 */

import { asBytes } from "../../bytes/bytes.ts";
import { AccountError } from "../../accounts/errors.ts";
import { linkTimeout } from "../../accounts/linking/life.ts";
import type { DeviceChanges } from "../../accounts/devices.ts";
import type { AccountView } from "../../accounts/view.ts";
import type { QueueItem } from "../../delivery/delivery.ts";
import type { StoreChange } from "../../storage/store.ts";
import type { Account } from "../account/account.ts";
import { isAway } from "../away.ts";
import { ClientError } from "../errors.ts";
import type { ClientEvent } from "../events.ts";
import { hasPassed } from "../passed.ts";
import { timeEntry } from "../store/entry.ts";
import { linkingKey } from "../store/keys.ts";
import type { Surroundings } from "../surroundings.ts";
import { Exchange, type After } from "./exchange.ts";
import type { LinkOptions } from "./options.ts";
import { linkTopic } from "./topic.ts";

/** A parcel of the device's queue. */
export type Parcel = Extract<QueueItem, { kind: "parcel" }>;

/** How often a device asks to be linked that an application is told of, at the most, in the time of one linking. */
const mostAsked = 3;
/** How long a service that is away is left alone, in milliseconds. */
const pause = 2_000;

/** The first bytes of an offer, and of what a device says that has the account: src/accounts/linking/messages.ts. */
const offerType = 1;
const doneType = 5;

export interface LinkingsParts {
  readonly around: () => Surroundings;
  readonly after: After;
  readonly change: (changes: DeviceChanges) => Promise<AccountView>;
}

export class Linkings {
  readonly #parts: LinkingsParts;
  readonly #exchanges = new Map<string, Exchange>();
  #asked: number[] = [];

  constructor(parts: LinkingsParts) {
    this.#parts = parts;
  }

  /** Let a device into the account. */
  async link(account: Account, offer: Uint8Array, options: LinkOptions): Promise<string> {
    const { linkExisting } = await import("./engine.ts");
    const { change, around, after } = this.#parts;
    const { clock, random, store } = around();
    let began: string | undefined;
    try {
      const device = await linkExisting(
        {
          account,
          clock,
          random,
          change,
          begin: (other) => {
            if (this.#exchanges.has(other)) throw new AccountError("link-ended");
            const exchange = new Exchange(options, after);
            began = other;
            this.#exchanges.set(other, exchange);
            return exchange;
          },
          send: (exchange, to, bytes) => this.#send(exchange, to, bytes),
          sendOnce: async (to, bytes) => {
            const connection = around().connection();
            await connection?.send({ id: random(16), to, topic: linkTopic, bytes }).catch(() => undefined);
          },
          mark: (other) => store.batch([{ put: linkingKey(other), value: timeEntry.write(clock()) }], { flush: true }),
          unmark: (other) => store.batch([{ delete: linkingKey(other) }]),
        },
        offer,
        options,
      );
      return device.uri;
    } finally {
      if (began !== undefined) this.#exchanges.delete(began);
    }
  }

  /** A parcel of another device of the user, about linking. What is of no linking under way is nobody's. */
  async take({
    from,
    bytes,
    at,
  }: Parcel): Promise<{ changes: readonly StoreChange[]; events: readonly ClientEvent[] }> {
    const exchange = this.#exchanges.get(from);
    if (exchange !== undefined) {
      exchange.put({ from, bytes });
      return { changes: [], events: [] };
    }
    if (bytes[1] === doneType) return { changes: await this.#arrived(from), events: [] };
    if (bytes[1] !== offerType || !this.#mayAsk(at)) return { changes: [], events: [] };
    return { changes: [], events: [{ kind: "link-asked", device: from, offer: asBytes(bytes) }] };
  }

  /** A device that was listed has shown that it has the account. */
  async #arrived(device: string): Promise<readonly StoreChange[]> {
    const key = linkingKey(device);
    return (await this.#parts.around().store.get(key)) === undefined ? [] : [{ delete: key }];
  }

  /** Take off the list what has not arrived. */
  async clean(listed: (device: string) => Promise<boolean>): Promise<void> {
    const { store, clock } = this.#parts.around();
    for await (const { key, value } of store.range({ prefix: ["linking"] })) {
      const device = String(key[1]);
      if (this.#exchanges.has(device) || !hasPassed(linkTimeout, timeEntry.read(value), clock())) continue;
      try {
        if (await listed(device)) await this.#parts.change({ remove: [device] });
      } catch (error) {
        if (error instanceof AccountError || error instanceof ClientError) return; // at another time
        throw error;
      }
      await store.batch([{ delete: key }]);
    }
  }

  /** The client is closed. */
  close(): void {
    for (const exchange of this.#exchanges.values()) exchange.end(new ClientError("client-closed"));
  }

  /** A stranger can make a person's devices show something by asking: not often, and nothing that is old. */
  #mayAsk(at: number): boolean {
    const { clock } = this.#parts.around();
    const now = clock();
    this.#asked = this.#asked.filter((each) => each > now - linkTimeout);
    if (at < now - linkTimeout || this.#asked.length >= mostAsked) return false;
    this.#asked.push(now);
    return true;
  }

  async #send(exchange: Exchange, to: string, bytes: Uint8Array): Promise<void> {
    const { around, after } = this.#parts;
    const id = around().random(16);
    for (;;) {
      exchange.check();
      try {
        const connection = around().connection();
        if (connection !== undefined) {
          await connection.send({ id, to, topic: linkTopic, bytes });
          return;
        }
      } catch (error) {
        if (!isAway(error)) throw error;
      }
      await exchange.pause(pause, after);
    }
  }
}
