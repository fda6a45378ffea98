/**
 * What is asked of a recovery of the account, and what it gives.
 */

import type { MendedCharacter } from "../../accounts/recovery-code.ts";
import type { CipherSuite, Random } from "../../crypto/provider.ts";
import type { Delivery } from "../../delivery/delivery.ts";
import type { Clock } from "../../bytes/clock.ts";
import type { Store } from "../../storage/store.ts";
import type { ProofRequest, RecoveryLink } from "../../vault/recovery/asking.ts";
import type { ServerFinding } from "../../vault/recovery/finding.ts";
import type { Argon2id } from "../../vault/recovery/stretch.ts";
import type { Account } from "../account/account.ts";

/** The recovery servers of a user. To them the account is the user's URI. */
export interface PinServers {
  /** 2 to 16, each of another operator, as `httpRecoveryServer` of copse/vault makes them. */
  readonly servers: readonly RecoveryLink[];
  /** How many of them it takes: 2 or more. Fewer of them, colluding, can't guess. */
  readonly threshold: number;
  /** The proof of who asks, for the servers' hooks. Default: none */
  readonly proof?: (request: ProofRequest) => Uint8Array | Promise<Uint8Array>;
  /** Argon2id of the platform. Default: that of the optional package hash-wasm */
  readonly argon2id?: Argon2id;
}

/** What `client.setRecoveryPin` takes. */
export interface RecoveryPinOptions extends PinServers {
  /** As the person types it, since no device knows it: with up to three mistakes. */
  readonly recoveryCode: string;
  /** Six characters or more, and none of those that are tried first: see `pinWeakness`. */
  readonly pin: string;
  /** How many servers must have it before the PIN of before is forgotten. Default: one more than the threshold, or all */
  readonly atLeast?: number;
}

/** A PIN that was set. */
export interface RecoveryPin {
  /** What was found of each server: one that is not "well" has no part in it. */
  readonly servers: readonly ServerFinding[];
  /** Characters of the code that were wrong and mended. */
  readonly mended: readonly MendedCharacter[];
}

/** What brings an account back: what was written down, or what was remembered. */
export type RecoverAccountOptions = RecoveringOptions &
  (
    | {
        /** As the person types it: in either case, with blanks and hyphens anywhere, and up to three mistakes. */
        readonly recoveryCode: string;
      }
    | ({
        readonly pin: string;
        /** The number of an older PIN that a VaultError has named as `older`. Default: the newest */
        readonly registration?: number;
      } & PinServers)
  );

/** What `recoverAccount` takes, whatever brings the account back. */
export interface RecoveringOptions {
  /** mimi://host/u/user */
  readonly user: string;
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
  /**
   * Whether there is an encrypted history that the account's devices have sealed for it: `client.history.restore()` brings it. "damaged": the service
   * has something, and gives nothing that opens.
   */
  readonly history: "found" | "none" | "damaged";
  /** Of a recovery by PIN. */
  readonly pin?: RecoveredPin;
}

/** What else a recovery by PIN gives. */
export interface RecoveredPin {
  /** The account's recovery code: offer the person to write it down again. It is kept nowhere. */
  readonly recoveryCode: string;
  /**
   * Whether the PIN was set again, with all its guesses. Where it was not, the guesses that were used stay used: call `setRecoveryPin` when more
   * servers answer.
   */
  readonly isRenewed: boolean;
  /** What was found of each server: one that lies was left out. */
  readonly servers: readonly ServerFinding[];
}
