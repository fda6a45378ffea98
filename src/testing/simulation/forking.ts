/**
 * A service that shows two commits of one epoch to different devices: there are two of it, which are told the same until a room is forked;
 * from then on each device writes to one of them, and reads from it, in that room alone.
 */

import type { Connection, Delivery } from "../../delivery/delivery.ts";

/** What changes a service: both are told. */
const writes: ReadonlySet<string> = new Set<keyof Connection>([
  "createRoom",
  "publish",
  "acknowledge",
  "confirm",
  "complain",
  "acknowledgeQueue",
  "consent",
  "send",
  "publishKeyPackages",
  "claimKeyPackages",
  "publishStatement",
  "upload",
  "block",
]);

/** Two services as one, until a room is forked. */
export class ForkingService {
  readonly #services: readonly [Delivery, Delivery];
  readonly #others: (device: string) => boolean;
  readonly #forked = new Set<string>();
  /** Rooms of which there is one again: the service that has it. */
  readonly #ended = new Map<string, 0 | 1>();
  #last: Promise<unknown> = Promise.resolve();

  /** @param others the devices that are shown the second branch */
  constructor(services: readonly [Delivery, Delivery], others: (device: string) => boolean) {
    this.#services = services;
    this.#others = others;
  }

  /** From now on there are two of this room. */
  fork(room: string): void {
    this.#forked.add(room);
  }

  /** The service keeps one branch of the room, and forgets the other one. */
  end(room: string, branch: "first" | "second"): void {
    this.#ended.set(room, branch === "first" ? 0 : 1);
  }

  /** As devices reach it. */
  get delivery(): Delivery {
    return {
      connect: (login) =>
        this.#inOrder(async () => {
          const both = [await this.#services[0].connect(login), await this.#services[1].connect(login)] as const;
          return this.#over(both, this.#others(login.device) ? 1 : 0);
        }),
    };
  }

  #over(both: readonly [Connection, Connection], side: 0 | 1): Connection {
    return new Proxy(both[side], {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        if (name === "subscribe") {
          return (listener: Parameters<Connection["subscribe"]>[0]) => {
            for (const connection of both) connection.subscribe(listener); // hints do no harm
          };
        }
        return (request: unknown) =>
          this.#inOrder(async () => {
            const room = isOfRoom(request) ? request.room : "";
            const own = this.#ended.get(room) ?? side;
            const isBoth = writes.has(String(name)) && !this.#forked.has(room);
            const ask = (which: number): Promise<unknown> => {
              const connection = both[which === 0 ? 0 : 1];
              const asked = Reflect.get(connection, name) as (it: unknown) => Promise<unknown>;
              return asked.call(connection, request);
            };
            if (isBoth || name === "close") await ask(1 - own).catch(() => undefined);
            return ask(own);
          });
      },
    });
  }

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

function isOfRoom(request: unknown): request is { readonly room: string } {
  return typeof request === "object" && request !== null && typeof Reflect.get(request, "room") === "string";
}
