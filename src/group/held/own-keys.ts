/**
 * A member's own private keys from one epoch to the next. RFC 9420 section 7.5: "each recipient MUST delete outdated key
 * material".
 */

import { bytesEqual } from "../../bytes/compare.ts";
import type { RatchetTree } from "../../tree/ratchet-tree.ts";
import type { FreshNode, NodePrivateKey, PrivateKeys } from "../../tree/treekem.ts";

/** The keys of a member that go on: those of its leaf, and of each node above it whose public key is still the same. */
export function keysThatStay(
  keys: PrivateKeys,
  leafIndex: number,
  before: RatchetTree,
  after: RatchetTree,
): Map<number, NodePrivateKey> {
  const was = publicKeysAbove(before, leafIndex);
  const is = publicKeysAbove(after, leafIndex);
  const stay = new Map<number, NodePrivateKey>();
  for (const [level, key] of keys) {
    const [old, now] = [was.get(level), is.get(level)];
    if (old !== undefined && now !== undefined && bytesEqual(old, now)) stay.set(level, key);
  }
  return stay;
}

/** The keys with those of a path put over them; the path secrets have done their work and are wiped. */
export function withFreshKeys(
  keys: Map<number, NodePrivateKey>,
  nodes: readonly FreshNode[],
): Map<number, NodePrivateKey> {
  for (const { level, privateKey, pathSecret } of nodes) {
    keys.set(level, privateKey);
    pathSecret.wipe();
  }
  return keys;
}

/** The public keys of a leaf and of the nodes above it that are not blank, by level. */
function publicKeysAbove({ root }: RatchetTree, leafIndex: number): ReadonlyMap<number, Uint8Array> {
  const keys = new Map<number, Uint8Array>();
  for (let node = root; ; node = node.childToward(leafIndex)) {
    const key = node.isLeaf ? node.leafNode?.encryptionKey : node.parentNode?.encryptionKey;
    if (key !== undefined) keys.set(node.level, key);
    if (node.isLeaf) return keys;
  }
}
