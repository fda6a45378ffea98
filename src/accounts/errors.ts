/**
 * The errors of accounts: one class, and one list of codes. They are not among CopseError's, so that nobody who has no accounts
 * carries their sentences.
 */

import type { AccountAlarm } from "./alarm.ts";

/** What each code means, and what to do. */
export const accountErrorCodes = {
  "recovery-length": "a recovery code has eight groups of five characters: look whether one is missing or there twice",
  "recovery-mistakes": "more characters are wrong than can be mended: read the groups again that are named, or all",
  "recovery-version": "the recovery code was made by a newer version of copse",
  "statement-malformed": "the bytes are no statement of an account, or hold more than one may",
  "statement-user": "the statement is another user's",
  "statement-number": "the statement's number does not follow the last one: fetch what is between, or make it again",
  "statement-predecessor": "the statement follows another one than that of its number that is known: a fork, keep both",
  "statement-root": "the account has a new root: ask the person before anything is sent to it",
  "statement-key": "the account key is older than the last one, or another one of its number",
  "statement-signature": "a signature of the statement does not verify",
  "statement-maker": "the statement was made by a device that may not make it",
  "statement-devices":
    "a list names a device twice, or another user's, or too many, or says another time of adding than the list before",
  "statement-suite": "the statement is of a cipher suite that is not there",
  "account-key": "the key given is not the account's current one",
  "device-unknown": "there is no such device on the list",
  "device-known": "the device, or its key, is on the list already",
  "attestation-missing": "a leaf says nothing of the account that its device is of",
  "attestation-invalid": "what a leaf says of its account does not hold for this leaf",
  "link-offer": "this is no offer to link a device, or not one of this version",
  "link-message": "a message of linking does not belong here: begin again on both devices",
  "link-mismatch": "what the other device has revealed is not what it had committed to: somebody is in between",
  "link-code": "the codes on the two screens differ: somebody is in between, and nothing was handed over",
  "link-expired": "linking took too long: begin again",
  "link-ended": "the linking has ended: begin again",
} as const;

/** A literal code, stable within a major version. */
export type AccountErrorCode = keyof typeof accountErrorCodes;

/** What may be said beside the code. */
export interface AccountErrorDetail {
  /** In words that hold no secret and no identity. */
  readonly detail?: string;
  /** Of a recovery code: the groups to look at, from 1 to 8. */
  readonly groups?: readonly number[];
  /** Of a statement: the evidence that the account's own keys contradict themselves. */
  readonly alarm?: AccountAlarm;
  readonly cause?: unknown;
}

/** Every failure of accounts that is not the caller's wrong argument, which is a TypeError. Branch on `code`. */
export class AccountError extends Error {
  override readonly name = "AccountError";
  readonly code: AccountErrorCode;
  /** Of a recovery code: the groups that hold mistakes, from 1 to 8, as far as that can be told. */
  readonly groups: readonly number[];
  /** Of a statement that the account's own keys have signed, and that contradicts what is known: the evidence. */
  readonly alarm: AccountAlarm | undefined;

  constructor(code: AccountErrorCode, { detail, groups = [], alarm, cause }: AccountErrorDetail = {}) {
    super(
      `${code}: ${accountErrorCodes[code]}${detail === undefined ? "" : `: ${detail}`}`,
      cause === undefined ? {} : { cause },
    );
    this.code = code;
    this.groups = groups;
    this.alarm = alarm;
  }
}
