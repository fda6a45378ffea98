/**
 * The component that accounts are: under its number stands what a leaf says of its account, and every signature of a root, an account
 * key or a device is one of this component's, so that nothing else is ever taken for it. Section 4.1 of draft-ietf-mls-extensions.
 */

import { asBytes, type Bytes } from "../bytes/bytes.ts";
import { cipherSuite } from "../crypto/choose.ts";
import { signWithLabel, verifyWithLabel } from "../crypto/labels.ts";
import type { CipherSuite, Signer } from "../crypto/provider.ts";
import { componentLabel } from "../wire/component-label.ts";
import { AccountError } from "./errors.ts";

/** Its number, in the range for private use. It is a part of every signature, and no application's to choose. */
export const accountComponentId = 0xf0ac;

/** What a signature is for. */
export type Purpose = "AccountKeyTBS" | "DeviceListTBS" | "DeviceListMakerTBS" | "AttestationTBS" | "LinkTBS";

/** The cipher suites by their number: of accounts, and of the keys of devices. Default: the platform's. */
export type Suites = (id: number) => CipherSuite;

/** The suites of the platform's provider. */
export const platformSuites: Suites = (id) => cipherSuite(id);

/** A suite. @throws AccountError "statement-suite" where there is none of this number. */
export function suiteFor(suites: Suites, id: number): CipherSuite {
  try {
    return suites(id);
  } catch (cause) {
    throw new AccountError("statement-suite", { cause });
  }
}

/** SafeSignWithLabel. Section 4.3 of draft-ietf-mls-extensions */
export async function sign(signer: Signer, purpose: Purpose, content: Uint8Array): Promise<Bytes> {
  return asBytes(await signWithLabel(signer, componentLabel(accountComponentId, purpose), content));
}

/** SafeVerifyWithLabel. */
export async function isSigned(
  suite: CipherSuite,
  purpose: Purpose,
  signed: { readonly publicKey: Uint8Array; readonly content: Uint8Array; readonly signature: Uint8Array },
): Promise<boolean> {
  return verifyWithLabel(suite, { ...signed, label: componentLabel(accountComponentId, purpose) });
}
