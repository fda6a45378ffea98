/**
 * Where a client keeps what: the keys of its entries in the store.
 *
 *     client/state            which device this is, and how often it was opened
 *     client/layout           how the store is laid out: store/layout.ts
 *     client/account          this device's part of its account
 *     client/listed           since when this device knows the user's list of devices
 *     client/asked            that this device has asked the user's others to bring it into the rooms
 *     client/signed           when this device tried last to sign the list again
 *     client/bring            since when another device of the user waits to be brought into the rooms
 *     client/self             since which epoch this device is in the room of its user's devices, and has asked for their values
 *     client/answer           which question of another device is to be answered
 *     client/franking         who franks the messages of new rooms, as the service said last
 *     client/revoking         the devices that are to be revoked, and the account key that does it
 *     client/handed           a new account key that another device has handed on
 *     former-self/ROOM        a room of the user's devices under an account key that is retired, and which key was handed on there
 *     attested/ROOM           under which account key this device's leaf of the room is
 *     client/recovering       the keys of a device that is about to have the account, by the recovery code
 *     client/recovered        since when this device may miss rooms of its user: it has the account by the recovery code, or one was taken off the list
 *     shared/NAME             a value that the user's devices share
 *     sharing/NAME            that the others are to be told of it
 *     marking/ROOM/N          a message that was read here, which the others are to be told of
 *     read/ROOM/N             a message that was read on another device and is not here, or not marked
 *     linking/DEVICE          since when a device is on the list that may not have the account yet
 *     client/log              the log of accounts as this device knows it
 *     logged/USER             what the log has said of a user
 *     log-due/USER            that a user is to be looked up in it
 *     heard-log/DEVICE        a head of it that another device has said, and is not compared yet
 *     told-head/ROOM          when this device has said one in a room
 *     account/USER            the last statement about a user
 *     history/...             whether this device keeps the history, where restoring it goes on, and what is sealed that the service may not have
 *     history-due/ROOM/N      since when an entry is to be kept
 *     history-kept/ROOM/N     the digests of what was kept last of 32 entries, the first of them in the place 32 N
 *     history-epoch/N         the root of an epoch that no edge holds yet, and how far each device has written
 *     history-at/EPOCH/N      the entries of records of this device, the first of them in the position N
 *     history-told/DIGEST     that another device has kept this, and where
 *     history-late/DIGEST     that it has kept this in an epoch that was over when it said so
 *     blocked/USER            that this user hears nothing of another, and whether the service was told
 *     consent/USER/ROOM       what this user has asked of another, and let it; the room is empty where it is in general
 *     consent-untold/...      what of it the service has not heard
 *     consent-of/USER/ROOM    what the other has asked, and let this user
 *     refused-room/ROOM       an invitation that was passed over, and whose it was
 *     contact/USER            when the list of a user was asked for last
 *     stale/USER              when the list was signed that was told of as stale
 *     client/copied           that this store is a copy, and nothing is encrypted from it
 *     client/healing          the signature key that the device is about to have
 *     client/healed           that the device was a copy once
 *     client/fresh            that its next key packages take the place of all before
 *     client/pushed           the last event that a push notification was made of
 *     client/support          what the version of the client supports that made them
 *     queue/cursor            how far the device's own queue was read
 *     key-package/REF         a key package that waits for a Welcome
 *     client/events           the last event that the application has acknowledged
 *     unpublished/REF         a key package that the service may not have yet
 *     key-package-over/TIME   a key package that is over at that time
 *     event/N                 an event that the application has not acknowledged
 *     room/ROOM               what this device knows of a room beside its group
 *     cursor/ROOM             how far it has read the room's log
 *     next/ROOM               the room's next places, and what this user has not read in it
 *     announcement/ROOM       what the service is told of a new room
 *     record/ROOM/NAME        a record of the room's group
 *     intent/ROOM/N           what the application wants and is not done
 *     timeline/ROOM/N         a message as this device has it
 *     sent/ROOM/N             that the service has accepted such a message, while its entry does not say so itself
 *     first/ROOM/N            what such a message says that is not sent yet, where its entry does not say that any more
 *     words/ROOM/N            by which words that message is found
 *     message/ROOM/ID         where in the timeline a message is
 *     frank/ROOM/ID           the hub's frank of a message, with which it can be reported
 *     original/TIME           a message that its entry does not say any more, until that time, sealed
 *     original-key/TIME       the key that it is sealed under
 *     receipt/ROOM/N          what others are to be told of that message: that it is here, or was read
 *     expiry/TIME             a message that goes at that time
 *     knock/ROOM/USER         a user who wants to be let in
 *     upload/ROOM/ID          a file on its way to the service
 *     file/ROOM/N/INDEX/N     a chunk of a file of a message, that is kept
 *     call/ROOM/ID            a call of the room
 *     alarms/ROOM             leaves of the room that contradict what is known of accounts
 *     epoch/ROOM/N            the confirmed transcript hash of an epoch that is over
 *     heard/ROOM/DEVICE       what another device has said of the room's epoch, and is not compared yet
 *     client/idle-look        when this device has looked last which of its user's others are there
 *     seen/DEVICE             that another device of the user was there since then
 *     idle/DEVICE             when it was there last, and whether it is out of rooms for that
 *     idle-of/ROOM            the devices of the user that were asked to be taken out of the room, for not being there
 *     put-out/ROOM            that another device of the user has put this one out of the room
 *     fork/ROOM/DEVICE        what it has said, where this device is in another branch
 *     said/ROOM/N             what this device has said of another message, while its epoch may be taken back
 *     redo/ROOM/N             a change of the room that is done, while its epoch may be taken back
 *     own/ROOM/N              what this device has said of a call's group, until the log is read up to there
 */

import { hex } from "../../bytes/text.ts";
import type { StoreKey } from "../../storage/key.ts";

export const clientKey: StoreKey = ["client", "state"];
export const listedKey: StoreKey = ["client", "listed"];
export const askedKey: StoreKey = ["client", "asked"];
export const signedKey: StoreKey = ["client", "signed"];
export const selfKey: StoreKey = ["client", "self"];
export const answerKey: StoreKey = ["client", "answer"];
export const bringKey: StoreKey = ["client", "bring"];
export const ownAccountKey: StoreKey = ["client", "account"];
export const eventsKey: StoreKey = ["client", "events"];
export const copiedKey: StoreKey = ["client", "copied"];
export const healingKey: StoreKey = ["client", "healing"];
export const healedKey: StoreKey = ["client", "healed"];
export const freshKeyPackagesKey: StoreKey = ["client", "fresh"];
export const supportKey: StoreKey = ["client", "support"];
export const recoveringKey: StoreKey = ["client", "recovering"];
export const recoveredKey: StoreKey = ["client", "recovered"];
export const frankingKey: StoreKey = ["client", "franking"];
export const revokingKey: StoreKey = ["client", "revoking"];
export const handedKey: StoreKey = ["client", "handed"];
export const idleLookKey: StoreKey = ["client", "idle-look"];
export const queueKey: StoreKey = ["queue", "cursor"];

export function accountKey(user: string): StoreKey {
  return ["account", user];
}

export function contactKey(user: string): StoreKey {
  return ["contact", user];
}

export function staleKey(user: string): StoreKey {
  return ["stale", user];
}

export function consentKey(user: string, room: string): StoreKey {
  return ["consent", user, room];
}

export function untoldConsentKey(user: string, room: string): StoreKey {
  return ["consent-untold", user, room];
}

export function consentOfKey(user: string, room: string): StoreKey {
  return ["consent-of", user, room];
}

export function refusedRoomKey(room: string): StoreKey {
  return ["refused-room", room];
}

export function formerSelfKey(room: string): StoreKey {
  return ["former-self", room];
}

export function attestedKey(room: string): StoreKey {
  return ["attested", room];
}

export function linkingKey(device: string): StoreKey {
  return ["linking", device];
}

export function keyPackageKey(ref: Uint8Array): StoreKey {
  return ["key-package", hex(ref)];
}

export function unpublishedKey(ref: string): StoreKey {
  return ["unpublished", ref];
}

/** A key package of this KeyPackageRef is over at this time, in seconds since 1970. */
export function keyPackageOverKey(notAfter: bigint, ref: Uint8Array): StoreKey {
  return [
    "key-package-over",
    (min(notAfter, 2n ** 31n) << 32n) | BigInt(new DataView(ref.buffer, ref.byteOffset).getUint32(0)),
  ];
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function eventKey(number: bigint): StoreKey {
  return ["event", number];
}

export function announcementKey(room: string): StoreKey {
  return ["announcement", room];
}

export function recordKey(room: string, name: string): StoreKey {
  return ["record", room, name];
}

export function intentKey(room: string, number: bigint): StoreKey {
  return ["intent", room, number];
}

export function timelineKey(room: string, number: bigint): StoreKey {
  return ["timeline", room, number];
}

export function sentKey(room: string, number: bigint): StoreKey {
  return ["sent", room, number];
}

export function firstKey(room: string, number: bigint): StoreKey {
  return ["first", room, number];
}

export function wordsKey(room: string, number: bigint): StoreKey {
  return ["words", room, number];
}

export function knockKey(room: string, user: string): StoreKey {
  return ["knock", room, user];
}

export function messageKey(room: string, id: Uint8Array): StoreKey {
  return ["message", room, hex(id)];
}

export function frankKey(room: string, id: Uint8Array): StoreKey {
  return ["frank", room, hex(id)];
}

export function originalKey(number: bigint): StoreKey {
  return ["original", number];
}

export function callKey(room: string, call: Uint8Array): StoreKey {
  return ["call", room, hex(call)];
}

export function alarmsKey(room: string): StoreKey {
  return ["alarms", room];
}

export function ownKey(room: string, number: bigint): StoreKey {
  return ["own", room, number];
}

export function saidKey(room: string, number: bigint): StoreKey {
  return ["said", room, number];
}

export function redoKey(room: string, number: bigint): StoreKey {
  return ["redo", room, number];
}

export function epochKey(room: string, epoch: bigint): StoreKey {
  return ["epoch", room, epoch];
}

export function heardKey(room: string, device: string): StoreKey {
  return ["heard", room, device];
}

export function seenKey(device: string): StoreKey {
  return ["seen", device];
}

export function idleKey(device: string): StoreKey {
  return ["idle", device];
}

export function idleOfKey(room: string): StoreKey {
  return ["idle-of", room];
}

export function putOutKey(room: string): StoreKey {
  return ["put-out", room];
}

export function forkKey(room: string, device: string): StoreKey {
  return ["fork", room, device];
}

export function blockedKey(user: string): StoreKey {
  return ["blocked", user];
}
