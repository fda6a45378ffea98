/**
 * The way to the service: signing in, and again after growing waits while it is away. Before anything is encrypted the service has
 * compared how often this device was opened: a copy of its store, or an old backup, finds out here.
 */

import { fixed, optional, struct, u64 } from "../codec/codec.ts";
import type { Connection, Delivery, News } from "../delivery/delivery.ts";
import { DeliveryError, type DeliveryErrorCode } from "../delivery/errors.ts";
import type { Identity } from "../public-group/identity.ts";
import type { Store } from "../storage/store.ts";
import type { Clockwork } from "./clockwork.ts";
import { ClientError } from "./errors.ts";
import type { EventLog } from "./event-log.ts";
import type { Copies } from "./healing/copies.ts";
import { entryKind, text, type EntryKind } from "./store/entry.ts";
import { clientKey } from "./store/keys.ts";

/** Which device a store belongs to, and how often it was opened. */
export interface ClientState {
  readonly device: string;
  /** As the service has confirmed it. */
  readonly incarnation: bigint;
  /** The id of the question that has not been answered yet. */
  readonly asking: Uint8Array | undefined;
}

export const clientEntry: EntryKind<ClientState> = entryKind(
  struct<ClientState>({ device: text, incarnation: u64, asking: optional(fixed(16)) }),
);

/** What a client's state is in the store. @throws ClientError "client-account" where it is another device's */
export async function openState(store: Store, device: string): Promise<ClientState> {
  const stored = await store.get(clientKey);
  if (stored === undefined) return { device, incarnation: 0n, asking: undefined };
  const state = clientEntry.read(stored);
  if (state.device !== device) throw new ClientError("client-account");
  return state;
}

export interface ConnectingOptions {
  readonly store: Store;
  readonly delivery: Delivery;
  /** Whoever this device is now. */
  readonly identity: () => Identity;
  readonly state: ClientState;
  /** While this store is a copy, nothing is asked before `renew`. */
  readonly copies: Copies;
  readonly events: EventLog;
  readonly clockwork: Clockwork;
  readonly random: (length: number) => Uint8Array;
  /** There is a connection now. */
  readonly onOpen: (connection: Connection) => void;
  readonly onNews: (news: News) => void;
  readonly fail: (cause: unknown) => void;
}

const shortestWait = 500;
const longestWait = 60_000;

export class Connecting {
  readonly #options: ConnectingOptions;
  #state: ClientState;
  #connection: Connection | undefined;
  #trying: Promise<void> | undefined;
  #failures = 0;
  #refusal: DeliveryErrorCode | undefined;
  readonly #listeners = new Set<() => void>();
  #isOpened = false;
  #isStopped = false;
  #isPaused: boolean;

  constructor(options: ConnectingOptions) {
    this.#options = options;
    this.#state = options.state;
    this.#isPaused = options.copies.isCopied;
    options.copies.opened(options.state.incarnation);
  }

  /** The service. */
  get delivery(): Delivery {
    return this.#options.delivery;
  }

  /** Let go of the service until `renew` is called. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    await this.settled();
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close().catch(() => undefined);
  }

  /** The device is another one for the service, and has said so: go on from there. */
  renew(incarnation: bigint): void {
    this.#state = { ...this.#state, incarnation, asking: undefined };
    this.#isOpened = true;
    this.#isPaused = false;
    this.#failures = 0;
    this.start();
  }

  /** The connection, where there is one. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Why there was none when it was tried last. */
  get refusal(): DeliveryErrorCode | undefined {
    return this.#refusal;
  }

  /** Told after each change of `connection` and `refusal`. */
  listen(listener: () => void): () => void {
    const own = (): void => {
      listener();
    };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** A listener's error is reported as one that nobody caught. */
  #tell(): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** Try to have a connection. */
  start(): void {
    if (this.#isStopped || this.#isPaused || this.#connection !== undefined) return;
    this.#trying ??= this.#try().finally(() => {
      this.#trying = undefined;
    });
  }

  /** A person waits for the service now: the next try comes soon, however long the service has been away. */
  hurry(): void {
    this.#options.clockwork.sooner("connect", this.#jittered(shortestWait));
  }

  /** When it is clear whether there is one. */
  async settled(): Promise<void> {
    while (this.#trying !== undefined) await this.#trying;
  }

  /** The service is not there after all: try again. */
  lost(): void {
    this.#connection = undefined;
    this.#again();
    this.#tell();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#options.clockwork.clear("connect");
    await this.settled();
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close().catch(() => undefined); // whoever is gone needs no goodbye
  }

  async #try(): Promise<void> {
    const { onOpen, onNews, copies, fail } = this.#options;
    try {
      const connection = await this.#connect();
      if (this.#isStopped || this.#isPaused) {
        await connection.close();
        return;
      }
      this.#failures = 0;
      this.#connection = connection;
      this.#refusal = undefined;
      connection.subscribe((news) => {
        if (news.kind === "closed" && this.#connection === connection) {
          // Who has replaced it, this device by a request that came twice or a copy of it, the next connection finds out.
          this.lost();
        }
        onNews(news);
      });
      onOpen(connection);
      this.#tell();
    } catch (error) {
      this.#refusal = error instanceof DeliveryError ? error.code : undefined;
      if (!(error instanceof DeliveryError)) fail(error);
      else if (error.code === "incarnation") await copies.mark(this.#options, error.incarnation);
      else this.#again();
      this.#tell();
    }
  }

  /** The first connection of an opening raises the incarnation; later ones of the same opening show it again. */
  async #connect(): Promise<Connection> {
    const { delivery } = this.#options;
    const { device, incarnation, asking } = this.#state;
    if (this.#isOpened) return delivery.connect(this.#login(incarnation, incarnation, new Uint8Array(16)));
    const id = asking ?? this.#options.random(16);
    if (asking === undefined) {
      await this.#store({ ...this.#state, asking: id });
    }
    const next = incarnation + 1n;
    const connection = await delivery.connect(this.#login(incarnation, next, id));
    await this.#store({ device, incarnation: next, asking: undefined });
    this.#isOpened = true;
    return connection;
  }

  #login(known: bigint, next: bigint, id: Uint8Array): Parameters<Delivery["connect"]>[0] {
    const { state } = this.#options;
    const identity = this.#options.identity();
    return {
      device: state.device,
      cipherSuite: identity.suite.id,
      signatureKey: identity.signatureKey,
      sign: async (challenge) => identity.signer.sign(challenge),
      incarnation: { known, next, id },
    };
  }

  async #store(state: ClientState): Promise<void> {
    await this.#options.store.batch([{ put: clientKey, value: clientEntry.write(state) }], { flush: true });
    this.#state = state;
    this.#options.copies.opened(state.incarnation);
  }

  #again(): void {
    if (this.#isStopped || this.#isPaused) return;
    const most = Math.min(longestWait, shortestWait * 2 ** this.#failures++);
    this.#options.clockwork.set("connect", this.#jittered(most), () => {
      this.start();
    });
  }

  /** Between half of it and all of it, so that not all devices come at once. */
  #jittered(most: number): number {
    const [byte = 0] = this.#options.random(1);
    return Math.ceil((most * (byte + 256)) / 512);
  }
}
