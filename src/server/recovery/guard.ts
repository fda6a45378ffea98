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

/** How many accounts are remembered. Beyond that, those that have been quiet for longest are forgotten. */
const mostAccounts = 10_000;
const minute = 60_000;

interface Bucket {
  left: number;
  at: number;
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
  const accounts = new Map<string, Bucket>();
  const registrations: Bucket = { left: recoveryRegistrations, at: clock() };
  const take = (bucket: Bucket, perMinute: number, now: number): boolean => {
    bucket.left = Math.min(perMinute, bucket.left + (Math.max(0, now - bucket.at) / minute) * perMinute);
    bucket.at = now;
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    return true;
  };
  return async (request) => {
    if (!(await decision("authorize", authorize(request)))) return false;
    const now = clock();
    const name = hex(request.account);
    const bucket = accounts.get(name) ?? { left: recoveryRequests, at: now };
    accounts.delete(name);
    accounts.set(name, bucket); // the last one of the map
    if (accounts.size > mostAccounts) accounts.delete(accounts.keys().next().value ?? "");
    if (!take(bucket, recoveryRequests, now)) throw new VaultError("recovery-busy");
    if (request.operation === "begin" && !take(registrations, recoveryRegistrations, now))
      throw new VaultError("recovery-busy");
    return true;
  };
}
