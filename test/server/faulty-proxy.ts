/**
 * A way between a client and a server that can fail: it holds back what comes, loses it without a word, or is cut.
 */

import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

export class FaultyProxy {
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();
  /** What is held back, in order. */
  #held: (() => void)[] = [];
  /** "held": it comes when it is released. "lost": neither side hears of the other, and of no end. */
  mode: "open" | "held" | "lost" | "answers-lost" = "open";

  private constructor(listener: Server) {
    this.#listener = listener;
  }

  /** Between whoever connects to its port, and a port of this machine. */
  static async to(port: number): Promise<FaultyProxy> {
    const listener = createServer();
    const proxy = new FaultyProxy(listener);
    listener.on("connection", (client) => {
      proxy.#join(client, connect(port, "127.0.0.1"));
    });
    await new Promise<void>((done) => listener.listen(0, "127.0.0.1", done));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#listener.address() as AddressInfo).port)}`;
  }

  #join(client: Socket, server: Socket): void {
    const carry = (from: Socket, to: Socket, isAnswer: boolean): void => {
      this.#sockets.add(from);
      from.on("data", (data) => {
        if (this.mode === "lost" || (this.mode === "answers-lost" && isAnswer)) return;
        const write = (): void => {
          if (!to.destroyed) to.write(data);
        };
        if (this.mode === "held") this.#held.push(write);
        else write();
      });
      from.on("error", () => undefined);
      from.on("close", () => {
        this.#sockets.delete(from);
        if (this.mode === "open") to.destroy(); // else the other side does not hear of it
      });
    };
    carry(client, server, false);
    carry(server, client, true);
  }

  /** What was held back comes, and nothing more is. */
  release(): void {
    this.mode = "open";
    for (const write of this.#held.splice(0)) write();
  }

  /** Every connection ends, and what was held back is lost. */
  cut(): void {
    this.mode = "open";
    this.#held = [];
    for (const socket of [...this.#sockets]) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((done) => this.#listener.close(done));
  }
}
