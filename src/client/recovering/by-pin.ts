/**
 * The recovery code of an account by its PIN. The PIN is set again at once: guesses do not come back by themselves, and what comes after may
 * have to be tried more than once.
 */

import { utf8 } from "../../bytes/text.ts";
import { Secret } from "../../bytes/secret.ts";
import { seedLength, writeRecoveryCode, type RecoverySeed } from "../../accounts/recovery-code.ts";
import { platformRandom } from "../../crypto/random.ts";
import { VaultError } from "../../vault/errors.ts";
import type { ServerFinding } from "../../vault/recovery/finding.ts";
import { recover } from "../../vault/recovery/recover.ts";
import { register } from "../../vault/recovery/register.ts";
import { ClientError } from "../errors.ts";
import type { PinServers, RecoveredPin, RecoveringOptions } from "./options.ts";

/** What it takes of `recoverAccount`. */
type ByPin = Pick<RecoveringOptions, "user" | "random"> &
  PinServers & { readonly pin: string; readonly registration?: number };

/** @throws VaultError; ClientError "recovery-other" where another kind of secret was registered. */
export async function codeByPin(options: ByPin): Promise<RecoveredPin> {
  const { user, pin, servers, threshold, proof, argon2id, registration, random = platformRandom } = options;
  const asking = {
    ...{ servers, account: utf8(user), threshold, pin, random },
    ...(proof === undefined ? {} : { proof }),
    ...(argon2id === undefined ? {} : { argon2id }),
  };
  const recovered = await recover({ ...asking, ...(registration === undefined ? {} : { registration }) });
  try {
    if (recovered.secret.length !== seedLength) throw new ClientError("recovery-other");
    const seed: RecoverySeed = recovered.secret.use((bytes) => Secret.of("recovery_seed", bytes.slice()));
    try {
      const liars = recovered.servers.filter(({ state }) => state === "lies");
      const honest = servers.filter(({ name }) => !liars.some((liar) => liar.name === name));
      const { isRenewed, found } = await again(() => register({ ...asking, servers: honest, secret: seed }));
      return {
        recoveryCode: writeRecoveryCode(seed),
        isRenewed,
        servers: recovered.servers.map((first) => found.find(({ name }) => name === first.name) ?? first),
      };
    } finally {
      seed.wipe();
    }
  } finally {
    recovered.secret.wipe();
  }
}

/** A registration that may fail, whatever the reason: the secret is there already, and may have cost the last guess. */
async function again(
  registering: () => Promise<{ readonly servers: readonly ServerFinding[] }>,
): Promise<{ readonly isRenewed: boolean; readonly found: readonly ServerFinding[] }> {
  try {
    const { servers } = await registering();
    return { isRenewed: true, found: servers };
  } catch (error) {
    return { isRenewed: false, found: error instanceof VaultError ? error.servers : [] };
  }
}
