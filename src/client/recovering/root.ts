/**
 * The root of an account, for one account key and the recovery key that comes with it: derived from the recovery code, and gone when it has signed.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import type { Bytes } from "../../bytes/bytes.ts";
import { createAccountKey, rootKeyOf, type AccountKey } from "../../accounts/keys.ts";
import { readRecoveryCode, type MendedCharacter } from "../../accounts/recovery-code.ts";
import type { AccountView } from "../../accounts/view.ts";
import { cipherSuite } from "../../crypto/choose.ts";
import type { Random } from "../../crypto/provider.ts";
import { ClientError } from "../errors.ts";
import { recoveryKeyBy } from "./recovery-key.ts";

/** A new account key, and what was wrong with the code. */
export interface NextKey {
  readonly key: AccountKey;
  /** The recovery key of the encrypted history that comes with it, signed. */
  readonly recoveryKey: Bytes;
  readonly mended: readonly MendedCharacter[];
}

/**
 * The account key that follows the known one. @throws AccountError of a code that can't be read; ClientError "recovery-other" where it is
 * another account's.
 */
export async function nextAccountKey(
  recoveryCode: string,
  { user, cipherSuite: id, rootKey, keyNumber }: AccountView,
  random: Random,
): Promise<NextKey> {
  const { seed, mended } = readRecoveryCode(recoveryCode);
  try {
    const root = await rootKeyOf(cipherSuite(id), seed);
    try {
      if (!bytesEqual(root.publicKey, rootKey)) throw new ClientError("recovery-other");
      const key = await createAccountKey({ root, user, after: keyNumber, random });
      const { number } = key.certificate;
      return { key, recoveryKey: await recoveryKeyBy(root, { seed, user, number }), mended };
    } finally {
      root.privateKey.wipe();
    }
  } finally {
    seed.wipe();
  }
}
