/**
 * A delivery service in another process: `serve` is its side, `remoteDelivery` the client's.
 */

import type { Connection, Delivery, DeviceLogin, News } from "../../../src/delivery/delivery.ts";
import type { Channel } from "./channel.ts";

/** What of a Connection is a call with one argument and an answer. */
type Call = Exclude<keyof Connection, "subscribe">;

const calls: readonly Call[] = [
  "createRoom",
  "publish",
  "fetch",
  "changed",
  "acknowledge",
  "groupInfo",
  "confirm",
  "complain",
  "queue",
  "acknowledgeQueue",
  "consent",
  "send",
  "publishKeyPackages",
  "keyPackageCount",
  "claimKeyPackages",
  "publishStatement",
  "statements",
  "upload",
  "download",
  "whisper",
  "block",
  "callServers",
  "lookUp",
  "logProof",
  "frankingAgent",
  "report",
  "deleteAccount",
  "putHistory",
  "history",
  "putHistoryEdge",
  "historyEdge",
  "close",
];

/** A login as it is sent: the signature is asked for by a call back. */
type SentLogin = Omit<DeviceLogin, "sign" | "signal">;

/** What a service answers to a client of another process, whose channel `channel` gives. */
export class Served {
  readonly #delivery: Delivery;
  readonly #channel: () => Channel;
  readonly #connections = new Map<number, Connection>();

  constructor(delivery: Delivery, channel: () => Channel) {
    this.#delivery = delivery;
    this.#channel = channel;
  }

  readonly answerers = {
    connect: async (login: SentLogin): Promise<number> => {
      const connection = await this.#delivery.connect({
        ...login,
        sign: (challenge) => this.#channel().call<Uint8Array>("sign", challenge),
      });
      const number = this.#connections.size;
      this.#connections.set(number, connection);
      connection.subscribe((news) => {
        this.#channel().tell("news", { number, news });
      });
      return number;
    },
    ask: async ({ number, call, given }: { number: number; call: Call; given: unknown }): Promise<unknown> => {
      const connection = this.#connections.get(number)!;
      return (connection[call] as (given: unknown) => Promise<unknown>).call(connection, given);
    },
  };

  /** The client's process is gone, and so are its connections. */
  async end(): Promise<void> {
    for (const connection of this.#connections.values()) await connection.close();
  }
}

/** The service on the other side of a channel, and what the other side calls. */
export function remoteDelivery(channel: () => Channel): {
  readonly delivery: Delivery;
  readonly answerers: Readonly<Record<string, (given: never) => unknown>>;
} {
  const listeners = new Map<number, (news: News) => void>();
  let sign: DeviceLogin["sign"] = () => Promise.reject(new Error("nobody signs in"));
  return {
    answerers: {
      sign: (challenge: Uint8Array) => sign(challenge),
      news: ({ number, news }: { number: number; news: News }) => listeners.get(number)?.(news),
    },
    delivery: {
      async connect({ sign: signer, device, cipherSuite, signatureKey, incarnation }): Promise<Connection> {
        sign = signer;
        const login: SentLogin = { device, cipherSuite, signatureKey, incarnation };
        const number = await channel().call<number>("connect", login);
        const asks = calls.map((call) => [call, (given: unknown) => channel().call("ask", { number, call, given })]);
        return {
          ...(Object.fromEntries(asks) as Omit<Connection, "subscribe">),
          subscribe: (listener) => {
            listeners.set(number, listener);
          },
        };
      },
    },
  };
}
