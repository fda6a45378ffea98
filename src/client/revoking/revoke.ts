/**
 * Asking for a revocation: the root is derived from the recovery code, signs the next account key, and is gone; what is to be done with that
 * key is stored before anybody hears of it.
 */

import { AccountError } from "../../accounts/errors.ts";
import type { MendedCharacter } from "../../accounts/recovery-code.ts";
import { is, options as optionsOf, text, type Shape, type Takes } from "../../bytes/takes.ts";
import type { Account } from "../account/account.ts";
import { ClientError } from "../errors.ts";
import { nextAccountKey } from "../recovering/root.ts";
import type { Surroundings } from "../surroundings.ts";
import type { RevokeOptions } from "./options.ts";
import { readRevocation, storeRevocation } from "./revocation.ts";

/** What it needs of the client. */
export interface RevokeParts {
  readonly around: Surroundings;
  readonly devices: { readonly account: Account | undefined; isRevoking: boolean };
  readonly chores: { ask(): void };
}

const shape: Shape<RevokeOptions> = { recoveryCode: text };
const takes: Takes = /* @__PURE__ */ optionsOf(shape);
const someDevices: Takes = /* @__PURE__ */ is(
  "the URIs of one device or more",
  (value) => Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "string"),
);

/** Store what is to be done. Gives what was wrong with the code. */
export async function revoke(
  { around, devices, chores }: RevokeParts,
  gone: readonly string[],
  options: RevokeOptions,
): Promise<readonly MendedCharacter[]> {
  someDevices("device", gone);
  takes("revokeDevice", options);
  const { book, store, user, device, random } = around;
  const { account } = devices;
  if (account === undefined || book === undefined) throw new ClientError("account-missing");
  const { recoveryCode } = options;
  const view = (await book.viewOf(user)) ?? account.view;
  const waiting = await readRevocation(store);
  // What another device of the user, or the stolen one, has changed since is not looked at: the person has seen this list.
  const known = waiting?.keep ?? view.devices;
  for (const uri of gone) {
    if (uri === device || !known.some((each) => each.uri === uri)) throw new AccountError("device-unknown");
  }
  if (recoveryCode === undefined) throw new ClientError("recovery-needed");
  const { key, recoveryKey, mended } = await nextAccountKey(recoveryCode, view, random);
  const own = { uri: device, cipherSuite: account.identity.suite.id, suspended: false };
  await storeRevocation(store, {
    // One that waits may be at the service already: its key goes on.
    accountKey: waiting?.accountKey ?? key,
    recoveryKey: waiting?.recoveryKey ?? recoveryKey,
    keep: [
      { ...own, signatureKey: account.identity.signatureKey },
      ...known.filter(({ uri }) => uri !== device && !gone.includes(uri)),
    ],
    gone: [...new Set([...(waiting?.gone ?? []), ...gone])],
  });
  devices.isRevoking = true;
  chores.ask();
  return mended;
}
