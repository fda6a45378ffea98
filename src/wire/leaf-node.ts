/**
 * Leaf nodes: how an individual client appears in a group. RFC 9420 section 7.2.
 */

import { concat } from "../bytes/concat.ts";
import { empty, enumeration, opaque, select, struct, u16, u64, u8, vector, type Codec } from "../codec/codec.ts";
import { encodingOf, retained } from "../codec/retained.ts";
import { shared } from "../codec/shared.ts";
import { vectorHeaderSize, Writer } from "../codec/writer.ts";
import { Credential } from "./credential.ts";
import { Extensions, type Extension } from "./extension.ts";

/** RFC 9420 section 7.2. Each list holds the numbers of the respective registry. */
export interface Capabilities {
  readonly versions: readonly number[];
  readonly cipherSuites: readonly number[];
  readonly extensions: readonly number[];
  readonly proposals: readonly number[];
  readonly credentials: readonly number[];
}
const types = vector(u16, "capabilities");
/** As on the wire. */
export const Capabilities: Codec<Capabilities> = shared(
  struct<Capabilities>({
    versions: types,
    cipherSuites: types,
    extensions: types,
    proposals: types,
    credentials: types,
  }),
);

/** RFC 9420 section 7.2. Seconds since the Unix epoch. */
export interface Lifetime {
  readonly notBefore: bigint;
  readonly notAfter: bigint;
}
/** As on the wire. */
export const Lifetime: Codec<Lifetime> = struct<Lifetime>({ notBefore: u64, notAfter: u64 });

/** How a leaf node came into the tree, with what only that way carries. RFC 9420 section 7.2. */
export type LeafNodeSource =
  | { readonly type: "key_package"; readonly lifetime: Lifetime }
  | { readonly type: "update" }
  | { readonly type: "commit"; readonly parentHash: Uint8Array };
export const LeafNodeSource: Codec<LeafNodeSource> = select<LeafNodeSource, "type">(
  "type",
  enumeration(u8, { key_package: 1, update: 2, commit: 3 }),
  {
    key_package: struct<{ lifetime: Lifetime }>({ lifetime: Lifetime }),
    update: empty,
    commit: struct<{ parentHash: Uint8Array }>({ parentHash: opaque }),
  },
);

/** RFC 9420 section 7.2 */
export interface LeafNode {
  readonly encryptionKey: Uint8Array;
  readonly signatureKey: Uint8Array;
  readonly credential: Credential;
  readonly capabilities: Capabilities;
  readonly leafNodeSource: LeafNodeSource;
  readonly extensions: readonly Extension[];
  /** SignWithLabel(., "LeafNodeTBS", LeafNodeTBS) */
  readonly signature: Uint8Array;
}
/** As on the wire. */
export const LeafNode: Codec<LeafNode> = retained(
  struct<LeafNode>({
    encryptionKey: opaque,
    signatureKey: opaque,
    credential: Credential,
    capabilities: Capabilities,
    leafNodeSource: LeafNodeSource,
    extensions: Extensions,
    signature: opaque,
  }),
);

/** Where a leaf node stands: part of what it signs, unless it comes from a key package. */
export interface LeafPosition {
  readonly groupId: Uint8Array;
  readonly leafIndex: number;
}

/**
 * The encoded LeafNodeTBS: all fields above the signature, then the group and the leaf index where the leaf was made in
 * a group (the `update` and `commit` cases). RFC 9420 section 7.2.
 */
export function leafNodeTbs(leaf: LeafNode, position?: LeafPosition): Uint8Array {
  return concat(...leafNodeTbsParts(leaf, position));
}

/** The LeafNodeTBS in parts, which are put together with what stands before them. */
export function leafNodeTbsParts(leaf: LeafNode, position?: LeafPosition): readonly Uint8Array[] {
  const fields = withoutSignature(encodingOf(LeafNode, leaf), leaf.signature);
  if (leaf.leafNodeSource.type === "key_package") return [fields];
  if (position === undefined) throw new TypeError("a leaf node made in a group is signed with its position");
  const { groupId, leafIndex } = position;
  const out = new Writer(vectorHeaderSize(groupId.length) + groupId.length + 4);
  out.vectorBytes(groupId);
  out.u32(leafIndex);
  return [fields, out.finish()];
}

/** An encoded struct that ends with `opaque signature<V>`, up to that field. */
export function withoutSignature(whole: Uint8Array, signature: Uint8Array): Uint8Array {
  return whole.subarray(0, whole.length - signature.length - vectorHeaderSize(signature.length));
}
