/**
 * copse/observer: what a server needs of a group: it follows public handshakes without any of the group's secrets, and sends
 * as an external sender. RFC 9420 sections 6, 12.1.8; RFC 9750 section 5.2.
 *
 * @module
 */

export { CopseError, type ErrorCode, type ErrorDetail, type ErrorDetails } from "../errors.ts";
export { defaultLimits, type Limits } from "../codec/limits.ts";
export type { CipherSuite, Provider, Random, Signer } from "../crypto/provider.ts";
export type { CommitEvent, LaterEvent, LeafIndex, Member, ProposalEvent, UpdatedMember } from "./events.ts";
export { basic, createIdentity, type Identity, type LocalIdentity } from "./identity.ts";
export { Observer, type EnvelopeEvent, type FollowOptions, type ObserverEvent } from "./observer/observer.ts";
export {
  trustAnyCredential,
  type AuthenticationService,
  type Candidate,
  type GroupOptions,
} from "./options/settings.ts";
export type { Change, PlainChange } from "./proposals/changes.ts";
export {
  proposeAsExternalSender,
  type ExternalProposalOptions,
  type OutsideView,
} from "./proposals/external-proposal.ts";
export type { PendingProposal } from "./proposals/proposal-store.ts";
export { NotWrittenError, type Persist, type StateChanges, type StateEvent } from "./records/persist.ts";
export { readGroupInfo, type UnverifiedGroupInfo } from "./unverified/group-info.ts";
export { inspectMessage, type UnverifiedMessage } from "./unverified/inspect.ts";
export { readKeyPackage, type UnverifiedKeyPackage } from "./unverified/read-key-package.ts";
export type { UnverifiedOptions } from "./unverified/read.ts";
