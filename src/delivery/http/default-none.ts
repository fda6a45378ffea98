/**
 * The default WebSocket where the platform has one: browsers, Deno, Bun, React Native.
 */

import { noWebSocket, platformWebSocket, type WebSocketClass } from "./web-socket.ts";

/** The platform's. @throws TypeError where it has none. */
export function defaultWebSocket(): Promise<WebSocketClass> {
  const found = platformWebSocket();
  return found === undefined ? Promise.reject(noWebSocket()) : Promise.resolve(found);
}
