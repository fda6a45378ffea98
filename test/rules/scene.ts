/**
 * What rules are asked about: leaves, trees of them, proposals and who proposes.
 */

import { nodeProvider } from "../../src/crypto/node.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import type { CommittedProposal } from "../../src/rules/proposal-list.ts";
import { prepareRegistry, type CustomProposalType, type Registry } from "../../src/rules/registry.ts";
import type { ClientKey } from "../../src/tree/indexes.ts";
import { RatchetTree } from "../../src/tree/ratchet-tree.ts";
import type { Extension } from "../../src/wire/extension.ts";
import type { Sender } from "../../src/wire/framing.ts";
import type { KeyPackage } from "../../src/wire/key-package.ts";
import type { Capabilities, LeafNode } from "../../src/wire/leaf-node.ts";
import type { PreSharedKeyId } from "../../src/wire/pre-shared-key.ts";
import type { Proposal } from "../../src/wire/proposal.ts";
import { groupContext, keyPackage, leafNode } from "../wire/values.ts";

export { groupContext, keyPackage };
export const suite: CipherSuite = nodeProvider.cipherSuite(1);

/** A leaf with keys and an identity of its own; they are no real keys. */
export function leaf(
  number: number,
  fields: Partial<LeafNode> = {},
  capabilities: Partial<Capabilities> = {},
): LeafNode {
  return {
    ...leafNode,
    encryptionKey: new Uint8Array([1, number]),
    signatureKey: new Uint8Array([2, number]),
    credential: { type: "basic", identity: new Uint8Array([3, number]) },
    ...fields,
    capabilities: { ...leafNode.capabilities, ...capabilities },
  };
}

/** A tree of these leaves, the first of them at index 0. */
export function treeOf(leaves: readonly LeafNode[], clientKey?: ClientKey): RatchetTree {
  const [first, ...rest] = leaves;
  if (first === undefined) throw new Error("a tree has a leaf");
  const tree = RatchetTree.create(suite, first, clientKey);
  for (const each of rest) tree.add(each);
  return tree;
}

/** A key package for this leaf. */
export function keyPackageOf(leafNode: LeafNode): KeyPackage {
  return { ...keyPackage, leafNode };
}

export function member(leafIndex: number): Sender {
  return { type: "member", leafIndex };
}

/** A proposal of a commit, by value unless it has a reference. */
export function by(sender: Sender, proposal: Proposal, ref?: Uint8Array): CommittedProposal {
  return ref === undefined ? { proposal, sender } : { proposal, sender, ref };
}

export const customType: CustomProposalType = {
  type: 0xf000,
  pathRequired: false,
  external: false,
  externalCommit: false,
  after: "remove",
};
export function registryOf(...proposals: readonly Partial<CustomProposalType>[]): Registry {
  return prepareRegistry({ proposals: proposals.map((each) => ({ ...customType, ...each })) });
}
/** A registry without types. */
export const nothing: Registry = prepareRegistry();

export const psk: PreSharedKeyId = {
  type: "external",
  pskId: new Uint8Array([1]),
  pskNonce: new Uint8Array(suite.hashLength),
};
export function resumption(usage: "application" | "reinit" | "branch"): PreSharedKeyId {
  const { pskNonce } = psk;
  return { type: "resumption", usage, pskGroupId: new Uint8Array([1]), pskEpoch: 1n, pskNonce };
}

export function extension(type: number, data: Uint8Array = new Uint8Array(0)): Extension {
  return { type, data };
}

/** One proposal of every type. */
export const proposals: { readonly [T in Proposal["type"]]: Extract<Proposal, { type: T }> } = {
  add: { type: "add", keyPackage },
  update: { type: "update", leafNode: leaf(50) },
  remove: { type: "remove", removed: 1 },
  psk: { type: "psk", psk },
  reinit: { type: "reinit", groupId: new Uint8Array([1]), version: 1, cipherSuite: 1, extensions: [] },
  external_init: { type: "external_init", kemOutput: new Uint8Array([1]) },
  group_context_extensions: { type: "group_context_extensions", extensions: [] },
  custom: { type: "custom", proposalType: 0xf000, body: new Uint8Array([0]) },
};
