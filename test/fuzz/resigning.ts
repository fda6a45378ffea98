/**
 * Signing what was changed again, with the keys of whoever it says it is from: so that a mutation is not found out by its
 * signature.
 */

import { decode, encode } from "../../src/codec/codec.ts";
import { signWithLabel } from "../../src/crypto/labels.ts";
import type { Identity } from "../../src/public-group/identity.ts";
import { bytesEqual } from "../../src/bytes/compare.ts";
import { KeyPackage, keyPackageTbs } from "../../src/wire/key-package.ts";
import { LeafNode, leafNodeTbs, type LeafPosition } from "../../src/wire/leaf-node.ts";
import type { Proposal } from "../../src/wire/proposal.ts";

/** Whose keys there are. */
export type Identities = readonly Identity[];

function ownerOf(identities: Identities, signatureKey: Uint8Array): Identity | undefined {
  return identities.find((identity) => bytesEqual(identity.signatureKey, signatureKey));
}

/** A leaf node with a signature that verifies, where its key is one of ours. */
export async function resignedLeaf(
  identities: Identities,
  leaf: LeafNode,
  position: LeafPosition | undefined,
): Promise<LeafNode> {
  const owner = ownerOf(identities, leaf.signatureKey);
  const needsPosition = leaf.leafNodeSource.type !== "key_package";
  if (owner === undefined || (needsPosition && position === undefined)) return leaf;
  const unsigned = { ...leaf, signature: new Uint8Array(0) };
  const signature = await signWithLabel(owner.signer, "LeafNodeTBS", leafNodeTbs(unsigned, position));
  return decode(LeafNode, encode(LeafNode, { ...leaf, signature }));
}

/** A key package with signatures that verify, its leaf's included. */
export async function resignedKeyPackage(identities: Identities, keyPackage: KeyPackage): Promise<KeyPackage> {
  const owner = ownerOf(identities, keyPackage.leafNode.signatureKey);
  if (owner === undefined) return keyPackage;
  const leafNode = await resignedLeaf(identities, keyPackage.leafNode, undefined);
  const unsigned = { ...keyPackage, leafNode, signature: new Uint8Array(0) };
  const signature = await signWithLabel(owner.signer, "KeyPackageTBS", keyPackageTbs(unsigned));
  return decode(KeyPackage, encode(KeyPackage, { ...unsigned, signature }));
}

/** A proposal whose leaf or key package is signed as it stands now. */
export async function resignedProposal(
  identities: Identities,
  proposal: Proposal,
  position: LeafPosition,
): Promise<Proposal> {
  switch (proposal.type) {
    case "add":
      return { type: "add", keyPackage: await resignedKeyPackage(identities, proposal.keyPackage) };
    case "update":
      return { type: "update", leafNode: await resignedLeaf(identities, proposal.leafNode, position) };
    case "remove":
    case "psk":
    case "reinit":
    case "external_init":
    case "group_context_extensions":
    case "custom":
      return proposal;
  }
}
