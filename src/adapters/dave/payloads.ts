/**
 * The payloads of the voice gateway's opcodes that DAVE defines ("Voice Gateway Opcodes"), read and written in both directions.
 * Those of 25 to 30 are binary, from the gateway behind a sequence number; the others are JSON, `{ op, d }`.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { concat } from "../../bytes/concat.ts";
import {
  anything,
  bytes,
  is,
  isObject,
  list,
  options,
  uint16,
  uint64,
  variants,
  type Takes,
} from "../../bytes/takes.ts";
import { opaque, vector, type Codec } from "../../codec/codec.ts";
import { defaultLimits } from "../../codec/limits.ts";
import { Reader, type ReadOptions } from "../../codec/reader.ts";
import { Writer } from "../../codec/writer.ts";
import { CopseError } from "../../errors.ts";
import { ExternalSender } from "../../wire/extension.ts";
import { MlsMessage } from "../../wire/message.ts";

/** The highest protocol version that is spoken here: `max_dave_protocol_version` of the identify opcode. */
export const daveProtocolVersion = 1;

/** What the gateway says. */
export type DaveMessage =
  /** Opcode 4, `select_protocol_ack`. */
  | { readonly kind: "selectProtocol"; readonly protocolVersion: number }
  /** Opcode 11. */
  | { readonly kind: "clientsConnect"; readonly userIds: readonly bigint[] }
  /** Opcode 13. */
  | { readonly kind: "clientDisconnect"; readonly userId: bigint }
  /** Opcode 21. */
  | { readonly kind: "prepareTransition"; readonly transitionId: number; readonly protocolVersion: number }
  /** Opcode 22. */
  | { readonly kind: "executeTransition"; readonly transitionId: number }
  /** Opcode 24. An epoch of 1 is that of a new group. */
  | { readonly kind: "prepareEpoch"; readonly epoch: bigint; readonly protocolVersion: number }
  /** Opcode 25. */
  | { readonly kind: "externalSender"; readonly sequence: number; readonly externalSender: ExternalSender }
  /** Opcode 27: MLSMessages with proposals. */
  | { readonly kind: "proposals"; readonly sequence: number; readonly proposals: readonly Uint8Array[] }
  /** Opcode 27: the ProposalRefs of those that are revoked. */
  | { readonly kind: "revocation"; readonly sequence: number; readonly refs: readonly Uint8Array[] }
  /** Opcode 29: an MLSMessage with the commit that was chosen. */
  | {
      readonly kind: "commit";
      readonly sequence: number;
      readonly transitionId: number;
      readonly commit: Uint8Array;
    }
  /** Opcode 30: a Welcome, raw or in an MLSMessage. */
  | {
      readonly kind: "welcome";
      readonly sequence: number;
      readonly transitionId: number;
      readonly welcome: Uint8Array;
    };

/** What a client says to the gateway. */
export type DaveReply =
  /** Opcode 23. */
  | { readonly kind: "readyForTransition"; readonly transitionId: number }
  /** Opcode 26: a KeyPackage, raw or in an MLSMessage. A session makes it raw, as the deployed library does. */
  | { readonly kind: "keyPackage"; readonly keyPackage: Uint8Array }
  /** Opcode 28: an MLSMessage with a commit, and where it adds someone a Welcome, raw or in an MLSMessage. */
  | { readonly kind: "commitWelcome"; readonly commit: Uint8Array; readonly welcome?: Uint8Array }
  /** Opcode 31. */
  | { readonly kind: "invalidCommitWelcome"; readonly transitionId: number };

/** A JSON payload. */
export interface DaveJson {
  readonly op: number;
  readonly d: Readonly<Record<string, unknown>>;
}

const sequenced16 = { kind: anything, sequence: uint16 };
const transition = { kind: anything, transitionId: uint16 };
const version = { protocolVersion: uint16 };

/** What the gateway says, as a caller passes it. */
export const aMessage: Takes = /* @__PURE__ */ variants("kind", {
  selectProtocol: options({ kind: anything, ...version }, "protocolVersion"),
  clientsConnect: options({ kind: anything, userIds: list(uint64) }, "userIds"),
  clientDisconnect: options({ kind: anything, userId: uint64 }, "userId"),
  prepareTransition: options({ ...transition, ...version }, "transitionId", "protocolVersion"),
  executeTransition: options(transition, "transitionId"),
  prepareEpoch: options({ kind: anything, epoch: uint64, ...version }, "epoch", "protocolVersion"),
  externalSender: options(
    { ...sequenced16, externalSender: is("an ExternalSender", isObject) },
    "sequence",
    "externalSender",
  ),
  proposals: options({ ...sequenced16, proposals: list(bytes) }, "sequence", "proposals"),
  revocation: options({ ...sequenced16, refs: list(bytes) }, "sequence", "refs"),
  commit: options({ ...sequenced16, ...transition, commit: bytes }, "sequence", "transitionId", "commit"),
  welcome: options({ ...sequenced16, ...transition, welcome: bytes }, "sequence", "transitionId", "welcome"),
});

const aReply: Takes = /* @__PURE__ */ variants("kind", {
  readyForTransition: options(transition, "transitionId"),
  keyPackage: options({ kind: anything, keyPackage: bytes }, "keyPackage"),
  commitWelcome: options({ kind: anything, commit: bytes, welcome: bytes }, "commit"),
  invalidCommitWelcome: options(transition, "transitionId"),
});

const data = /* @__PURE__ */ is("a Uint8Array or an object", (value) => typeof value === "object" && value !== null);

/**
 * What the gateway says: undefined where it is an opcode that has nothing to do with DAVE.
 *
 * @param payload a binary payload, or a JSON one as JSON.parse gives it
 * @throws CopseError "decode-*" or "limit-exceeded" where it is not what its opcode says.
 */
export function readDaveMessage(payload: Uint8Array | object): DaveMessage | undefined {
  data("payload", payload);
  return payload instanceof Uint8Array ? readBinaryMessage(payload) : readJsonMessage(payload);
}

/** What a client says, as the gateway takes it. */
export function writeDaveReply(reply: DaveReply): Bytes | DaveJson {
  aReply("reply", reply);
  switch (reply.kind) {
    case "readyForTransition":
      return { op: 23, d: { transition_id: reply.transitionId } };
    case "keyPackage":
      return written(26, reply.keyPackage);
    case "commitWelcome":
      return written(28, reply.commit, ...(reply.welcome === undefined ? [] : [reply.welcome]));
    case "invalidCommitWelcome":
      return { op: 31, d: { transition_id: reply.transitionId } };
  }
}

/** What a client says, as a gateway reads it. @throws as `readDaveMessage` */
export function readDaveReply(payload: Uint8Array | object): DaveReply | undefined {
  data("payload", payload);
  if (!(payload instanceof Uint8Array)) {
    const { op, d } = json(payload);
    if (op === 23) return { kind: "readyForTransition", transitionId: uint(d, "transition_id", 16) };
    if (op === 31) return { kind: "invalidCommitWelcome", transitionId: uint(d, "transition_id", 16) };
    return undefined;
  }
  const input = reader(payload);
  const op = input.u8();
  if (op === 26) return { kind: "keyPackage", keyPackage: input.take(input.remaining).slice() };
  if (op !== 28) return undefined;
  const commit = rawMessage.read(input).slice();
  return input.remaining === 0
    ? { kind: "commitWelcome", commit }
    : { kind: "commitWelcome", commit, welcome: input.take(input.remaining).slice() };
}

/** What a gateway says, as a client reads it. */
export function writeDaveMessage(message: DaveMessage): Bytes | DaveJson {
  aMessage("message", message);
  switch (message.kind) {
    case "selectProtocol":
      return { op: 4, d: { dave_protocol_version: message.protocolVersion } };
    case "clientsConnect":
      return { op: 11, d: { user_ids: message.userIds.map(String) } };
    case "clientDisconnect":
      return { op: 13, d: { user_id: String(message.userId) } };
    case "prepareTransition":
      return { op: 21, d: { protocol_version: message.protocolVersion, transition_id: message.transitionId } };
    case "executeTransition":
      return { op: 22, d: { transition_id: message.transitionId } };
    case "prepareEpoch":
      return { op: 24, d: { protocol_version: message.protocolVersion, epoch: Number(message.epoch) } };
    case "externalSender":
      return sequenced(message, 25, (out) => {
        ExternalSender.write(out, message.externalSender);
      });
    case "proposals":
      return sequenced(message, 27, (out) => {
        out.u8(0);
        rawMessages.write(out, message.proposals);
      });
    case "revocation":
      return sequenced(message, 27, (out) => {
        out.u8(1);
        refs.write(out, message.refs);
      });
    case "commit":
      return sequenced(message, 29, (out) => {
        out.u16(message.transitionId);
        out.raw(message.commit);
      });
    case "welcome":
      return sequenced(message, 30, (out) => {
        out.u16(message.transitionId);
        out.raw(message.welcome);
      });
  }
}

/** An MLSMessage as its bytes: it is read to find its end. */
const rawMessage: Codec<Uint8Array> = {
  write: (out, bytes) => {
    out.raw(bytes);
  },
  read: (input) => {
    const start = input.offset;
    MlsMessage.read(input);
    return input.bytes.subarray(start, input.offset);
  },
};
const rawMessages = vector(rawMessage, "proposals");
const refs = vector(opaque, "proposals");

/** A payload is one message of a WebSocket: a Welcome of a large call is the longest. */
const maxPayloadBytes = 2 ** 22;
const reading: ReadOptions = { limits: { ...defaultLimits, messageBytes: maxPayloadBytes, proposals: 1024 } };

/** A reader over a copy: what is read of it is the receiver's. */
function reader(payload: Uint8Array): Reader {
  if (payload.length > maxPayloadBytes) throw new CopseError("limit-exceeded", { limit: "messageBytes" });
  return new Reader(payload.slice(), reading);
}

/** What is binary of the gateway's. */
const binaryOps: readonly number[] = [25, 27, 29, 30];

function readBinaryMessage(payload: Uint8Array): DaveMessage | undefined {
  if (!binaryOps.includes(payload[2]!)) return undefined;
  const input = reader(payload);
  const sequence = input.u16();
  const message = readBody(input, input.u8(), sequence);
  if (input.remaining > 0) throw input.fail("decode-trailing");
  return message;
}

function readBody(input: Reader, op: number, sequence: number): DaveMessage {
  const rest = (): Uint8Array => input.take(input.remaining).slice();
  switch (op) {
    case 25:
      return { kind: "externalSender", sequence, externalSender: ExternalSender.read(input) };
    case 27: {
      const operation = input.u8();
      if (operation === 0) return { kind: "proposals", sequence, proposals: rawMessages.read(input) };
      if (operation === 1) return { kind: "revocation", sequence, refs: refs.read(input) };
      throw input.fail("decode-value");
    }
    case 29:
      return { kind: "commit", sequence, transitionId: input.u16(), commit: rest() };
    default: // 30
      return { kind: "welcome", sequence, transitionId: input.u16(), welcome: rest() };
  }
}

function readJsonMessage(payload: object): DaveMessage | undefined {
  const { op, d } = json(payload);
  switch (op) {
    case 4:
      // a gateway that knows nothing of DAVE says nothing of it
      return {
        kind: "selectProtocol",
        protocolVersion: d["dave_protocol_version"] === undefined ? 0 : uint(d, "dave_protocol_version", 16),
      };
    case 11: {
      const ids: unknown = d["user_ids"];
      if (!Array.isArray(ids)) throw malformed("user_ids");
      return { kind: "clientsConnect", userIds: ids.map((id) => userId(id, "user_ids")) };
    }
    case 13:
      return { kind: "clientDisconnect", userId: userId(d["user_id"], "user_id") };
    case 21: {
      const protocolVersion = uint(d, "protocol_version", 16);
      return { kind: "prepareTransition", transitionId: uint(d, "transition_id", 16), protocolVersion };
    }
    case 22:
      return { kind: "executeTransition", transitionId: uint(d, "transition_id", 16) };
    case 24: {
      const protocolVersion = uint(d, "protocol_version", 16);
      return { kind: "prepareEpoch", epoch: BigInt(uint(d, "epoch", 53)), protocolVersion };
    }
    default:
      return undefined;
  }
}

/** Whatever is no `{ op, d }` is none of ours. */
function json(payload: object): { readonly op: unknown; readonly d: Readonly<Record<string, unknown>> } {
  const { op, d } = payload as { readonly op?: unknown; readonly d?: unknown };
  return { op, d: isObject(d) ? d : {} };
}

/** A number, or a string of digits. */
function uint(d: Readonly<Record<string, unknown>>, name: string, bits: number): number {
  const given = d[name];
  const value = typeof given === "string" && /^\d{1,16}$/.test(given) ? Number(given) : given;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value >= 2 ** bits) throw malformed(name);
  return value;
}

/** A snowflake: JSON's numbers have no room for it, so it is a string of digits. */
function userId(value: unknown, name: string): bigint {
  const id = typeof value === "string" && /^\d{1,20}$/.test(value) ? BigInt(value) : -1n;
  if (id < 0n || id >= 2n ** 64n) throw malformed(name);
  return id;
}

function malformed(name: string): CopseError {
  return new CopseError("decode-value", { detail: name });
}

/** A binary payload of a client. */
function written(op: number, ...parts: readonly Uint8Array[]): Bytes {
  const out = new Writer();
  out.u8(op);
  for (const part of parts) out.raw(part);
  return out.finish();
}

/** A binary payload of a gateway. */
function sequenced({ sequence }: { readonly sequence: number }, op: number, write: (out: Writer) => void): Bytes {
  const out = new Writer();
  out.u16(sequence);
  out.u8(op);
  write(out);
  return out.finish();
}

/** The version and the wire format of an MLSMessage: the two numbers that stand before a raw Welcome or KeyPackage. */
const framedAs = { welcome: [0, 1, 0, 3], keyPackage: [0, 1, 0, 5] } as const;

/** A Welcome or a KeyPackage as an MLSMessage, whether it came in one or raw. */
export function framed(kind: keyof typeof framedAs, bytes: Uint8Array): Bytes {
  const front = framedAs[kind];
  const isFramed = front.every((byte, place) => bytes[place] === byte);
  return concat(isFramed ? bytes.subarray(0, 0) : Uint8Array.from(front), bytes);
}

/** The same without its MLSMessage. */
export function raw(kind: keyof typeof framedAs, bytes: Uint8Array): Bytes {
  return framed(kind, bytes).slice(framedAs[kind].length);
}
