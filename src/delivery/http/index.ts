/**
 * copse/delivery/http: a delivery service behind a network, as `copse serve` is one.
 *
 *     const delivery = httpDelivery({ url: "https://chat.example.org", address: "mimi://example.org" });
 *
 * @module
 */

export { httpDelivery, type HttpDeliveryOptions } from "./http-delivery.ts";
export type { WebSocketClass, WebSocketLike } from "./web-socket.ts";
export type { FetchLike, FetchedLike, HeadersLike } from "./blobs.ts";
export type { Timers } from "../../bytes/timers.ts";
