/**
 * The group context, which every member agrees on. RFC 9420 section 8.1.
 */

import { opaque, struct, u16, u64, type Codec } from "../codec/codec.ts";
import { retained } from "../codec/retained.ts";
import { Extensions, type Extension } from "./extension.ts";

/** RFC 9420 section 8.1 */
export interface GroupContext {
  readonly version: number;
  readonly cipherSuite: number;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly treeHash: Uint8Array;
  readonly confirmedTranscriptHash: Uint8Array;
  readonly extensions: readonly Extension[];
}
/** As on the wire. */
export const GroupContext: Codec<GroupContext> = retained(
  struct<GroupContext>({
    version: u16,
    cipherSuite: u16,
    groupId: opaque,
    epoch: u64,
    treeHash: opaque,
    confirmedTranscriptHash: opaque,
    extensions: Extensions,
  }),
);
