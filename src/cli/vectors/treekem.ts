/**
 * TreeKEM: update paths processed by every member, published ones and our own. RFC 9420 sections 7.4 to 7.6, 7.9.
 */

import { Secret } from "../../bytes/secret.ts";
import { fromHex, hex } from "../../bytes/text.ts";
import { decode, encode } from "../../codec/codec.ts";
import { signWithLabel } from "../../crypto/labels.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { platformRandom } from "../../crypto/random.ts";
import { leafSignature } from "../../rules/leaf-node.ts";
import { level } from "../../tree/index-math.ts";
import { isParentHashValid } from "../../tree/parent-hash.ts";
import { RatchetTree } from "../../tree/ratchet-tree.ts";
import {
  decryptPath,
  derivePath,
  encryptPath,
  type FreshPath,
  type NodePrivateKey,
  type PathContext,
  type PrivateKeys,
} from "../../tree/treekem.ts";
import { GroupContext } from "../../wire/group-context.ts";
import { leafNodeTbs, type LeafNode } from "../../wire/leaf-node.ts";
import { RatchetTreeNodes } from "../../wire/ratchet-tree.ts";
import { mls10 } from "../../wire/registries.ts";
import { UpdatePath, type UpdatePathNode } from "../../wire/update-path.ts";
import { Difference, eachEntry, holds, same, type Verify } from "./check.ts";
import { privateKeyOf } from "./private-key.ts";

interface LeafPrivate {
  readonly index: number;
  readonly encryption_priv: string;
  readonly signature_priv: string;
  readonly path_secrets: readonly { readonly node: number; readonly path_secret: string }[];
}

interface PublishedPath {
  readonly sender: number;
  readonly update_path: string;
  readonly path_secrets: readonly (string | null)[];
  readonly commit_secret: string;
  readonly tree_hash_after: string;
}

interface Entry {
  readonly cipher_suite: number;
  readonly group_id: string;
  readonly epoch: number;
  readonly confirmed_transcript_hash: string;
  readonly ratchet_tree: string;
  readonly leaves_private: readonly LeafPrivate[];
  readonly update_paths: readonly PublishedPath[];
}

/** A group as an entry describes it. */
interface Scene {
  readonly suite: CipherSuite;
  readonly entry: Entry;
  readonly groupId: Uint8Array;
  readonly tree: RatchetTree;
  /** The private keys of each member, by leaf index. */
  readonly members: ReadonlyMap<number, PrivateKeys>;
}

/** Hold an entry of treekem.json to TreeKEM, as sender and as every receiver. */
export const verifyTreekem: Verify = eachEntry<Entry>(async (entry, suiteFor) => {
  const suite = suiteFor(entry.cipher_suite);
  const nodes = decode(RatchetTreeNodes, fromHex(entry.ratchet_tree));
  const tree = RatchetTree.fromNodes(suite, nodes);
  const members = new Map<number, PrivateKeys>();
  for (const leaf of entry.leaves_private) members.set(leaf.index, await privateState(suite, nodes, leaf));
  for (const [leafIndex] of tree.leaves()) holds(`leaf ${leafIndex} has no private state`, members.has(leafIndex));
  const scene = { suite, entry, groupId: fromHex(entry.group_id), tree, members };
  for (const [index, published] of entry.update_paths.entries()) {
    await checkPublishedPath(scene, published, `update_paths[${index}]`);
    await checkOwnPath(scene, published.sender, `our own path from leaf ${published.sender}`);
  }
});

/** A member's private keys, each one that of a node that is not blank and has its public key. */
async function privateState(suite: CipherSuite, nodes: RatchetTreeNodes, leaf: LeafPrivate): Promise<PrivateKeys> {
  const where = `leaves_private of leaf ${leaf.index}`;
  const own = nodes[2 * leaf.index];
  if (own?.type !== "leaf") throw new Difference(`${where}: the leaf is blank`);
  const encryptionPriv = privateKeyOf(suite, leaf.encryption_priv);
  same(`${where}: encryption_priv`, await suite.kemPublicKey(encryptionPriv), hex(own.leafNode.encryptionKey));
  const signatureKey = await suite.signaturePublicKey(privateKeyOf(suite, leaf.signature_priv));
  same(`${where}: signature_priv`, signatureKey, hex(own.leafNode.signatureKey));

  const keys = new Map<number, NodePrivateKey>([[0, Secret.of("node_private_key", encryptionPriv)]]);
  for (const { node: index, path_secret } of leaf.path_secrets) {
    const node = nodes[index];
    if (node?.type !== "parent") throw new Difference(`${where}: node ${index} is blank`);
    const step = { level: level(index) };
    const { nodes: derived } = await derivePath(suite, [step], Secret.of("path_secret", fromHex(path_secret)));
    same(`${where}: path_secret of node ${index}`, derived[0]!.publicKey, hex(node.parentNode.encryptionKey));
    keys.set(step.level, derived[0]!.privateKey);
  }
  return keys;
}

async function checkPublishedPath(scene: Scene, published: PublishedPath, where: string): Promise<void> {
  const { suite, groupId, tree } = scene;
  const { leafNode, nodes } = decode(UpdatePath, fromHex(published.update_path));
  const after = tree.fork();
  const path = after.filteredDirectPath(published.sender);
  same(`${where}: the number of nodes`, nodes.length, path.length);
  const planned = after.planPath(
    path,
    nodes.map(({ encryptionKey }) => encryptionKey),
  );
  const { leafNodeSource } = leafNode;
  if (leafNodeSource.type !== "commit") throw new Difference(`${where}: the leaf is not from a commit`);
  same(`${where}: parent hash`, planned.parentHash, hex(leafNodeSource.parentHash));
  const position = { groupId, leafIndex: published.sender };
  holds(
    `${where}: the leaf's signature does not verify`,
    await suite.verify(leafSignature(leafNode, position).verification),
  );
  after.mergePath(published.sender, leafNode, planned);
  holds(`${where}: a parent hash of the tree does not verify`, isParentHashValid(suite, after.root));
  same(`${where}: tree_hash_after`, after.hash(), published.tree_hash_after);

  const context = { suite, path, newLeaves: [], groupContext: groupContext(scene, after) };
  await forEachReceiver(scene, published.sender, { context, nodes }, (leafIndex, { nodes: derived, commitSecret }) => {
    const pathSecret = derived[0]!.pathSecret.use(hex);
    same(`${where}: path_secrets[${leafIndex}]`, pathSecret, published.path_secrets[leafIndex]);
    same(`${where}: commit_secret for leaf ${leafIndex}`, commitSecret.use(hex), published.commit_secret);
  });
}

async function checkOwnPath(scene: Scene, sender: number, where: string): Promise<void> {
  const { suite, tree } = scene;
  const after = tree.fork();
  const path = after.filteredDirectPath(sender);
  const first = Secret.of("path_secret", platformRandom(suite.hashLength));
  const fresh = await derivePath(suite, path, first);
  const planned = after.planPath(
    path,
    fresh.nodes.map(({ publicKey }) => publicKey),
  );
  const leafNode = await ownLeaf(scene, sender, planned.parentHash);
  after.mergePath(sender, leafNode, planned);
  holds(`${where}: a parent hash of the tree does not verify`, isParentHashValid(suite, after.root));

  const context = { suite, path, newLeaves: [], groupContext: groupContext(scene, after) };
  const nodes = await encryptPath(context, fresh, platformRandom);
  const sent = decode(UpdatePath, encode(UpdatePath, { leafNode, nodes }));
  const commitSecret = fresh.commitSecret.use(hex);
  await forEachReceiver(scene, sender, { context, nodes: sent.nodes }, (leafIndex, received) => {
    same(`${where}: the commit secret of leaf ${leafIndex}`, received.commitSecret.use(hex), commitSecret);
  });
}

/** The sender's leaf node with a fresh key, signed with its published signature key. */
async function ownLeaf(
  { suite, entry, groupId, tree }: Scene,
  leafIndex: number,
  parentHash: Uint8Array,
): Promise<LeafNode> {
  const own = entry.leaves_private.find(({ index }) => index === leafIndex);
  const before = tree.leaf(leafIndex);
  if (own === undefined || before === undefined) throw new Difference(`leaf ${leafIndex} is blank`);
  const { publicKey } = await suite.deriveKeyPair(platformRandom(suite.hashLength));
  const unsigned: LeafNode = {
    ...before,
    encryptionKey: publicKey,
    leafNodeSource: { type: "commit", parentHash },
    signature: new Uint8Array(0),
  };
  const signer = await suite.signer(privateKeyOf(suite, own.signature_priv));
  const signature = await signWithLabel(signer, "LeafNodeTBS", leafNodeTbs(unsigned, { groupId, leafIndex }));
  return { ...unsigned, signature };
}

/** Let every member but the sender process a path, side by side where the provider can. */
async function forEachReceiver(
  { members }: Scene,
  sender: number,
  sent: { readonly context: PathContext; readonly nodes: readonly UpdatePathNode[] },
  check: (leafIndex: number, received: FreshPath) => void,
): Promise<void> {
  const receivers = [...members].filter(([leafIndex]) => leafIndex !== sender);
  await Promise.all(
    receivers.map(async ([leafIndex, keys]) =>
      check(leafIndex, await decryptPath(sent.context, sent.nodes, leafIndex, keys)),
    ),
  );
}

/** "Empty extensions", and the "tree_hash reflecting ratchet_tree as updated by the UpdatePath". */
function groupContext({ entry, groupId }: Scene, after: RatchetTree): Uint8Array {
  return encode(GroupContext, {
    version: mls10,
    cipherSuite: entry.cipher_suite,
    groupId,
    epoch: BigInt(entry.epoch),
    treeHash: after.hash(),
    confirmedTranscriptHash: fromHex(entry.confirmed_transcript_hash),
    extensions: [],
  });
}
