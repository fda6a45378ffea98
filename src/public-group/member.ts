/**
 * Members, as the application sees the leaves of the tree.
 */

import type { LeafLookup, RatchetTree } from "../tree/ratchet-tree.ts";
import type { LeafNode } from "../wire/leaf-node.ts";
import type { LeafIndex, Member } from "./events.ts";

/** The member of a leaf. Its byte strings are copies: the caller may do with them what it likes. */
export function memberOf(leafIndex: LeafIndex, leaf: LeafNode): Member {
  return {
    leafIndex,
    credential: copyCredential(leaf.credential),
    signatureKey: leaf.signatureKey.slice(),
    encryptionKey: leaf.encryptionKey.slice(),
    capabilities: leaf.capabilities,
    extensions: leaf.extensions.map(({ type, data }) => ({ type, data: data.slice() })),
  };
}

/** The member at a leaf index, or undefined where the leaf is blank or outside the tree. */
export function memberAt(tree: LeafLookup, leafIndex: LeafIndex): Member | undefined {
  const leaf = tree.leaf(leafIndex);
  return leaf === undefined ? undefined : memberOf(leafIndex, leaf);
}

/** All members, by leaf index. */
export function membersOf(tree: RatchetTree): Iterable<Member> {
  return {
    *[Symbol.iterator]() {
      for (const [leafIndex, leaf] of tree.leaves()) yield memberOf(leafIndex, leaf);
    },
  };
}

function copyCredential(credential: LeafNode["credential"]): LeafNode["credential"] {
  if (credential.type === "basic") return { type: "basic", identity: credential.identity.slice() };
  if (credential.type === "x509") {
    return { type: "x509", certificates: credential.certificates.map((certificate) => certificate.slice()) };
  }
  return { type: credential.type, data: credential.data.slice() };
}
