/**
 * Wake-ups over NATS, where one database's NOTIFY is not enough: every process tells and hears on one subject of the service. What NATS loses
 * costs time, as any hint. Its protocol is lines of text: https://docs.nats.io/reference/reference-protocols/nats-protocol
 */

import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { hash } from "#symmetric";
import { isUri } from "../rooms/uri.ts";
import { having, is, options as optionsOf, type Shape } from "../bytes/takes.ts";
import { hex, utf8 } from "../bytes/text.ts";
import { platformTimers, type Timers } from "../bytes/timers.ts";
import { platformRandom } from "../crypto/random.ts";
import type { Wakeup, Wakeups } from "../delivery/wakeups.ts";
import { Pieces, piecesOf } from "./database/wakeup-bytes.ts";
import { NatsReader, NatsError } from "./nats-reader.ts";

/** Where NATS is. */
export interface NatsOptions {
  /** nats://user:password@host:4222, or tls:// where it speaks TLS; a user without a password is a token. */
  readonly url: string;
  /** The service's address, mimi://host: services on one NATS do not hear each other. */
  readonly address: string;
  /** Default: the platform's */
  readonly timers?: Timers;
}

const shape: Shape<NatsOptions> = {
  url: is(
    "the URL of a NATS server, as nats://host:4222",
    (value) => typeof value === "string" && /^(?:nats|tls):\/\/[^/]+\/?$/.test(value) && URL.canParse(value),
  ),
  address: is("the URI of a provider", (value) => typeof value === "string" && isUri(value, "provider")),
  timers: having("Timers", "after"),
};
const takes = optionsOf(shape, "url", "address");

/** How long to wait before the next connection is tried, and how long one may be silent before it is asked, and then cut. */
const pause = 1_000;
const silence = 30_000;
/** What may wait to be sent: more is lost. */
const mostUnsent = 1024 * 1024;

/**
 * The wake-ups of a service over NATS, for the option of this name of `deliveryOver`, until they are closed.
 *
 * @throws TypeError for options that make no sense; NatsError where the server can't be reached, or does not let it in.
 */
export async function natsWakeups(options: NatsOptions): Promise<NatsWakeups> {
  takes("natsWakeups", options);
  const wakeups = new NatsWakeups(options);
  await wakeups.connect();
  return wakeups;
}

/** Wake-ups over NATS. */
export class NatsWakeups implements Wakeups {
  readonly #url: URL;
  readonly #subject: string;
  readonly #timers: Timers;
  readonly #process: string = hex(platformRandom(8));
  readonly #pieces = new Pieces(this.#process);
  readonly #listeners = new Set<(wakeup: Wakeup) => void>();
  readonly #lost = new Set<() => void>();
  #waiting: Wakeup[] = [];
  #socket: Socket | undefined;
  #isClosed = false;
  #cancel: (() => void) | undefined;
  #cancelLook: (() => void) | undefined;

  /** @internal `natsWakeups` makes them. */
  constructor({ url, address, timers = platformTimers }: NatsOptions) {
    this.#url = new URL(url);
    // Of any characters that an address has, a subject has few.
    this.#subject = `copse.${hex(hash("sha256", utf8(address))).slice(0, 32)}`;
    this.#timers = timers;
  }

  /** Connect; where the connection ends, again and again until it is there. */
  async connect(): Promise<void> {
    const socket = await this.#open();
    if (this.#isClosed) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    this.#look(socket, socket.bytesRead, false);
  }

  /** A connection that is let in and hears. */
  #open(): Promise<Socket> {
    const { hostname, port, protocol } = this.#url;
    const host = hostname.replace(/^\[|\]$/g, "");
    const socket = connectTcp({ host, port: Number(port === "" ? 4222 : port), noDelay: true });
    return new Promise((resolve, reject) => {
      let speaks = socket;
      const fail = (error: Error): void => {
        speaks.destroy();
        socket.destroy();
        reject(error);
      };
      const cancel = this.#timers.after(silence, () => {
        fail(new NatsError("the server does not answer"));
      });
      const reader = new NatsReader({
        info: (info) => {
          if (speaks !== socket || protocol !== "tls:") {
            this.#greet(speaks, info);
            return;
          }
          // The server says who it is in clear, and the rest under TLS.
          socket.off("data", take);
          speaks = connectTls({ socket, ...(/^[\d.:]+$/.test(host) ? {} : { servername: host }) });
          listen();
          speaks.once("secureConnect", () => {
            this.#greet(speaks, info);
          });
        },
        message: (payload) => {
          for (const wakeup of this.#pieces.take(payload)) for (const listener of this.#listeners) listener(wakeup);
        },
        ping: () => {
          speaks.write("PONG\r\n");
        },
        pong: () => {
          cancel();
          resolve(speaks); // what was asked before it is done: it hears
        },
        error: (words) => {
          fail(new NatsError(words));
        },
      });
      const take = (data: Uint8Array): void => {
        try {
          reader.take(data);
        } catch (error) {
          fail(error instanceof Error ? error : new NatsError(String(error)));
        }
      };
      const listen = (): void => {
        const listened = speaks;
        listened.on("data", take);
        listened.on("error", fail);
        listened.on("close", () => {
          cancel();
          reject(new NatsError("the connection was closed"));
          this.#ended(listened);
        });
      };
      listen();
    });
  }

  #greet(socket: Socket, { needsTls }: { readonly needsTls: boolean }): void {
    const { username, password, protocol } = this.#url;
    if (needsTls && protocol !== "tls:") {
      socket.destroy(new NatsError("the server wants TLS: say tls://"));
      return;
    }
    const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)];
    const who = user === "" ? {} : pass === "" ? { auth_token: user } : { user, pass };
    // What it says itself it does not hear.
    const greeting = { verbose: false, pedantic: false, echo: false, lang: "copse", version: "1", protocol: 1, ...who };
    socket.write(`CONNECT ${JSON.stringify(greeting)}\r\nSUB ${this.#subject} 1\r\nPING\r\n`);
  }

  /** Whether something has come since the last look; else it is asked, and cut where nothing comes then. */
  #look(socket: Socket, bytesRead: number, isAsked: boolean): void {
    this.#cancelLook = this.#timers.after(silence, () => {
      if (this.#socket !== socket) return;
      const isSilent = socket.bytesRead === bytesRead;
      if (isSilent && isAsked) {
        socket.destroy();
        return;
      }
      if (isSilent) socket.write("PING\r\n");
      this.#look(socket, socket.bytesRead, isSilent);
    });
  }

  #ended(socket: Socket): void {
    if (this.#socket !== socket || this.#isClosed) return;
    this.#socket = undefined;
    this.#cancelLook?.();
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
    if (this.#socket === undefined || this.#socket.writableLength > mostUnsent) return;
    this.#waiting.push(wakeup);
    if (this.#waiting.length === 1) queueMicrotask(() => this.#tellAll()); // what one request tells goes at once
  }

  #tellAll(): void {
    const wakeups = this.#waiting;
    this.#waiting = [];
    for (const piece of piecesOf(this.#process, wakeups)) {
      this.#socket?.write(`PUB ${this.#subject} ${String(piece.length)}\r\n${piece}\r\n`);
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

  /** End the connection. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel?.();
    this.#cancelLook?.();
    this.#socket?.destroy();
    return Promise.resolve();
  }
}
