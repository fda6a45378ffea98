/**
 * What a caller must pass to a client, as checks: see src/bytes/takes.ts.
 */

import { checkCount } from "../bytes/numbers.ts";
import {
  anything,
  bytes,
  either,
  flag,
  having,
  hook,
  is,
  isObject,
  list,
  options,
  text,
  thing,
  uint32,
  variants,
  type Shape,
  type Takes,
} from "../bytes/takes.ts";
import { isUri } from "../rooms/uri.ts";
import { groupShape, identity } from "../public-group/options/takes.ts";
import type { JoinCallOptions, StartCallOptions } from "./calls/options.ts";
import type { KeyPackageSupply } from "./key-packages.ts";
import type { ClientOptions } from "./options.ts";
import type { RoomChange } from "./outbox/intent.ts";
import type { ReceiptChoice } from "./room/receipt-choice.ts";
import type { NewRoomOptions } from "./room/creating.ts";
import { logKeysTakes } from "./transparency/options.ts";

const { padding, window, limits, lifetime, grease } = groupShape;
const supplyShape: Shape<KeyPackageSupply> = { full: uint32, low: uint32 };
const account = thing("an account, of createAccount or the application's own", { device: text, identity }, [
  "device",
  "identity",
]);
export const receiptsTakes: Takes = options({ delivered: flag, read: flag } satisfies Shape<ReceiptChoice>);
export const openShape: Shape<ClientOptions> = {
  account,
  store: having("a Store", "get", "getMany", "range", "batch", "flush", "close"),
  delivery: having("a Delivery", "connect"),
  rooms: anything, // roomAppData says what of it does not belong there
  group: options({ padding, window, limits, lifetime, grease }),
  keyPackages: options(supplyShape, "full", "low"),
  receipts: receiptsTakes,
  keepOriginals: flag,
  history: options({ keeps: hook }),
  transparency: logKeysTakes,
  consent: is(
    '"opt-in", "everybody" or an object with areContacts',
    (value) =>
      value === "opt-in" || value === "everybody" || (isObject(value) && typeof value["areContacts"] === "function"),
  ),
  openFile: hook,
  renewEvery: (place, value) => {
    checkCount(place, value as number, [0, Number.MAX_SAFE_INTEGER]);
  },
  removeIdle: (place, value) => {
    checkCount(place, value as number, [0, Number.MAX_SAFE_INTEGER]);
  },
  clock: hook,
  random: hook,
  timers: either('"none" or Timers', (value) => value === "none", having('"none" or Timers', "after")),
  online: flag,
};
export const openTakes: Takes = options(openShape, "store", "delivery");
export const healTakes: Takes = options({ account });

const participant = either(
  "a user's URI, or a user and a role",
  (value) => typeof value === "string",
  options({ user: text, role: uint32 }, "user", "role"),
);
const createShape: Shape<NewRoomOptions> = {
  participants: list(participant),
  name: text,
  policy: text, // createRoomExtensions knows which there are
  room: text,
  more: anything,
};
export const createRoomTakes: Takes = options(createShape);

const user = { kind: text, user: text };
const device = { kind: text, device: text };
const nothingMore = options({ kind: text });
const changes: Readonly<Record<RoomChange["kind"], Takes>> = {
  add: options({ ...user, role: uint32 }, "user"),
  remove: options(user, "user"),
  role: options({ ...user, role: uint32 }, "user", "role"),
  leave: nothingMore,
  "add-device": options(device, "device"),
  "remove-device": options(device, "device"),
  metadata: options({ kind: text, field: text, value: text }, "field", "value"),
  timer: options({ kind: text, seconds: uint32 }),
  renew: nothingMore,
  link: options({ kind: text, link: bytes, revoked: flag }, "link", "revoked"),
};
export const changeTakes: Takes = variants("kind", changes);

/** A user's URI who is not this one. */
export function otherUser(self: string): Takes {
  return is("the URI of another user", (value) => typeof value === "string" && isUri(value, "user") && value !== self);
}

/** The room that a consent is about. */
export const consentTakes: Takes = options({
  room: is("a room's URI", (value) => typeof value === "string" && isUri(value, "room")),
});

/** A branch of a room that has forked. */
export const branchTakes: Takes = is('"own" or "other"', (value) => value === "own" || value === "other");

const backend = having("a CallBackend", "post", "onEvent", "close");
const startCallShape: Shape<StartCallOptions> = {
  video: flag,
  ringFor: (place, value) => {
    checkCount(place, value as number, [1, 3_600]);
  },
  backend,
};
export const startCallTakes: Takes = options(startCallShape);
export const joinCallTakes: Takes = options({ backend } satisfies Shape<JoinCallOptions>);
