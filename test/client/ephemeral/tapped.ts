/** A service that lets a test see what a device whispers, and say anything to it. */

import type { Connection, Delivery, News } from "../../../src/delivery/delivery.ts";

export class Tapped implements Delivery {
  readonly whispered: Uint8Array[] = [];
  readonly #service: Delivery;
  #listener: ((news: News) => void) | undefined;

  constructor(service: Delivery) {
    this.#service = service;
  }

  async connect(login: Parameters<Delivery["connect"]>[0]): Promise<Connection> {
    const connection = await this.#service.connect(login);
    return new Proxy(connection, {
      get: (target, name: keyof Connection) => {
        if (name === "whisper")
          return (given: Parameters<Connection["whisper"]>[0]) => {
            this.whispered.push(given.bytes);
            return target.whisper(given);
          };
        if (name === "subscribe")
          return (listener: (news: News) => void) => {
            this.#listener = listener;
            target.subscribe(listener);
          };
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  }

  say(room: string, bytes: Uint8Array): void {
    this.#listener?.({ kind: "whisper", room, from: "mimi://example.org/d/alice/phone", bytes: new Uint8Array(bytes) });
  }
}
