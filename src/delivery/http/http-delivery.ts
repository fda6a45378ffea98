/**
 * A delivery service behind a network: one WebSocket for requests, answers and news, and HTTP for blobs.
 */

import { checkCount } from "../../bytes/numbers.ts";
import { having, hook, is, options as optionsOf, text, type Shape } from "../../bytes/takes.ts";
import { platformTimers, type Timers } from "../../bytes/timers.ts";
import { isUri } from "../../rooms/uri.ts";
import type { Connection, Delivery, DeviceLogin } from "../delivery.ts";
import { checkLogin } from "../requests.ts";
import type { FetchLike } from "./blobs.ts";
import { HttpConnection } from "./connection.ts";
import { Link } from "./link.ts";
import { signInOver } from "./sign-in.ts";
import type { WebSocketClass } from "./web-socket.ts";
import { defaultWebSocket } from "#websocket";

/** Where a service is, and how to reach it. */
export interface HttpDeliveryOptions {
  /** Where it listens: https://host, with a port and a path where it has one. */
  readonly url: string;
  /** The service's address, mimi://host: a device signs in to it, and to no other that may be behind the URL. */
  readonly address: string;
  /** What lets a new user in, where the service asks for it. */
  readonly invitation?: string;
  /** Default: the platform's, or the one of the package `ws`. */
  readonly WebSocket?: WebSocketClass;
  /** Default: the platform's */
  readonly fetch?: FetchLike;
  /**
   * Milliseconds without a word from the service, after which it is asked whether it is there; after as many more it is not. Signing
   * in may take as long as both. Default: 20 seconds
   */
  readonly silence?: number;
  /** Default: the platform's */
  readonly timers?: Timers;
}

const shape: Shape<HttpDeliveryOptions> = {
  url: is(
    "the URL of a service, http(s)://host",
    (value) => typeof value === "string" && /^https?:\/\/[^/?#]+[^?#]*$/.test(value),
  ),
  address: is(
    "the URI of a provider, as mimi://example.org",
    (value) => typeof value === "string" && isUri(value, "provider"),
  ),
  invitation: text,
  WebSocket: hook,
  fetch: hook,
  silence: (place, value) => {
    checkCount(place, value as number, [1, 2 ** 31 - 1]);
  },
  timers: having("Timers", "after"),
};
const takes = optionsOf(shape, "url", "address");

/**
 * A service behind a network. What its connections are refused with is what `Delivery` says; a connection that is lost is closed as
 * "unreachable", and what was asked for is asked again on another one, under the same id.
 *
 * @throws TypeError for options that make no sense. `connect` throws one where there is no WebSocket.
 */
export function httpDelivery(options: HttpDeliveryOptions): Delivery {
  takes("httpDelivery", options);
  const { address, invitation, timers = platformTimers, silence = 20_000 } = options;
  const url = options.url.endsWith("/") ? options.url : `${options.url}/`;
  return {
    async connect(login: DeviceLogin): Promise<Connection> {
      checkLogin(login);
      login.signal?.throwIfAborted();
      const WebSocket = options.WebSocket ?? (await defaultWebSocket());
      const link = new Link({ WebSocket, url, timers, silence });
      const token = await signInOver(link, login, address, invitation);
      return new HttpConnection(link, { url, token, fetch: options.fetch ?? globalThis.fetch });
    },
  };
}
