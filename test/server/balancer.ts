/**
 * One address for several servers, as a load balancer gives it: each connection goes to one of them, and to another where that one is gone.
 */

import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

export class Balancer {
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();
  /** The ports of this machine that it may send connections to. */
  ports: readonly number[] = [];
  /** The server whose answers are lost, and what has come to it since. */
  #muted: { readonly port: number; bytes: number } | undefined;
  readonly #connected: number[] = [];
  #next = 0;

  private constructor(listener: Server) {
    this.#listener = listener;
  }

  static async listen(): Promise<Balancer> {
    const listener = createServer();
    const balancer = new Balancer(listener);
    listener.on("connection", (client) => {
      balancer.#join(client, balancer.ports.length);
    });
    await new Promise<void>((done) => listener.listen(0, "127.0.0.1", done));
    return balancer;
  }

  /** From now on what this server says is lost; what is said to it still comes. */
  mute(port: number): void {
    this.#muted = { port, bytes: 0 };
  }

  /** Whether anything has come to the server that is muted. */
  get isAskedInVain(): boolean {
    return (this.#muted?.bytes ?? 0) > 0;
  }

  /** The servers that somebody is connected to. */
  get busy(): readonly number[] {
    return [...new Set(this.#connected)].sort((a, b) => a - b);
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#listener.address() as AddressInfo).port)}`;
  }

  /** In turn: the connections of one client go to different servers. */
  #join(client: Socket, tries: number): void {
    const port = this.ports[this.#next++ % this.ports.length];
    if (port === undefined || tries === 0) {
      client.destroy();
      return;
    }
    const server = connect(port, "127.0.0.1");
    let isThere = false;
    server.once("connect", () => {
      isThere = true;
      this.#connected.push(port);
      client.on("data", (data) => {
        if (this.#muted?.port === port) this.#muted.bytes += data.length;
        if (!server.destroyed) server.write(data);
      });
      server.on("data", (data) => {
        if (this.#muted?.port !== port && !client.destroyed) client.write(data);
      });
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        if (socket === server && isThere) this.#connected.splice(this.#connected.indexOf(port), 1);
        if (socket === server && !isThere) this.#join(client, tries - 1);
        else other.destroy();
      });
    }
  }

  async close(): Promise<void> {
    for (const socket of [...this.#sockets]) socket.destroy();
    await new Promise((done) => this.#listener.close(done));
  }
}
