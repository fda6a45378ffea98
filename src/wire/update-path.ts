/**
 * Update paths. RFC 9420 section 7.6.
 */

import { opaque, struct, vector, type Codec } from "../codec/codec.ts";
import { LeafNode } from "./leaf-node.ts";

/** RFC 9420 section 7.6 */
export interface HpkeCiphertext {
  readonly kemOutput: Uint8Array;
  readonly ciphertext: Uint8Array;
}
export const HpkeCiphertext: Codec<HpkeCiphertext> = struct<HpkeCiphertext>({ kemOutput: opaque, ciphertext: opaque });

/** RFC 9420 section 7.6 */
export interface UpdatePathNode {
  readonly encryptionKey: Uint8Array;
  readonly encryptedPathSecret: readonly HpkeCiphertext[];
}
export const UpdatePathNode: Codec<UpdatePathNode> = struct<UpdatePathNode>({
  encryptionKey: opaque,
  encryptedPathSecret: vector(HpkeCiphertext, "leaves"),
});

/** RFC 9420 section 7.6 */
export interface UpdatePath {
  readonly leafNode: LeafNode;
  readonly nodes: readonly UpdatePathNode[];
}
export const UpdatePath: Codec<UpdatePath> = struct<UpdatePath>({
  leafNode: LeafNode,
  nodes: vector(UpdatePathNode, "leaves"),
});
