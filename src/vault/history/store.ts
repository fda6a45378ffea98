/**
 * Where records are kept: by somebody who can't read them, and is not believed.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { hex } from "../../bytes/text.ts";
import type { Store } from "../../storage/store.ts";
import { VaultError } from "../errors.ts";
import type { SealedRecord } from "./record.ts";

/** A store of records and edges. What it gives is verified; what it keeps must be on the disk when a promise is fulfilled. */
export interface HistoryStore {
  /**
   * Keep records. Said twice, it is done once.
   *
   * @throws VaultError "vault-fork" where another record stands at a place: nothing is kept then.
   */
  put(records: readonly SealedRecord[]): Promise<void>;
  /** Records of a chain below a position, the newest first. Restoring asks for a page while it opens the one before. */
  read(chain: Uint8Array, range: { readonly below: bigint; readonly limit: number }): Promise<readonly Uint8Array[]>;
  /** Keep the edge of an epoch. @throws VaultError "vault-fork" where it has another one. */
  putEdge(epoch: bigint, edge: Uint8Array): Promise<void>;
  /** The edge of an epoch, or undefined. */
  edge(epoch: bigint): Promise<Uint8Array | undefined>;
}

/** Over a store of copse/storage: on the device itself, or for one account at a service. */
export function localHistory(store: Store): HistoryStore {
  const place = (chain: Uint8Array, position: bigint): [string, string, string, bigint] => [
    "vault",
    "records",
    hex(chain),
    position,
  ];
  const edgeKey = (epoch: bigint): [string, string, bigint] => ["vault", "edges", epoch];
  return {
    put: async (records) => {
      const keys = records.map(({ chain, position }) => place(chain, position));
      const known = await store.getMany(keys);
      if (known.some((bytes, i) => bytes !== undefined && !bytesEqual(bytes, records[i]!.bytes))) {
        throw new VaultError("vault-fork");
      }
      const changes = records.flatMap(({ bytes }, i) =>
        known[i] === undefined ? [{ put: keys[i]!, value: bytes }] : [],
      );
      if (changes.length > 0) await store.batch(changes, { flush: true });
    },
    read: async (chain, { below, limit }) => {
      const records: Uint8Array[] = [];
      const prefix = ["vault", "records", hex(chain)];
      for await (const { value } of store.range({ prefix, below, reverse: true, limit })) records.push(value);
      return records;
    },
    putEdge: async (epoch, edge) => {
      const known = await store.get(edgeKey(epoch));
      if (known !== undefined && !bytesEqual(known, edge)) throw new VaultError("vault-fork");
      await store.batch([{ put: edgeKey(epoch), value: edge }], { flush: true });
    },
    edge: (epoch) => store.get(edgeKey(epoch)),
  };
}
