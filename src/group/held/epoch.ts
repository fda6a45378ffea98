/**
 * One epoch of a group as its member sees it: what is public, and the secrets that section 9.2 lets it keep.
 */

import type { Secret } from "../../bytes/secret.ts";
import { CopseError } from "../../errors.ts";
import type { EpochSecrets } from "../../schedule/key-schedule.ts";
import { SecretTree } from "../../schedule/secret-tree.ts";
import type { LeafLookup } from "../../tree/ratchet-tree.ts";
import type { PrivateKeys } from "../../tree/treekem.ts";
import type { GroupContext } from "../../wire/group-context.ts";
import type { LeafNode } from "../../wire/leaf-node.ts";
import type { PublicEpoch } from "../../public-group/epoch.ts";
import type { Window } from "../../public-group/options/settings.ts";

/**
 * The secrets that live as long as the epoch. The encryption secret is in the secret tree, the confirmation key is
 * consumed when the epoch begins, the resumption PSK has a life of its own, and the exporter tree is of whoever holds the epoch.
 */
export type LiveSecrets = Omit<
  EpochSecrets,
  "encryptionSecret" | "confirmationKey" | "resumptionPsk" | "applicationExportSecret"
>;

/** An epoch with its secrets. It never changes, but for the secret tree, which only moves forward. */
export interface Epoch extends PublicEpoch {
  readonly leafIndex: number;
  readonly secrets: LiveSecrets;
  readonly resumptionPsk: Secret<"resumption_psk">;
  readonly secretTree: SecretTree;
  readonly privateKeys: PrivateKeys;
  /**
   * The root of the exporter tree until the epoch is entered: from then on the tree is the group's. Undefined where the epoch
   * was stored by a version that had none.
   */
  readonly applicationExportSecret: Secret<"application_export_secret"> | undefined;
}

/** What is left of an epoch for messages that come late: no private keys, no secret but these two. */
export interface PastEpoch {
  readonly context: GroupContext;
  readonly tree: LeafLookup;
  readonly senderDataSecret: Secret<"sender_data_secret">;
  readonly secretTree: SecretTree;
  /** When it ended, in milliseconds. */
  readonly endedAt: number;
}

/** An epoch of the secrets that its key schedule gives; the confirmation key has done its work and is wiped. */
export function beginEpoch(
  from: PublicEpoch & { readonly leafIndex: number; readonly privateKeys: PrivateKeys },
  epochSecrets: EpochSecrets,
  window: Window,
): Epoch {
  const { encryptionSecret, confirmationKey, resumptionPsk, applicationExportSecret, ...secrets } = epochSecrets;
  confirmationKey.wipe();
  const secretTree = SecretTree.create(from.suite, encryptionSecret, from.tree.width, window);
  return { ...from, secrets, resumptionPsk, secretTree, applicationExportSecret };
}

/** Our own leaf. @throws CopseError "snapshot-damaged": only an epoch that was stored, and damaged, can be without it. */
export function ownLeaf({ tree, leafIndex }: Pick<Epoch, "tree" | "leafIndex">): LeafNode {
  const leaf = tree.leaf(leafIndex);
  if (leaf === undefined) throw new CopseError("snapshot-damaged");
  return leaf;
}

/** Every secret of an epoch but its exporter tree. */
export function* secretsOf({
  secrets,
  resumptionPsk,
  secretTree,
  privateKeys,
}: Epoch): Iterable<Secret<string> | SecretTree> {
  yield* Object.values(secrets) as Secret<string>[];
  yield resumptionPsk;
  yield secretTree;
  yield* privateKeys.values();
}

/** Wipe some private keys. */
export function wipePrivateKeys(keys: PrivateKeys): void {
  for (const key of keys.values()) key.wipe();
}

/** Every secret of an epoch that is not entered yet. */
export function* secretsOfNext(epoch: Epoch): Iterable<Secret<string> | SecretTree> {
  yield* secretsOf(epoch);
  if (epoch.applicationExportSecret !== undefined) yield epoch.applicationExportSecret;
}

/** Wipe an epoch that was never entered; `current` keeps the private keys that both hold. */
export function wipeEpoch(epoch: Epoch, current?: Epoch): void {
  const kept = new Set<unknown>(current?.privateKeys.values());
  for (const secret of secretsOfNext(epoch)) if (!kept.has(secret)) secret.wipe();
}
