/**
 * What is asked of a recovery of the account, and what it gives.
 */

import type { MendedCharacter } from "../../accounts/recovery-code.ts";
import type { CipherSuite, Random } from "../../crypto/provider.ts";
import type { Delivery } from "../../delivery/delivery.ts";
import type { Clock } from "../../bytes/clock.ts";
import type { Store } from "../../storage/store.ts";
import type { Account } from "../account/account.ts";

/** What `recoverAccount` takes. */
export interface RecoverAccountOptions {
  /** mimi://host/u/user */
  readonly user: string;
  /** As the person types it: in either case, with blanks and hyphens anywhere, and up to three mistakes. */
  readonly recoveryCode: string;
  /** This device's own, and empty, or what an earlier try has left. The account is in it when the promise is fulfilled. */
  readonly store: Store;
  readonly delivery: Delivery;
  /** The device's name among the user's, which none of the list may have. Default: a random one. */
  readonly device?: string;
  /** Of this device's keys. Default: suite 1, MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519 */
  readonly suite?: CipherSuite;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** An account that was recovered. */
export interface RecoveredAccount {
  readonly account: Account;
  /** Characters of the code that were wrong and mended: tell the person, so that the paper can be corrected. */
  readonly mended: readonly MendedCharacter[];
}
