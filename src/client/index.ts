/**
 * copse/client: what a messenger embeds. A device of a user, its rooms and what it wants of them, over a store of copse/storage and a
 * delivery service of copse/delivery.
 *
 * @module
 */

export type { Account } from "./account/account.ts";
export { createAccount } from "./account/create-account.ts";
export type { NewAccount, NewAccountOptions } from "./account/new-account.ts";
export type { ReportWords } from "./reports/report.ts";
export type { ReceiptChoice } from "./room/receipt-choice.ts";
export { Client, type ConsentAbout } from "./client.ts";
export type { SharedValues } from "./shared/values.ts";
export type { ClientAccount, ClientOptions } from "./options.ts";
export type { JoinCallOptions, StartCallOptions } from "./calls/options.ts";
export type { CallDevice, ClientCall, ClientCallEvent, ClientCallListener } from "./calls/client-call.ts";
export type { Timers } from "../bytes/timers.ts";
export type { DownloadOptions, FileToSend, OpenFile, Upload } from "./files/options.ts";
export { ClientError, clientErrorCodes, type ClientErrorCode, type ClientErrorDetail } from "./errors.ts";
export type { EphemeralEvent, EphemeralListener } from "./ephemeral/ephemerals.ts";
export type { WhisperRefusal } from "./ephemeral/sealed.ts";
export type { WhisperCounts } from "./ephemeral/whispers.ts";
export type { EventListener } from "./event-log.ts";
export type { ClientEvent, NumberedEvent } from "./events.ts";
export { linkDevice } from "./linking/link-device.ts";
export type { LinkDeviceOptions, LinkOptions, LinkStep } from "./linking/options.ts";
export type {
  ClientHistory,
  HistoryOptions,
  RestoredHistory,
  RestoreHistoryOptions,
  RestoringProgress,
} from "./history/options.ts";
export type { LogFinding, LoggedFinding } from "./transparency/options.ts";
export type { KeyPackageSupply } from "./key-packages.ts";
export type { Intent, IntentState, RoomChange, Wish } from "./outbox/intent.ts";
export type { Fork } from "./forks/branches.ts";
export type { MemberAlarm } from "./room/alarms.ts";
export type { NewRoomOptions } from "./room/creating.ts";
export type { ContentDraft, Sendable, Words } from "./room/drafting.ts";
export type { Asked, AskedMessage } from "./room/asked.ts";
export type { Knocking, KnockOptions } from "./room/knocking.ts";
export type { ClientRoom } from "./room/room.ts";
export { openPush } from "./push/open-push.ts";
export type { OpenPushOptions, Wakeup } from "./push/options.ts";
export type { Pushed, PushedMessage } from "./push/showing.ts";
export type {
  PinServers,
  RecoverAccountOptions,
  RecoveredAccount,
  RecoveredPin,
  RecoveringOptions,
  RecoveryPin,
  RecoveryPinOptions,
} from "./recovering/options.ts";
export { pinWeakness, type PinWeakness } from "./recovering/pin.ts";
export { recoverAccount } from "./recovering/recover-account.ts";
export type { Consent, ConsentPolicy } from "./people/consent-entries.ts";
export type { RevokeOptions } from "./revoking/options.ts";
export type { RoomStatus } from "./room/state.ts";
export type { RoomTree, RoomTreeNode } from "./room/tree.ts";
export type { CallEntry, CallState } from "./timeline/call-entry.ts";
export type { EntryStatus, Reaction } from "./timeline/entry.ts";
export type { Found, SearchOptions } from "./timeline/search.ts";
export type { Unread } from "./timeline/unread.ts";
export type { EntryReceipt, ReceiptStatus } from "./timeline/entry.ts";
export type { TimelineEntry } from "./timeline/shown.ts";
export type { TimelineRange } from "./timeline/timeline.ts";
