/**
 * Groups whose every node is populated, as after a commit by every member, without the N commits that N members would
 * each have to process: the tree is made directly, with real keys and signatures, and each member that is asked for gets
 * the private keys that it would have.
 */

import { Secret } from "../../src/bytes/secret.ts";
import { encode } from "../../src/codec/codec.ts";
import { basic, createIdentity, type LocalIdentity } from "../../src/public-group/identity.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import { beginEpoch } from "../../src/group/held/epoch.ts";
import { Group } from "../../src/group/group.ts";
import { leafContents, signLeaf } from "../../src/public-group/leaf.ts";
import type { GroupOptions } from "../../src/public-group/options/settings.ts";
import { settingsOf } from "../../src/public-group/options/settings-of.ts";
import { takeSnapshot } from "../../src/group/restoring/snapshot.ts";
import { newState } from "../../src/group/state.ts";
import { confirmationTag, epochSecretsFrom } from "../../src/schedule/key-schedule.ts";
import { interimTranscriptHash } from "../../src/schedule/transcript.ts";
import { blank, LeafSlot, ParentSlot, type TreeNode } from "../../src/tree/node.ts";
import { RatchetTree } from "../../src/tree/ratchet-tree.ts";
import type { NodePrivateKey } from "../../src/tree/treekem.ts";
import type { GroupContext } from "../../src/wire/group-context.ts";
import { ParentHashInput, type Node } from "../../src/wire/ratchet-tree.ts";
import { mls10 } from "../../src/wire/registries.ts";
import type { PublicEpoch } from "../../src/public-group/epoch.ts";

/** A group of which any member can be had. */
export interface Populated {
  readonly size: number;
  readonly identities: readonly LocalIdentity[];
  /** The group as the member at a leaf sees it; with a suite of the caller's, over that. */
  member(leafIndex: number, suite?: CipherSuite): Promise<Group>;
}

/**
 * A group of this size in which every node of the tree is populated and every leaf comes from a commit: as if the members
 * had committed one after the other, from left to right. What only the earlier of these commits would have left behind,
 * which nobody can check any more, is random: the parent hashes of left children.
 */
export async function populated(suite: CipherSuite, size: number, options: GroupOptions): Promise<Populated> {
  if (!Number.isInteger(size) || size < 1) throw new TypeError("a group has a member");
  const random = platformRandom;
  const settings = settingsOf({ ...options, limits: { leaves: 2 * size, proposals: size, ...options.limits } });
  const groupId = random(32);
  const contents = leafContents({}, suite, { ...settings, grease: undefined });
  const identities: LocalIdentity[] = [];
  const keys = new Map<string, Uint8Array>();
  const nodes: (Node | undefined)[] = [];

  const freshKey = async (level: number, firstLeaf: number): Promise<Uint8Array> => {
    const { privateKey, publicKey } = await suite.deriveKeyPair(random(suite.hashLength));
    keys.set(`${level}/${firstLeaf}`, privateKey);
    return publicKey;
  };
  /** The subtree over 2^level leaves from `firstLeaf` on, of which there is one at least. Its tree hash is the result's. */
  const build = async (level: number, firstLeaf: number, parentHash: Uint8Array): Promise<TreeNode> => {
    if (level === 0) {
      const identity = await createIdentity({ suite, credential: basic(`member ${firstLeaf}`) });
      identities.push(identity);
      const encryptionKey = await freshKey(0, firstLeaf);
      const leafNodeSource = { type: "commit", parentHash } as const;
      const position = { groupId, leafIndex: firstLeaf };
      const leafNode = await signLeaf(identity, { ...contents, encryptionKey, leafNodeSource }, position);
      nodes[2 * firstLeaf] = { type: "leaf", leafNode };
      return new LeafSlot(firstLeaf, leafNode);
    }
    const half = 2 ** (level - 1);
    if (firstLeaf + half >= size) {
      const child = await build(level - 1, firstLeaf, parentHash);
      return new ParentSlot(level, firstLeaf, undefined, [child, blank(level - 1, firstLeaf + half)]);
    }
    const encryptionKey = await freshKey(level, firstLeaf);
    const parentNode = { encryptionKey, parentHash, unmergedLeaves: [] };
    nodes[2 * (firstLeaf + half) - 1] = { type: "parent", parentNode };
    const left = await build(level - 1, firstLeaf, random(suite.hashLength));
    const originalSiblingTreeHash = left.hash(suite);
    const above = suite.hash(encode(ParentHashInput, { encryptionKey, parentHash, originalSiblingTreeHash }));
    const right = await build(level - 1, firstLeaf + half, above);
    return new ParentSlot(level, firstLeaf, parentNode, [left, right]);
  };
  await build(Math.ceil(Math.log2(size)), 0, new Uint8Array(0));
  const tree = RatchetTree.fromNodes(suite, nodes, options.authentication.clientKey?.bind(options.authentication));

  const context: GroupContext = {
    version: mls10,
    cipherSuite: suite.id,
    groupId,
    epoch: 1n,
    treeHash: tree.hash(),
    confirmedTranscriptHash: random(suite.hashLength),
    extensions: [],
  };
  const epochSecret = random(suite.hashLength);
  return {
    size,
    identities,
    member: async (leafIndex, own = suite) => {
      const identity = { ...identities[leafIndex]!, suite: own };
      const epochSecrets = epochSecretsFrom(own, Secret.of("epoch_secret", epochSecret.slice()));
      const tag = confirmationTag(own, epochSecrets.confirmationKey, context.confirmedTranscriptHash);
      const publicEpoch: PublicEpoch = {
        suite: own,
        context,
        tree,
        interimTranscriptHash: interimTranscriptHash(own, context.confirmedTranscriptHash, tag),
        confirmationTag: tag,
        reinit: undefined,
      };
      const privateKeys = new Map<number, NodePrivateKey>();
      for (let node = tree.root; ; node = node.childToward(leafIndex)) {
        const key = keys.get(`${node.level}/${node.firstLeaf}`);
        if (key !== undefined) privateKeys.set(node.level, Secret.of("node_private_key", key.slice()));
        if (node.isLeaf) break;
      }
      const epoch = beginEpoch({ ...publicEpoch, leafIndex, privateKeys }, epochSecrets, settings.window);
      const snapshot = takeSnapshot(newState(settings, identity, epoch));
      return Group.restore({ ...options, limits: settings.limits, identity, snapshot });
    },
  };
}
