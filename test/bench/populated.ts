/**
 * Groups whose every node is populated, as after a commit by every member, without the N commits that N members would
 * each have to process: the tree is made directly, with real keys and signatures, and each member that is asked for gets
 * the private keys that it would have.
 */

import { Secret } from "../../src/bytes/secret.ts";
import { basic, createIdentity, type LocalIdentity } from "../../src/group/identity.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import { beginEpoch, type PublicEpoch } from "../../src/group/epoch.ts";
import { Group } from "../../src/group/group.ts";
import { lifetimeFrom } from "../../src/group/key-package.ts";
import { leafContents, signLeaf } from "../../src/group/leaf.ts";
import { settle, type GroupOptions } from "../../src/group/settings.ts";
import { takeSnapshot } from "../../src/group/snapshot.ts";
import { newState } from "../../src/group/state.ts";
import { confirmationTag, epochSecretsFrom } from "../../src/schedule/key-schedule.ts";
import { interimTranscriptHash } from "../../src/schedule/transcript.ts";
import { RatchetTree } from "../../src/tree/ratchet-tree.ts";
import type { NodePrivateKey } from "../../src/tree/treekem.ts";
import type { GroupContext } from "../../src/wire/group-context.ts";
import { mls10 } from "../../src/wire/registries.ts";

/** A group of which any member can be had. */
export interface Populated {
  readonly size: number;
  readonly identities: readonly LocalIdentity[];
  /** The group as the member at a leaf sees it; with a suite of the caller's, over that. */
  member(leafIndex: number, suite?: CipherSuite): Promise<Group>;
}

/** A group of this size in which every node of the tree is populated and every leaf comes from a commit. */
export async function populated(suite: CipherSuite, size: number, options: GroupOptions): Promise<Populated> {
  const random = platformRandom;
  const settings = settle({ ...options, limits: { leaves: 2 * size, proposals: size, ...options.limits } });
  const groupId = random(32);
  const contents = leafContents({}, settings.registry, undefined);
  const identities: LocalIdentity[] = [];
  const keys = new Map<string, Uint8Array>();
  let tree: RatchetTree | undefined;

  const freshKey = async (level: number, firstLeaf: number): Promise<Uint8Array> => {
    const { privateKey, publicKey } = await suite.deriveKeyPair(random(suite.hashLength));
    keys.set(`${level}/${firstLeaf}`, privateKey);
    return publicKey;
  };
  for (let leafIndex = 0; leafIndex < size; leafIndex++) {
    const identity = await createIdentity({ suite, credential: basic(`member ${leafIndex}`) });
    identities.push(identity);
    const encryptionKey = await freshKey(0, leafIndex);
    const leafNodeSource = { type: "key_package", lifetime: lifetimeFrom(settings.clock()) } as const;
    const leaf = await signLeaf(identity, { ...contents, encryptionKey, leafNodeSource });
    if (tree === undefined) tree = RatchetTree.create(suite, leaf);
    else tree.add(leaf);
  }
  if (tree === undefined) throw new TypeError("a group has a member");
  for (const [leafIndex, identity] of identities.entries()) {
    const steps = tree.filteredDirectPath(leafIndex);
    const publicKeys: Uint8Array[] = [];
    for (const { level, node } of steps) publicKeys.push(await freshKey(level, node.firstLeaf));
    const planned = tree.planPath(steps, publicKeys);
    const leafNodeSource = { type: "commit", parentHash: planned.parentHash } as const;
    const encryptionKey = await freshKey(0, leafIndex);
    const leaf = await signLeaf(identity, { ...contents, encryptionKey, leafNodeSource }, { groupId, leafIndex });
    tree.mergePath(leafIndex, leaf, planned);
  }
  tree.settle();

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
  const of = tree;
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
        tree: of,
        interimTranscriptHash: interimTranscriptHash(own, context.confirmedTranscriptHash, tag),
        confirmationTag: tag,
        reinit: undefined,
      };
      const privateKeys = new Map<number, NodePrivateKey>();
      for (let node = of.root; ; node = node.childToward(leafIndex)) {
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
