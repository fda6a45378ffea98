/**
 * The account of a user who has lost all devices, by the recovery code. What it stands on is fetched with the call.
 */

import type { MendedCharacter } from "../../accounts/recovery-code.ts";
import { having, hook, is, options, text, type Shape, type Takes } from "../../bytes/takes.ts";
import type { CipherSuite, Random } from "../../crypto/provider.ts";
import type { Delivery } from "../../delivery/delivery.ts";
import type { Clock } from "../../public-group/options/clock.ts";
import { suite as aSuite } from "../../public-group/options/takes.ts";
import { isUri } from "../../rooms/uri.ts";
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

const shape: Shape<RecoverAccountOptions> = {
  user: is(
    "a user's URI, such as mimi://example.org/u/alice",
    (value) => typeof value === "string" && isUri(value, "user"),
  ),
  recoveryCode: text,
  store: having("a Store", "get", "getMany", "range", "batch", "flush", "close"),
  delivery: having("a Delivery", "connect"),
  device: text,
  suite: aSuite,
  clock: hook,
  random: hook,
};
const takes: Takes = /* @__PURE__ */ options(shape, "user", "recoveryCode", "store", "delivery");

/**
 * Bring a user's account back on an empty device: the root signs a new account key, and a new list names this device alone. All other devices
 * are off the list, contacts hear the event "account-renewed", and their clients let this device into the rooms that it shares with them. A
 * process that dies in between calls it again with the same store, and goes on with the same keys.
 *
 *     const { account } = await recoverAccount({ user, recoveryCode, store, delivery });
 *     const client = await Client.open({ store, delivery });
 *
 * @throws AccountError "recovery-mistakes", "recovery-length", "recovery-version"; ClientError "recovery-other" where the code is another
 * account's, or the service knows no account of this user, "client-account" where the store has an account, "refused" where the service does
 * not take the list; DeliveryError where it can't be reached: call it again.
 */
export async function recoverAccount(options: RecoverAccountOptions): Promise<RecoveredAccount> {
  takes("recoverAccount", options);
  const { recover } = await import("./recover.ts");
  return recover(options);
}
