/**
 * Every struct of RFC 9420 encoded field by field, as the RFC prints it: by concatenation, without the codec.
 */

import { concat } from "../../src/bytes/concat.ts";
import type { Commit, ProposalOrRef } from "../../src/wire/commit.ts";
import type { Credential } from "../../src/wire/credential.ts";
import type { Extension, ExternalSender, RequiredCapabilities } from "../../src/wire/extension.ts";
import type {
  AuthenticatedContent,
  Content,
  FramedContent,
  FramedContentAuthData,
  FramingFormat,
  Sender,
} from "../../src/wire/framing.ts";
import type { GroupContext } from "../../src/wire/group-context.ts";
import type { KeyPackage } from "../../src/wire/key-package.ts";
import type { Capabilities, LeafNode, LeafNodeSource, Lifetime } from "../../src/wire/leaf-node.ts";
import type { MlsMessage } from "../../src/wire/message.ts";
import type { PreSharedKeyId, PskLabel } from "../../src/wire/pre-shared-key.ts";
import type { PrivateMessage, SenderData } from "../../src/wire/private-message.ts";
import type { Proposal } from "../../src/wire/proposal.ts";
import type { PublicMessage } from "../../src/wire/public-message.ts";
import type { Node, ParentHashInput, ParentNode, TreeHashInput } from "../../src/wire/ratchet-tree.ts";
import type { HpkeCiphertext, UpdatePath, UpdatePathNode } from "../../src/wire/update-path.ts";
import type { EncryptedGroupSecrets, GroupInfo, GroupSecrets, Welcome } from "../../src/wire/welcome.ts";

type Bytes = Uint8Array;

/** A big-endian integer. */
export function uint(size: 1 | 2 | 4 | 8, value: number | bigint): Bytes {
  const out = new Uint8Array(size);
  for (let i = size - 1, rest = BigInt(value); i >= 0; i--, rest /= 256n) out[i] = Number(rest % 256n);
  return out;
}

/** `opaque value<V>`, or a vector of encoded values. */
export function vec(...parts: readonly Bytes[]): Bytes {
  const body = concat(...parts);
  const { length } = body;
  if (length < 64) return concat(uint(1, length), body);
  if (length < 16384) return concat(uint(2, 0x4000 + length), body);
  return concat(uint(4, 0x8000_0000 + length), body);
}

const opt = <T>(encode: (value: T) => Bytes, value: T | undefined): Bytes =>
  value === undefined ? uint(1, 0) : concat(uint(1, 1), encode(value));
const u16s = (values: readonly number[]): Bytes => vec(...values.map((value) => uint(2, value)));

export function credential(value: Credential): Bytes {
  if (value.type === "basic") return concat(uint(2, 1), vec(value.identity));
  if (value.type === "x509") return concat(uint(2, 2), vec(...value.certificates.map((der) => vec(der))));
  return concat(uint(2, value.type), vec(value.data));
}

export const extension = ({ type, data }: Extension): Bytes => concat(uint(2, type), vec(data));
export const extensions = (list: readonly Extension[]): Bytes => vec(...list.map(extension));
export const requiredCapabilities = (value: RequiredCapabilities): Bytes =>
  concat(u16s(value.extensionTypes), u16s(value.proposalTypes), u16s(value.credentialTypes));
export const externalSender = (value: ExternalSender): Bytes =>
  concat(vec(value.signatureKey), credential(value.credential));

export const capabilities = (value: Capabilities): Bytes =>
  concat(
    u16s(value.versions),
    u16s(value.cipherSuites),
    u16s(value.extensions),
    u16s(value.proposals),
    u16s(value.credentials),
  );

export const lifetime = ({ notBefore, notAfter }: Lifetime): Bytes => concat(uint(8, notBefore), uint(8, notAfter));
export function leafNodeSource(value: LeafNodeSource): Bytes {
  if (value.type === "key_package") return concat(uint(1, 1), lifetime(value.lifetime));
  return value.type === "update" ? uint(1, 2) : concat(uint(1, 3), vec(value.parentHash));
}

/** The fields above the signature. */
export const unsignedLeafNode = (value: LeafNode): Bytes =>
  concat(
    vec(value.encryptionKey),
    vec(value.signatureKey),
    credential(value.credential),
    capabilities(value.capabilities),
    leafNodeSource(value.leafNodeSource),
    extensions(value.extensions),
  );
export const leafNode = (value: LeafNode): Bytes => concat(unsignedLeafNode(value), vec(value.signature));

/** The fields above the signature. */
export const unsignedKeyPackage = (value: KeyPackage): Bytes =>
  concat(
    uint(2, value.version),
    uint(2, value.cipherSuite),
    vec(value.initKey),
    leafNode(value.leafNode),
    extensions(value.extensions),
  );
export const keyPackage = (value: KeyPackage): Bytes => concat(unsignedKeyPackage(value), vec(value.signature));

export const groupContext = (value: GroupContext): Bytes =>
  concat(
    uint(2, value.version),
    uint(2, value.cipherSuite),
    vec(value.groupId),
    uint(8, value.epoch),
    vec(value.treeHash),
    vec(value.confirmedTranscriptHash),
    extensions(value.extensions),
  );

export function preSharedKeyId(value: PreSharedKeyId): Bytes {
  if (value.type === "external") return concat(uint(1, 1), vec(value.pskId), vec(value.pskNonce));
  if (value.type === "application") {
    return concat(uint(1, 3), uint(2, value.componentId), vec(value.pskId), vec(value.pskNonce));
  }
  const usage = { application: 1, reinit: 2, branch: 3 }[value.usage];
  return concat(uint(1, 2), uint(1, usage), vec(value.pskGroupId), uint(8, value.pskEpoch), vec(value.pskNonce));
}

export const pskLabel = ({ id, index, count }: PskLabel): Bytes =>
  concat(preSharedKeyId(id), uint(2, index), uint(2, count));

export function proposal(value: Proposal): Bytes {
  switch (value.type) {
    case "add":
      return concat(uint(2, 1), keyPackage(value.keyPackage));
    case "update":
      return concat(uint(2, 2), leafNode(value.leafNode));
    case "remove":
      return concat(uint(2, 3), uint(4, value.removed));
    case "psk":
      return concat(uint(2, 4), preSharedKeyId(value.psk));
    case "reinit": {
      const numbers = concat(uint(2, value.version), uint(2, value.cipherSuite));
      return concat(uint(2, 5), vec(value.groupId), numbers, extensions(value.extensions));
    }
    case "external_init":
      return concat(uint(2, 6), vec(value.kemOutput));
    case "group_context_extensions":
      return concat(uint(2, 7), extensions(value.extensions));
    case "custom":
      return concat(uint(2, value.proposalType), value.body);
  }
}

export const hpkeCiphertext = (value: HpkeCiphertext): Bytes => concat(vec(value.kemOutput), vec(value.ciphertext));
export const updatePathNode = (value: UpdatePathNode): Bytes =>
  concat(vec(value.encryptionKey), vec(...value.encryptedPathSecret.map(hpkeCiphertext)));
export const updatePath = (value: UpdatePath): Bytes =>
  concat(leafNode(value.leafNode), vec(...value.nodes.map(updatePathNode)));

export const proposalOrRef = (value: ProposalOrRef): Bytes =>
  value.type === "proposal" ? concat(uint(1, 1), proposal(value.proposal)) : concat(uint(1, 2), vec(value.reference));
export const commit = (value: Commit): Bytes =>
  concat(vec(...value.proposals.map(proposalOrRef)), opt(updatePath, value.path));

export const contentTypes = { application: 1, proposal: 2, commit: 3 } as const;
export const wireFormats = {
  mls_public_message: 1,
  mls_private_message: 2,
  mls_welcome: 3,
  mls_group_info: 4,
  mls_key_package: 5,
} as const;

export function sender(value: Sender): Bytes {
  if (value.type === "member") return concat(uint(1, 1), uint(4, value.leafIndex));
  if (value.type === "external") return concat(uint(1, 2), uint(4, value.senderIndex));
  return uint(1, value.type === "new_member_proposal" ? 3 : 4);
}

/** The body of the `select` of FramedContent. */
export function contentBody(value: Content): Bytes {
  if (value.type === "application") return vec(value.applicationData);
  return value.type === "proposal" ? proposal(value.proposal) : commit(value.commit);
}
export const framedContent = (value: FramedContent): Bytes =>
  concat(
    vec(value.groupId),
    uint(8, value.epoch),
    sender(value.sender),
    vec(value.authenticatedData),
    uint(1, contentTypes[value.content.type]),
    contentBody(value.content),
  );
export const authData = ({ signature, confirmationTag }: FramedContentAuthData): Bytes =>
  concat(vec(signature), ...(confirmationTag === undefined ? [] : [vec(confirmationTag)]));
export const authenticatedContent = (value: AuthenticatedContent): Bytes =>
  concat(uint(2, wireFormats[value.wireFormat]), framedContent(value.content), authData(value.auth));

/** RFC 9420 section 6.1: the context is there "case member: case new_member_commit:". */
export function framedContentTbs(format: FramingFormat, value: FramedContent, context: GroupContext): Bytes {
  const head = concat(uint(2, 1), uint(2, wireFormats[format]), framedContent(value));
  const covered = { member: true, external: false, new_member_proposal: false, new_member_commit: true };
  return covered[value.sender.type] ? concat(head, groupContext(context)) : head;
}

export const publicMessage = (value: PublicMessage): Bytes =>
  concat(
    framedContent(value.content),
    authData(value.auth),
    ...(value.membershipTag === undefined ? [] : [vec(value.membershipTag)]),
  );
export const senderDataAad = (value: Pick<PrivateMessage, "groupId" | "epoch" | "contentType">): Bytes =>
  concat(vec(value.groupId), uint(8, value.epoch), uint(1, contentTypes[value.contentType]));
export const privateContentAad = (value: Omit<PrivateMessage, "encryptedSenderData" | "ciphertext">): Bytes =>
  concat(senderDataAad(value), vec(value.authenticatedData));
export const privateMessage = (value: PrivateMessage): Bytes =>
  concat(privateContentAad(value), vec(value.encryptedSenderData), vec(value.ciphertext));
export const senderData = (value: SenderData): Bytes =>
  concat(uint(4, value.leafIndex), uint(4, value.generation), value.reuseGuard);

/** The fields above the signature. */
export const unsignedGroupInfo = (value: GroupInfo): Bytes =>
  concat(
    groupContext(value.groupContext),
    extensions(value.extensions),
    vec(value.confirmationTag),
    uint(4, value.signer),
  );
export const groupInfo = (value: GroupInfo): Bytes => concat(unsignedGroupInfo(value), vec(value.signature));
export const groupSecrets = (value: GroupSecrets): Bytes =>
  concat(
    vec(value.joinerSecret),
    opt(({ pathSecret }) => vec(pathSecret), value.pathSecret),
    vec(...value.psks.map(preSharedKeyId)),
  );
export const encryptedGroupSecrets = (value: EncryptedGroupSecrets): Bytes =>
  concat(vec(value.newMember), hpkeCiphertext(value.encryptedGroupSecrets));
export const welcome = (value: Welcome): Bytes =>
  concat(uint(2, value.cipherSuite), vec(...value.secrets.map(encryptedGroupSecrets)), vec(value.encryptedGroupInfo));

export const parentNode = (value: ParentNode): Bytes =>
  concat(
    vec(value.encryptionKey),
    vec(value.parentHash),
    vec(...value.unmergedLeaves.map((leafIndex) => uint(4, leafIndex))),
  );
export const node = (value: Node): Bytes =>
  value.type === "leaf"
    ? concat(uint(1, 1), leafNode(value.leafNode))
    : concat(uint(1, 2), parentNode(value.parentNode));
export const ratchetTreeNodes = (nodes: readonly (Node | undefined)[]): Bytes =>
  vec(...nodes.map((value) => opt(node, value)));
export const treeHashInput = (value: TreeHashInput): Bytes =>
  value.type === "leaf"
    ? concat(uint(1, 1), uint(4, value.leafIndex), opt(leafNode, value.leafNode))
    : concat(uint(1, 2), opt(parentNode, value.parentNode), vec(value.leftHash), vec(value.rightHash));
export const parentHashInput = (value: ParentHashInput): Bytes =>
  concat(vec(value.encryptionKey), vec(value.parentHash), vec(value.originalSiblingTreeHash));

export function mlsMessage(value: MlsMessage): Bytes {
  const head = concat(uint(2, 1), uint(2, wireFormats[value.wireFormat]));
  switch (value.wireFormat) {
    case "mls_public_message":
      return concat(head, publicMessage(value.publicMessage));
    case "mls_private_message":
      return concat(head, privateMessage(value.privateMessage));
    case "mls_welcome":
      return concat(head, welcome(value.welcome));
    case "mls_group_info":
      return concat(head, groupInfo(value.groupInfo));
    case "mls_key_package":
      return concat(head, keyPackage(value.keyPackage));
  }
}
