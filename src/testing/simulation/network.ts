/**
 * The way between a device and the service: it delays, loses requests and answers, brings requests twice and in another order, and
 * is cut now and then. What a device that has died had sent still arrives; what is answered to it does not.
 */

import type { Connection, Delivery, DeviceLogin, News } from "../../delivery/delivery.ts";
import { DeliveryError } from "../../delivery/errors.ts";
import type { Chance } from "./chance.ts";
import type { VirtualTime } from "./time.ts";

/** How bad a network is. Times are in milliseconds, the others say how often. */
export interface Weather {
  readonly delay: readonly [least: number, most: number];
  /** So often something takes up to twenty seconds instead. */
  readonly spike: number;
  readonly loseRequest: number;
  readonly loseAnswer: number;
  readonly loseNews: number;
  readonly duplicate: number;
}

/** Nothing is lost, and everything takes up to 20 milliseconds. */
export const fairWeather: Weather = {
  delay: [1, 20],
  spike: 0,
  loseRequest: 0,
  loseAnswer: 0,
  loseNews: 0,
  duplicate: 0,
};

/** Requests, answers and news are lost or come twice, and some take many seconds. */
export const foulWeather: Weather = {
  delay: [1, 800],
  spike: 0.03,
  loseRequest: 0.05,
  loseAnswer: 0.05,
  loseNews: 0.2,
  duplicate: 0.08,
};

/** After so long a device takes the service for away, in milliseconds. */
const patience = 12_000;
const longestSpike = 20_000;

/** One device's network, from one start of its process to the end of it. */
export class Link implements Delivery {
  readonly #service: Delivery;
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #weather: () => Weather;
  /** Called before a request leaves, and when its answer has come: the process may die there. */
  readonly #point: () => void;
  readonly #left: (bytes: Uint8Array) => void;
  isCut: () => boolean;
  #isDead = false;

  constructor(options: {
    readonly service: Delivery;
    readonly time: VirtualTime;
    readonly chance: Chance;
    readonly weather: () => Weather;
    readonly isCut: () => boolean;
    readonly point: () => void;
    /** Told of messages that leave the device. */
    readonly left: (bytes: Uint8Array) => void;
  }) {
    this.#left = options.left;
    this.#service = options.service;
    this.#time = options.time;
    this.#chance = options.chance;
    this.#weather = options.weather;
    this.#point = options.point;
    this.isCut = options.isCut;
  }

  /** The process is gone. */
  die(): void {
    this.#isDead = true;
  }

  async connect(login: DeviceLogin): Promise<Connection> {
    const connection = await this.#ask(() => this.#service.connect(login));
    return this.#over(connection);
  }

  #over(connection: Connection): Connection {
    return new Proxy(connection, {
      get: (target, name) => {
        if (name === "subscribe") {
          return (listener: (news: News) => void) => {
            target.subscribe((news) => {
              this.#tell(listener, news);
            });
          };
        }
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        if (name === "close")
          return async () => {
            if (!this.#isDead) await target.close();
          };
        return (request: unknown) =>
          this.#ask(() => {
            const bytes = isObject(request) ? (request["message"] ?? request["bytes"]) : undefined;
            if (bytes instanceof Uint8Array) this.#left(bytes);
            return Reflect.apply(method, target, [request]) as Promise<unknown>;
          });
      },
    });
  }

  #tell(listener: (news: News) => void, news: News): void {
    const { loseNews, duplicate } = this.#weather();
    for (let times = this.#chance.happens(duplicate) ? 2 : 1; times > 0; times--) {
      if (this.#chance.happens(loseNews)) continue;
      this.#later(() => {
        if (!this.#isDead && !this.isCut()) listener(news);
      });
    }
  }

  /** Asked again after a point at which it may have died. */
  get #died(): boolean {
    return this.#isDead;
  }

  #later(run: () => void): void {
    const { delay, spike } = this.#weather();
    const [least, most] = this.#chance.happens(spike) ? [delay[1], longestSpike] : delay;
    this.#time.after(this.#chance.between(least, most), run);
  }

  async #ask<T>(request: () => Promise<T>): Promise<T> {
    if (this.#isDead) return new Promise<T>(() => undefined);
    this.#point();
    if (this.#died && this.#chance.happens(0.5)) return new Promise<T>(() => undefined); // it died before it had sent it
    const { loseRequest, loseAnswer, duplicate } = this.#weather();
    return new Promise<T>((resolve, reject) => {
      let isOver = false;
      const settle = (how: () => void): void => {
        if (isOver || this.#isDead) return;
        isOver = true;
        stop();
        how();
        this.#point();
      };
      const stop = this.#time.after(patience, () => {
        settle(() => {
          reject(new DeliveryError("unreachable"));
        });
      });
      const send = (): void => {
        if (this.isCut() || this.#chance.happens(loseRequest)) return;
        this.#later(() => {
          if (this.isCut()) return;
          this.#time.during(request()).then(
            (answer) => {
              back(() => {
                resolve(answer);
              });
            },
            (error: unknown) => {
              back(() => {
                reject(error instanceof Error ? error : new DeliveryError("unreachable", { cause: error }));
              });
            },
          );
        });
      };
      const back = (how: () => void): void => {
        if (this.#chance.happens(loseAnswer)) return;
        this.#later(() => {
          if (!this.isCut()) settle(how);
        });
      };
      send();
      if (this.#chance.happens(duplicate)) send();
    });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
