/**
 * Proposals. RFC 9420 section 12.1.
 */

import { opaque, struct, u16, u32, type Codec } from "../codec/codec.ts";
import type { Reader } from "../codec/reader.ts";
import type { Writer } from "../codec/writer.ts";
import { Extensions, type Extension } from "./extension.ts";
import { KeyPackage } from "./key-package.ts";
import { LeafNode } from "./leaf-node.ts";
import { PreSharedKeyId } from "./pre-shared-key.ts";
import { proposalTypes } from "./registries.ts";

/** RFC 9420 section 12.1.1 */
export interface Add {
  readonly type: "add";
  readonly keyPackage: KeyPackage;
}

/** RFC 9420 section 12.1.2 */
export interface Update {
  readonly type: "update";
  readonly leafNode: LeafNode;
}

/** RFC 9420 section 12.1.3 */
export interface Remove {
  readonly type: "remove";
  /** The leaf index. */
  readonly removed: number;
}

/** RFC 9420 section 12.1.4 */
export interface PreSharedKey {
  readonly type: "psk";
  readonly psk: PreSharedKeyId;
}

/** RFC 9420 section 12.1.5 */
export interface ReInit {
  readonly type: "reinit";
  readonly groupId: Uint8Array;
  readonly version: number;
  readonly cipherSuite: number;
  readonly extensions: readonly Extension[];
}

/** RFC 9420 section 12.1.6 */
export interface ExternalInit {
  readonly type: "external_init";
  readonly kemOutput: Uint8Array;
}

/** RFC 9420 section 12.1.7 */
export interface GroupContextExtensions {
  readonly type: "group_context_extensions";
  readonly extensions: readonly Extension[];
}

/** A proposal of a type that the application has registered: its number, and its body as encoded. */
export interface CustomProposal {
  readonly type: "custom";
  readonly proposalType: number;
  readonly body: Uint8Array;
}

/** RFC 9420 section 12.1 */
export type Proposal =
  Add | Update | Remove | PreSharedKey | ReInit | ExternalInit | GroupContextExtensions | CustomProposal;

type Body<P extends Proposal> = Codec<Omit<P, "type">>;
const bodies = {
  add: struct<Omit<Add, "type">>({ keyPackage: KeyPackage }),
  update: struct<Omit<Update, "type">>({ leafNode: LeafNode }),
  remove: struct<Omit<Remove, "type">>({ removed: u32 }),
  psk: struct<Omit<PreSharedKey, "type">>({ psk: PreSharedKeyId }),
  reinit: struct<Omit<ReInit, "type">>({
    groupId: opaque,
    version: u16,
    cipherSuite: u16,
    extensions: Extensions,
  }),
  external_init: struct<Omit<ExternalInit, "type">>({ kemOutput: opaque }),
  group_context_extensions: struct<Omit<GroupContextExtensions, "type">>({ extensions: Extensions }),
} satisfies { readonly [K in Exclude<Proposal["type"], "custom">]: Body<Extract<Proposal, { type: K }>> };

const names = new Map<number, keyof typeof bodies>(
  (Object.keys(bodies) as (keyof typeof bodies)[]).map((name) => [proposalTypes[name], name]),
);

/** The ProposalType number of a proposal. */
export function proposalTypeOf(proposal: Proposal): number {
  return proposal.type === "custom" ? proposal.proposalType : proposalTypes[proposal.type];
}

/**
 * RFC 9420 section 12.1. A body has no length of its own, so a type that is neither the RFC's nor registered can't be
 * read past: it is refused with "proposal-unknown-type".
 */
export const Proposal: Codec<Proposal> = {
  write: (out, value) => {
    out.u16(proposalTypeOf(value));
    if (value.type === "custom") out.raw(value.body);
    else (bodies[value.type] as { write: (out: Writer, value: object) => void }).write(out, value);
  },
  read: (input) => {
    const number = u16.read(input);
    const type = names.get(number);
    if (type === undefined) return readCustom(input, number);
    return { type, ...bodies[type].read(input) } as Proposal;
  },
};

function readCustom(input: Reader, proposalType: number): CustomProposal {
  const readBody = input.proposals?.get(proposalType);
  if (readBody === undefined) throw input.fail("proposal-unknown-type", { type: proposalType });
  const start = input.offset;
  readBody(input);
  return { type: "custom", proposalType, body: input.bytes.subarray(start, input.offset) };
}
