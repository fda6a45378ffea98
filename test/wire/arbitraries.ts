/**
 * Arbitrary values of every struct of RFC 9420: well formed, and otherwise as odd as the types allow.
 */

import fc from "fast-check";
import { concat } from "../../src/bytes/concat.ts";
import type { Reader, ReadOptions } from "../../src/codec/reader.ts";
import type { Commit, ProposalOrRef } from "../../src/wire/commit.ts";
import type { Credential } from "../../src/wire/credential.ts";
import type { Extension, ExternalPub, ExternalSender, RequiredCapabilities } from "../../src/wire/extension.ts";
import type {
  AuthenticatedContent,
  Content,
  ContentType,
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
import type { PrivateContentAad, PrivateMessage, SenderData, SenderDataAad } from "../../src/wire/private-message.ts";
import type { CustomProposal, Proposal } from "../../src/wire/proposal.ts";
import type { PublicMessage } from "../../src/wire/public-message.ts";
import type {
  Node,
  ParentHashInput,
  ParentNode,
  RatchetTreeNodes,
  TreeHashInput,
} from "../../src/wire/ratchet-tree.ts";
import { greaseValues } from "../../src/wire/registries.ts";
import type { InterimTranscriptHashInput } from "../../src/wire/transcript.ts";
import type { HpkeCiphertext, UpdatePath, UpdatePathNode } from "../../src/wire/update-path.ts";
import type { EncryptedGroupSecrets, GroupInfo, GroupSecrets, Welcome } from "../../src/wire/welcome.ts";

type Arbitrary<T> = fc.Arbitrary<T>;

/** Custom proposal types: one opaque body, none at all, and two fields. Decoding a custom proposal needs these. */
export const customTypes: { readonly opaque: number; readonly empty: number; readonly fields: number } = {
  opaque: 0xf001,
  empty: 0xf002,
  fields: 0xf003,
};
export const reading: ReadOptions = {
  proposals: new Map<number, (input: Reader) => unknown>([
    [customTypes.opaque, (input) => input.vectorBytes()],
    [customTypes.empty, () => undefined],
    [customTypes.fields, (input) => [input.u16(), input.vector().vectorBytes()]],
  ]),
};

const constant = <T extends string>(value: T): Arbitrary<T> => fc.constant(value);
const maybe = <T>(value: Arbitrary<T>): Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const few = <T>(value: Arbitrary<T>): Arbitrary<T[]> => fc.array(value, { maxLength: 3 });
const u64 = fc.oneof(fc.constantFrom(0n, 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n), fc.bigInt(0n, 2n ** 64n - 1n));
const u32 = fc.oneof(fc.nat(9), fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1), fc.nat(2 ** 32 - 1));
const u16 = fc.oneof(fc.nat(9), fc.constantFrom(...greaseValues, 0xf000, 0xffff), fc.nat(0xffff));
/** Of lengths on both sides of the first boundary of a length header. */
const bytes = fc.oneof(
  { weight: 9, arbitrary: fc.uint8Array({ maxLength: 8 }) },
  fc.uint8Array({ minLength: 62, maxLength: 66 }),
);

export const credential: Arbitrary<Credential> = fc.oneof<Arbitrary<Credential>[]>(
  fc.record({ type: constant("basic"), identity: bytes }),
  fc.record({ type: constant("x509"), certificates: few(bytes) }),
  fc.record({ type: u16.filter((type) => type !== 1 && type !== 2), data: bytes }),
);

export const extension: Arbitrary<Extension> = fc.record({ type: u16, data: bytes });
export const extensions: Arbitrary<readonly Extension[]> = few(extension);
export const requiredCapabilities: Arbitrary<RequiredCapabilities> = fc.record({
  extensionTypes: few(u16),
  proposalTypes: few(u16),
  credentialTypes: few(u16),
});
export const externalSender: Arbitrary<ExternalSender> = fc.record({ signatureKey: bytes, credential });
export const externalSenders: Arbitrary<readonly ExternalSender[]> = few(externalSender);
export const externalPub: Arbitrary<ExternalPub> = fc.record({ externalPub: bytes });
export const applicationId: Arbitrary<Uint8Array> = bytes;

export const capabilities: Arbitrary<Capabilities> = fc.record({
  versions: few(u16),
  cipherSuites: few(u16),
  extensions: few(u16),
  proposals: few(u16),
  credentials: few(u16),
});
export const lifetime: Arbitrary<Lifetime> = fc.record({ notBefore: u64, notAfter: u64 });
export const leafNodeSource: Arbitrary<LeafNodeSource> = fc.oneof<Arbitrary<LeafNodeSource>[]>(
  fc.record({ type: constant("key_package"), lifetime }),
  fc.record({ type: constant("update") }),
  fc.record({ type: constant("commit"), parentHash: bytes }),
);
export const leafNode: Arbitrary<LeafNode> = fc.record({
  encryptionKey: bytes,
  signatureKey: bytes,
  credential,
  capabilities,
  leafNodeSource,
  extensions,
  signature: bytes,
});

export const keyPackage: Arbitrary<KeyPackage> = fc.record({
  version: u16,
  cipherSuite: u16,
  initKey: bytes,
  leafNode,
  extensions,
  signature: bytes,
});

export const groupContext: Arbitrary<GroupContext> = fc.record({
  version: u16,
  cipherSuite: u16,
  groupId: bytes,
  epoch: u64,
  treeHash: bytes,
  confirmedTranscriptHash: bytes,
  extensions,
});

export const preSharedKeyId: Arbitrary<PreSharedKeyId> = fc.oneof<Arbitrary<PreSharedKeyId>[]>(
  fc.record({ type: constant("external"), pskId: bytes, pskNonce: bytes }),
  fc.record({
    type: constant("resumption"),
    usage: fc.constantFrom("application" as const, "reinit" as const, "branch" as const),
    pskGroupId: bytes,
    pskEpoch: u64,
    pskNonce: bytes,
  }),
  fc.record({ type: constant("application"), componentId: u16, pskId: bytes, pskNonce: bytes }),
);
export const pskLabel: Arbitrary<PskLabel> = fc.record({ id: preSharedKeyId, index: u16, count: u16 });

const vector = (content: Uint8Array): Uint8Array =>
  content.length < 64
    ? concat(new Uint8Array([content.length]), content)
    : concat(new Uint8Array([0x40 + (content.length >> 8), content.length]), content);
const customProposal: Arbitrary<CustomProposal> = fc
  .oneof(
    bytes.map((data) => ({ proposalType: customTypes.opaque, body: vector(data) })),
    fc.constant({ proposalType: customTypes.empty, body: new Uint8Array(0) }),
    bytes.map((data) => ({
      proposalType: customTypes.fields,
      body: concat(new Uint8Array([1, 2]), vector(vector(data))),
    })),
  )
  .map((proposal) => ({ type: "custom", ...proposal }));

export const proposal: Arbitrary<Proposal> = fc.oneof<Arbitrary<Proposal>[]>(
  fc.record({ type: constant("add"), keyPackage }),
  fc.record({ type: constant("update"), leafNode }),
  fc.record({ type: constant("remove"), removed: u32 }),
  fc.record({ type: constant("psk"), psk: preSharedKeyId }),
  fc.record({ type: constant("reinit"), groupId: bytes, version: u16, cipherSuite: u16, extensions }),
  fc.record({ type: constant("external_init"), kemOutput: bytes }),
  fc.record({ type: constant("group_context_extensions"), extensions }),
  customProposal,
);

export const hpkeCiphertext: Arbitrary<HpkeCiphertext> = fc.record({ kemOutput: bytes, ciphertext: bytes });
export const updatePathNode: Arbitrary<UpdatePathNode> = fc.record({
  encryptionKey: bytes,
  encryptedPathSecret: few(hpkeCiphertext),
});
export const updatePath: Arbitrary<UpdatePath> = fc.record({ leafNode, nodes: few(updatePathNode) });

export const proposalOrRef: Arbitrary<ProposalOrRef> = fc.oneof<Arbitrary<ProposalOrRef>[]>(
  fc.record({ type: constant("proposal"), proposal }),
  fc.record({ type: constant("reference"), reference: bytes }),
);
export const commit: Arbitrary<Commit> = fc.record({ proposals: few(proposalOrRef), path: maybe(updatePath) });

export const contentType: Arbitrary<ContentType> = fc.constantFrom<ContentType[]>("application", "proposal", "commit");
export const framingFormat: Arbitrary<FramingFormat> = fc.constantFrom<FramingFormat[]>(
  "mls_public_message",
  "mls_private_message",
);
export const sender: Arbitrary<Sender> = fc.oneof<Arbitrary<Sender>[]>(
  fc.record({ type: constant("member"), leafIndex: u32 }),
  fc.record({ type: constant("external"), senderIndex: u32 }),
  fc.record({ type: constant("new_member_proposal") }),
  fc.record({ type: constant("new_member_commit") }),
);
const content: Arbitrary<Content> = fc.oneof<Arbitrary<Content>[]>(
  fc.record({ type: constant("application"), applicationData: bytes }),
  fc.record({ type: constant("proposal"), proposal }),
  fc.record({ type: constant("commit"), commit }),
);
export const framedContent: Arbitrary<FramedContent> = fc.record({
  groupId: bytes,
  epoch: u64,
  sender,
  authenticatedData: bytes,
  content,
});
/** Of content of this type: with a confirmation tag for a commit, and without one for anything else. */
export const authData = (type: ContentType): Arbitrary<FramedContentAuthData> =>
  type === "commit" ? fc.record({ signature: bytes, confirmationTag: bytes }) : fc.record({ signature: bytes });
const signed = fc
  .record({ content: framedContent, commitAuth: authData("commit"), auth: authData("application") })
  .map(({ content, commitAuth, auth }) => ({ content, auth: content.content.type === "commit" ? commitAuth : auth }));
export const authenticatedContent: Arbitrary<AuthenticatedContent> = fc
  .tuple(framingFormat, signed)
  .map(([wireFormat, rest]) => ({ wireFormat, ...rest }));

export const publicMessage: Arbitrary<PublicMessage> = fc
  .tuple(signed, bytes)
  .map(([rest, membershipTag]) => (rest.content.sender.type === "member" ? { ...rest, membershipTag } : rest));
export const privateMessage: Arbitrary<PrivateMessage> = fc.record({
  groupId: bytes,
  epoch: u64,
  contentType,
  authenticatedData: bytes,
  encryptedSenderData: bytes,
  ciphertext: bytes,
});
export const privateContentAad: Arbitrary<PrivateContentAad> = fc.record({
  groupId: bytes,
  epoch: u64,
  contentType,
  authenticatedData: bytes,
});
export const senderDataAad: Arbitrary<SenderDataAad> = fc.record({ groupId: bytes, epoch: u64, contentType });
export const senderData: Arbitrary<SenderData> = fc.record({
  leafIndex: u32,
  generation: u32,
  reuseGuard: fc.uint8Array({ minLength: 4, maxLength: 4 }),
});

export const interimTranscriptHashInput: Arbitrary<InterimTranscriptHashInput> = fc.record({ confirmationTag: bytes });

export const groupInfo: Arbitrary<GroupInfo> = fc.record({
  groupContext,
  extensions,
  confirmationTag: bytes,
  signer: u32,
  signature: bytes,
});
export const groupSecrets: Arbitrary<GroupSecrets> = fc.record({
  joinerSecret: bytes,
  pathSecret: maybe(fc.record({ pathSecret: bytes })),
  psks: few(preSharedKeyId),
});
export const encryptedGroupSecrets: Arbitrary<EncryptedGroupSecrets> = fc.record({
  newMember: bytes,
  encryptedGroupSecrets: hpkeCiphertext,
});
export const welcome: Arbitrary<Welcome> = fc.record({
  cipherSuite: u16,
  secrets: few(encryptedGroupSecrets),
  encryptedGroupInfo: bytes,
});

export const parentNode: Arbitrary<ParentNode> = fc.record({
  encryptionKey: bytes,
  parentHash: bytes,
  unmergedLeaves: few(u32),
});
export const node: Arbitrary<Node> = fc.oneof<Arbitrary<Node>[]>(
  fc.record({ type: constant("leaf"), leafNode }),
  fc.record({ type: constant("parent"), parentNode }),
);
export const ratchetTreeNodes: Arbitrary<RatchetTreeNodes> = few(maybe(node));
export const treeHashInput: Arbitrary<TreeHashInput> = fc.oneof<Arbitrary<TreeHashInput>[]>(
  fc.record({ type: constant("leaf"), leafIndex: u32, leafNode: maybe(leafNode) }),
  fc.record({ type: constant("parent"), parentNode: maybe(parentNode), leftHash: bytes, rightHash: bytes }),
);
export const parentHashInput: Arbitrary<ParentHashInput> = fc.record({
  encryptionKey: bytes,
  parentHash: bytes,
  originalSiblingTreeHash: bytes,
});

export const mlsMessage: Arbitrary<MlsMessage> = fc.oneof<Arbitrary<MlsMessage>[]>(
  fc.record({ wireFormat: constant("mls_public_message"), publicMessage }),
  fc.record({ wireFormat: constant("mls_private_message"), privateMessage }),
  fc.record({ wireFormat: constant("mls_welcome"), welcome }),
  fc.record({ wireFormat: constant("mls_group_info"), groupInfo }),
  fc.record({ wireFormat: constant("mls_key_package"), keyPackage }),
);
