/**
 * Rules for leaf nodes. RFC 9420 sections 7.2, 7.3.
 */

import { bytesEqual } from "../bytes/compare.ts";
import { signContent } from "../crypto/labels.ts";
import type { CipherSuite } from "../crypto/provider.ts";
import { CopseError, type ErrorCode } from "../errors.ts";
import type { TreeCounts } from "../tree/ratchet-tree.ts";
import { credentialTypeOf } from "../wire/credential.ts";
import type { RequiredCapabilities } from "../wire/extension.ts";
import { leafNodeTbsParts, type LeafNode, type LeafNodeSource, type LeafPosition } from "../wire/leaf-node.ts";
import { isDefaultExtensionType, isDefaultProposalType, mls10 } from "../wire/registries.ts";
import type { SignatureCheck } from "./signatures.ts";

/** How strictly lifetimes are taken. Times are in seconds. */
export interface LifetimePolicy {
  /**
   * Whether the lifetime of a leaf node in a received Add is checked. Default false: two members whose clocks differ
   * would disagree about a commit for good. What this client adds itself is always checked.
   */
  readonly checkAdds: boolean;
  /** Whether lifetimes of leaves that are already in a tree are checked when joining. Default false. */
  readonly checkTree: boolean;
  /** How far other clocks may be off. Default 3,600. */
  readonly clockSkew: number;
  /**
   * Section 7.2: the "maximum total lifetime that is acceptable". Default 400 days. One value for a whole group: members
   * that disagree about it disagree about commits.
   */
  readonly maximum: number;
}

/** Section 7.3: "Verify that the signature on the LeafNode is valid using signature_key." valn0102, valn1407 */
export function leafSignature(leaf: LeafNode, position: LeafPosition | undefined): SignatureCheck {
  const message = signContent("LeafNodeTBS", ...leafNodeTbsParts(leaf, position));
  const verification = { publicKey: leaf.signatureKey, message, signature: leaf.signature };
  return { verification, code: "leaf-signature", rule: "valn0102", leafIndex: position?.leafIndex };
}

/**
 * Section 10: "the leaf_node field MUST be valid for the cipher suite, including both the encryption_key and
 * signature_key fields".
 */
export function checkLeafKeys(suite: CipherSuite, leaf: LeafNode): void {
  if (!suite.isKemPublicKey(leaf.encryptionKey) || !suite.isSignaturePublicKey(leaf.signatureKey)) {
    throw new CopseError("key-invalid", { rule: "section 10" });
  }
}

/**
 * Section 7.3: "If the GroupContext has a required_capabilities extension, then the required extensions, proposals, and
 * credential types MUST be listed in the LeafNode's capabilities field." Default types are never listed (section 7.2).
 * valn0103
 */
export function checkRequiredCapabilities(leaf: LeafNode, required: RequiredCapabilities | undefined): void {
  if (required === undefined) return;
  const { extensions, proposals, credentials } = leaf.capabilities;
  const listed =
    listsAll(extensions, required.extensionTypes, isDefaultExtensionType) &&
    listsAll(proposals, required.proposalTypes, isDefaultProposalType) &&
    listsAll(credentials, required.credentialTypes);
  if (!listed) throw new CopseError("leaf-required-capabilities", { rule: "valn0103" });
}

/**
 * Section 11.1: "all members of the group need to support the cipher suite and protocol version in use"; section 7.2: "The
 * client MUST list all values for the respective parameters that it supports." Some don't list the suite, and an application
 * may accept that.
 */
export function checkVersionAndSuite(
  leaf: LeafNode,
  suite: CipherSuite,
  { acceptUnlistedSuite = false }: { readonly acceptUnlistedSuite?: boolean } = {},
): void {
  const { versions, cipherSuites } = leaf.capabilities;
  if (!versions.includes(mls10) || !(acceptUnlistedSuite || cipherSuites.includes(suite.id))) {
    throw new CopseError("leaf-version-unsupported", { rule: "section 11.1" });
  }
}

/**
 * Section 7.3: "Verify that the credential type is supported by all members of the group [...] and that the capabilities
 * field of this LeafNode indicates support for all the credential types currently in use by other members." The tree
 * already holds the leaf. valn0104
 */
export function checkCredentialSupport(leaf: LeafNode, tree: TreeCounts): void {
  const rule = "valn0104";
  const { indexes } = tree;
  const type = credentialTypeOf(leaf.credential);
  if (indexes.credentialSupport(type) < tree.size) {
    throw new CopseError("leaf-credential-unsupported", { rule, type });
  }
  if (!listsAll(leaf.capabilities.credentials, indexes.credentialTypesInUse())) {
    throw new CopseError("leaf-credential-unsupported", { rule });
  }
}

/**
 * Section 7.3: in a message being sent, "the client MUST verify that the current time is within the range of the lifetime
 * field" (valn0105); in one being received it is RECOMMENDED (valn0106). Seconds since the Unix epoch.
 */
export function checkLifetime(
  leaf: LeafNode,
  now: number,
  { clockSkew }: Pick<LifetimePolicy, "clockSkew">,
  rule: "valn0105" | "valn0106",
): void {
  if (leaf.leafNodeSource.type !== "key_package") return;
  const { notBefore, notAfter } = leaf.leafNodeSource.lifetime;
  const seconds = BigInt(Math.floor(now));
  const skew = BigInt(Math.floor(clockSkew));
  if (seconds + skew < notBefore || seconds > notAfter + skew) throw new CopseError("leaf-lifetime", { rule });
}

/** Section 7.2: applications "MUST [...] reject any LeafNode where the total lifetime is longer than this duration". */
export function checkTotalLifetime(leaf: LeafNode, { maximum }: Pick<LifetimePolicy, "maximum">): void {
  if (leaf.leafNodeSource.type !== "key_package" || maximum === Infinity) return;
  const { notBefore, notAfter } = leaf.leafNodeSource.lifetime;
  if (notAfter < notBefore || notAfter - notBefore > BigInt(Math.floor(maximum))) {
    const [got, expected] = [Number(notAfter - notBefore), Math.floor(maximum)];
    throw new CopseError("leaf-lifetime-range", { rule: "section 7.2", got, expected });
  }
}

/**
 * Section 7.3: "Verify that the extensions in the LeafNode are supported by checking that the ID for each extension in
 * the extensions field is listed in the capabilities.extensions field of the LeafNode." valn0107
 */
export function checkExtensionsListed(leaf: LeafNode): void {
  const types = leaf.extensions.map(({ type }) => type);
  if (!listsAll(leaf.capabilities.extensions, types, isDefaultExtensionType)) {
    throw new CopseError("leaf-extension-unlisted", { rule: "valn0107" });
  }
}

const sourceRules = { key_package: "valn0108", update: "valn0109", commit: "valn0110" } as const;

/** Section 7.3: "Verify the leaf_node_source field". valn0108, valn0109, valn0110, valn1207 */
export function checkLeafSource(leaf: LeafNode, source: LeafNodeSource["type"]): void {
  if (leaf.leafNodeSource.type !== source) throw new CopseError("leaf-source", { rule: sourceRules[source] });
}

/**
 * Sections 7.3 and 12.4.2: the encryption_key "represents a different public key than the encryption_key in the leaf node
 * being replaced". valn0109 for an Update, valn1208 for a commit's path.
 */
export function checkEncryptionKeyChanged(leaf: LeafNode, replaced: LeafNode, rule: "valn0109" | "valn1208"): void {
  if (bytesEqual(leaf.encryptionKey, replaced.encryptionKey))
    throw new CopseError("leaf-encryption-key-reused", { rule });
}

/**
 * Section 5.3.1: "Whenever a new credential is introduced in the group, it MUST be validated with the AS." valn0101; and
 * where it replaces another one of the same member, as its successor.
 */
export function checkAccepted(isAccepted: boolean, isSuccessor: boolean, leafIndex?: number): void {
  if (isAccepted) return;
  const rule = isSuccessor ? "section 5.3.1" : "valn0101";
  throw new CopseError("credential-invalid", leafIndex === undefined ? { rule } : { rule, leafIndex });
}

/** Section 7.3: the signature key is unique "among the members of the group". The tree holds the leaf. valn0111 */
export function checkUniqueSignatureKey(leaf: LeafNode, tree: TreeCounts): void {
  checkOnce(tree.indexes.signatureKeyCount(leaf.signatureKey), "duplicate-signature-key", "valn0111");
}

/** Section 7.3: the encryption key is unique "among the members of the group". The tree holds the leaf. valn0112 */
export function checkUniqueEncryptionKey(leaf: LeafNode, tree: TreeCounts): void {
  checkOnce(tree.indexes.encryptionKeyCount(leaf.encryptionKey), "duplicate-encryption-key", "valn0112");
}

/** Section 7.2: "the credential type used in the LeafNode MUST be included in the credentials field of the capabilities". valn0113 */
export function checkCredentialListed(leaf: LeafNode): void {
  const type = credentialTypeOf(leaf.credential);
  if (!leaf.capabilities.credentials.includes(type)) {
    throw new CopseError("leaf-credential-unlisted", { rule: "valn0113", type });
  }
}

/**
 * Section 12.2 keeps a client from being added twice "according to the application"; no other way in may make two members of
 * one client either. The tree holds the leaf.
 */
export function checkUniqueClient(leaf: LeafNode, { indexes }: TreeCounts): void {
  checkOnce(indexes.clientCount(leaf), "duplicate-client", "section 12.2");
}

function checkOnce(count: number, code: ErrorCode, rule: string): void {
  if (count > 1) throw new CopseError(code, { rule });
}

/**
 * Whether a list holds all of these types, but for those that need not be listed. Both are others' and may be long: the list is
 * gone through once, and the wanted ones until one is missing.
 */
export function listsAll(
  list: readonly number[],
  wanted: Iterable<number>,
  isExempt: (type: number) => boolean = () => false,
): boolean {
  let listed: ReadonlySet<number> | undefined;
  for (const type of wanted) {
    if (isExempt(type)) continue;
    listed ??= new Set(list);
    if (!listed.has(type)) return false;
  }
  return true;
}
