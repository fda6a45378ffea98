/**
 * Requests about a device: what waits for it, and its key packages.
 */

import type * as D from "../delivery.ts";
import {
  bytes,
  count,
  flag,
  id,
  list,
  maybe,
  names,
  nothing,
  optional,
  select,
  struct,
  text,
  u16,
  u64,
} from "./forms.ts";
import type { Form } from "./forms.ts";
import type { Asked, Operations } from "./operation.ts";

/** More than any service takes or gives at once. */
const most = 65_536;

export const ConsentKind: Form<D.ConsentOperation["operation"]> = names("request", "cancel", "grant", "revoke");

const QueueItem: Form<D.QueueItem> = select<D.QueueItem, "kind">("QueueItem", "kind", {
  welcome: { number: u64, at: count, room: text, head: u64, welcome: bytes, ratchetTree: bytes },
  consent: { number: u64, at: count, from: text, operation: ConsentKind, room: maybe(text) },
  parcel: { number: u64, at: count, from: text, topic: text, bytes },
});

export const deviceOperations: Operations<
  "queue" | "acknowledgeQueue" | "publishKeyPackages" | "keyPackageCount" | "claimKeyPackages"
> = {
  queue: {
    number: 16,
    asks: struct<Asked<"queue">>("QueueRequest", { after: maybe(u64), limit: maybe(count) }),
    answers: list(QueueItem, most),
  },
  acknowledgeQueue: {
    number: 17,
    asks: struct<Asked<"acknowledgeQueue">>("QueueAcknowledgement", { through: u64 }),
    answers: nothing,
  },
  publishKeyPackages: {
    number: 18,
    asks: struct<Asked<"publishKeyPackages">>("KeyPackageUpload", {
      id,
      keyPackages: list<Uint8Array>(bytes, most),
      lastResort: maybe<Uint8Array>(bytes),
      replace: maybe(flag),
    }),
    answers: nothing,
  },
  keyPackageCount: {
    number: 19,
    asks: struct<Asked<"keyPackageCount">>("KeyPackageCount", { cipherSuite: u16 }),
    answers: count,
  },
  claimKeyPackages: {
    number: 20,
    mimi: "keyMaterial",
    asks: struct<Asked<"claimKeyPackages">>("KeyPackageClaim", {
      id,
      user: text,
      cipherSuite: u16,
      room: maybe(text),
      devices: maybe(list(text, most)),
    }),
    answers: list(
      struct<D.ClaimedKeyPackage>("ClaimedKeyPackage", { device: text, keyPackage: optional(bytes) }),
      most,
    ),
  },
};
