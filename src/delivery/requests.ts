/**
 * What each request of a connection takes: checked where it is made, in the process of the client or at the service.
 */

import { checkCount } from "../bytes/numbers.ts";
import {
  bytes,
  flag,
  hook,
  is,
  list,
  oneOf,
  options as optionsOf,
  text,
  thing,
  uint16,
  uint64,
  type Takes,
} from "../bytes/takes.ts";
import type { Connection, DeviceLogin } from "./delivery.ts";

/** The requests of a connection. */
export type RequestName = Exclude<keyof Connection, "subscribe" | "close">;

const signal = is("an AbortSignal", (value) => value instanceof AbortSignal);
const id = is("16 bytes", (value) => value instanceof Uint8Array && value.length === 16);
const chain = id;
const count: Takes = (place, value) => {
  checkCount(place, value as number, [0, Number.MAX_SAFE_INTEGER]);
};
const limit: Takes = (place, value) => {
  checkCount(place, value as number, [1, Number.MAX_SAFE_INTEGER]);
};

/** A request of these options, of which all but the optional ones must be there. */
function request(shape: Readonly<Record<string, Takes>>, ...optional: readonly string[]): Takes {
  const required = Object.keys(shape).filter((name) => !optional.includes(name));
  return optionsOf({ ...shape, signal }, ...required);
}

/** What each request takes. */
export const requestTakes: Readonly<Record<RequestName, Takes>> = {
  createRoom: request({ id, room: text, groupInfo: bytes, ratchetTree: bytes }),
  publish: request(
    { id, room: text, message: bytes, commit: optionsOf({ groupInfo: bytes, welcome: bytes }, "groupInfo") },
    "commit",
  ),
  fetch: request({ room: text, after: uint64, limit }, "limit"),
  changed: request({}),
  acknowledge: request({ room: text, through: uint64 }),
  groupInfo: request({ room: text }),
  confirm: request({ room: text, epoch: uint64, signature: bytes }),
  complain: request({ id, room: text, epoch: uint64, number: uint64, code: text, evidence: bytes }),
  queue: request({ after: uint64, limit }, "after", "limit"),
  acknowledgeQueue: request({ through: uint64 }),
  consent: request({ id, user: text, operation: oneOf("request", "cancel", "grant", "revoke"), room: text }, "room"),
  send: request({ id, to: text, topic: text, bytes }),
  publishKeyPackages: request(
    { id, keyPackages: list(bytes), lastResort: bytes, replace: flag },
    "lastResort",
    "replace",
  ),
  keyPackageCount: request({ cipherSuite: uint16 }),
  claimKeyPackages: request(
    { id, user: text, cipherSuite: uint16, room: text, devices: list(text) },
    "room",
    "devices",
  ),
  publishStatement: request({ user: text, number: uint64, statement: bytes }),
  statements: request({ user: text, from: uint64 }, "from"),
  upload: request({ blob: id, size: limit, offset: count, bytes }),
  callServers: request({ room: text }),
  report: request({ id, room: text, report: bytes }),
  frankingAgent: request({ cipherSuite: uint16 }),
  lookUp: request({ user: text, size: count }, "size"),
  logProof: request({ from: count, to: count }),
  deleteAccount: request({ id }),
  download: request({ blob: id, offset: count, length: limit }),
  putHistory: request({ chain, position: uint64, records: list(bytes) }),
  history: request({ chain, below: uint64, limit }, "limit"),
  putHistoryEdge: request({ epoch: uint64, edge: bytes }),
  historyEdge: request({ epoch: uint64 }),
  whisper: request({ room: text, bytes }),
  block: request({ id, user: text, blocked: flag }),
};

const aLogin = optionsOf(
  {
    device: text,
    cipherSuite: uint16,
    signatureKey: bytes,
    sign: hook,
    incarnation: thing("an object", { known: uint64, next: uint64, id }, ["known", "next", "id"]),
    signal,
  },
  "device",
  "cipherSuite",
  "signatureKey",
  "sign",
  "incarnation",
);

/** @throws TypeError for what is no login. */
export function checkLogin(login: DeviceLogin): void {
  aLogin("connect", login);
  const { known, next } = login.incarnation;
  if (next < known) throw new TypeError("connect.incarnation.next must not be less than known");
}

/** The answer, unless the caller gives up first: what was asked for goes on. */
export async function untilAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return answer;
  return new Promise<T>((resolve, reject) => {
    const give = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", give, { once: true });
    answer.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", give);
    });
  });
}
