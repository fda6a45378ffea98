/**
 * A device's way to the service before it has a client: it may ask for linking, and nothing else. What comes is not acknowledged: it may
 * be a Welcome or a consent, which the client takes in later.
 */

import type { Random } from "../../crypto/provider.ts";
import type { Connection, Delivery } from "../../delivery/delivery.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import type { Identity } from "../../public-group/identity.ts";
import { isAway } from "../away.ts";
import type { After, Exchange } from "./exchange.ts";
import { linkTopic } from "./topic.ts";

/** How long a service that is away is left alone, in milliseconds. */
const pause = 2_000;

export interface ChannelParts {
  readonly delivery: Delivery;
  readonly device: string;
  readonly identity: Identity;
  readonly random: Random;
  readonly after: After;
  readonly exchange: Exchange;
}

export class LinkChannel {
  readonly #parts: ChannelParts;
  #connection: Connection | undefined;
  #cursor = 0n;
  #reading: Promise<void> | undefined;
  #isMore = false;
  #isClosed = false;

  constructor(parts: ChannelParts) {
    this.#parts = parts;
  }

  /** Send something to another device of the user, again until the service has it. */
  async send(to: string, bytes: Uint8Array): Promise<void> {
    const id = this.#parts.random(16);
    await this.#again((connection) => connection.send({ id, to, topic: linkTopic, bytes }));
  }

  /** Be there for what comes. */
  async open(): Promise<void> {
    await this.#again(() => Promise.resolve());
  }

  /** Send something once, and never mind: the other device looks at its own time. */
  async sendOnce(to: string, bytes: Uint8Array): Promise<void> {
    const id = this.#parts.random(16);
    await this.#connection?.send({ id, to, topic: linkTopic, bytes }).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close().catch(() => undefined); // whoever is gone needs no goodbye
  }

  async #again(work: (connection: Connection) => Promise<void>): Promise<void> {
    const { exchange, after } = this.#parts;
    for (;;) {
      exchange.check();
      try {
        await work(await this.#connected());
        return;
      } catch (error) {
        if (!isAway(error)) throw error;
        const connection = this.#connection;
        this.#connection = undefined;
        await connection?.close().catch(() => undefined);
        await exchange.pause(pause, after);
      }
    }
  }

  async #connected(): Promise<Connection> {
    if (this.#connection !== undefined) return this.#connection;
    const { delivery, device, identity } = this.#parts;
    const connection = await delivery.connect({
      device,
      cipherSuite: identity.suite.id,
      signatureKey: identity.signatureKey,
      sign: async (challenge) => identity.signer.sign(challenge),
      // No opening of a client: the first one raises it.
      incarnation: { known: 0n, next: 0n, id: new Uint8Array(16) },
    });
    if (this.#isClosed) await connection.close();
    this.#connection = connection;
    connection.subscribe((news) => {
      if (news.kind === "queue") this.#read();
      if (news.kind !== "closed" || this.#connection !== connection) return;
      this.#connection = undefined;
      this.#comeBack(news.reason === "replaced");
    });
    this.#read();
    return connection;
  }

  /** When the service lists the device, it signs in again as what it is now. */
  #comeBack(isReplaced: boolean): void {
    const { exchange, after } = this.#parts;
    if (this.#isClosed) return;
    const wait = isReplaced ? exchange.pause(pause, after) : Promise.resolve();
    wait
      .then(() => this.open())
      .catch((error: unknown) => {
        exchange.end(error);
      });
  }

  #read(): void {
    this.#isMore = true;
    this.#reading ??= this.#readAll()
      .catch((error: unknown) => {
        // A hint was lost with its connection: the next one reads again.
        if (!(error instanceof DeliveryError)) this.#parts.exchange.end(error);
      })
      .finally(() => {
        this.#reading = undefined;
        // A hint may come between the last answer and here.
        if (this.#isMore && this.#connection !== undefined) this.#read();
      });
  }

  async #readAll(): Promise<void> {
    while (this.#isMore && this.#connection !== undefined) {
      this.#isMore = false;
      for (const item of await this.#connection.queue({ after: this.#cursor })) {
        if (item.number <= this.#cursor) continue;
        this.#cursor = item.number;
        this.#isMore = true;
        if (item.kind === "parcel" && item.topic === linkTopic) this.#parts.exchange.put(item);
      }
    }
  }
}
