/**
 * Leaf nodes, key packages and Updates that break one rule: changed before they are signed, with their owner's key.
 */

import { decode, encode } from "../../src/codec/codec.ts";
import { signWithLabel } from "../../src/crypto/labels.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import type { Group } from "../../src/group/group.ts";
import type { Identity } from "../../src/public-group/identity.ts";
import type { KeyPackageOptions } from "../../src/group/joining/key-package-bundle.ts";
import type { RatchetTree } from "../../src/tree/ratchet-tree.ts";
import { RatchetTree as Tree } from "../../src/tree/ratchet-tree.ts";
import { KeyPackage, keyPackageTbs } from "../../src/wire/key-package.ts";
import { LeafNode, leafNodeTbs, type LeafPosition } from "../../src/wire/leaf-node.ts";
import { decodeMessage, encodeMessage } from "../../src/wire/message.ts";
import type { Update } from "../../src/wire/proposal.ts";
import { RatchetTreeNodes } from "../../src/wire/ratchet-tree.ts";
import { keyPackageOf, type Client } from "../group/world.ts";

/** The position of a leaf that is in no group: only one that lies about its source has it signed. */
const nowhere: LeafPosition = { groupId: new Uint8Array(0), leafIndex: 0 };

export type UnsignedLeaf = Omit<LeafNode, "signature">;

/** Fields of a leaf to put in place of others, before it is signed. */
export type LeafChange = (leaf: UnsignedLeaf) => Partial<LeafNode>;

/** A leaf with some fields changed, signed by its owner; a `signature` among the changes stands as it is. */
export async function signed(
  identity: Identity,
  leaf: UnsignedLeaf,
  position: LeafPosition | undefined,
  change: LeafChange = () => ({}),
): Promise<LeafNode> {
  const { signature: given, ...changes } = change(leaf);
  const unsigned: LeafNode = { ...fieldsOf(leaf), ...changes, signature: new Uint8Array(0) };
  const signature = given ?? (await signWithLabel(identity.signer, "LeafNodeTBS", leafNodeTbs(unsigned, position)));
  // Through its bytes, so that nothing is remembered of the fields before.
  return decode(LeafNode, encode(LeafNode, { ...unsigned, signature }));
}

/** Fields of a key package to put in place of others. */
export interface KeyPackageChange {
  readonly leaf?: LeafChange;
  /** Before the key package is signed; a `signature` stands as it is. */
  readonly fields?: (keyPackage: KeyPackage) => Partial<KeyPackage>;
  readonly options?: Omit<KeyPackageOptions, "identity">;
}

/** A key package of a client, with its own signatures, as the struct. */
export async function forgeKeyPackage(
  client: Client,
  { leaf, fields, options }: KeyPackageChange = {},
): Promise<KeyPackage> {
  const { identity } = client;
  const genuine = keyPackageIn((await keyPackageOf(client, options)).keyPackage);
  const leafNode = await signed(identity, genuine.leafNode, nowhere, leaf);
  const { signature: given, ...changes } = fields?.({ ...genuine, leafNode }) ?? {};
  const unsigned: KeyPackage = {
    version: genuine.version,
    cipherSuite: genuine.cipherSuite,
    initKey: genuine.initKey,
    extensions: genuine.extensions,
    leafNode,
    ...changes,
    signature: new Uint8Array(0),
  };
  const signature = given ?? (await signWithLabel(identity.signer, "KeyPackageTBS", keyPackageTbs(unsigned)));
  return decode(KeyPackage, encode(KeyPackage, { ...unsigned, signature }));
}

/** A key package as others are given it: an MLSMessage. */
export function published(keyPackage: KeyPackage): Uint8Array {
  return encodeMessage({ wireFormat: "mls_key_package", keyPackage });
}

/** The key package of an MLSMessage. */
export function keyPackageIn(message: Uint8Array): KeyPackage {
  const decoded = decodeMessage(message);
  if (decoded.wireFormat !== "mls_key_package") throw new TypeError("a key package was expected");
  return decoded.keyPackage;
}

/** An Update of a member, changed before it is signed. */
export async function forgeUpdate(
  group: Group,
  leaf?: LeafChange,
  { identity = group.identity, base }: { readonly identity?: Identity; readonly base?: UnsignedLeaf } = {},
): Promise<Update> {
  const { suite, groupContext, self } = group;
  const { publicKey } = await suite.deriveKeyPair(platformRandom(suite.hashLength));
  const contents = base ?? leafAt(group, self.leafIndex);
  const unsigned: UnsignedLeaf = {
    ...fieldsOf(contents),
    signatureKey: identity.signatureKey,
    credential: identity.credential,
    encryptionKey: publicKey,
    leafNodeSource: { type: "update" },
  };
  const position = { groupId: groupContext.groupId, leafIndex: self.leafIndex };
  return { type: "update", leafNode: await signed(identity, unsigned, position, leaf) };
}

/** A copy of a member's ratchet tree. */
export function treeOf(group: Group): RatchetTree {
  return Tree.fromNodes(group.suite, decode(RatchetTreeNodes, group.ratchetTree()));
}

/** The leaf node of a member. */
export function leafAt(group: Group, leafIndex: number): LeafNode {
  const leaf = treeOf(group).leaf(leafIndex);
  if (leaf === undefined) throw new TypeError("a member was expected there");
  return leaf;
}

function fieldsOf(leaf: UnsignedLeaf): UnsignedLeaf {
  const { encryptionKey, signatureKey, credential, capabilities, leafNodeSource, extensions } = leaf;
  return { encryptionKey, signatureKey, credential, capabilities, leafNodeSource, extensions };
}
