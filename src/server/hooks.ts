/**
 * What `copse serve` asks others: who may come, whom to wake, what calls need.
 */

import { readFile } from "node:fs/promises";
import type { AccountsCheck, DeliveryOptions } from "../delivery/options.ts";
import { withRegistration, type MayRegister } from "./registration.ts";
import { hex } from "../bytes/text.ts";
import type { Configuration } from "./settings.ts";
import { turnServers } from "./turn.ts";

/** How long a hook may take, in milliseconds. */
const patience = 10_000;

/** Ask a hook. Whether it says yes. */
export async function asked(url: string, body: object): Promise<boolean> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(patience),
  });
  await answer.body?.cancel();
  return answer.ok;
}

/** The check of accounts, with who may become a user. */
export function accountsOf(configuration: Configuration, accounts: AccountsCheck): AccountsCheck {
  const { registration, invitations, "registration-hook": hook } = configuration;
  if (registration === "open") return accounts;
  const mayRegister: MayRegister = async ({ user, device, invitation }) => {
    if (registration === "closed") return false;
    if (invitations !== undefined && invitation !== undefined && invitation !== "") {
      const lines = (await readFile(invitations, "utf8")).split(/\r?\n/);
      if (lines.some((line) => line.trim() === invitation)) return true;
    }
    if (hook === undefined) return false;
    return asked(hook, { user, device, ...(invitation === undefined ? {} : { invitation }) });
  };
  return withRegistration(accounts, mayRegister);
}

/** Wake-ups by push and servers for calls, where they are set. */
export async function hooksOf(
  configuration: Configuration,
): Promise<Pick<DeliveryOptions, "push" | "onReport" | "callServers">> {
  const { "push-hook": push, "report-hook": reports, turn, "turn-secret": file, sfu } = configuration;
  const secret = file === undefined ? "" : (await readFile(file, "utf8")).trim();
  const urls = turn?.split(",").map((url) => url.trim());
  const servers = urls === undefined ? () => ({ iceServers: [] }) : turnServers({ urls, secret });
  return {
    ...(push === undefined
      ? {}
      : {
          push: async (devices) => {
            await asked(push, { devices });
          },
        }),
    ...(reports === undefined
      ? {}
      : {
          onReport: async ({ bytes, ...report }) => {
            await asked(reports, { ...report, report: hex(bytes) });
          },
        }),
    callServers: () => ({ ...servers(), ...(sfu === undefined ? {} : { sfu }) }),
  };
}
