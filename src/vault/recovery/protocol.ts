/**
 * What a client and a recovery server say to each other: one request, one answer, each a byte string that any transport carries.
 *
 *     begin      a fresh key of the oblivious function, and its value of the stretched PIN
 *     store      the record, which every server gets alike
 *     confirm    a threshold has stored it: forget the registration before
 *     status     what is registered, and how many guesses are left
 *     evaluate   one guess
 *     forget     everything of the account
 */

import { encode, enumeration, fixed, opaque, select, struct, u32, u8, type Codec } from "../../codec/codec.ts";
import { elementLength, proofLength } from "../../crypto/oprf.ts";
import { decoded } from "../decoded.ts";
import { VaultError, type VaultErrorCode } from "../errors.ts";

/** The version of requests and answers. */
const protocolVersion = 1;
/** Where a recovery server answers by HTTP, under its address: POST with a request's bytes, 200 with an answer's. */
export const recoveryPath = "recovery";
/** The longest request, in bytes: a record of sixteen servers has a good two thousand. */
export const longestRequest = 16_384;
/** The longest answer: as many records as a server keeps. */
export const longestAnswer = 65_536;
/** The registrations of an account that a server keeps: the confirmed one, and those of which it has heard no more than that. */
export const mostRegistrations = 4;
/** The longest name of an account, in bytes. */
export const longestAccount = 1_024;

/** What is asked of a server. Registrations of an account are numbered from 1 on, and a greater number is later. */
export type Operation =
  | { readonly kind: "begin"; readonly registration: number; readonly blinded: Uint8Array }
  | {
      readonly kind: "store";
      readonly registration: number;
      /** The key that `begin` gave: another one has begun since, where it is not this server's. */
      readonly publicKey: Uint8Array;
      readonly record: Uint8Array;
    }
  | { readonly kind: "confirm"; readonly registration: number }
  | { readonly kind: "status" }
  | { readonly kind: "evaluate"; readonly registration: number; readonly blinded: Uint8Array }
  | { readonly kind: "forget" };

const element = fixed(elementLength);

const OperationKind = enumeration<Operation["kind"]>(u8, {
  begin: 1,
  store: 2,
  confirm: 3,
  status: 4,
  evaluate: 5,
  forget: 6,
});
/** A request without its version and proof: what a proof is of. */
const Operation: Codec<Operation> = select<Operation, "kind">("kind", OperationKind, {
  begin: struct({ registration: u32, blinded: element }),
  store: struct({ registration: u32, publicKey: element, record: opaque }),
  confirm: struct({ registration: u32 }),
  status: struct<object>({}),
  evaluate: struct({ registration: u32, blinded: element }),
  forget: struct<object>({}),
});

/** What is asked, of which account, and by whom. */
interface Asked {
  readonly account: Uint8Array;
  /** What is asked for, in bytes: what a proof is bound to. */
  readonly content: Uint8Array;
  /** What the server's hook judges: a token, or a signature over account and content. */
  readonly proof: Uint8Array;
}
const Asked: Codec<Asked> = struct<Asked>({ account: opaque, content: opaque, proof: opaque });

/** A registration as a server tells of it. */
export interface Registered {
  readonly registration: number;
  /** The server's own: by it a client finds its place in the record. */
  readonly publicKey: Uint8Array;
  readonly record: Uint8Array;
}
const Registered: Codec<Registered> = struct<Registered>({ registration: u32, publicKey: element, record: opaque });

/** The codes that a server refuses with. */
export type Refusal = Extract<
  VaultErrorCode,
  `recovery-${"format" | "version" | "denied" | "unknown" | "exhausted" | "superseded" | "busy" | "full"}`
>;
type RefusalNumbers = Readonly<Record<Refusal, number>>;

/** What a server refuses, as a byte of an answer. */
const refusals: RefusalNumbers = {
  "recovery-format": 1,
  "recovery-version": 2,
  "recovery-denied": 3,
  "recovery-unknown": 4,
  "recovery-exhausted": 5,
  "recovery-superseded": 6,
  "recovery-busy": 7,
  "recovery-full": 8,
};

/** Whether a server may refuse with it. */
export function isRefusal(code: VaultErrorCode): code is Refusal {
  return code in refusals;
}

/** What a server answers. */
export type Answer =
  | { readonly kind: "refused"; readonly code: Refusal }
  | {
      readonly kind: "begun";
      readonly publicKey: Uint8Array;
      readonly evaluated: Uint8Array;
      readonly proof: Uint8Array;
    }
  | { readonly kind: "done" }
  | {
      readonly kind: "status";
      /** What was stored, at most `mostRegistrations`. */
      readonly registered: readonly Registered[];
      readonly guessesLeft: number;
      /** The greatest number that was begun: the next one is greater. */
      readonly begun: number;
    }
  | {
      readonly kind: "evaluated";
      readonly evaluated: Uint8Array;
      readonly proof: Uint8Array;
      readonly guessesLeft: number;
    };

const AnswerKind = enumeration<Answer["kind"]>(u8, { refused: 0, begun: 1, done: 2, status: 3, evaluated: 4 });
const RefusalCode = enumeration<Refusal>(u8, refusals);

const registeredList: Codec<readonly Registered[]> = {
  write: (out, values) => {
    out.u8(values.length);
    for (const value of values) Registered.write(out, value);
  },
  read: (input) => {
    const count = input.u8();
    const values = Array.from({ length: Math.min(count, mostRegistrations) }, () => Registered.read(input));
    // Each number once: a client counts the servers that have a registration, and one of them counts once.
    if (new Set(values.map(({ registration }) => registration)).size < count) throw input.fail("decode-value");
    return values;
  },
};

const Answer: Codec<Answer> = select<Answer, "kind">("kind", AnswerKind, {
  refused: struct({ code: RefusalCode }),
  begun: struct({ publicKey: element, evaluated: element, proof: fixed(proofLength) }),
  done: struct<object>({}),
  status: struct({ registered: registeredList, guessesLeft: u8, begun: u32 }),
  evaluated: struct({ evaluated: element, proof: fixed(proofLength), guessesLeft: u8 }),
});

/** What is asked for, in bytes. */
export function writeOperation(operation: Operation): Uint8Array {
  return encode(Operation, operation);
}

/** A request, with the proof of who asks. */
export function writeRequest(asked: Asked): Uint8Array {
  return versioned(encode(Asked, asked));
}

/** @throws VaultError "recovery-format", "recovery-version". */
export function readRequest(bytes: Uint8Array): Asked & { readonly operation: Operation } {
  const asked = read(Asked, bytes, longestRequest);
  if (asked.account.length > longestAccount) throw new VaultError("recovery-format");
  return { ...asked, operation: decoded(Operation, asked.content, "recovery-format") };
}

export function writeAnswer(answer: Answer): Uint8Array {
  return versioned(encode(Answer, answer));
}

/** @throws VaultError "recovery-format", "recovery-version". */
export function readAnswer(bytes: Uint8Array): Answer {
  return read(Answer, bytes, longestAnswer);
}

function versioned(body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + body.length);
  bytes[0] = protocolVersion;
  bytes.set(body, 1);
  return bytes;
}

function read<T>(codec: Codec<T>, bytes: Uint8Array, longest: number): T {
  if (bytes.length > longest || bytes.length === 0) throw new VaultError("recovery-format");
  if (bytes[0] !== protocolVersion) throw new VaultError("recovery-version");
  return decoded(codec, bytes.subarray(1), "recovery-format");
}
