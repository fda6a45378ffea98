/**
 * Setting a PIN: the seed of the recovery code is registered with the recovery servers under it. The seed never changes, so that the PIN
 * opens the same root after revocations and recoveries, too.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { anything, hook, options, text, type Shape, type Takes } from "../../bytes/takes.ts";
import { utf8 } from "../../bytes/text.ts";
import { rootKeyOf } from "../../accounts/keys.ts";
import { readRecoveryCode } from "../../accounts/recovery-code.ts";
import { cipherSuite } from "../../crypto/choose.ts";
import { register } from "../../vault/recovery/register.ts";
import type { Account } from "../account/account.ts";
import { ClientError } from "../errors.ts";
import type { Surroundings } from "../surroundings.ts";
import type { RecoveryPin, RecoveryPinOptions } from "./options.ts";
import { pinWeakness } from "./pin.ts";

/** What it needs of the client. */
export interface PinParts {
  readonly around: Surroundings;
  readonly devices: { readonly account: Account | undefined };
}

/** What recovery servers are asked with is checked by what asks them. */
const shape: Shape<RecoveryPinOptions> = {
  ...{ recoveryCode: text, pin: text, servers: anything, threshold: anything },
  ...{ proof: hook, argon2id: hook, atLeast: anything },
};
const takes: Takes = /* @__PURE__ */ options(shape, "recoveryCode", "pin", "servers", "threshold");

export async function setPin({ around, devices }: PinParts, given: RecoveryPinOptions): Promise<RecoveryPin> {
  takes("setRecoveryPin", given);
  const { user, random } = around;
  const { account } = devices;
  if (account === undefined) throw new ClientError("account-missing");
  const { recoveryCode, ...registering } = given;
  const weakness = pinWeakness(registering.pin);
  if (weakness !== undefined) throw new ClientError("pin-weak", { detail: weakness });
  const { seed, mended } = readRecoveryCode(recoveryCode);
  try {
    const root = await rootKeyOf(cipherSuite(account.view.cipherSuite), seed);
    root.privateKey.wipe();
    if (!bytesEqual(root.publicKey, account.view.rootKey)) throw new ClientError("recovery-other");
    const { servers } = await register({ ...registering, account: utf8(user), secret: seed, random });
    return { servers, mended };
  } finally {
    seed.wipe();
  }
}
