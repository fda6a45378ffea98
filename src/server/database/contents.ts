/**
 * What stands in a column as bytes: the contents of queues, and what is known of a commit that nobody has confirmed.
 */

import { utf8, utf8Decode } from "../../bytes/text.ts";
import {
  decode,
  encode,
  enumeration,
  opaque,
  optional,
  select,
  struct,
  u64,
  u8,
  vector,
  type Codec,
} from "../../codec/codec.ts";
import { unlimited } from "../../codec/limits.ts";
import type { Complainer, QueuedContent, Unconfirmed } from "../../delivery/port.ts";

const text: Codec<string> = {
  write: (out, value) => opaque.write(out, utf8(value)),
  read: (input) => utf8Decode(opaque.read(input)) ?? "",
};

type OfKind<Kind extends QueuedContent["kind"]> = Omit<Extract<QueuedContent, { readonly kind: Kind }>, "kind">;

const QueuedContent: Codec<QueuedContent> = select<QueuedContent, "kind">(
  "kind",
  enumeration(u8, { welcome: 1, consent: 2, parcel: 3 }),
  {
    welcome: struct<OfKind<"welcome">>({ room: text, number: u64 }),
    consent: struct<OfKind<"consent">>({
      from: text,
      operation: enumeration(u8, { request: 1, cancel: 2, grant: 3, revoke: 4 }),
      room: optional(text),
    }),
    parcel: struct<OfKind<"parcel">>({ from: text, topic: text, bytes: opaque }),
  },
);

const Unconfirmed: Codec<Unconfirmed> = struct<Unconfirmed>({
  committer: text,
  joined: vector(text, "leaves"),
  complaints: vector(struct<Complainer>({ device: text, code: text }), "leaves"),
});

/** What is in the database was within the limits when it came. */
const reading = { limits: unlimited };

export function contentBytes(content: QueuedContent): Uint8Array {
  return encode(QueuedContent, content);
}

export function contentOf(bytes: Uint8Array): QueuedContent {
  return decode(QueuedContent, bytes, reading);
}

export function unconfirmedBytes(unconfirmed: Unconfirmed): Uint8Array {
  return encode(Unconfirmed, unconfirmed);
}

export function unconfirmedOf(bytes: Uint8Array): Unconfirmed {
  return decode(Unconfirmed, bytes, reading);
}
