/**
 * Who may ask a recovery server for which account, and how often.
 */

import { readFile } from "node:fs/promises";
import type { Clock } from "../../bytes/clock.ts";
import { decision } from "../../bytes/decision.ts";
import { hex } from "../../bytes/text.ts";
import { VaultError } from "../../vault/errors.ts";
import type { RecoveryServerOptions } from "../../vault/recovery/server.ts";
import { asked } from "../hooks.ts";
import type { ServerLimits } from "../limits.ts";
import { Bucket, Buckets } from "../paced.ts";
import { ConfigurationError, type Configuration } from "../settings.ts";
import { isRecoveryToken, shortestRecoverySecret } from "./tokens.ts";

type Authorize = RecoveryServerOptions["authorize"];

/** The hook of a server that is set up so; undefined where it is no recovery server. @throws ConfigurationError, which names no secret */
export async function guardOf(configuration: Configuration, clock: Clock): Promise<Authorize | undefined> {
  const { recovery, "recovery-hook": url, "recovery-secret": file } = configuration;
  if (recovery === "closed") return undefined;
  if (recovery === "open") return () => true;
  const secret = file === undefined ? undefined : (await readFile(file, "utf8")).trim();
  if (secret !== undefined && secret.length < shortestRecoverySecret)
    throw new ConfigurationError("the file of --recovery-secret must hold 32 characters or more");
  return async ({ account, operation, content, proof }) => {
    if (secret !== undefined && isRecoveryToken(secret, account, proof, clock())) return true;
    if (url === undefined) return false;
    return asked(url, { account: hex(account), operation, content: hex(content), proof: hex(proof) });
  };
}

/**
 * A guard that lets each account ask so often in a minute, and all together begin so many registrations. It counts those whom the guard
 * has let: a stranger uses up nobody's share where there is a proof.
 *
 * @throws VaultError "recovery-busy", which the client is told.
 */
export function paced(
  authorize: Authorize,
  { recoveryRequests, recoveryRegistrations }: ServerLimits,
  clock: Clock,
): Authorize {
  const accounts = new Buckets(recoveryRequests);
  const registrations = new Bucket(recoveryRegistrations, clock());
  return async (request) => {
    if (!(await decision("authorize", authorize(request)))) return false;
    const now = clock();
    if (!accounts.of(hex(request.account), now).take(now)) throw new VaultError("recovery-busy");
    if (request.operation === "begin" && !registrations.take(now)) throw new VaultError("recovery-busy");
    return true;
  };
}
