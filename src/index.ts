/**
 * copse: end-to-end encrypted groups on MLS (RFC 9420).
 *
 * @module
 */

export { CopseError, errorCodes, type ErrorCode, type ErrorDetail, type ErrorDetails } from "./errors.ts";
export type { Bytes } from "./bytes/bytes.ts";
export { Secret } from "./bytes/secret.ts";
export { constantTimeEqual } from "./bytes/compare.ts";
export { defaultLimits, type Limits } from "./codec/limits.ts";
export type { Codec } from "./codec/codec.ts";
export type { MediaType, MediaTypeParameter } from "./wire/media-type.ts";
export type { Reader, ReadOptions } from "./codec/reader.ts";
export type { Writer } from "./codec/writer.ts";

export { withCipherSuites, type CipherSuiteDefinition } from "./crypto/suites/added-suites.ts";
export { cipherSuite } from "./crypto/choose.ts";
export type { AeadName, DhName, SignatureName } from "./crypto/suites/cipher-suites.ts";
export type { Kem, KemLengths } from "./crypto/hpke/kem.ts";
export { platformRandom } from "./crypto/random.ts";
export type {
  Awaitable,
  CipherSuite,
  Dh,
  DhKey,
  Encapsulation,
  KeyPair,
  Provider,
  Random,
  Signer,
  Verification,
} from "./crypto/provider.ts";
export type { SignatureScheme } from "./crypto/signatures.ts";
export type { HashName } from "./crypto/symmetric.ts";

export type { Credential } from "./wire/credential.ts";
export type { Extension, ExternalSender, RequiredCapabilities } from "./wire/extension.ts";
export type { ContentType, Sender } from "./wire/framing.ts";
export type { GroupContext } from "./wire/group-context.ts";
export type { KeyPackage } from "./wire/key-package.ts";
export type { Capabilities, LeafNode, LeafNodeSource, Lifetime } from "./wire/leaf-node.ts";
export type { PreSharedKeyId, ResumptionPskUsage } from "./wire/pre-shared-key.ts";
export type {
  Add,
  CustomProposal,
  ExternalInit,
  GroupContextExtensions,
  PreSharedKey,
  Proposal,
  ReInit,
  Remove,
  Update,
} from "./wire/proposal.ts";
export type { HpkeCiphertext } from "./wire/update-path.ts";
export type { FramingFormat } from "./wire/framing.ts";
export { credentialTypes, extensionTypes, proposalTypes, wireFormats, type WireFormat } from "./wire/registries.ts";

export type { LifetimePolicy } from "./rules/leaf-node.ts";
export type { CommittedProposal } from "./rules/proposal-list.ts";
export type {
  CustomExtension,
  CustomProposalType,
  ExtensionPlace,
  ExtensionRegistry,
  ProposalStep,
  ApplyPlace,
  CustomEntry,
  ExtensionRules,
  ProposedPlace,
} from "./rules/registry.ts";

export type { Clock } from "./bytes/clock.ts";
export type { Change, CustomChoice, PlainChange, PskChoice, ReInitChoice } from "./public-group/proposals/changes.ts";
export type {
  CommitEvent,
  GroupEvent,
  LaterEvent,
  LeafIndex,
  Member,
  MessageEvent,
  OwnEvent,
  ProposalEvent,
  RemovedEvent,
  UpdatedMember,
} from "./public-group/events.ts";
export { applicationId, externalSenders, requiredCapabilities } from "./public-group/extensions.ts";
export {
  proposeAsExternalSender,
  type ExternalProposalOptions,
  type OutsideView,
} from "./public-group/proposals/external-proposal.ts";
export { proposeToJoin, type JoinProposalOptions } from "./group/joining/propose-to-join.ts";
export { encryptForComponent, type ComponentEncryption, type ComponentRecipient } from "./group/components/encrypt.ts";
export { keyPackageComponent, type KeyPackageComponent } from "./group/components/before-joining.ts";
export type { ComponentDecryption, GroupComponent } from "./group/components/member.ts";
export type { ComponentPurpose } from "./group/components/open.ts";
export { verifyForComponent, type ComponentSignature } from "./group/components/verify.ts";
export type { LeftOut } from "./group/joining/external-join.ts";
export { Group, type ExternalJoin, type JoinOptions, type LinkedGroup } from "./group/group.ts";
export type { GreaseChoice } from "./public-group/options/grease.ts";
export type { GroupInfoContents } from "./group/sending/make-group-info.ts";
export type { CreateOptions, JoinExternallyOptions, LinkOptions, RestoreOptions } from "./group/options.ts";
export { basic, createIdentity, type Identity, type LocalIdentity } from "./public-group/identity.ts";
export type { MessageInfo } from "./group/receiving/inspect.ts";
export {
  createKeyPackage,
  importKeyPackage,
  restoreKeyPackage,
  type KeyPackageBundle,
  type KeyPackageImport,
  type KeyPackageOptions,
  type KeyPackageSource,
} from "./group/joining/key-package-bundle.ts";
export type { LeafOptions } from "./public-group/leaf.ts";
export {
  Observer,
  type EnvelopeEvent,
  type FollowOptions,
  type ObserverEvent,
  type ObserverRecordsOptions,
  type ObserverSnapshotOptions,
} from "./public-group/observer/observer.ts";
export { readGroupInfo, type UnverifiedGroupInfo } from "./public-group/unverified/group-info.ts";
export { inspectMessage, type UnverifiedMessage } from "./public-group/unverified/inspect.ts";
export { readKeyPackage, type UnverifiedKeyPackage } from "./public-group/unverified/read-key-package.ts";
export type { UnverifiedOptions } from "./public-group/unverified/read.ts";
export type { Padding } from "./public-group/options/padding.ts";
export type { Pending } from "./group/held/pending.ts";
export type { PendingProposal } from "./public-group/proposals/proposal-store.ts";
export type {
  GroupInfoRequirements,
  OfferedGroup,
  PskRequirement,
  WelcomeRequirements,
} from "./public-group/requirements.ts";
export type { CommitOptions, SealOptions } from "./group/sending/send.ts";
export {
  trustAnyCredential,
  type AuthenticationService,
  type Candidate,
  type GroupOptions,
  type PskLookup,
  type Window,
} from "./public-group/options/settings.ts";
export {
  NotWrittenError,
  type KeyPackageChanges,
  type KeyPackageEvent,
  type Persist,
  type PersistKeyPackage,
  type StateChanges,
  type StateEvent,
} from "./public-group/records/persist.ts";
export type { Records, StoredRecords } from "./public-group/records/collected.ts";
