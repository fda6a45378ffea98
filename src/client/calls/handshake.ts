/**
 * A message of a call's group in the log of its room: the log gives the commits of the call the one order that they need. It stands in
 * MIMI content under a media type of its own, which other clients pass over.
 */

import { attempt } from "../../bytes/attempt.ts";
import type { Bytes } from "../../bytes/bytes.ts";
import {
  decodeCopy,
  encode,
  enumeration,
  opaque,
  optional,
  select,
  struct,
  u64,
  u8,
  type Codec,
} from "../../codec/codec.ts";
import type { MimiContent } from "../../content/mimi.ts";
import { CopseError } from "../../errors.ts";

/** What devices of a call say to each other about its group: what `Outgoing` of the call's transport says, without questions. */
export type CallHandshake =
  | { readonly kind: "proposal"; readonly message: Uint8Array }
  | {
      readonly kind: "commit";
      readonly epoch: bigint;
      readonly message: Uint8Array;
      readonly welcome: Uint8Array | undefined;
      readonly groupInfo: Uint8Array | undefined;
    }
  | { readonly kind: "group-info"; readonly epoch: bigint; readonly message: Uint8Array }
  /** The epoch that the group is in, and its GroupInfo, for those who are not in it: the log had a commit that nobody in it takes. */
  | { readonly kind: "reset"; readonly epoch: bigint; readonly message: Uint8Array };

/** It, and the call that it is of. */
export interface CallEnvelope {
  readonly call: Uint8Array;
  readonly handshake: CallHandshake;
}

const contentType = "application/vnd.copse.call-group";

const Info: Codec<{ readonly epoch: bigint; readonly message: Uint8Array }> = struct({ epoch: u64, message: opaque });
const Handshake: Codec<CallHandshake> = select<CallHandshake, "kind">(
  "kind",
  enumeration(u8, { proposal: 1, commit: 2, "group-info": 3, reset: 4 }),
  {
    proposal: struct({ message: opaque }),
    commit: struct({ epoch: u64, message: opaque, welcome: optional(opaque), groupInfo: optional(opaque) }),
    "group-info": Info,
    reset: Info,
  },
);
const Envelope: Codec<CallEnvelope> = struct<CallEnvelope>({ call: opaque, handshake: Handshake });

/** The part of a content that carries it. */
export function writeHandshake(envelope: CallEnvelope): MimiContent["nestedPart"] {
  const content: Bytes = encode(Envelope, envelope);
  return { disposition: "session", language: "", cardinality: "single", contentType, content };
}

/** Whether a content is one: it is nobody's to read as a message, also where it is damaged. */
export function isHandshake({ nestedPart }: MimiContent): boolean {
  return nestedPart.cardinality === "single" && nestedPart.contentType === contentType;
}

/** The last epoch that there is: no commit leads beyond it. */
const lastEpoch = 2n ** 64n - 1n;

/** What it carries; undefined where it is damaged. */
export function readHandshake({ nestedPart }: MimiContent): CallEnvelope | undefined {
  if (nestedPart.cardinality !== "single") return undefined;
  return attempt(CopseError, () => {
    const envelope = decodeCopy(Envelope, nestedPart.content);
    const { call, handshake } = envelope;
    if (handshake.kind === "commit" && handshake.epoch === lastEpoch) return undefined;
    return call.length > 0 && call.length <= 64 ? envelope : undefined;
  });
}
