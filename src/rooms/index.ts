/**
 * copse/rooms: MIMI rooms on the engine. What a room is stands in its group's context, and every member and the hub hold each commit
 * against it with the same check.
 *
 * @module
 */

export { basicClaim, basicClaims, type ClaimValue } from "./claims.ts";
export {
  addParticipants,
  ban,
  changeBasePolicy,
  changeJoinLinks,
  changeMetadata,
  changeParticipants,
  changeRole,
  joinAs,
  leave,
  removeParticipants,
  rename,
  setExpiration,
  setPolicy,
  unban,
} from "./changes.ts";
export { roomAppData, type Identified, type RoomAppData, type RoomAppDataOptions } from "./components.ts";
export { createRoomExtensions, type NewRoomOptions } from "./create.ts";
export { RoomError, roomErrorCodes, type RoomErrorCode, type RoomErrorDetail } from "./errors.ts";
export type {
  AssetPolicy,
  AssetUploadLocation,
  DownloadPrivacy,
  DownloadPrivacyType,
  ProviderAssetUploadDomains,
} from "./formats/assets.ts";
export type { BaseRoomPolicy } from "./formats/base-policy.ts";
export { capabilities, capabilityOf, type Capability } from "./formats/capabilities.ts";
export type { FrankingAgentData } from "./formats/franking-agent.ts";
export type { JoinLinkPolicy, LinkPreviewPolicy } from "./formats/links.ts";
export type { RichDescription, RoomMetadata } from "./formats/metadata.ts";
export type {
  AppMessagePolicy,
  ExtendedCapabilities,
  MinDefaultMaxTime,
  OperationalParameters,
  PendingProposalPolicy,
} from "./formats/operational.ts";
export type { Participant } from "./formats/participants.ts";
export type { Optionality } from "./formats/parts.ts";
export type {
  Bot,
  HistoryPolicy,
  LoggingPolicy,
  MessageExpirationPolicy,
  StatusNotificationPolicy,
} from "./formats/policies.ts";
export {
  bannedRole,
  capabilitiesOf,
  noRole,
  type Claim,
  type PreAuthEntry,
  type Role,
  type RoleChange,
} from "./formats/roles.ts";
export type { Standing } from "./membership.ts";
export { roomNumbers, roomNumbersOf, type RoomComponent, type RoomNumbers } from "./numbers.ts";
export { readyPolicies, type ReadyPolicy, type ReadyPolicyName } from "./policies/ready.ts";
export { roleOf, type RoleChoice } from "./policies/tables.ts";
export { Room, type CheckOptions, type RoomAction, type RoomOptions, type RoomParticipant } from "./room.ts";
export type { RoomData } from "./rules.ts";
export { isSealed, openSealed, sealText, type SealedOptions, type SealedText } from "./sealed.ts";
export {
  bytesOfUri,
  deviceOf,
  deviceUri,
  groupUri,
  hostOf,
  isUri,
  longestUri,
  parseUri,
  providerUri,
  roomUri,
  uriOfBytes,
  userOf,
  userOfDevice,
  userUri,
  type MimiUri,
} from "./uri.ts";
