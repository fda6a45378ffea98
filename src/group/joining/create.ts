/**
 * Making a group: one member, epoch 0. RFC 9420 section 11.
 */

import { copyBytes } from "../../bytes/copy.ts";
import { Secret } from "../../bytes/secret.ts";
import { checkGroupContextExtensions } from "../../rules/extensions.ts";
import { askRules } from "../../rules/registry.ts";
import { confirmationTag, epochSecretsFrom } from "../../schedule/key-schedule.ts";
import { emptyTranscriptHash, interimTranscriptHash } from "../../schedule/transcript.ts";
import { RatchetTree } from "../../tree/ratchet-tree.ts";
import type { NodePrivateKey } from "../../tree/treekem.ts";
import type { Extension } from "../../wire/extension.ts";
import { GroupContext } from "../../wire/group-context.ts";
import { LeafNode } from "../../wire/leaf-node.ts";
import { mls10 } from "../../wire/registries.ts";
import { beginEpoch, type Epoch } from "../held/epoch.ts";
import type { Identity } from "../../public-group/identity.ts";
import { lifetimeFrom } from "./key-package-bundle.ts";
import { leafContents, signLeaf, type LeafOptions } from "../../public-group/leaf.ts";
import { checkSendable } from "../../public-group/options/sendable.ts";
import type { Settings } from "../../public-group/options/settings.ts";
import { authenticateExternalSenders, checkLeafAlone, checkLeafInTree } from "../../public-group/validate.ts";

/** What a creator decides. */
export interface CreateInput {
  readonly identity: Identity;
  readonly groupId: Uint8Array | undefined;
  readonly extensions: readonly Extension[];
  readonly leaf: LeafOptions;
  readonly settings: Settings;
}

/** The first epoch of a new group. */
export async function createEpoch({ identity, groupId, extensions, leaf, settings }: CreateInput): Promise<Epoch> {
  const { suite } = identity;
  const { random, registry, clock, authentication } = settings;
  const keys = await suite.generateKemKeyPair(random);
  const leafNode = await signLeaf(identity, {
    ...leafContents(leaf, suite, settings),
    encryptionKey: keys.publicKey,
    leafNodeSource: { type: "key_package", lifetime: lifetimeFrom(clock()) },
  });
  const tree = RatchetTree.create(suite, leafNode, authentication.clientKey?.bind(authentication));
  checkSendable(LeafNode, leafNode, settings.reading);
  checkLeafAlone(suite, leafNode, "key_package", settings);
  checkGroupContextExtensions(extensions, tree, registry);
  checkLeafInTree(leafNode, tree, extensions, settings);
  askRules(registry, "checkContext", extensions, [], () => []);
  const context: GroupContext = {
    version: mls10,
    cipherSuite: suite.id,
    groupId: groupId === undefined ? random(suite.hashLength) : copyBytes(groupId),
    epoch: 0n,
    treeHash: tree.hash(),
    confirmedTranscriptHash: emptyTranscriptHash,
    extensions,
  };
  checkSendable(GroupContext, context, settings.reading);
  await authenticateExternalSenders(settings, extensions, [], { suite, groupId: context.groupId });
  tree.settle();
  const epochSecrets = epochSecretsFrom(suite, Secret.of("epoch_secret", random(suite.hashLength)));
  const tag = confirmationTag(suite, epochSecrets.confirmationKey, emptyTranscriptHash);
  const privateKey: NodePrivateKey = Secret.of("node_private_key", keys.privateKey);
  return beginEpoch(
    {
      suite,
      context,
      tree,
      interimTranscriptHash: interimTranscriptHash(suite, emptyTranscriptHash, tag),
      confirmationTag: tag,
      reinit: undefined,
      leafIndex: 0,
      privateKeys: new Map([[0, privateKey]]),
    },
    epochSecrets,
    settings.window,
  );
}
