/**
 * The errors of the vault: one class, and one list of codes. They are not among CopseError's, so that nobody who has no vault carries
 * their sentences.
 */

import type { ServerFinding } from "./recovery/finding.ts";

/** What each code means, and what to do. */
export const vaultErrorCodes = {
  "recovery-format": "the bytes are no request, answer or record of recovery: drop them",
  "recovery-version": "the bytes were made by a newer version of copse: update this side",
  "recovery-denied": "the server's hook does not let this one ask for this account: sign in anew",
  "recovery-unknown": "nothing is registered for this account, or not under this number",
  "recovery-exhausted": "the guesses are used up and the servers have forgotten the secret: use the recovery code",
  "recovery-superseded": "another registration has begun, or was confirmed: begin again",
  "recovery-busy": "others change this account at the same time: try again",
  "recovery-full": "several registrations were begun and none was confirmed: forget them all and register again",
  "recovery-pin": "the PIN is wrong: the error says how many tries are left",
  "recovery-servers": "too few recovery servers did their part: the error says which, and what was wrong with each",
  "vault-format": "the bytes are no record, edge, head or key of a vault: drop them",
  "vault-version": "the bytes were made by a newer version of copse: update this device",
  "vault-open": "the bytes are of another account, epoch or place, or were changed: drop them",
  "vault-rollback": "the history is older than what is known: whoever keeps it withholds something",
  "vault-fork": "there are two histories of one place: a device was restored from an old backup, or somebody lies",
  "vault-recovery-key":
    "the recovery key is not one that the account's root has signed, or an older one: seal nothing to it",
  "backup-digits": "these are not the 64 digits of a backup: the error says which groups of eight have a mistake",
  "backup-key": "the key or the passphrase is not this backup's, or the beginning of the file was changed: try another",
  "backup-account": "the backup is of another account: restore it there",
  "recovery-package": "Argon2id is missing: npm install hash-wasm, or pass argon2id",
} as const;

/** A literal code, stable within a major version. */
export type VaultErrorCode = keyof typeof vaultErrorCodes;

/** What may be said beside the code. */
export interface VaultErrorDetail {
  /** In words that hold no secret and no identity. */
  readonly detail?: string;
  /** Of a wrong PIN: how many whole tries the servers that answered still allow. */
  readonly triesLeft?: number;
  /** Of a wrong PIN: the number of the registration that it was tried on. */
  readonly registration?: number;
  /** Of a wrong PIN: older registrations that would open, too, where the newest one was not confirmed. */
  readonly older?: readonly number[];
  /** What was found of each recovery server. */
  readonly servers?: readonly ServerFinding[];
  /** Of a backup's key: the groups of digits that have a mistake, 1 to 8. */
  readonly groups?: readonly number[];
  readonly cause?: unknown;
}

/** Every failure of the vault that is not the caller's wrong argument, which is a TypeError. Branch on `code`. */
export class VaultError extends Error {
  override readonly name = "VaultError";
  readonly code: VaultErrorCode;
  /** Of a wrong PIN: how many whole tries the servers that answered still allow. */
  readonly triesLeft: number | undefined;
  /** Of a wrong PIN: the number of the registration that it was tried on. */
  readonly registration: number | undefined;
  /** Of a wrong PIN: older registrations that would open, too. `recover({ registration })` tries one. */
  readonly older: readonly number[];
  /** What was found of each recovery server, in the order in which they were passed. */
  readonly servers: readonly ServerFinding[];
  /** Of a backup's key: the groups of digits that have a mistake, 1 to 8. None where there are not 64 digits. */
  readonly groups: readonly number[];

  constructor(code: VaultErrorCode, details: VaultErrorDetail = {}) {
    const { detail, triesLeft, registration, older = [], servers = [], groups = [], cause } = details;
    super(
      `${code}: ${vaultErrorCodes[code]}${detail === undefined ? "" : `: ${detail}`}`,
      cause === undefined ? {} : { cause },
    );
    this.code = code;
    this.triesLeft = triesLeft;
    this.registration = registration;
    this.older = older;
    this.servers = servers;
    this.groups = groups;
  }
}
