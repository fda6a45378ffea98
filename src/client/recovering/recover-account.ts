/**
 * The account of a user who has lost all devices, by the recovery code. What it stands on is fetched with the call.
 */

import { having, hook, is, options, text, type Shape, type Takes } from "../../bytes/takes.ts";
import { suite as aSuite } from "../../public-group/options/takes.ts";
import { isUri } from "../../rooms/uri.ts";
import type { RecoverAccountOptions, RecoveredAccount } from "./options.ts";

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
