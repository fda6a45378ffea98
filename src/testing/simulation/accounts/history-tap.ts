/**
 * What devices give the service to be kept in histories, as whoever runs the service has it: everything that was ever given, whether it was taken
 * or not.
 */

import { hex } from "../../../bytes/text.ts";
import type { Connection, Delivery } from "../../../delivery/delivery.ts";

/** The bytes of a record before its nonce: version, chain, position, the tag of the room, the id of the record before. */
const beforeNonce: number = 1 + 16 + 8 + 16 + 32;
const nonceLength = 24;

/** A record as it was given. */
export interface GivenRecord {
  /** In hex. */
  readonly chain: string;
  readonly position: bigint;
  readonly bytes: Uint8Array;
}

/** What devices have given to be kept. */
export class HistoryTap {
  readonly #records = new Map<string, GivenRecord>();
  readonly #edges = new Map<string, Uint8Array>();

  /** Records, each once. */
  get records(): readonly GivenRecord[] {
    return [...this.#records.values()];
  }

  /** Edges, each once. */
  get edges(): readonly Uint8Array[] {
    return [...this.#edges.values()];
  }

  /** Nonces under which two records were sealed. */
  reused(): readonly string[] {
    const seen = new Set<string>();
    const found: string[] = [];
    for (const { bytes } of this.records) {
      const nonce = hex(bytes.subarray(beforeNonce, beforeNonce + nonceLength));
      if (seen.has(nonce)) found.push(nonce);
      seen.add(nonce);
    }
    return found;
  }

  /** A service, and this tap before it. */
  over(service: Delivery): Delivery {
    return { connect: async (login) => this.#before(await service.connect(login)) };
  }

  #before(connection: Connection): Connection {
    const tapped: Partial<Connection> = {
      putHistory: (given) => {
        for (const [i, bytes] of given.records.entries()) {
          const record = { chain: hex(given.chain), position: given.position + BigInt(i), bytes: bytes.slice() };
          this.#records.set(`${record.chain} ${hex(bytes)}`, record);
        }
        return connection.putHistory(given);
      },
      putHistoryEdge: (given) => {
        this.#edges.set(hex(given.edge), given.edge.slice());
        return connection.putHistoryEdge(given);
      },
    };
    return new Proxy(connection, {
      get: (target, name) => {
        const method: unknown = Reflect.get(tapped, name) ?? Reflect.get(target, name);
        return typeof method === "function" ? (method as (...all: unknown[]) => unknown).bind(target) : method;
      },
    });
  }
}
