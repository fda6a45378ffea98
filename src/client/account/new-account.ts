/**
 * What a new account is made of, and what it is.
 */

import type { Clock } from "../../bytes/clock.ts";
import type { CipherSuite, Random } from "../../crypto/provider.ts";
import type { Account } from "./account.ts";

/** Options of `createAccount`. */
export interface NewAccountOptions {
  /** mimi://host/u/user */
  readonly user: string;
  /** The device's name among the user's. Default: "1" */
  readonly device?: string;
  /** Of all keys. Default: suite 1, MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519 */
  readonly suite?: CipherSuite;
  readonly random?: Random;
  readonly clock?: Clock;
}

/** A new account, and the code that brings it back. */
export interface NewAccount {
  readonly account: Account;
  /** Forty characters, for the person to write down. It is kept nowhere: whoever has it is the account. */
  readonly recoveryCode: string;
}
