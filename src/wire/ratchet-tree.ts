/**
 * Nodes of the ratchet tree as they travel. RFC 9420 sections 7.1, 7.8, 7.9, 12.4.3.3.
 */

import { enumeration, opaque, optional, select, struct, u32, u8, vector, type Codec } from "../codec/codec.ts";
import { LeafNode } from "./leaf-node.ts";

/** RFC 9420 section 7.1 */
export interface ParentNode {
  readonly encryptionKey: Uint8Array;
  readonly parentHash: Uint8Array;
  /** Leaf indexes. "MUST be sorted in increasing order." */
  readonly unmergedLeaves: readonly number[];
}
export const ParentNode: Codec<ParentNode> = struct<ParentNode>({
  encryptionKey: opaque,
  parentHash: opaque,
  unmergedLeaves: vector(u32, "leaves"),
});

/** RFC 9420 section 12.4.3.3 */
export type Node =
  { readonly type: "leaf"; readonly leafNode: LeafNode } | { readonly type: "parent"; readonly parentNode: ParentNode };
const NodeType: Codec<"leaf" | "parent"> = enumeration(u8, { leaf: 1, parent: 2 });
export const Node: Codec<Node> = select<Node, "type">("type", NodeType, {
  leaf: struct<{ leafNode: LeafNode }>({ leafNode: LeafNode }),
  parent: struct<{ parentNode: ParentNode }>({ parentNode: ParentNode }),
});

/** RFC 9420 section 12.4.3.3: the nodes in order, without the blank ones after the last that is not. */
export type RatchetTreeNodes = readonly (Node | undefined)[];
export const OptionalNode: Codec<Node | undefined> = optional(Node);
export const RatchetTreeNodes: Codec<RatchetTreeNodes> = vector(OptionalNode, "leaves");

/** RFC 9420 section 7.8 */
export type TreeHashInput =
  | { readonly type: "leaf"; readonly leafIndex: number; readonly leafNode: LeafNode | undefined }
  | {
      readonly type: "parent";
      readonly parentNode: ParentNode | undefined;
      readonly leftHash: Uint8Array;
      readonly rightHash: Uint8Array;
    };
export const TreeHashInput: Codec<TreeHashInput> = select<TreeHashInput, "type">("type", NodeType, {
  leaf: struct<{ leafIndex: number; leafNode: LeafNode | undefined }>({
    leafIndex: u32,
    leafNode: optional(LeafNode),
  }),
  parent: struct<{ parentNode: ParentNode | undefined; leftHash: Uint8Array; rightHash: Uint8Array }>({
    parentNode: optional(ParentNode),
    leftHash: opaque,
    rightHash: opaque,
  }),
});

/** RFC 9420 section 7.9 */
export interface ParentHashInput {
  readonly encryptionKey: Uint8Array;
  readonly parentHash: Uint8Array;
  readonly originalSiblingTreeHash: Uint8Array;
}
export const ParentHashInput: Codec<ParentHashInput> = struct<ParentHashInput>({
  encryptionKey: opaque,
  parentHash: opaque,
  originalSiblingTreeHash: opaque,
});
