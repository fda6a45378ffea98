/**
 * The account of a user who has lost all devices. What it stands on is fetched with the call.
 */

import type { RecoverAccountOptions, RecoveredAccount } from "./options.ts";

/**
 * Bring a user's account back on an empty device: the root signs a new account key, and a new list names this device alone. All other devices
 * are off the list, contacts hear the event "account-renewed", and their clients let this device into the rooms that it shares with them. A
 * process that dies in between calls it again with the same store, and goes on with the same keys.
 *
 *     const { account } = await recoverAccount({ user, recoveryCode, store, delivery });
 *     const client = await Client.open({ store, delivery });
 *
 * A PIN that was set brings the code back: `recoverAccount({ user, pin, servers, threshold, store, delivery })`. It costs a guess at as many servers
 * as it takes; after the right one the PIN is set again at once, with all its guesses.
 *
 * @throws VaultError "recovery-pin" with `triesLeft`, "recovery-exhausted", "recovery-servers" with what was found of each, "recovery-unknown",
 * "recovery-package"; AccountError "recovery-mistakes", "recovery-length", "recovery-version"; ClientError "recovery-other" where the code is another
 * account's, or the service knows no account of this user, "client-account" where the store has an account, "refused" where the service does
 * not take the list; DeliveryError where it can't be reached: call it again.
 */
export async function recoverAccount(options: RecoverAccountOptions): Promise<RecoveredAccount> {
  const { recoverBy } = await import("./recover-by.ts");
  return recoverBy(options);
}
