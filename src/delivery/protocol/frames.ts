/**
 * What crosses the connection of a device: one frame in each WebSocket message. The device begins with `hello`, the service answers
 * with 32 random bytes, and the device signs `signInChallenge` of them; from then on requests and answers go by numbers of the device's,
 * in any order, and news come between them.
 */

import { decode, encode } from "../../codec/codec.ts";
import type { Bytes } from "../../bytes/bytes.ts";
import type { News } from "../delivery.ts";
import { bytes, count, fixed, id, maybe, names, select, struct, text, u16, u32, u64, type Form } from "./forms.ts";

/** The protocol's version: another one is another protocol. What is added to this one has new numbers. */
export const protocolVersion = 1;

/** Where the connections are, below the service's URL. */
export const connectPath = "v1/connect";

/** Where the blobs are: each at its id in hex. */
export const blobsPath = "v1/blobs";

/** What a device says first. The version comes first in every version. */
export interface Hello {
  readonly version: number;
  readonly device: string;
  readonly cipherSuite: number;
  readonly signatureKey: Uint8Array;
  readonly known: bigint;
  readonly next: bigint;
  readonly id: Uint8Array;
  /** What lets a new user in, where the service asks for it. */
  readonly invitation?: string;
}

export type ClientFrame =
  | ({ readonly kind: "hello" } & Hello)
  | { readonly kind: "signature"; readonly signature: Uint8Array }
  | { readonly kind: "request"; readonly number: number; readonly operation: number; readonly body: Uint8Array }
  /** Says that the device is there, and asks whether the service is. */
  | { readonly kind: "ping" };

/** Why something was not done. */
export interface Refusal {
  /** A code of `deliveryErrorCodes`. A code that a device does not know is as "invalid". */
  readonly code: string;
  readonly detail?: string;
  /** In milliseconds. */
  readonly retryAfter?: number;
}

export type ServerFrame =
  | { readonly kind: "challenge"; readonly random: Uint8Array }
  /** The device is signed in. The token opens blobs by HTTP, at this process, as long as the connection is open. */
  | { readonly kind: "welcome"; readonly token: Uint8Array }
  | { readonly kind: "answer"; readonly number: number; readonly body: Uint8Array }
  /** Of a request, or of the signing in, whose number is 0. */
  | ({ readonly kind: "refusal"; readonly number: number } & Refusal)
  | { readonly kind: "news"; readonly news: News }
  | { readonly kind: "pong" };

export const ClientFrame: Form<ClientFrame> = select<ClientFrame, "kind">("ClientFrame", "kind", {
  hello: {
    version: u16,
    device: text,
    cipherSuite: u16,
    signatureKey: bytes,
    known: u64,
    next: u64,
    id,
    invitation: maybe(text),
  },
  signature: { signature: bytes },
  request: { number: u32, operation: u16, body: bytes },
  ping: {},
});

const refusal = { code: text, detail: maybe(text), retryAfter: maybe(count) };

/** A refusal by HTTP: the body of every answer that is none of 2xx. */
export const Refusal: Form<Refusal> = struct<Refusal>("Refusal", refusal);

const AnyNews: Form<News> = select<News, "kind">("News", "kind", {
  room: { room: text, head: u64 },
  queue: {},
  whisper: { room: text, from: text, bytes },
  closed: { reason: names("replaced", "unreachable", "shutdown") },
});

export const ServerFrame: Form<ServerFrame> = select<ServerFrame, "kind">("ServerFrame", "kind", {
  challenge: { random: fixed(32) },
  welcome: { token: fixed(32) },
  answer: { number: u32, body: bytes },
  refusal: { number: u32, ...refusal },
  news: { news: AnyNews },
  pong: {},
});

/** A frame of a device. @throws CopseError */
export function readClientFrame(frame: Uint8Array): ClientFrame {
  return decode(ClientFrame, frame);
}

/** A frame of a service. @throws CopseError */
export function readServerFrame(frame: Uint8Array): ServerFrame {
  return decode(ServerFrame, frame);
}

export function writeClientFrame(frame: ClientFrame): Bytes {
  return encode(ClientFrame, frame);
}

export function writeServerFrame(frame: ServerFrame): Bytes {
  return encode(ServerFrame, frame);
}

/** The version that a device speaks, where it begins as every version begins. */
export function versionOf(frame: Uint8Array): number | undefined {
  return frame.length >= 3 && frame[0] === 1 ? frame[1]! * 0x100 + frame[2]! : undefined;
}
