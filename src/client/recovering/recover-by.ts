/**
 * Bringing an account back by its recovery code, or by the PIN that gives the code back.
 */

import { anything, having, hook, is, options, text, uint32, type Shape, type Takes } from "../../bytes/takes.ts";
import { suite as aSuite } from "../../public-group/options/takes.ts";
import { isUri } from "../../rooms/uri.ts";
import type { RecoverAccountOptions, RecoveredAccount, RecoveringOptions } from "./options.ts";
import { checkEmpty, recover } from "./recover.ts";

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

/** As `recoverAccount`, whose code is fetched when it is called. */
export async function recoverBy(options: RecoverAccountOptions): Promise<RecoveredAccount> {
  if (!("pin" in options)) {
    takesCode("recoverAccount", options);
    return recover(options);
  }
  takesPin("recoverAccount", options);
  await checkEmpty(options.store); // before a guess is spent
  const { codeByPin } = await import("./by-pin.ts");
  const pin = await codeByPin(options);
  return { ...(await recover({ ...options, recoveryCode: pin.recoveryCode })), pin };
}
