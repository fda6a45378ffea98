/**
 * A delivery service under test, and what its tests say.
 */

import { hex } from "../../bytes/text.ts";
import type { Connection, Delivery, News } from "../../delivery/delivery.ts";
import { DeliveryError, type DeliveryErrorCode } from "../../delivery/errors.ts";
import { roomOf, TestDevice } from "./device.ts";

/** What a test needs of the service that it gets. */
export interface DeliveryNeeds {
  /** Who may write to whom. */
  readonly consent: "opt-in" | "everybody";
}

/**
 * A service without rooms, users and devices, which follows groups as `testGroups` says, believes the first key of each device, and
 * every statement. What is not there is not tested.
 */
export interface DeliveryUnderTest {
  readonly delivery: Delivery;
  /** mimi://host */
  readonly address: string;
  /** Its time. Default: the platform's. */
  readonly clock?: () => number;
  /** Let time go on, in milliseconds. */
  readonly advance?: (milliseconds: number) => void | Promise<void>;
  /** Do what nobody waits for. */
  readonly sweep?: () => Promise<void>;
}

/** Says that a test can't be made. */
export const skipped = "skipped";

/** What tests do with the service. */
export class DeliveryScene {
  readonly subject: DeliveryUnderTest;

  constructor(subject: DeliveryUnderTest) {
    this.subject = subject;
  }

  /** A device, signed in. */
  device(user: string, device?: string): Promise<TestDevice> {
    return TestDevice.connect(this.subject, device === undefined ? { user } : { user, device });
  }

  /** A room of these users, a device each. */
  async pair(): Promise<readonly [room: string, alice: TestDevice, bob: TestDevice]> {
    const [room, [alice, bob]] = await this.room("alice", "bob");
    return [room, some(alice), some(bob)];
  }

  async three(): Promise<readonly [room: string, alice: TestDevice, bob: TestDevice, carol: TestDevice]> {
    const [room, [alice, bob, carol]] = await this.room("alice", "bob", "carol");
    return [room, some(alice), some(bob), some(carol)];
  }

  async room(...users: readonly string[]): Promise<readonly [string, readonly TestDevice[]]> {
    const { room, devices } = await roomOf(this.subject, ...users);
    return [room, devices];
  }
}

/** Tests by what they say, each with what it needs. */
export type DeliveryTests = Readonly<Record<string, (scene: DeliveryScene) => Promise<unknown>>>;

export function some<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("nothing is there");
  return value;
}

/** @throws Error where the two differ. */
export function same(what: string, got: unknown, expected: unknown): void {
  const [a, b] = [written(got), written(expected)];
  if (a !== b) throw new Error(`${what}: got ${a}, expected ${b}`);
}

/** @throws Error where it is not refused with this code. */
export async function fails(what: string, code: DeliveryErrorCode, operation: () => Promise<unknown>): Promise<void> {
  let answer: unknown;
  try {
    answer = await operation();
  } catch (error) {
    if (error instanceof DeliveryError && error.code === code) return;
    throw new Error(`${what}: failed with ${String(error)}, expected ${code}`, { cause: error });
  }
  throw new Error(`${what}: got ${written(answer)}, expected ${code}`);
}

/** Values as a text: bytes in hex, names in order. */
function written(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === "bigint") return `${String(each)}n`;
    if (each === undefined) return "undefined";
    if (each instanceof Uint8Array) return hex(each);
    if (typeof each !== "object" || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** What a connection is told, until it was told something of a kind. */
export class Listening {
  readonly news: News[] = [];
  #waiting: { readonly kind: News["kind"]; readonly done: () => void } | undefined;

  constructor(connection: Connection) {
    connection.subscribe((news) => {
      this.news.push(news);
      if (this.#waiting?.kind === news.kind) this.#waiting.done();
    });
  }

  /** The first of a kind: now or later. A service that never tells it fails by the test runner's time limit. */
  async first<Kind extends News["kind"]>(kind: Kind): Promise<Extract<News, { kind: Kind }>> {
    if (!this.news.some((each) => each.kind === kind)) {
      await new Promise<void>((done) => {
        this.#waiting = { kind, done };
      });
    }
    return some(this.news.find((each) => each.kind === kind)) as Extract<News, { kind: Kind }>;
  }
}
