/**
 * Making our own leaf nodes: capabilities, GREASE and the signature. RFC 9420 sections 7.2, 13.5.
 */

import { nothing } from "../bytes/nothing.ts";
import { signWithLabel } from "../crypto/labels.ts";
import { cipherSuites } from "../crypto/suites/cipher-suites.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { completed, type Registry } from "../rules/registry.ts";
import type { Extension } from "../wire/extension.ts";
import {
  leafNodeTbs,
  type Capabilities,
  type LeafNode,
  type LeafNodeSource,
  type LeafPosition,
} from "../wire/leaf-node.ts";
import { credentialTypes, isDefaultExtensionType, isDefaultProposalType, mls10 } from "../wire/registries.ts";
import { withGrease, withGreaseExtension, type Grease } from "./options/grease.ts";
import type { Identity } from "./identity.ts";

/** What a member says of itself in its leaf, besides who it is. */
export interface LeafContents {
  readonly capabilities: Capabilities;
  readonly extensions: readonly Extension[];
}

/** What the caller chooses of a leaf; the rest has a default. */
export interface LeafOptions {
  /** Default: all that RFC 9420 and the registry define, and the suite of the group. GREASE values are added. */
  readonly capabilities?: Partial<Capabilities>;
  /** Extensions of the leaf node, for example an application_id. */
  readonly extensions?: readonly Extension[];
}

/**
 * The contents of a leaf.
 *
 * @throws TypeError for a default type in the capabilities: section 7.2 says that these "MUST NOT be listed".
 */
export function leafContents(
  { capabilities = {}, extensions: given = [] }: LeafOptions,
  suite: CipherSuite,
  { registry, grease }: { readonly registry: Registry; readonly grease: Grease | undefined },
): LeafContents {
  const own: Capabilities = {
    versions: capabilities.versions ?? [mls10],
    cipherSuites: capabilities.cipherSuites ?? [...new Set([...cipherSuites.map(({ id }) => id), suite.id])],
    extensions: capabilities.extensions ?? [...registry.extensions.keys()],
    proposals: capabilities.proposals ?? [...registry.proposals.keys()],
    credentials: capabilities.credentials ?? [...Object.values(credentialTypes), ...registry.credentials],
  };
  if (own.extensions.some(isDefaultExtensionType) || own.proposals.some(isDefaultProposalType)) {
    throw new TypeError("default types are not listed in capabilities");
  }
  const around = { capabilities: own.extensions, grease };
  const extensions = completed(given, "leaf_node", registry, around);
  if (grease === undefined) return { capabilities: own, extensions };
  const greased = withGreaseExtension(extensions, grease);
  const types = [...own.extensions, ...greased.slice(extensions.length).map(({ type }) => type)];
  return {
    capabilities: {
      versions: own.versions,
      cipherSuites: withGrease(own.cipherSuites, grease),
      extensions: withGrease(types, grease),
      proposals: withGrease(own.proposals, grease),
      credentials: withGrease(own.credentials, grease),
    },
    extensions: greased,
  };
}

/** Sign a leaf node. RFC 9420 section 7.2 */
export async function signLeaf(
  identity: Identity,
  leaf: LeafContents & { readonly encryptionKey: Uint8Array; readonly leafNodeSource: LeafNodeSource },
  position?: LeafPosition,
): Promise<LeafNode> {
  const unsigned: LeafNode = {
    encryptionKey: leaf.encryptionKey,
    signatureKey: identity.signatureKey,
    credential: identity.credential,
    capabilities: leaf.capabilities,
    leafNodeSource: leaf.leafNodeSource,
    extensions: leaf.extensions,
    signature: nothing,
  };
  const signature = await signWithLabel(identity.signer, "LeafNodeTBS", leafNodeTbs(unsigned, position));
  return { ...unsigned, signature };
}
