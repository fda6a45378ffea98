/**
 * The committer's own path: fresh keys, merged into the tree and sealed to the group. RFC 9420 sections 7.4 to 7.6.
 */

import { Secret } from "../../bytes/secret.ts";
import { encodingOf } from "../../codec/retained.ts";
import { checkEncryptionKeyChanged } from "../../rules/leaf-node.ts";
import type { PathStep } from "../../tree/ratchet-tree.ts";
import { derivePath, encryptPath, wipePath, type FreshPath, type NodePrivateKey } from "../../tree/treekem.ts";
import { GroupContext } from "../../wire/group-context.ts";
import type { UpdatePath } from "../../wire/update-path.ts";
import { newLeaves, type AppliedProposals } from "../../public-group/proposals/apply-proposals.ts";
import { provisionalContext } from "../../public-group/plan.ts";

import type { Identity } from "../../public-group/identity.ts";
import { signLeaf, type LeafContents } from "../../public-group/leaf.ts";
import type { PublicEpoch } from "../../public-group/epoch.ts";
import type { Settings } from "../../public-group/options/settings.ts";
import { checkLeafAlone, checkLeafInTree } from "../../public-group/validate.ts";

/** A path that is merged into the tree and sealed to the group, and has not been sent. */
export interface OwnPath {
  readonly steps: readonly PathStep[];
  readonly fresh: FreshPath;
  readonly leafPrivateKey: NodePrivateKey;
  readonly update: UpdatePath;
}

/** Whose path it is, and what the new leaf says. */
export interface PathRequest {
  readonly identity: Identity;
  readonly leaf: LeafContents;
  readonly settings: Settings;
}

/** Fresh keys for the committer's leaf and path, merged into the tree and sealed to the group. RFC 9420 section 7.5 */
export async function createPath(
  { suite, context }: PublicEpoch,
  { identity, leaf, settings }: PathRequest,
  applied: AppliedProposals,
  leafIndex: number,
): Promise<OwnPath> {
  const { tree, extensions } = applied;
  const { random } = settings;
  const steps = tree.filteredDirectPath(leafIndex);
  const fresh = await derivePath(suite, steps, Secret.of("path_secret", random(suite.hashLength)));
  let leafPrivateKey: NodePrivateKey | undefined;
  try {
    const leafKeys = await suite.generateKemKeyPair(random);
    leafPrivateKey = Secret.of("node_private_key", leafKeys.privateKey);
    const planned = tree.planPath(
      steps,
      fresh.nodes.map(({ publicKey }) => publicKey),
    );
    const leafNode = await signLeaf(
      identity,
      {
        ...leaf,
        encryptionKey: leafKeys.publicKey,
        leafNodeSource: { type: "commit", parentHash: planned.parentHash },
      },
      { groupId: context.groupId, leafIndex },
    );
    checkLeafAlone(suite, leafNode, "commit", settings);
    const replaced = tree.leaf(leafIndex);
    if (replaced !== undefined) checkEncryptionKeyChanged(leafNode, replaced, "valn1208");
    tree.mergePath(leafIndex, leafNode, planned);
    checkLeafInTree(leafNode, tree, extensions, settings);
    const groupContext = encodingOf(GroupContext, provisionalContext(context, applied));
    const nodes = await encryptPath({ suite, path: steps, newLeaves: newLeaves(applied), groupContext }, fresh, random);
    return { steps, fresh, leafPrivateKey, update: { leafNode, nodes } };
  } catch (error) {
    wipePath(fresh);
    leafPrivateKey?.wipe();
    throw error;
  }
}

/** Wipe all that is secret of a path that is not used. */
export function wipeOwnPath({ fresh, leafPrivateKey }: OwnPath): void {
  wipePath(fresh);
  leafPrivateKey.wipe();
}
