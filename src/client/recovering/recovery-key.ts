/**
 * The recovery key of the encrypted history, to which each account key has one of its own: its secret comes from the seed of the recovery code, and is
 * on no device. docs/vault.md
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { utf8 } from "../../bytes/text.ts";
import { signerOf, type RootKey } from "../../accounts/keys.ts";
import type { RecoverySeed } from "../../accounts/recovery-code.ts";
import { deriveRecoveryKey, signRecoveryKey } from "../../vault/history/recovery-key.ts";

/** Its public half, with the root's signature. The root is the seed's. */
export async function recoveryKeyBy(
  root: RootKey,
  { seed, user, number }: { readonly seed: RecoverySeed; readonly user: string; readonly number: number },
): Promise<Bytes> {
  const { suite } = root;
  const key = await deriveRecoveryKey({ suite, seed, number });
  key.privateKey.wipe();
  return signRecoveryKey({ suite, signer: await signerOf(root), account: utf8(user), key });
}
