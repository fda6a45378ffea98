/**
 * A service between whose answers about histories a test comes: it sees what is kept, and may answer otherwise.
 */

import type { Connection, Delivery, HistoryUpload } from "../../../src/delivery/delivery.ts";
import { between } from "../people/world.ts";

/** What was asked to be kept, whoever asked. */
export interface Tapped {
  readonly uploads: HistoryUpload[];
  readonly edges: { readonly epoch: bigint; readonly edge: Uint8Array }[];
  /** Answers otherwise, where it is set. */
  otherwise: (connection: Connection) => Partial<Connection>;
  readonly there: (hub: Delivery) => Delivery;
}

export function tapped(): Tapped {
  const tap: Tapped = {
    uploads: [],
    edges: [],
    otherwise: () => ({}),
    there: (hub) =>
      between(hub, (connection) => {
        const lying = <Name extends "putHistory" | "history" | "putHistoryEdge" | "historyEdge">(name: Name) =>
          (tap.otherwise(connection)[name] ?? connection[name].bind(connection)) as Connection[Name];
        return {
          putHistory: async (given) => {
            const answer = await lying("putHistory")(given);
            tap.uploads.push({ ...given, records: given.records.map((record) => record.slice()) });
            return answer;
          },
          putHistoryEdge: async (given) => {
            const answer = await lying("putHistoryEdge")(given);
            if (answer === "kept") tap.edges.push({ epoch: given.epoch, edge: given.edge.slice() });
            return answer;
          },
          history: (request) => lying("history")(request),
          historyEdge: (request) => lying("historyEdge")(request),
        };
      }),
  };
  return tap;
}

/** Recovery keys and roots that are sealed to them are shorter. */
const shortestRecord = 200;

/** How many records were uploaded, each once. */
export function recordsIn({ uploads }: Tapped): number {
  const kept = uploads.filter(({ records }) => records.every(({ length }) => length >= shortestRecord));
  const places = kept.flatMap(({ chain, position, records }) =>
    records.map((_, i) => `${Buffer.from(chain).toString("hex")} ${String(position + BigInt(i))}`),
  );
  return new Set(places).size;
}
