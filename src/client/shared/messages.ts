/**
 * What a user's devices say to each other in their own room: values, what was read, the question of a newcomer, and a new account key. It stands in MIMI
 * content under a media type of its own.
 */

import { attempt } from "../../bytes/attempt.ts";
import {
  decodeCopy,
  encode,
  enumeration,
  fixed,
  opaque,
  optional,
  select,
  struct,
  u64,
  u8,
  vector,
  type Codec,
} from "../../codec/codec.ts";
import type { MimiContent } from "../../content/mimi.ts";
import { CopseError } from "../../errors.ts";
import { integer, text } from "../store/entry.ts";

/** A value as it was set. The greater version counts; of two with one version, that of the device whose URI is greater. */
export interface SharedValue {
  readonly name: string;
  readonly version: bigint;
  /** The device that has set it. */
  readonly device: string;
  /** Undefined: it was taken away. */
  readonly value: string | undefined;
}

export interface SharedMark {
  readonly number: bigint;
  readonly id: Uint8Array;
  readonly at: number;
}

export type SharedMessage =
  /** `answers`: the number of the question that all values up to these answer; 0 where there is none. */
  | { readonly kind: "values"; readonly answers: bigint; readonly values: readonly SharedValue[] }
  | { readonly kind: "read"; readonly room: string; readonly marks: readonly SharedMark[] }
  /** Who came in asks for all values. */
  | { readonly kind: "ask" }
  /**
   * The encrypted history: how far the device that says it has written in an epoch, the id of its last record, and the digests of what it has
   * kept since it said so last.
   */
  | {
      readonly kind: "history";
      readonly epoch: bigint;
      readonly count: bigint;
      readonly last: Uint8Array;
      readonly digests: readonly Uint8Array[];
    }
  /** The account's new key, for those who have an older one: as `writeAccountKey` writes it. */
  | { readonly kind: "key"; readonly accountKey: Uint8Array };

const contentType = "application/vnd.copse.shared";

const SharedMessage: Codec<SharedMessage> = select<SharedMessage, "kind">(
  "kind",
  enumeration(u8, { values: 1, read: 2, ask: 3, key: 4, history: 5 }),
  {
    values: struct({
      answers: u64,
      values: vector(
        struct<SharedValue>({ name: text, version: u64, device: text, value: optional(text) }),
        "proposals",
      ),
    }),
    read: struct({
      room: text,
      marks: vector(struct<SharedMark>({ number: u64, id: fixed(32), at: integer }), "proposals"),
    }),
    ask: struct({}),
    key: struct({ accountKey: opaque }),
    history: struct({ epoch: u64, count: u64, last: fixed(32), digests: vector(fixed(16), "proposals") }),
  },
);

/** The part of a content that says it. */
export function writeShared(message: SharedMessage): MimiContent["nestedPart"] {
  const content = encode(SharedMessage, message);
  return { disposition: "session", language: "", cardinality: "single", contentType, content };
}

/** What a content says. Undefined for what is none of it, or of a later version: it is passed over. */
export function readShared({ nestedPart }: MimiContent): SharedMessage | undefined {
  if (nestedPart.cardinality !== "single" || nestedPart.contentType !== contentType) return undefined;
  return attempt(CopseError, () => decodeCopy(SharedMessage, nestedPart.content));
}

/** Whether one value comes after another: the same for every device. */
export function isAfter(one: SharedValue, other: Pick<SharedValue, "version" | "device"> | undefined): boolean {
  if (other === undefined || one.version !== other.version) return one.version > (other?.version ?? 0n);
  return one.device > other.device;
}
