/**
 * The secret half of processing a commit: path secrets, PSKs, the key schedule and the confirmation tag. RFC 9420 section
 * 12.4.2.
 */

import { Secret } from "../../bytes/secret.ts";
import { encodingOf } from "../../codec/retained.ts";
import { externalInitReceive } from "../../crypto/labels.ts";
import { checkConfirmationTag, confirmationTagOf } from "../../rules/commit.ts";
import { notOpened } from "../../rules/external-commit.ts";
import {
  confirmationTag,
  deriveEpoch,
  deriveJoinerSecret,
  wipeEpochSecrets,
  zeroSecret,
} from "../../schedule/key-schedule.ts";
import { decryptPath, wipePath, type FreshPath, type PathContext } from "../../tree/treekem.ts";
import type { AuthenticatedContent } from "../../wire/framing.ts";
import { GroupContext } from "../../wire/group-context.ts";
import { nextPublicEpoch, type CommitPlan, type PlannedUpdate } from "../../public-group/plan.ts";
import { beginEpoch, type Epoch } from "../held/epoch.ts";
import { keysThatStay, withFreshKeys } from "../held/own-keys.ts";
import type { OwnUpdate } from "../held/own-updates.ts";
import { findPskSecret, type PskSource } from "../held/psks.ts";

/**
 * The epoch that a commit begins, for a member that stays. Nothing of the current epoch has changed: entering the new one
 * is the caller's matter.
 *
 * @throws CopseError "path-open", "path-key-mismatch", "external-init-open", "psk-not-found", "confirmation-tag".
 */
export async function receiveCommit(
  epoch: Epoch,
  plan: CommitPlan,
  authenticated: AuthenticatedContent,
  psks: PskSource,
  ownUpdate: OwnUpdate | undefined,
): Promise<Epoch> {
  const { suite, leafIndex } = epoch;
  const tag = confirmationTagOf(suite, authenticated.auth);
  const keys = keysThatStay(epoch.privateKeys, leafIndex, epoch.tree, plan.tree);
  // A copy: the Update stays pending, with its key, until the commit has been accepted.
  const updateKey = ownUpdate?.privateKey.copy();
  if (updateKey !== undefined) keys.set(0, updateKey);
  const temporary: Secret<string>[] = [];
  let path: FreshPath | undefined;
  try {
    if (plan.path !== undefined) {
      path = await decryptPath(pathContext(epoch, plan, plan.path), plan.path.update.nodes, leafIndex, keys);
    }
    const next = nextPublicEpoch(epoch, plan, authenticated, tag);
    const groupContext = encodingOf(GroupContext, next.context);
    const initSecret = await initSecretFor(epoch, plan, temporary);
    const pskSecret = await findPskSecret(suite, plan.applied.psks, [psks], "valn1205");
    const commitSecret = path?.commitSecret ?? zeroSecret("commit_secret", suite);
    temporary.push(commitSecret, pskSecret);
    const joinerSecret = deriveJoinerSecret(suite, { initSecret, commitSecret, groupContext });
    const { welcomeSecret, epochSecrets } = deriveEpoch(suite, { joinerSecret, pskSecret, groupContext });
    temporary.push(joinerSecret, welcomeSecret);
    try {
      const computed = confirmationTag(suite, epochSecrets.confirmationKey, next.context.confirmedTranscriptHash);
      checkConfirmationTag(computed, tag);
    } catch (error) {
      wipeEpochSecrets(epochSecrets);
      throw error;
    }
    const privateKeys = withFreshKeys(keys, path?.nodes ?? []);
    return beginEpoch({ ...next, leafIndex, privateKeys }, epochSecrets, psks.settings.window);
  } catch (error) {
    updateKey?.wipe();
    if (path !== undefined) wipePath(path);
    throw error;
  } finally {
    for (const secret of temporary) secret.wipe();
  }
}

/**
 * What a member whom a commit removes can check of its secrets: that it has a confirmation tag, which only those who stay
 * can verify, and that the init secret of an external commit opens.
 *
 * @throws CopseError "confirmation-tag", "external-init-open".
 */
export async function checkOwnRemoval(epoch: Epoch, plan: CommitPlan, { auth }: AuthenticatedContent): Promise<void> {
  confirmationTagOf(epoch.suite, auth);
  const temporary: Secret<string>[] = [];
  await initSecretFor(epoch, plan, temporary);
  for (const secret of temporary) secret.wipe();
}

function pathContext({ suite }: Epoch, { provisional }: CommitPlan, { steps, newLeaves }: PlannedUpdate): PathContext {
  return { suite, path: steps, newLeaves, groupContext: encodingOf(GroupContext, provisional) };
}

/** The init secret of the current epoch, or the one that a new member sent. RFC 9420 section 8.3 */
async function initSecretFor(
  { suite, secrets }: Epoch,
  { applied }: CommitPlan,
  temporary: Secret<string>[],
): Promise<Secret<"init_secret">> {
  if (applied.externalInit === undefined) return secrets.initSecret;
  const external = await secrets.externalSecret.use((bytes) => suite.deriveKeyPair(bytes));
  try {
    const initSecret = await externalInitReceive(suite, external, applied.externalInit.kemOutput);
    const secret = Secret.of("init_secret", initSecret);
    temporary.push(secret);
    return secret;
  } catch (cause) {
    throw notOpened(cause);
  } finally {
    external.privateKey.fill(0);
  }
}
