/**
 * The WebSockets that a delivery by HTTP takes: the platform's, or the package `ws`.
 */

import type { Bytes } from "../../bytes/bytes.ts";

/** What is used of a WebSocket, of a browser's as of the package `ws`. */
export interface WebSocketLike {
  binaryType: string;
  /** Bytes that were sent and have not left yet. */
  readonly bufferedAmount: number;
  /** Send a message. */
  send(data: Bytes): void;
  /** End it. */
  close(): void;
  /** It is open, is over, or has failed. */
  addEventListener(type: "open" | "close" | "error", listener: () => void): void;
  /** A message has come, as an ArrayBuffer. */
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/** The class of WebSockets: `WebSocket`. */
export type WebSocketClass = new (url: string) => WebSocketLike;

/** The platform's. Node has one from version 22 on. */
export function platformWebSocket(): WebSocketClass | undefined {
  return (globalThis as { readonly WebSocket?: WebSocketClass }).WebSocket;
}

/** Says what is missing, and what to do. */
export function noWebSocket(cause?: unknown): TypeError {
  return new TypeError(
    "httpDelivery needs a WebSocket, which this platform has not: npm install ws, or give it one as its option WebSocket",
    { cause },
  );
}
