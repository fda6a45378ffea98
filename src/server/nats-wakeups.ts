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
import { WakeupChannel } from "./database/wakeup-channel.ts";
import { mostTogether } from "./database/wakeup-bytes.ts";
import { NatsReader, NatsError, type Heard } from "./nats-reader.ts";

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

/** How long a connection may be silent before it is asked, and then cut, in milliseconds. */
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
  readonly #channel: WakeupChannel;
  #waiting: Wakeup[] = [];
  #socket: Socket | undefined;
  #cancelLook: (() => void) | undefined;

  /** @internal `natsWakeups` makes them. */
  constructor({ url, address, timers = platformTimers }: NatsOptions) {
    this.#url = new URL(url);
    // Of any characters that an address has, a subject has few.
    this.#subject = `copse.${hex(hash("sha256", utf8(address))).slice(0, 32)}`;
    this.#timers = timers;
    this.#channel = new WakeupChannel(timers, platformRandom);
  }

  /** Connect; where the connection ends, again and again until it is there. */
  async connect(): Promise<void> {
    const socket = await this.#open();
    if (this.#channel.isClosed) {
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
      const heard: Heard = {
        info: (info) => {
          if (isGreeted) return; // it says more of itself now and then
          isGreeted = true;
          if (protocol !== "tls:") {
            this.#greet(speaks, info);
            return;
          }
          // The server says who it is in clear, and the rest under TLS: what else came in clear may be anybody's.
          reader.end();
          reader = new NatsReader(heard);
          socket.off("data", take);
          speaks = connectTls({ socket, ...(/^[\d.:]+$/.test(host) ? {} : { servername: host }) });
          listen();
          speaks.once("secureConnect", () => {
            this.#greet(speaks, info);
          });
        },
        message: (payload) => {
          this.#channel.take(payload);
        },
        ping: () => {
          if (speaks.writableLength < mostUnsent) speaks.write("PONG\r\n");
        },
        pong: () => {
          cancel();
          resolve(speaks); // what was asked before it is done: it hears
        },
        error: (words) => {
          fail(new NatsError(words));
        },
      };
      let reader = new NatsReader(heard);
      let isGreeted = false;
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
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#cancelLook?.();
    this.#channel.comeBack(() => this.connect());
  }

  tell(wakeup: Wakeup): void {
    if (this.#socket === undefined || this.#socket.writableLength > mostUnsent) return;
    this.#waiting.push(wakeup);
    if (this.#waiting.length === 1) queueMicrotask(() => this.#tellAll()); // what one request tells goes at once
  }

  #tellAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let i = 0; i < waiting.length; i += mostTogether) {
      for (const piece of this.#channel.pieces(waiting.slice(i, i + mostTogether)))
        this.#socket?.write(`PUB ${this.#subject} ${String(piece.length)}\r\n${piece}\r\n`);
    }
  }

  hear(listener: (wakeup: Wakeup) => void, lost?: () => void): () => void {
    return this.#channel.hear(listener, lost);
  }

  /** End the connection. */
  async close(): Promise<void> {
    this.#channel.close();
    this.#cancelLook?.();
    this.#socket?.destroy();
    return Promise.resolve();
  }
}
