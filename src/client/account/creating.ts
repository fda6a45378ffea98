/**
 * Making an account: the root signs its first account key, and the recovery key that comes with it, and is gone.
 */

import { hook, options as optionsOf, text, type Shape } from "../../bytes/takes.ts";
import { checkStatement } from "../../accounts/check-statement.ts";
import { createAccountKey, rootKeyOf } from "../../accounts/keys.ts";
import { createRecoveryCode } from "../../accounts/recovery-code.ts";
import { signDeviceList } from "../../accounts/statement.ts";
import { cipherSuite } from "../../crypto/choose.ts";
import { suite as aSuite } from "../../public-group/options/takes.ts";
import { basic, createIdentity } from "../../public-group/identity.ts";
import { deviceUri } from "../../rooms/uri.ts";
import { recoveryKeyBy } from "../recovering/recovery-key.ts";
import type { NewAccount, NewAccountOptions } from "./new-account.ts";

const shape: Shape<NewAccountOptions> = { user: text, device: text, suite: aSuite, random: hook, clock: hook };
const takes = /* @__PURE__ */ optionsOf(shape, "user");

/** As `createAccount`, whose code is fetched when it is called. */
export async function newAccount(options: NewAccountOptions): Promise<NewAccount> {
  takes("createAccount", options);
  const { user, device: name = "1", suite = cipherSuite(1), random, clock } = options;
  const randomness = random === undefined ? {} : { random };
  const device = deviceUri(user, name);
  const { code, seed } = createRecoveryCode(randomness);
  const root = await rootKeyOf(suite, seed);
  try {
    const accountKey = await createAccountKey({ root, user, ...randomness });
    const { number } = accountKey.certificate;
    const recoveryKey = await recoveryKeyBy(root, { seed, user, number });
    const identity = await createIdentity({ suite, credential: basic(device), ...randomness });
    const statement = await signDeviceList({
      accountKey,
      maker: { uri: device, signer: identity.signer },
      changes: { add: [{ uri: device, cipherSuite: suite.id, signatureKey: identity.signatureKey }] },
      ...(clock !== undefined && { clock }),
    });
    const view = await checkStatement(undefined, statement);
    return { account: { user, device, identity, accountKey, view, recoveryKey }, recoveryCode: code };
  } finally {
    root.privateKey.wipe();
    seed.wipe();
  }
}
