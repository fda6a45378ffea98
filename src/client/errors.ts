/**
 * The errors of a client: one class, and one list of codes. What becomes of an intent that can't be carried out is an event with
 * one of these codes, too.
 */

/** What each code means, and what a person or an application can do. */
export const clientErrorCodes = {
  "client-closed": "the client was closed: open it again",
  offline: "the service can't be reached now: try again when the client is online",
  "client-failed": "the store failed, and nobody knows what it holds: close the client and open it again",
  "client-copied":
    "the account was opened from an older copy of its store, or runs elsewhere: its rooms are joined anew first",
  "device-replaced":
    "the service takes this device's key no more: another copy of it was chosen, or it was taken off the list: link it anew",
  "client-version": "the store was made by a newer version of copse: install that",
  "client-damaged": "an entry of the store can't be read: restore a backup, or link the device anew",
  "account-missing": "the store has no account: make one, or link this device to one",
  "recovery-needed":
    "only the recovery code makes a new account key: ask the person for it, or take a device that is only lost off by removeDevice",
  "recovery-other": "the recovery code is another account's: look at the user's name and at the code again",
  "pin-weak":
    "the PIN is among those that are tried first: six characters or more, not all alike, no even steps, no repetition",
  "client-account": "the store belongs to another device",
  "room-unknown": "there is no such room on this device",
  "room-left": "this device is not in the room any more: ask to be let in again",
  "room-frozen": "a commit broke the room's rules and the service kept it: leave the room, or choose a branch of it",
  "room-behind": "the room has gone on out of this device's sight: it is joined anew when that is possible",
  "room-held": "somebody in the room contradicts what is known of the account: look at its alarms and acknowledge them",
  "room-gone": "the service has no such room any more",
  "not-allowed": "the room's policy does not let this user do that",
  "user-unknown": "nobody has published keys for this user: check the address",
  "user-unreachable": "none of the user's devices has a key package left: try later, when one was online",
  "user-outdated":
    "the room needs what the clients on all of the user's devices do not know yet: try again when one of them was updated",
  "no-consent": "the user has not agreed to be written to: ask for it",
  "already-so": "the room is as it was asked for already",
  impossible: "what was asked for can't be done any more: the room has changed since",
  refused: "the service refused it, and would again",
  "message-unknown": "this device does not have that message",
  "message-foreign": "only its author may change a message",
  "not-reportable":
    "the message can't be reported: it is this user's own, the room's messages are not franked, or its original is gone",
  "history-off": "no history is kept on this device: open the client with the option history",
  "history-early":
    "this device is not among the user's other devices yet: try again when it has been online for a while",
  "call-unknown": "this device has heard of no such call in the room, or it is over",
  "call-joined": "this device is in a call of the room already: hang up first",
  "too-large": "it is larger than can be sent: make it shorter, or send it as an attachment",
  "file-unknown": "the message has no such file at the delivery service, or there is no such upload",
  "file-gone": "the service has the file no more: ask its sender for it",
  "link-invalid": "it is no link to a room, or a knock that nobody would hear: ask for it again",
  "given-up": "the application has given it up",
  "too-many": "too many are waiting to be sent: wait until some of them are out",
} as const;

/** A literal code, stable within a major version. */
export type ClientErrorCode = keyof typeof clientErrorCodes;

/** What may be said beside the code. */
export interface ClientErrorDetail {
  /** In words that hold no secret, no content and no name of anybody. */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** Every failure of a client that is not the caller's wrong argument, which is a TypeError. Branch on `code`. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, { detail, cause }: ClientErrorDetail = {}) {
    super(
      `${code}: ${clientErrorCodes[code]}${detail === undefined ? "" : `: ${detail}`}`,
      cause === undefined ? {} : { cause },
    );
    this.code = code;
  }
}
