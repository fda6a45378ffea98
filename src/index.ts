/**
 * copse: end-to-end encrypted groups on MLS (RFC 9420).
 *
 * @module
 */

export { CopseError, errorCodes, type ErrorCode, type ErrorDetail } from "./errors.ts";
export { Secret } from "./bytes/secret.ts";
export { constantTimeEqual } from "./bytes/compare.ts";
export { defaultLimits, type Limits } from "./codec/limits.ts";
export type { Codec } from "./codec/codec.ts";
export type { Reader, ReadOptions } from "./codec/reader.ts";
export type { Writer } from "./codec/writer.ts";

export { cipherSuite } from "./crypto/choose.ts";
export { platformRandom } from "./crypto/random.ts";
export type {
  Awaitable,
  CipherSuite,
  Encapsulation,
  KeyPair,
  Provider,
  Random,
  Signer,
  Verification,
} from "./crypto/provider.ts";

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
export { credentialTypes, extensionTypes, proposalTypes, wireFormats, type WireFormat } from "./wire/registries.ts";

export type { LifetimePolicy } from "./rules/leaf-node.ts";
export type { CommittedProposal } from "./rules/proposal-list.ts";
export type {
  CustomExtension,
  CustomProposalType,
  ExtensionPlace,
  ExtensionRegistry,
  ProposalStep,
} from "./rules/registry.ts";

export type { Clock } from "./group/clock.ts";
export type { Change, CustomChoice, PskChoice, ReInitChoice } from "./group/changes.ts";
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
} from "./group/events.ts";
export { applicationId, externalSenders, requiredCapabilities } from "./group/extensions.ts";
export { proposeAsExternalSender, type ExternalProposalOptions, type OutsideView } from "./group/external-proposal.ts";
export { proposeToJoin, type JoinProposalOptions } from "./group/propose-to-join.ts";
export { Group, type ExternalJoin, type JoinOptions, type LinkedGroup } from "./group/group.ts";
export type { GreaseChoice } from "./group/grease.ts";
export type { GroupInfoContents } from "./group/make-group-info.ts";
export type { CreateOptions, JoinExternallyOptions, LinkOptions, RestoreOptions } from "./group/group-options.ts";
export { basic, createIdentity, type Identity, type LocalIdentity } from "./group/identity.ts";
export type { MessageInfo } from "./group/inspect.ts";
export {
  createKeyPackage,
  restoreKeyPackage,
  type KeyPackageBundle,
  type KeyPackageOptions,
  type KeyPackageSource,
} from "./group/key-package.ts";
export type { LeafOptions } from "./group/leaf.ts";
export {
  Observer,
  type EnvelopeEvent,
  type FollowOptions,
  type ObserverEvent,
  type ObserverRecordsOptions,
  type ObserverSnapshotOptions,
} from "./group/observer.ts";
export type { Padding } from "./group/padding.ts";
export type { Pending } from "./group/pending.ts";
export type { PendingProposal } from "./group/proposal-store.ts";
export type { GroupInfoRequirements, OfferedGroup, PskRequirement, WelcomeRequirements } from "./group/requirements.ts";
export type { CommitOptions, SealOptions } from "./group/send.ts";
export {
  trustAnyCredential,
  type AuthenticationService,
  type Candidate,
  type GroupOptions,
  type PskLookup,
  type Window,
} from "./group/settings.ts";
export {
  NotWrittenError,
  type KeyPackageChanges,
  type KeyPackageEvent,
  type Persist,
  type PersistKeyPackage,
  type StateChanges,
  type StateEvent,
} from "./group/records/persist.ts";
export type { Records, StoredRecords } from "./group/records/read.ts";
