/**
 * The directory: numbered, signed statements about a user's keys and devices. The service keeps their order; what they say is
 * checked by accounts.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { decision } from "../../bytes/decision.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { isUri } from "../../rooms/uri.ts";
import type { Caller, Core } from "../core.ts";
import type { Statement, StatementAnswer, StoredStatement } from "../delivery.ts";
import { DeliveryError } from "../errors.ts";
import { within } from "../invalid.ts";

/** The next statement about the caller's user. */
export async function publishStatement(core: Core, caller: Caller, given: Statement): Promise<StatementAnswer> {
  const { user, number, statement } = given;
  const { port, settings } = core;
  within(statement, settings.limits.statementBytes);
  const { accounts } = settings;
  if (user !== caller.user || (!caller.listed && accounts.recovers === undefined))
    throw new DeliveryError("not-allowed");
  const last = await port.users.lastStatement(user);
  const next = last === undefined ? 0n : last.number + 1n;
  if (number !== next) return (await isSaid(core, given)) ? "accepted" : "number";
  const checked = { user, number, statement: copyBytes(statement), last: last?.statement, device: caller.device };
  const { cipherSuite, signatureKey } = caller;
  const recovery = { ...checked, cipherSuite, signatureKey: copyBytes(signatureKey) };
  // Nothing else than its own way back, by what only the user's root has signed.
  if (!caller.listed && !(await decision("accounts.recovers", accounts.recovers?.(recovery) ?? false)))
    throw new DeliveryError("not-allowed");
  if (!(await decision("accounts.statement", accounts.statement(checked)))) return "invalid";
  // Who has filled it with a stolen device does not keep the user from coming back.
  const most = settings.limits.statementBytesOfUser * (caller.listed ? 1 : 2);
  const added = await port.users.addStatement(user, number, statement, most);
  if (added === "full") throw new DeliveryError("too-large", { detail: "the user has as many statements as are kept" });
  if (added === "number") return (await isSaid(core, given)) ? "accepted" : "number";
  for (const row of await port.devices.ofUser(user)) await listAgain(core, row, { number, statement });
  await core.logStatements().catch(() => undefined); // else who sweeps does it
  return "accepted";
}

/** Whether the statement of that number is this one: its answer was lost. */
async function isSaid({ port }: Core, { user, number, statement }: Statement): Promise<boolean> {
  const [said] = await port.users.statements(user, number, 1, Infinity);
  return said?.number === number && bytesEqual(said.statement, statement);
}

/**
 * A device is listed, or no more, as the statement says, while that is its user's last one. What it is connected to lets it go: it signs in again as what
 * it is now.
 */
export async function listAgain(
  { port, settings, news }: Core,
  caller: Caller,
  { number, statement }: Pick<Statement, "number" | "statement">,
): Promise<void> {
  const { device, user, cipherSuite, signatureKey, listed } = caller;
  const answer = await settings.accounts.device({
    user,
    device,
    cipherSuite,
    signatureKey: copyBytes(signatureKey),
    known: copyBytes(signatureKey),
    statement: copyBytes(statement),
  });
  if ((answer === "listed") === listed) return;
  await port.devices.list(device, answer === "listed", number);
  news.gone(device);
}

/** The statements about a user from a number on. */
export async function statementsOf(
  { port, settings }: Core,
  { user, from = 0n }: { readonly user: string; readonly from?: bigint },
): Promise<readonly StoredStatement[]> {
  if (!isUri(user, "user")) throw new DeliveryError("not-found");
  const { answerItems, answerBytes } = settings.limits;
  const rows = await port.users.statements(user, from, answerItems, answerBytes);
  return rows.map(({ number, statement }) => ({ number, statement: copyBytes(statement) }));
}
