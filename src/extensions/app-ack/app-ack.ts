/**
 * AppAck: which messages of an epoch a member has received. Section 6.1 of draft-ietf-mls-extensions.
 *
 *     struct {
 *         uint32 sender;
 *         uint32 first_generation;
 *         uint32 last_generation;
 *     } MessageRange;
 *
 *     struct {
 *         MessageRange received_ranges<V>;
 *     } AppAck;
 */

import { anything, bytes, list } from "../../bytes/takes.ts";
import { checkUint } from "../../bytes/numbers.ts";
import { decode, encode, struct, u32, vector, type Codec } from "../../codec/codec.ts";
import type { Component } from "../app-data/component.ts";
import { components } from "../app-data/numbers.ts";

/** Section 6.1: "receipt of a span of messages whose generation values form a continuous range", both ends inclusive. */
export interface MessageRange {
  /** The leaf of who sent them. */
  readonly sender: number;
  readonly firstGeneration: number;
  readonly lastGeneration: number;
}

const AppAck: Codec<readonly MessageRange[]> = vector(
  struct<MessageRange>({ sender: u32, firstGeneration: u32, lastGeneration: u32 }),
  "leaves",
);

/** Ranges as an AppAck. @throws TypeError for what is no uint32. */
export function writeAppAck(ranges: readonly MessageRange[]): Uint8Array {
  list(anything)("ranges", ranges);
  for (const range of ranges) for (const [name, value] of Object.entries(range)) checkUint(name, value as number, 32);
  return encode(AppAck, ranges);
}

/** The ranges of an AppAck. @throws CopseError of a `decode-` code, or "limit-exceeded". */
export function readAppAck(data: Uint8Array): readonly MessageRange[] {
  bytes("data", data);
  return decode(AppAck, data);
}

/**
 * The component for `createAppData`. Every member of the group registers it: section 6.1 says that an AppAck "is conveyed inside an
 * AppEphemeral Proposal with a component ID app_ack", and an AppEphemeral for a component that is not known is invalid.
 * extensions 6.1 (1)
 */
export const appAck: Component = {
  id: components.app_ack,
  ephemeral: {
    isValid: (data) => {
      readAppAck(data);
      return true;
    },
  },
};
