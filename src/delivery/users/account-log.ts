/**
 * The log of accounts: every statement that was accepted is logged, also where a process ended in between.
 */

import { copyBytes } from "../../bytes/copy.ts";
import { isUri } from "../../rooms/uri.ts";
import type { Core } from "../core.ts";
import type { AccountLookup, LogProof, LogProofRequest, LookedUpAccount } from "../delivery.ts";
import type { StatedAccount } from "../options.ts";
import { DeliveryError } from "../errors.ts";

/** Statements that are logged at once. */
const atOnce = 64;

/** Log what waits. */
export async function logStatements({ port, settings }: Pick<Core, "port" | "settings">): Promise<void> {
  const { accountLog, accounts } = settings;
  if (accountLog === undefined) return;
  for (;;) {
    const rows = await port.users.unlogged(atOnce);
    if (rows.length === 0) return;
    const updates: { readonly user: string; readonly account: StatedAccount }[] = [];
    for (const { user, statement } of rows) {
      const account = await accounts.stated?.(copyBytes(statement));
      if (account !== undefined) updates.push({ user, account });
    }
    await accountLog.append(updates);
    for (const { user, number } of rows) await port.users.logged(user, number);
  }
}

/** @throws DeliveryError "not-found" */
export async function lookUp({ settings }: Core, { user, size }: AccountLookup): Promise<LookedUpAccount> {
  if (!isUri(user, "user")) throw new DeliveryError("not-found");
  return (await settings.accountLog?.lookUp(user, size)) ?? {};
}

export async function logProof({ settings }: Core, { from, to }: LogProofRequest): Promise<LogProof> {
  const consistency = await settings.accountLog?.proof(from, to);
  return consistency === undefined ? {} : { consistency: new Uint8Array(consistency) };
}
