/**
 * A sentence for every error: what happened, and what can be done. What this list does not say in a person's words the library says.
 */

import { accountErrorCodes } from "copse/accounts";
import { clientErrorCodes } from "copse/client";
import { contentErrorCodes } from "copse/content";
import { deliveryErrorCodes } from "copse/delivery";
import { storeErrorCodes } from "copse/storage";

/** In a person's words. */
const sentences: Readonly<Record<string, string>> = {
  "not-allowed": "You may not do that here. An administrator of the chat can.",
  "role-count":
    "This chat can’t be without somebody in your role. Give it to somebody else first, under “Leaving” in its details.",
  "no-consent": "This person has not agreed to hear from you yet. Ask them under “New chat”.",
  "user-unknown": "Nobody has this name. Check how it is spelled.",
  "user-unreachable": "None of this person’s devices can be added right now. Try again when they were online.",
  "user-outdated": "This person’s app is too old for this chat. Try again when it was updated.",
  "already-so": "That is so already.",
  impossible: "That can’t be done any more: the chat has changed since.",
  "room-left": "You are not in this chat any more. Somebody who is in it can let you in again.",
  "room-held": "Somebody in this chat may not be who they say. Look at the warning before you go on.",
  "room-frozen":
    "Somebody broke the rules of this chat, and the service let it through. Leave it, or wait until it is taken back.",
  offline: "You are offline. It can be done when you are connected again.",
  unreachable: "The service can’t be reached. Your messages wait here and go out by themselves.",
  "too-large": "That is too long for a message. Send it as a file.",
  "too-many": "Too much is waiting to be sent. Wait until some of it is out.",
  rate: "That was too often. Wait a little and try again.",
  "link-invalid": "This is no invitation to a chat. Ask for a new link.",
  "room-unknown": "There is no such chat, or it lets nobody in by this link any more.",
  "call-unknown": "This call is over.",
  "call-joined": "You are in a call in this chat already.",
  "file-gone": "The service has deleted this file. Ask whoever sent it to send it again.",
  "attachment-damaged": "This file was changed on its way. It was not opened.",
  "attachment-mismatch": "This file is not the one that the message names. It was not opened.",
  "attachment-limit": "This file is larger than what is taken here.",
  "device-replaced": "This device was taken off the account, or another copy of it was chosen. Link it again.",
  "store-locked": "This person is open in another tab.",
  "store-lost": "This person was opened in another tab.",
  "store-failed": "This browser could not write to its disk. Free some space, then reload the page.",
  "store-not-written": "This browser could not write to its disk. Free some space, then reload the page.",
  "link-mismatch":
    "The two screens did not show the same digits. Nothing was linked. Start again, and compare carefully.",
  "link-expired": "Linking took too long. Start again on the new device.",
  "link-ended": "The other device stopped linking. Start again.",
  "link-offer": "This is no code of a new device. Copy all of it.",
  "device-known": "A device of this name was on the account before. Choose another name.",
  "pin-weak": "This PIN is among those that are tried first. Take six characters or more that follow no pattern.",
  "recovery-other": "This code is another account’s. Look at the name and at the code again.",
  "passkey-unused": "The passkey was not used. It was stopped, took too long, or is not at hand.",
  "passkey-no-secret":
    "This passkey can’t keep a secret for a page. Choose another place for it, as this computer or a newer security key.",
  "passkey-other": "This passkey does not open what is here.",
  "given-up": "You stopped it.",
};

const library: Readonly<Record<string, string>> = {
  ...deliveryErrorCodes,
  ...storeErrorCodes,
  ...contentErrorCodes,
  ...accountErrorCodes,
  ...clientErrorCodes,
};

/** The sentence of a code. */
export function sentenceOf(code: string): string {
  const words = sentences[code] ?? library[code];
  if (words === undefined) return `Something went wrong (${code}).`;
  return asSentence(words);
}

/** With a capital and a full stop. */
export function asSentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? "" : "."}`;
}

/** The sentence of what failed later: the reason in detail, where a person's words are here for it, and else the kind of it. */
export function sentenceOfFailure(code: string, detail: string): string {
  return sentenceOf(detail in sentences ? detail : code);
}

/** The sentence of whatever was thrown. */
export function wordsOf(error: unknown): string {
  const code = codeOf(error);
  if (code !== undefined) return sentenceOf(code);
  if (error instanceof DOMException && error.name === "NotAllowedError")
    return "This browser did not allow it. Allow it beside the address of the page, and try again.";
  if (error instanceof DOMException && error.name === "NotFoundError")
    return "There is none of that kind here any more.";
  if (error instanceof DOMException && (error.name === "NotReadableError" || error.name === "OverconstrainedError"))
    return "It can’t be used now: it may be in use by another program, or not be connected any more.";
  if (error instanceof DOMException && error.name === "QuotaExceededError")
    return "This browser has no more room for this page. Free some space, then try again.";
  return `Something went wrong: ${error instanceof Error ? error.message : String(error)}`;
}

/** The code of an error that has one. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}
