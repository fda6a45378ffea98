/**
 * Private messages and Welcomes that break one rule: sealed with the keys that their real sender would use.
 */

import { Secret } from "../../src/bytes/secret.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import { decryptWithLabel, encryptWithLabel, signWithLabel } from "../../src/crypto/labels.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import type { Group } from "../../src/group/group.ts";
import type { Identity } from "../../src/public-group/identity.ts";
import { OwnKeyPackage, type KeyPackageBundle } from "../../src/group/joining/key-package-bundle.ts";
import { signFramedContent } from "../../src/public-group/sign.ts";
import { defaultWindow } from "../../src/public-group/options/settings-of.ts";
import {
  confirmationTag,
  deriveEpoch,
  deriveWelcomeSecret,
  senderDataKeyAndNonce,
  welcomeKeyAndNonce,
} from "../../src/schedule/key-schedule.ts";
import { pskSecret, type NamedPsk } from "../../src/schedule/psk.ts";
import { SecretTree } from "../../src/schedule/secret-tree.ts";
import { RatchetTree } from "../../src/tree/ratchet-tree.ts";
import type { Content, FramedContent } from "../../src/wire/framing.ts";
import { GroupContext } from "../../src/wire/group-context.ts";
import { decodeMessage, encodeMessage } from "../../src/wire/message.ts";
import {
  privateContentAad,
  SenderData,
  SenderDataAad,
  writePrivateMessageContent,
} from "../../src/wire/private-message.ts";
import { RatchetTreeNodes } from "../../src/wire/ratchet-tree.ts";
import { extensionTypes } from "../../src/wire/registries.ts";
import { GroupInfo, groupInfoTbs, GroupSecrets, type Welcome } from "../../src/wire/welcome.ts";
import { storedOf } from "../group/insider.ts";

/** What of a private message is not as it should be. */
export interface PrivateChange {
  readonly plaintext?: (plaintext: Uint8Array) => Uint8Array;
  readonly senderData?: Partial<SenderData>;
  readonly signer?: Identity;
  readonly epoch?: bigint;
}

/** A private message of a member, in its current epoch and under the next generation of its ratchet. */
export async function sealPrivate(group: Group, content: Content, change: PrivateChange = {}): Promise<Uint8Array> {
  const { suite, groupContext: context, self } = group;
  const { leafIndex } = self;
  const header = {
    groupId: context.groupId,
    epoch: change.epoch ?? context.epoch,
    contentType: content.type,
    authenticatedData: new Uint8Array(0),
  };
  const { groupId, epoch, authenticatedData } = header;
  const framed: FramedContent = { groupId, epoch, sender: { type: "member", leafIndex }, authenticatedData, content };
  const format = "mls_private_message";
  const signature = await signFramedContent(change.signer ?? group.identity, format, framed, context);
  const honest = writePrivateMessageContent({ content, auth: { signature } }, () => 8);
  const plaintext = change.plaintext?.(honest) ?? honest;
  const stored = storedOf(group);
  const secretTree = SecretTree.restore(suite, stored.secretTree, defaultWindow);
  const ratchet = content.type === "application" ? "application" : "handshake";
  const { generation, key, nonce } = secretTree.next(leafIndex, ratchet);
  const reuseGuard = change.senderData?.reuseGuard ?? platformRandom(4);
  for (let i = 0; i < 4; i++) nonce[i]! ^= reuseGuard[i]!;
  const ciphertext = suite.seal(key, nonce, privateContentAad(header), plaintext);
  const secret = Secret.of("sender_data_secret", stored.secrets[0]);
  const outer = senderDataKeyAndNonce(suite, secret, ciphertext);
  const senderData = encode(SenderData, { leafIndex, generation, reuseGuard, ...change.senderData });
  const encryptedSenderData = suite.seal(outer.key, outer.nonce, encode(SenderDataAad, header), senderData);
  return encodeMessage({ wireFormat: format, privateMessage: { ...header, encryptedSenderData, ciphertext } });
}

/** What of a Welcome is not as it should be. */
export interface WelcomeChange {
  /** The group context, before anything is derived from it. */
  readonly context?: (context: GroupContext) => Partial<GroupContext>;
  /** The nodes of the ratchet tree. The tree hash is theirs, unless the context says otherwise. */
  readonly tree?: (nodes: RatchetTreeNodes) => RatchetTreeNodes | Promise<RatchetTreeNodes>;
  /** Other fields of the GroupInfo; a `signature` or `confirmationTag` stands as it is. */
  readonly groupInfo?: (groupInfo: GroupInfo) => Partial<GroupInfo>;
  readonly secrets?: (secrets: GroupSecrets) => Partial<GroupSecrets>;
  /** PSKs in place of those that were there. */
  readonly psks?: readonly NamedPsk[];
  /** The Welcome's own fields. */
  readonly welcome?: (welcome: Welcome) => Partial<Welcome>;
  /** Who signs the GroupInfo. Default: the group's member. */
  readonly signer?: Identity;
}

/** A Welcome opened with the new member's keys, changed, signed and sealed again: all that depends on the change is right. */
export async function resealed(
  group: Group,
  bundle: KeyPackageBundle,
  message: Uint8Array,
  change: WelcomeChange,
): Promise<Uint8Array> {
  const { suite } = group;
  const opened = await openWelcome(suite, bundle, message);
  const { welcome, secrets, groupInfo, keyPackage } = opened;
  const psks = change.psks ?? [];
  const inside = { ...secrets, psks: change.psks === undefined ? secrets.psks : psks.map(({ id }) => id) };
  const nodes = await change.tree?.(treeIn(groupInfo));
  const treeHash = nodes === undefined ? {} : { treeHash: RatchetTree.fromNodes(suite, nodes).hash() };
  const before = { ...groupInfo.groupContext, ...treeHash };
  const groupContext: GroupContext = { ...before, ...change.context?.(before) };
  const joinerSecret = Secret.of("joiner_secret", secrets.joinerSecret.slice());
  const psk = pskSecret(suite, psks);
  const { welcomeSecret, epochSecrets } = deriveEpoch(suite, {
    joinerSecret,
    pskSecret: psk,
    groupContext: encode(GroupContext, groupContext),
  });
  const tag = confirmationTag(suite, epochSecrets.confirmationKey, groupContext.confirmedTranscriptHash);
  const extensions = groupInfo.extensions.map(({ type, data }) =>
    type === extensionTypes.ratchet_tree && nodes !== undefined
      ? { type, data: encode(RatchetTreeNodes, nodes) }
      : { type, data },
  );
  const { signer } = groupInfo;
  const fields: GroupInfo = { groupContext, extensions, confirmationTag: tag, signer, signature: new Uint8Array(0) };
  const { signature: given, ...changes } = change.groupInfo?.(fields) ?? {};
  const unsigned: GroupInfo = { ...fields, ...changes };
  const identity = change.signer ?? group.identity;
  const signature = given ?? (await signWithLabel(identity.signer, "GroupInfoTBS", groupInfoTbs(unsigned)));
  const { key, nonce } = welcomeKeyAndNonce(suite, welcomeSecret);
  const encryptedGroupInfo = suite.seal(key, nonce, new Uint8Array(0), encode(GroupInfo, { ...unsigned, signature }));
  const encryptedGroupSecrets = await encryptWithLabel(suite, {
    publicKey: keyPackage.value.initKey,
    label: "Welcome",
    context: encryptedGroupInfo,
    plaintext: encode(GroupSecrets, { ...inside, ...change.secrets?.(inside) }),
    random: platformRandom,
  });
  const again: Welcome = {
    ...welcome,
    secrets: [{ newMember: bundle.ref, encryptedGroupSecrets }],
    encryptedGroupInfo,
  };
  return encodeMessage({ wireFormat: "mls_welcome", welcome: { ...again, ...change.welcome?.(again) } });
}

/** A Welcome as its new member reads it, where it has no PSKs. */
export async function openWelcome(
  suite: CipherSuite,
  bundle: KeyPackageBundle,
  message: Uint8Array,
  psks: readonly NamedPsk[] = [],
): Promise<{ welcome: Welcome; secrets: GroupSecrets; groupInfo: GroupInfo; keyPackage: OwnKeyPackage }> {
  const decoded = decodeMessage(message);
  if (decoded.wireFormat !== "mls_welcome" || !(bundle instanceof OwnKeyPackage)) throw new TypeError("a Welcome");
  const { welcome } = decoded;
  const entry = welcome.secrets.find(({ newMember }) => newMember.every((byte, i) => byte === bundle.ref[i]));
  if (entry === undefined) throw new TypeError("a Welcome for this key package");
  const context = welcome.encryptedGroupInfo;
  const plaintext = await bundle.initPrivateKey.use((privateKey) =>
    decryptWithLabel(suite, { privateKey, label: "Welcome", context, ...entry.encryptedGroupSecrets }),
  );
  const secrets = decode(GroupSecrets, plaintext);
  const joinerSecret = Secret.of("joiner_secret", secrets.joinerSecret.slice());
  const welcomeSecret = deriveWelcomeSecret(suite, { joinerSecret, pskSecret: pskSecret(suite, psks) });
  const { key, nonce } = welcomeKeyAndNonce(suite, welcomeSecret);
  const groupInfo = decode(GroupInfo, suite.open(key, nonce, new Uint8Array(0), context));
  return { welcome, secrets, groupInfo, keyPackage: bundle };
}

function treeIn({ extensions }: GroupInfo): RatchetTreeNodes {
  const data = extensions.find(({ type }) => type === extensionTypes.ratchet_tree)?.data;
  if (data === undefined) throw new TypeError("a Welcome with its tree was expected");
  return decode(RatchetTreeNodes, data);
}
