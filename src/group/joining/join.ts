/**
 * Joining a group by a Welcome. RFC 9420 section 12.4.3.1.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { nothing } from "../../bytes/nothing.ts";
import { Secret } from "../../bytes/secret.ts";
import { decode } from "../../codec/codec.ts";
import { encodingOf } from "../../codec/retained.ts";
import { decryptWithLabel } from "../../crypto/labels.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import { checkConfirmationTag } from "../../rules/commit.ts";
import { checkBranched, checkFirstEpoch, checkLink, checkReInitialized } from "../../rules/linking.ts";
import { checkPskNonce } from "../../rules/proposal.ts";
import {
  checkGroupIsNew,
  checkIsForUs,
  checkKeyPackageSuiteOfWelcome,
  checkWelcomeSuite,
  ownLeafOf,
  welcomeLinkOf,
} from "../../rules/welcome.ts";
import {
  confirmationTag,
  deriveEpoch,
  deriveWelcomeSecret,
  openOnce,
  welcomeKeyAndNonce,
  wipeEpochSecrets,
} from "../../schedule/key-schedule.ts";
import { interimTranscriptHash } from "../../schedule/transcript.ts";
import { keyString } from "../../tree/indexes.ts";
import type { RatchetTree } from "../../tree/ratchet-tree.ts";
import { commonAncestorOn, deriveSentPath, type NodePrivateKey } from "../../tree/treekem.ts";
import { GroupContext } from "../../wire/group-context.ts";
import { type LeafNode } from "../../wire/leaf-node.ts";
import { decodeMessage } from "../../wire/message.ts";
import { GroupInfo, GroupSecrets, type EncryptedGroupSecrets, type Welcome } from "../../wire/welcome.ts";
import { beginEpoch, wipePrivateKeys, type Epoch } from "../held/epoch.ts";
import { adoptedContext, checkGroupInfo, readRatchetTree } from "../../public-group/group-info.ts";
import type { Identity } from "../../public-group/identity.ts";
import { findKeyPackage, type KeyPackageSource, type OwnKeyPackage } from "./key-package-bundle.ts";
import { memberString } from "./link.ts";
import { findPskSecret, type PskSource } from "../held/psks.ts";
import {
  checkRequiredContext,
  checkRequiredGroup,
  checkRequiredPsks,
  type WelcomeRequirements,
} from "../../public-group/requirements.ts";
import type { AuthenticationService, Settings } from "../../public-group/options/settings.ts";
import { LongWork } from "../../public-group/turns/long-work.ts";
import type { PublicEpoch } from "../../public-group/epoch.ts";

/** The group that a reinitialized or branched one comes from. */
export interface PreviousGroup {
  readonly epoch: PublicEpoch;
  readonly psks: PskSource;
}

/** What a Welcome is opened with. */
export interface JoinInput {
  readonly identity: Identity;
  readonly welcome: Uint8Array;
  readonly keyPackages: KeyPackageSource;
  readonly ratchetTree: Uint8Array | undefined;
  readonly previous: PreviousGroup | undefined;
  readonly require: WelcomeRequirements;
  readonly settings: Settings;
}

/**
 * The epoch that a Welcome brings, and the key package that it used: taken, and to be spent or given back.
 *
 * @throws CopseError of the rule that is broken. Nothing has changed then.
 */
export async function joinByWelcome(
  input: JoinInput,
): Promise<{ readonly epoch: Epoch; readonly keyPackage: OwnKeyPackage }> {
  const { identity, settings } = input;
  const { suite } = identity;
  const message = decodeMessage(input.welcome, settings.reading);
  if (message.wireFormat !== "mls_welcome") throw new CopseError("not-a-group-message", { detail: "not a Welcome" });
  const { welcome } = message;
  const { keyPackage, entry } = await findOurs(welcome, input.keyPackages, identity, settings);
  checkKeyPackageSuiteOfWelcome(welcome, keyPackage.value, suite);
  const secrets = await openGroupSecrets(suite, welcome, entry, keyPackage, settings);
  try {
    return { epoch: await enter(input, welcome, keyPackage, secrets), keyPackage };
  } finally {
    secrets.joinerSecret.fill(0);
    secrets.pathSecret?.pathSecret.fill(0);
  }
}

async function enter(
  { identity: { suite }, ratchetTree, previous, require, settings }: JoinInput,
  welcome: Welcome,
  keyPackage: OwnKeyPackage,
  secrets: GroupSecrets,
): Promise<Epoch> {
  const linking = welcomeLinkOf(secrets.psks);
  for (const id of secrets.psks) checkPskNonce(id, suite);
  checkLink(linking, previous?.epoch);
  checkRequiredPsks(require, secrets.psks);
  const own: PskSource = { groupId: nothing, resumption: new Map(), settings };
  const sources = previous === undefined ? [own] : [previous.psks, own];
  const joinerSecret = Secret.of("joiner_secret", secrets.joinerSecret.slice());
  const pskSecret = await findPskSecret(suite, secrets.psks, sources, "valn1401");
  try {
    const groupInfo = openGroupInfo(suite, welcome, joinerSecret, pskSecret, settings);
    const groupContext = adoptedContext(suite, groupInfo, settings);
    const tag = copyBytes(groupInfo.confirmationTag);
    checkWelcomeSuite(groupContext, suite);
    checkRequiredContext(require, groupContext);
    await checkGroupIsNew(groupContext.groupId, settings.hasGroup);
    const work = new LongWork();
    const tree = await readRatchetTree(suite, groupInfo, ratchetTree, settings, work);
    await checkGroupInfo(suite, groupInfo, tree, settings, work);
    if (previous !== undefined) checkSuccessor(groupContext, tree, previous.epoch, settings.authentication);
    const leafIndex = ownLeafOf(tree, keyPackage.value.leafNode);
    const context = encodingOf(GroupContext, groupContext);
    const { welcomeSecret, epochSecrets } = deriveEpoch(suite, { joinerSecret, pskSecret, groupContext: context });
    welcomeSecret.wipe();
    try {
      const computed = confirmationTag(suite, epochSecrets.confirmationKey, groupContext.confirmedTranscriptHash);
      checkConfirmationTag(computed, tag, "valn1411");
      await checkRequiredGroup(require, groupContext, tree, groupInfo.signer);
      const privateKeys = await privateKeysOf(tree, leafIndex, groupInfo.signer, keyPackage, secrets);
      const publicEpoch: PublicEpoch = {
        suite,
        context: groupContext,
        tree,
        interimTranscriptHash: interimTranscriptHash(suite, groupContext.confirmedTranscriptHash, tag),
        confirmationTag: tag,
        reinit: undefined,
      };
      return beginEpoch({ ...publicEpoch, leafIndex, privateKeys }, epochSecrets, settings.window);
    } catch (error) {
      wipeEpochSecrets(epochSecrets);
      throw error;
    }
  } finally {
    joinerSecret.wipe();
    pskSecret.wipe();
  }
}

/**
 * "Identify an entry in the secrets array where the new_member value corresponds to one of this client's KeyPackages". A
 * Welcome may add several identities that share a store of key packages: the entry is this one's.
 */
async function findOurs(
  { secrets }: Welcome,
  source: KeyPackageSource,
  { signatureKey, suite }: Identity,
  { limits }: Settings,
): Promise<{ readonly keyPackage: OwnKeyPackage; readonly entry: EncryptedGroupSecrets }> {
  const refs = typeof source === "function" ? undefined : new Set(source.map(({ ref }) => keyString(ref)));
  const asked = new Set<string>();
  let others = false;
  let found: { readonly keyPackage: OwnKeyPackage; readonly entry: EncryptedGroupSecrets } | undefined;
  for (const entry of secrets) {
    const { newMember } = entry;
    // A KeyPackageRef is a hash of the suite (section 5.2), and each new member has one entry.
    if (newMember.length !== suite.hashLength) continue;
    const ref = keyString(newMember);
    if (asked.has(ref) || refs?.has(ref) === false) continue;
    // No commit adds more members than this, so no Welcome has more entries for us to look up.
    if (asked.size >= limits.proposals) throw new CopseError("limit-exceeded", { limit: "proposals" });
    asked.add(ref);
    const keyPackage = await findKeyPackage(source, newMember);
    if (keyPackage === undefined) continue;
    if (bytesEqual(keyPackage.value.leafNode.signatureKey, signatureKey)) {
      found = { keyPackage, entry };
      break;
    }
    others = true;
  }
  if (found === undefined && others) throw new TypeError("the key package is of another identity");
  checkIsForUs(found);
  return found;
}

async function openGroupSecrets(
  suite: CipherSuite,
  { encryptedGroupInfo }: Welcome,
  { encryptedGroupSecrets: { kemOutput, ciphertext } }: EncryptedGroupSecrets,
  { initPrivateKey, value: { initKey: publicKey } }: OwnKeyPackage,
  { reading }: Settings,
): Promise<GroupSecrets> {
  if (initPrivateKey.isWiped) throw new CopseError("key-package-unknown");
  let bytes: Uint8Array | undefined;
  try {
    bytes = await initPrivateKey.use((privateKey) =>
      decryptWithLabel(suite, {
        privateKey,
        publicKey,
        label: "Welcome",
        context: encryptedGroupInfo,
        kemOutput,
        ciphertext,
      }),
    );
    return decode(GroupSecrets, bytes, reading);
  } catch (cause) {
    bytes?.fill(0);
    throw new CopseError("welcome-open", { cause });
  }
}

function openGroupInfo(
  suite: CipherSuite,
  { encryptedGroupInfo }: Welcome,
  joinerSecret: Secret<"joiner_secret">,
  pskSecret: Secret<"psk_secret">,
  { reading }: Settings,
): GroupInfo {
  const welcomeSecret = deriveWelcomeSecret(suite, { joinerSecret, pskSecret });
  try {
    const bytes = openOnce(suite, welcomeKeyAndNonce(suite, welcomeSecret), nothing, encryptedGroupInfo);
    return decode(GroupInfo, bytes, reading);
  } catch (cause) {
    throw new CopseError("welcome-open", { cause });
  } finally {
    welcomeSecret.wipe();
  }
}

/** The rules for a group that was reinitialized or branched from another. valn1412, valn1413, valn1414 */
function checkSuccessor(
  context: GroupContext,
  tree: RatchetTree,
  previous: PublicEpoch,
  authentication: AuthenticationService,
): void {
  checkFirstEpoch(context);
  const members = { before: leavesOf(previous.tree), after: leavesOf(tree) };
  const memberKey = ({ credential }: LeafNode): string => memberString(authentication, credential);
  if (previous.reinit === undefined) checkBranched(context, previous.context, members, memberKey);
  else checkReInitialized(context, previous.reinit, members, memberKey);
}

function leavesOf(tree: RatchetTree): readonly LeafNode[] {
  return Array.from(tree.leaves(), ([, leaf]) => leaf);
}

/**
 * The private keys of a new member: its leaf's, and those that the path secret gives, from the lowest common ancestor with
 * the signer up. "The private key MUST be the private key that corresponds to the public key in the node."
 */
async function privateKeysOf(
  tree: RatchetTree,
  leafIndex: number,
  signer: number,
  keyPackage: OwnKeyPackage,
  { pathSecret }: GroupSecrets,
): Promise<Map<number, NodePrivateKey>> {
  const { suite } = tree;
  const keys = new Map<number, NodePrivateKey>();
  if (pathSecret !== undefined) {
    if (pathSecret.pathSecret.length !== suite.hashLength) throw new CopseError("path-open");
    const path = tree.filteredDirectPath(signer);
    const start = commonAncestorOn(path, leafIndex);
    if (start < 0) throw new CopseError("path-key-mismatch", { detail: "no common ancestor with the signer" });
    const steps = path.slice(start);
    const inTree = steps.map(({ node }) => node.parentNode?.encryptionKey);
    const first = Secret.of("path_secret", pathSecret.pathSecret.slice());
    const { nodes, commitSecret } = await deriveSentPath(suite, steps, first, inTree, "section 12.4.3.1");
    commitSecret.wipe();
    for (const { level, privateKey, pathSecret: used } of nodes) {
      keys.set(level, privateKey);
      used.wipe();
    }
  }
  try {
    return keys.set(0, keyPackage.take());
  } catch (error) {
    wipePrivateKeys(keys);
    throw error;
  }
}
