/**
 * What the service is asked, and so what it sees: each request of this tab is noted on its way, with the bytes that it carries. The drawer for
 * the curious shows them. They are kept in memory alone, the newest of them.
 */

import { signal } from "@preact/signals";
import type { Connection, Delivery } from "copse/delivery";

/** A request. */
export interface Seen {
  readonly number: number;
  readonly at: number;
  readonly what: Asked;
  /** The room that it names to the service; undefined where it names none. */
  readonly room: string | undefined;
  readonly parts: readonly SeenBytes[];
}

/** Bytes in a request. */
export interface SeenBytes {
  /** The name of the field. */
  readonly name: string;
  readonly size: number;
  /** Undefined where they are too many to be kept. */
  readonly bytes: Uint8Array | undefined;
}

/** What can be asked. */
export type Asked = Exclude<keyof Connection, "subscribe" | "close">;

/** The newest requests, the newest first. */
export const seen = signal<readonly Seen[]>([]);

const most = 100;
const mostBytes = 8_192;

let count = 0;

/** The same service, whose requests are noted. */
export function watched(delivery: Delivery): Delivery {
  return {
    connect: async (login) => {
      const connection = await delivery.connect(login);
      return new Proxy(connection, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target);
          if (typeof value !== "function") return value;
          return (...given: readonly unknown[]): unknown => {
            if (name !== "subscribe" && name !== "close") note(name as Asked, given[0]);
            return Reflect.apply(value, target, given);
          };
        },
      });
    },
  };
}

function note(what: Asked, request: unknown): void {
  count++;
  const room = isRecord(request) && typeof request["room"] === "string" ? request["room"] : undefined;
  const one: Seen = { number: count, at: Date.now(), what, room, parts: [...partsOf(request)] };
  seen.value = [one, ...seen.value].slice(0, most);
}

/** The bytes of a request and of what it holds, without the random ids. */
function* partsOf(value: unknown): Iterable<SeenBytes> {
  if (!isRecord(value)) return;
  for (const [name, field] of Object.entries(value)) {
    const all: readonly unknown[] = Array.isArray(field) ? field.slice(0, 3) : [field];
    for (const each of all) {
      if (each instanceof Uint8Array) {
        if (name === "id") continue;
        const bytes = each.length > mostBytes ? undefined : each.slice();
        yield { name, size: each.length, bytes };
      } else if (name === "commit") yield* partsOf(each);
    }
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
