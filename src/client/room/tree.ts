/**
 * A room's ratchet tree, for those who want to see it: public keys alone, as every member and the service have them. RFC 9420 sections 4, 7.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { decode } from "../../codec/codec.ts";
import { unlimited } from "../../codec/limits.ts";
import type { Group } from "../../group/group.ts";
import { RatchetTreeNodes, type Node } from "../../wire/ratchet-tree.ts";
import { deviceOf } from "../../rooms/uri.ts";

/** The ratchet tree of an epoch. */
export interface RoomTree {
  readonly epoch: bigint;
  /** The leaf of this device, as its place in `nodes`: twice its leaf index. */
  readonly own: number;
  /**
   * The nodes in the order of RFC 9420 appendix C: leaves at even places, the parent of each pair between them, the root in the middle. Blank
   * ones are undefined. There are 2n - 1 of them, n being a power of two.
   */
  readonly nodes: readonly (RoomTreeNode | undefined)[];
}

/** A node that is not blank. */
export type RoomTreeNode =
  | {
      readonly kind: "leaf";
      /** The device's URI; undefined where its credential names none. */
      readonly device: string | undefined;
      /** The HPKE public key to which what is new for the node is encrypted, in the suite's form. */
      readonly encryptionKey: Bytes;
    }
  | {
      readonly kind: "parent";
      readonly encryptionKey: Bytes;
      /** Leaves below it that don't know its secret, as places in `RoomTree.nodes`. RFC 9420 section 4.1 */
      readonly unmerged: readonly number[];
    };

/** The tree of a group as it is now. */
export function treeOf(group: Group): RoomTree {
  const listed = decode(RatchetTreeNodes, group.ratchetTree(), { limits: unlimited });
  return {
    epoch: group.epoch,
    own: 2 * group.self.leafIndex,
    nodes: Array.from({ length: 2 * group.treeWidth - 1 }, (_, place) => {
      const node = listed[place];
      return node && shown(node);
    }),
  };
}

function shown(node: Node): RoomTreeNode {
  if (node.type === "leaf") {
    const { credential, encryptionKey } = node.leafNode;
    return { kind: "leaf", device: deviceOf(credential), encryptionKey: copyBytes(encryptionKey) };
  }
  const { encryptionKey, unmergedLeaves } = node.parentNode;
  return { kind: "parent", encryptionKey: copyBytes(encryptionKey), unmerged: unmergedLeaves.map((leaf) => 2 * leaf) };
}
