/**
 * A sentence for every error code that reaches a person: what happened, and what can be done. Each list is as long as the library's own, by its
 * type: a code without a sentence does not compile.
 */

import type { AccountErrorCode } from "copse/accounts";
import type { ClientErrorCode } from "copse/client";
import type { ContentErrorCode } from "copse/content";
import type { DeliveryErrorCode } from "copse/delivery";
import type { RoomErrorCode } from "copse/rooms";
import type { StoreErrorCode } from "copse/storage";

/** What the client says. */
export const ofClient: Readonly<Record<ClientErrorCode, string>> = {
  "client-closed": "This tab has let go of your chats. Reload the page.",
  offline: "You are offline. It can be done when you are connected again.",
  "client-failed":
    "This browser’s disk has failed, and nobody knows what it holds. Reload the page; nothing is sent before that.",
  "client-copied":
    "This device’s data is a copy, or older than what the service knows. Choose under Devices which copy goes on.",
  "device-replaced": "This device was taken off the account, or another copy of it was chosen. Link it again.",
  "client-version": "A newer version of this messenger was here before. Reload the page to get that.",
  "client-damaged":
    "Something that this browser keeps of you can’t be read any more. Link this browser anew from another device, or bring the account back by its recovery code.",
  "account-missing": "This browser has no account of this name. Link it from another device, or begin a new one.",
  "recovery-needed": "That takes the recovery code. Have it at hand, and try again.",
  "recovery-other": "This code is another account’s. Look at the name and at the code again.",
  "pin-weak": "This PIN is among those that are tried first. Take six characters or more that follow no pattern.",
  "client-account": "What lies in this browser under this name is another device’s. Choose another name.",
  "room-unknown": "There is no such chat, or it lets nobody in by this link any more.",
  "room-left": "You are not in this chat any more. Somebody who is in it can let you in again.",
  "room-frozen":
    "Somebody broke the rules of this chat, and the service let it through. Leave it, or wait until it is taken back.",
  "room-behind": "This device has lost its place in the chat, and comes back by itself. Try again in a moment.",
  "room-held":
    "Somebody in this chat may not be who they say. Compare safety numbers with them, as the chat asks at its top; then it goes on.",
  "room-gone": "The service has this chat no more. What was said stays here; go on in a new one.",
  "not-allowed": "You may not do that here. An administrator of the chat can.",
  "user-unknown": "Nobody has this name. Check how it is spelled.",
  "user-unreachable": "None of this person’s devices can be added right now. Try again when they were online.",
  "user-outdated": "This person’s app is too old for this chat. Try again when it was updated.",
  "no-consent": "This person has not agreed to hear from you yet. Ask them under Contacts.",
  "already-so": "That is so already.",
  impossible: "That can’t be done any more: the chat has changed since.",
  refused: "The service does not take that, and trying again changes nothing. Ask whoever runs it.",
  "message-unknown": "This message is not on this device any more.",
  "message-foreign": "Only who wrote a message can change it.",
  "not-reportable":
    "This message can’t be reported: nothing that the service has kept proves who sent it. You can block who wrote it.",
  "history-off": "No history is kept on this device.",
  "history-early": "This device is new, and your others do not know it yet. Try again when it was online for a while.",
  "call-unknown": "This call is over.",
  "call-joined": "You are in a call in this chat already.",
  "too-large": "That is too long for a message. Send it as a file.",
  "file-unknown": "There is no such file any more. Ask whoever sent it to send it again.",
  "file-gone": "The service has deleted this file. Ask whoever sent it to send it again.",
  "link-invalid": "This is no invitation to a chat. Ask for a new link.",
  "given-up": "You stopped it.",
  "too-many": "Too much is waiting to be sent. Wait until some of it is out.",
};

/** What the service says. */
const ofDelivery: Readonly<Record<Exclude<DeliveryErrorCode, ClientErrorCode>, string>> = {
  unreachable: "The service can’t be reached. Your messages wait here and go out by themselves.",
  incarnation: "This device runs elsewhere, or from an older copy. Choose under Devices which copy goes on.",
  "not-found": "The service does not know that. Check how it is spelled; it may also be gone.",
  "id-taken": "The service has something else of this number. Try again.",
  rate: "That was too often. Wait a little and try again.",
  invalid: "The service could not read that. Reload the page, and try again.",
  unsupported: "This page and the service are of different versions. Reload the page.",
};

const noRoomOnDisk = "This browser could not write to its disk. Free some space, then reload the page.";
const notReadable =
  "What this browser keeps of you can’t be opened. Link this browser anew from another device, or bring the account back by its recovery code.";

/** What this browser's disk says. */
const ofStore: Readonly<Record<StoreErrorCode, string>> = {
  "store-locked": "This person is open in another tab.",
  "store-lost": "This person was opened in another tab.",
  "store-closed": "This tab has let go of your chats. Reload the page.",
  "store-not-written": noRoomOnDisk,
  "store-failed": noRoomOnDisk,
  "store-version": "A newer version of this messenger was here before. Reload the page to get that.",
  "store-key": notReadable,
  "store-damaged": notReadable,
  "store-package": "This messenger was built without a part that it needs. Tell whoever runs it.",
};

const badList =
  "What the service says of somebody’s devices does not hold. Nothing of it was taken. Compare safety numbers with them before you go on.";
const badStep = "The two devices have lost each other. Start again on the new device.";

/** What accounts, and the linking of devices, say. */
const ofAccounts: Readonly<Record<AccountErrorCode, string>> = {
  "recovery-length": "A recovery code has eight groups of five characters. Look whether one is missing or there twice.",
  "recovery-mistakes": "Too much of the recovery code is wrong to be mended. Read it again, group by group.",
  "recovery-version": "This recovery code is of a newer version of this messenger. Reload the page to get that.",
  "statement-malformed": badList,
  "statement-user": badList,
  "statement-number": "Your list of devices has changed on another device. Try again.",
  "statement-predecessor": badList,
  "statement-root": badList,
  "statement-key": badList,
  "statement-signature": badList,
  "statement-maker": badList,
  "statement-devices": badList,
  "statement-suite": "This account is of a newer version of this messenger. Reload the page to get that.",
  "account-key": "Your account has got a new key on another device. Try again.",
  "device-unknown": "This device is not on your account any more.",
  "device-known": "A device of this name was on the account before. Choose another name.",
  "attestation-missing": badList,
  "attestation-invalid": badList,
  "link-offer": "This is no code of a new device. Copy all of it.",
  "link-message": badStep,
  "link-mismatch":
    "The two screens did not show the same digits. Nothing was linked. Start again, and compare carefully.",
  "link-code": "The digits on the two screens differ: somebody may be in between. Nothing was linked. Start again.",
  "link-expired": "Linking took too long. Start again on the new device.",
  "link-ended": "The other device stopped linking. Start again.",
};

const unreadableMessage = "This message is made in a way that can’t be shown. Ask who wrote it to say it again.";

/** What messages and their files say. */
const ofContent: Readonly<Record<ContentErrorCode, string>> = {
  "content-cbor": unreadableMessage,
  "content-shape": unreadableMessage,
  "content-limit": "That is longer, or of more parts, than a message can be. Make it shorter.",
  "content-expiry": "A message can’t stay for more than a year. Choose a shorter time.",
  "content-sender": "This message says that somebody else has sent it. It is not shown.",
  "content-room": "This message was written for another chat. It is not shown.",
  "content-duplicate": "This message is here already.",
  "attachment-unsupported": "This file is made in a way that this messenger does not know. Ask for it in another.",
  "attachment-limit": "This file is larger than what is taken here.",
  "attachment-damaged": "This file was changed on its way. It was not opened. Try again, or ask for it once more.",
  "attachment-mismatch": "This file is not the one that the message names. It was not opened.",
  "attachment-changed": "This file has changed since it was chosen. Choose it again.",
};

/** Why a chat's rules do not let something be done: those of them that a person can come to. */
const ofRooms = {
  "role-count":
    "This chat can’t be without somebody in your role. Give it to somebody else first, under “Leaving” in its details.",
  "active-count": "This chat needs somebody of that role with a device in it. Give the role to somebody else first.",
  "no-user": "This person is not in the chat any more, or is in it already.",
  "role-unknown": "This chat has no such role any more.",
  banned: "This person is kept out of this chat. Let them back first, in its details.",
  fixed: "Nobody comes into a chat of two, and nobody leaves it. Begin a room instead.",
  "single-device": "In a secret chat each has one device.",
  "max-clients": "This chat is full: it takes no more devices.",
  "max-users": "This chat is full: it takes nobody more.",
  "join-link": "This link lets nobody in any more. Ask for a new one.",
} as const satisfies Readonly<Partial<Record<RoomErrorCode, string>>>;

/** What passkeys say: lock/passkey.ts. */
const ofPasskeys = {
  "passkey-unused": "The passkey was not used. It was stopped, took too long, or is not at hand.",
  "passkey-no-secret":
    "This passkey can’t keep a secret for a page. Choose another place for it, as this computer or a newer security key.",
  "passkey-other": "This passkey does not open what is here.",
} as const;

/** All of them. Where two parts of the library have a code of one name, it means the same. */
export const sentences: Readonly<Record<string, string>> = {
  ...ofPasskeys,
  ...ofRooms,
  ...ofContent,
  ...ofAccounts,
  ...ofStore,
  ...ofDelivery,
  ...ofClient,
};
