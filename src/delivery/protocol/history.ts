/**
 * Requests about a user's encrypted history: its devices write and read it, and nobody else.
 */

import type * as D from "../delivery.ts";
import { bytes, count, fixed, list, maybe, names, struct, u64 } from "./forms.ts";
import type { Asked, Operations } from "./operation.ts";

/** More than any service takes or gives at once. */
const most = 65_536;

/** The name of a chain. */
const chain = fixed(16);

export const historyOperations: Operations<"putHistory" | "history" | "putHistoryEdge" | "historyEdge"> = {
  putHistory: {
    number: 64,
    asks: struct<Asked<"putHistory">>("HistoryUpload", {
      chain,
      position: u64,
      records: list<Uint8Array>(bytes, most),
    }),
    answers: names("kept", "fork"),
  },
  history: {
    number: 65,
    asks: struct<Asked<"history">>("HistoryRequest", { chain, below: u64, limit: maybe(count) }),
    answers: list(bytes, most),
  },
  putHistoryEdge: {
    number: 66,
    asks: struct<Asked<"putHistoryEdge">>("HistoryEdgeUpload", { epoch: u64, edge: bytes }),
    answers: names("kept", "fork"),
  },
  historyEdge: {
    number: 67,
    asks: struct<Asked<"historyEdge">>("HistoryEdgeRequest", { epoch: u64 }),
    answers: struct<D.HistoryEdge>("HistoryEdge", { edge: maybe(bytes) }),
  },
};
