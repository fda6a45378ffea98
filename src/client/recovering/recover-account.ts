/**
 * The account of a user who has lost all devices, by the recovery code. What it stands on is fetched with the call.
 */

import { anything, having, hook, is, options, text, uint32, type Shape, type Takes } from "../../bytes/takes.ts";
import { suite as aSuite } from "../../public-group/options/takes.ts";
import { isUri } from "../../rooms/uri.ts";
import type { RecoverAccountOptions, RecoveredAccount, RecoveringOptions } from "./options.ts";

const shape: Shape<RecoveringOptions> = {
  user: is(
    "a user's URI, such as mimi://example.org/u/alice",
    (value) => typeof value === "string" && isUri(value, "user"),
  ),
  store: having("a Store", "get", "getMany", "range", "batch", "flush", "close"),
  delivery: having("a Delivery", "connect"),
  device: text,
  suite: aSuite,
  clock: hook,
  random: hook,
};
const takesCode: Takes = /* @__PURE__ */ options(
  { ...shape, recoveryCode: text },
  ...["user", "recoveryCode", "store", "delivery"],
);
/** What recovery servers are asked with is checked by what asks them. */
const takesPin: Takes = /* @__PURE__ */ options(
  { ...shape, pin: text, servers: anything, threshold: anything, proof: hook, argon2id: hook, registration: uint32 },
  ...["user", "pin", "servers", "threshold", "store", "delivery"],
);

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
  if (!("pin" in options)) {
    takesCode("recoverAccount", options);
    const { recover } = await import("./recover.ts");
    return recover(options);
  }
  takesPin("recoverAccount", options);
  const { recover, checkEmpty } = await import("./recover.ts");
  await checkEmpty(options.store); // before a guess is spent
  const { codeByPin } = await import("./by-pin.ts");
  const pin = await codeByPin(options);
  return { ...(await recover({ ...options, recoveryCode: pin.recoveryCode })), pin };
}
