/**
 * Requests about users: consent, parcels, blocking, the directory.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import type * as D from "../delivery.ts";
import { ConsentKind } from "./devices.ts";
import { bytes, count, flag, id, list, maybe, names, nothing, struct, text, u64 } from "./forms.ts";
import type { Asked, Operations } from "./operation.ts";

/** More than any service gives at once. */
const most = 65_536;

export const userOperations: Operations<
  "consent" | "report" | "send" | "block" | "publishStatement" | "statements" | "lookUp" | "logProof" | "deleteAccount"
> = {
  consent: {
    number: 32,
    mimi: "requestConsent, updateConsent",
    asks: struct<Asked<"consent">>("ConsentEntry", { id, user: text, operation: ConsentKind, room: maybe(text) }),
    answers: nothing,
  },
  send: {
    number: 33,
    asks: struct<Asked<"send">>("Parcel", { id, to: text, topic: text, bytes }),
    answers: nothing,
  },
  block: {
    number: 34,
    asks: struct<Asked<"block">>("Block", { id, user: text, blocked: flag }),
    answers: nothing,
  },
  report: {
    number: 38,
    mimi: "reportAbuse",
    asks: struct<Asked<"report">>("Report", { id, room: text, report: bytes }),
    answers: nothing,
  },
  deleteAccount: {
    number: 37,
    asks: struct<Asked<"deleteAccount">>("DeleteAccount", { id }),
    answers: nothing,
  },
  publishStatement: {
    number: 35,
    asks: struct<Asked<"publishStatement">>("Statement", { user: text, number: u64, statement: bytes }),
    answers: names("accepted", "number", "invalid"),
  },
  statements: {
    number: 36,
    asks: struct<Asked<"statements">>("StatementsRequest", { user: text, from: maybe(u64) }),
    answers: list(struct<D.StoredStatement>("StoredStatement", { number: u64, statement: bytes }), most),
  },
  lookUp: {
    number: 39,
    asks: struct<Asked<"lookUp">>("AccountLookup", { user: text, size: maybe(count) }),
    answers: struct<D.LookedUpAccount>("LookedUpAccount", {
      lookup: maybe<Bytes>(bytes),
      consistency: maybe<Bytes>(bytes),
    }),
  },
  logProof: {
    number: 40,
    asks: struct<Asked<"logProof">>("LogProofRequest", { from: count, to: count }),
    answers: struct<D.LogProof>("LogProof", { consistency: maybe<Bytes>(bytes) }),
  },
};
