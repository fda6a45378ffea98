/**
 * The history that the service keeps, as a store of the vault.
 */

import type { Connection } from "../../delivery/delivery.ts";
import { VaultError } from "../../vault/errors.ts";
import type { HistoryStore } from "../../vault/history/store.ts";

export function serviceHistory(connection: Connection): HistoryStore {
  return {
    put: async (records) => {
      const [first] = records;
      if (first === undefined) return;
      // What a device writes at once is one chain, each behind the one before.
      const { chain, position } = first;
      const answer = await connection.putHistory({ chain, position, records: records.map(({ bytes }) => bytes) });
      if (answer === "fork") throw new VaultError("vault-fork");
    },
    read: (chain, { below, limit }) => connection.history({ chain, below, limit }),
    putEdge: async (epoch, edge) => {
      if ((await connection.putHistoryEdge({ epoch, edge })) === "fork") throw new VaultError("vault-fork");
    },
    edge: async (epoch) => (await connection.historyEdge({ epoch })).edge,
  };
}
