/**
 * What is said past the log and lost without harm: typing, presence, a call's offers and candidates. In MIMI there is no form for it. The
 * client seals it under keys of its own (never the application ratchet, which a member that is away would lose track of).
 *
 *     enum { typing(1), presence(2), signal(3), (255) } EphemeralType;
 *
 *     struct {
 *         uint8 version = 1;
 *         EphemeralType type;
 *         opaque body<V>;      // of a type that is not known, it is passed over
 *     } Ephemeral;
 */

import { attempt } from "../bytes/attempt.ts";
import type { Bytes } from "../bytes/bytes.ts";
import { copyBytes } from "../bytes/copy.ts";
import { bytes, is, oneOf, options, text, uint64, variants, anything, type Takes } from "../bytes/takes.ts";
import { utf8, utf8Decode } from "../bytes/text.ts";
import { decode, encode, enumeration, opaque, optional, struct, u64, u8, type Codec } from "../codec/codec.ts";
import { CopseError } from "../errors.ts";
import { ContentError } from "./errors.ts";

/** Somebody writes, or stopped. */
export interface Typing {
  readonly kind: "typing";
  readonly activity: "stopped" | "typing" | "recording" | "uploading" | "choosing";
  /** Where, if not in the room's main conversation. */
  readonly topicId?: Uint8Array;
}

/** Somebody is there, or went. */
export interface Presence {
  readonly kind: "presence";
  readonly state: "offline" | "online" | "away" | "busy";
  /** Since when, in milliseconds since 1970. */
  readonly since?: bigint;
}

/** What two devices of a call tell each other so that they find each other. */
export interface Signal {
  readonly kind: "signal";
  /** The call, 1 to 64 bytes, as its ringing names it. */
  readonly call: Uint8Array;
  /** The device that it is for: mimi://host/d/user/device. Absent: for all in the call. */
  readonly to?: string;
  /** "alive": its device is in the call still. A client says that by itself, and tells nobody of those of others. */
  readonly signal: "offer" | "answer" | "candidates" | "restart" | "media-state" | "hang-up" | "alive";
  /** As the application and its peers have it: SDP, for instance. */
  readonly data: Uint8Array;
}

/** What a newer copse says. */
export interface UnknownEphemeral {
  readonly kind: "unknown";
  readonly type: number;
}

/** What is said past the log. */
export type Ephemeral = Typing | Presence | Signal;

/** The longest one: an offer with many candidates has some 20 kB. */
const longestEphemeral = 64 * 1024;

/**
 * The bytes of an ephemeral.
 *
 * @throws TypeError where it is none, or longer than 64 KiB.
 */
export function encodeEphemeral(ephemeral: Ephemeral): Bytes {
  takesEphemeral("ephemeral", ephemeral);
  const { type, body } = bodyOf(ephemeral);
  const encoded = encode(envelope, { version: 1, type, body });
  if (encoded.length > longestEphemeral) throw new TypeError("an ephemeral has at most 64 KiB");
  return encoded;
}

/**
 * The ephemeral that bytes are.
 *
 * @throws ContentError "content-limit" or "content-shape".
 */
export function decodeEphemeral(encoded: Uint8Array): Ephemeral | UnknownEphemeral {
  if (!(encoded instanceof Uint8Array)) throw new TypeError("encoded must be a Uint8Array");
  if (encoded.length > longestEphemeral) throw new ContentError("content-limit", { detail: "bytes" });
  const decoded = attempt(CopseError, (): Ephemeral | UnknownEphemeral => {
    const { version, type, body } = decode(envelope, copyBytes(encoded));
    return version === 1 ? read(type, body) : { kind: "unknown", type };
  });
  if (decoded === undefined) throw new ContentError("content-shape", { detail: "an ephemeral" });
  return decoded;
}

interface Envelope {
  readonly version: number;
  readonly type: number;
  readonly body: Uint8Array;
}

const envelope: Codec<Envelope> = /* @__PURE__ */ struct<Envelope>({ version: u8, type: u8, body: opaque });

const words: Codec<string> = {
  write: (out, value) => {
    opaque.write(out, utf8(value));
  },
  read: (input) => {
    const value = utf8Decode(opaque.read(input));
    if (value === undefined) throw input.fail("decode-value");
    return value;
  },
};

interface TypingBody {
  readonly activity: Typing["activity"];
  readonly topicId: Uint8Array | undefined;
}

const typing: Codec<TypingBody> = /* @__PURE__ */ struct<TypingBody>({
  activity: /* @__PURE__ */ enumeration<Typing["activity"]>(u8, {
    stopped: 0,
    typing: 1,
    recording: 2,
    uploading: 3,
    choosing: 4,
  }),
  topicId: /* @__PURE__ */ optional(opaque),
});

interface PresenceBody {
  readonly state: Presence["state"];
  readonly since: bigint | undefined;
}

const presence: Codec<PresenceBody> = /* @__PURE__ */ struct<PresenceBody>({
  state: /* @__PURE__ */ enumeration<Presence["state"]>(u8, { offline: 0, online: 1, away: 2, busy: 3 }),
  since: /* @__PURE__ */ optional(u64),
});

interface SignalBody {
  readonly call: Uint8Array;
  readonly to: string | undefined;
  readonly signal: Signal["signal"];
  readonly data: Uint8Array;
}

const signal: Codec<SignalBody> = /* @__PURE__ */ struct<SignalBody>({
  call: opaque,
  to: /* @__PURE__ */ optional(words),
  signal: /* @__PURE__ */ enumeration<Signal["signal"]>(u8, {
    offer: 0,
    answer: 1,
    candidates: 2,
    restart: 3,
    "media-state": 4,
    "hang-up": 5,
    alive: 6,
  }),
  data: opaque,
});

function bodyOf(ephemeral: Ephemeral): { readonly type: number; readonly body: Uint8Array } {
  switch (ephemeral.kind) {
    case "typing":
      return { type: 1, body: encode(typing, { activity: ephemeral.activity, topicId: ephemeral.topicId }) };
    case "presence":
      return { type: 2, body: encode(presence, { state: ephemeral.state, since: ephemeral.since }) };
    case "signal": {
      const { call, to, signal: name, data } = ephemeral;
      return { type: 3, body: encode(signal, { call, to, signal: name, data }) };
    }
  }
}

function read(type: number, body: Uint8Array): Ephemeral | UnknownEphemeral {
  switch (type) {
    case 1: {
      const { activity, topicId } = decode(typing, body);
      return { kind: "typing", activity, ...(topicId !== undefined && { topicId: copyBytes(topicId) }) };
    }
    case 2: {
      const { state, since } = decode(presence, body);
      return { kind: "presence", state, ...(since !== undefined && { since }) };
    }
    case 3: {
      const { call, to, signal: name, data } = decode(signal, body);
      if (call.length === 0 || call.length > 64) throw new ContentError("content-shape", { detail: "call" });
      const whom = to === undefined ? {} : { to };
      return { kind: "signal", call: copyBytes(call), ...whom, signal: name, data: copyBytes(data) };
    }
    default:
      return { kind: "unknown", type };
  }
}

const takesEphemeral: Takes = /* @__PURE__ */ variants("kind", {
  typing: /* @__PURE__ */ options(
    {
      kind: anything,
      activity: /* @__PURE__ */ oneOf("stopped", "typing", "recording", "uploading", "choosing"),
      topicId: bytes,
    },
    "activity",
  ),
  presence: /* @__PURE__ */ options(
    { kind: anything, state: /* @__PURE__ */ oneOf("offline", "online", "away", "busy"), since: uint64 },
    "state",
  ),
  signal: /* @__PURE__ */ options(
    {
      kind: anything,
      call: /* @__PURE__ */ is(
        "1 to 64 bytes",
        (value) => value instanceof Uint8Array && value.length > 0 && value.length <= 64,
      ),
      to: text,
      signal: /* @__PURE__ */ oneOf("offer", "answer", "candidates", "restart", "media-state", "hang-up", "alive"),
      data: bytes,
    },
    "call",
    "signal",
    "data",
  ),
});
