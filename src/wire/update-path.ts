/**
 * Update paths. RFC 9420 section 7.6.
 */

import { opaque, struct, vector, type Codec } from "../codec/codec.ts";
import type { Reader } from "../codec/reader.ts";
import { LeafNode } from "./leaf-node.ts";

/** RFC 9420 section 7.6 */
export interface HpkeCiphertext {
  readonly kemOutput: Uint8Array;
  readonly ciphertext: Uint8Array;
}
/** As on the wire. */
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
  nodes: { write: vector(UpdatePathNode, "leaves").write, read: readNodes },
});

/** A leaf index is a uint32: no tree has more levels above its leaves. */
const mostLevels = 32;

/**
 * The nodes of the copath have no leaf in common, so the lists of ciphertexts hold at most one a leaf together. Without
 * this, a long message could be a thousand lists of as many ciphertexts as there may be leaves.
 */
function readNodes(input: Reader): readonly UpdatePathNode[] {
  const body = input.vector();
  const nodes: UpdatePathNode[] = [];
  let ciphertexts = 0;
  while (body.remaining > 0) {
    if (nodes.length === mostLevels) throw body.fail("limit-exceeded", { limit: "leaves" });
    const node = UpdatePathNode.read(body);
    ciphertexts += node.encryptedPathSecret.length;
    if (ciphertexts > input.limits.leaves) throw body.fail("limit-exceeded", { limit: "leaves" });
    nodes.push(node);
  }
  return nodes;
}
