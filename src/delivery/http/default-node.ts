/**
 * The default WebSocket in Node: its own from version 22 on, and that of the package `ws` before.
 */

import { noWebSocket, platformWebSocket, type WebSocketClass } from "./web-socket.ts";

/** @throws TypeError where there is neither. */
export async function defaultWebSocket(): Promise<WebSocketClass> {
  const found = platformWebSocket();
  if (found !== undefined) return found;
  try {
    const { WebSocket } = await import("ws");
    return class extends WebSocket {
      constructor(url: string) {
        super(url, { perMessageDeflate: false }); // what is encrypted does not shrink
      }
    };
  } catch (cause) {
    throw noWebSocket(cause);
  }
}
