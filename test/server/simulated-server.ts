/**
 * A server for simulated devices: the real one, on a port of this machine, in the time of the simulation. The time passes when every
 * message that was sent through a socket has come.
 */

import { WebSocket } from "ws";
import type { Delivery } from "../../src/delivery/delivery.ts";
import { httpDelivery } from "../../src/delivery/http/http-delivery.ts";
import type { WebSocketClass, WebSocketLike } from "../../src/delivery/http/web-socket.ts";
import { readServerFrame, writeClientFrame } from "../../src/delivery/protocol/frames.ts";
import type { DeliveryService } from "../../src/delivery/service.ts";
import { startServer, type RunningServer } from "../../src/server/server.ts";
import { Chance } from "../../src/testing/simulation/chance.ts";
import { simulatedHost, type SimulatedWorld } from "../../src/testing/simulation/world.ts";

/** Starts a server for each world, and ends the one before. */
export class SimulatedServers {
  #server: RunningServer | undefined;

  /** For the world's option of this name. */
  readonly reach = async (service: DeliveryService, world: SimulatedWorld): Promise<Delivery> => {
    await this.close();
    const { time, seed } = world;
    const sockets = new Sockets();
    time.settle(() => sockets.comesMore());
    this.#server = await startServer({
      delivery: service,
      timers: time,
      clock: time.now,
      random: new Chance(seed, "server").bytes,
    });
    return httpDelivery({
      url: this.#server.url,
      address: `mimi://${simulatedHost}`,
      WebSocket: sockets.WebSocket,
      timers: time,
    });
  };

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.close();
  }
}

const ping = writeClientFrame({ kind: "ping" });

/** All sockets of the devices of a world, which know whether anything is on its way in them. */
class Sockets {
  readonly #sockets = new Set<Socket>();
  readonly WebSocket: WebSocketClass;

  constructor() {
    const sockets = this.#sockets;
    this.WebSocket = class implements WebSocketLike {
      readonly #socket: Socket;
      binaryType = "arraybuffer";

      constructor(url: string) {
        this.#socket = new Socket(url);
        sockets.add(this.#socket);
      }

      get bufferedAmount(): number {
        return this.#socket.bufferedAmount;
      }

      send(data: Uint8Array): void {
        this.#socket.send(data);
      }

      close(): void {
        this.#socket.close();
      }

      addEventListener(type: string, listener: (event: { readonly data: unknown }) => void): void {
        this.#socket.on(type, listener);
      }
    };
  }

  /** Wait until all has come that was on its way. Whether anything was. */
  async comesMore(): Promise<boolean> {
    const stirred = [...this.#sockets].filter((socket) => socket.hasStirred);
    if (stirred.length === 0) return false;
    // What one device asks for, others are told of.
    await Promise.all(Array.from(this.#sockets, (socket) => socket.emptied()));
    for (const socket of this.#sockets) if (socket.isOver) this.#sockets.delete(socket);
    return true;
  }
}

class Socket {
  readonly #socket: WebSocket;
  readonly #listeners: { readonly type: string; readonly listener: (event: { readonly data: unknown }) => void }[] = [];
  /** Whether anything has been sent or has come since everything had come. */
  hasStirred = true;
  isOver = false;
  readonly #pongs: (() => void)[] = [];

  constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = "arraybuffer";
    for (const type of ["open", "close", "error", "message"] as const) {
      this.#socket.addEventListener(type, (event: unknown) => {
        this.#happened(type, event as { readonly data: unknown });
      });
    }
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  on(type: string, listener: (event: { readonly data: unknown }) => void): void {
    this.#listeners.push({ type, listener });
  }

  send(data: Uint8Array): void {
    this.hasStirred = true;
    this.#socket.send(data);
  }

  close(): void {
    this.hasStirred = true;
    this.#socket.close();
  }

  /** When the server has answered behind all that it had been sent, or the socket is over. */
  async emptied(): Promise<void> {
    if (this.isOver) return;
    this.hasStirred = false;
    await new Promise<void>((resolve) => {
      this.#pongs.push(resolve);
      if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(ping);
    });
  }

  #happened(type: string, event: { readonly data: unknown }): void {
    if (type === "message") {
      const { kind } = readServerFrame(new Uint8Array(event.data as ArrayBuffer));
      if (kind === "pong" && this.#pongs.length > 0) {
        this.#pongs.shift()?.();
        return;
      }
    }
    this.hasStirred = true;
    if (type === "close") this.isOver = true;
    for (const each of this.#listeners) if (each.type === type) each.listener(event);
    if (type === "open" || type === "close") for (const resolve of this.#pongs.splice(0)) resolve();
  }
}
