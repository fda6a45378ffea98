/**
 * The recovery servers of this messenger: whoever puts it up names them in recovery.json beside the page, and lets the page reach them
 * (connect-src). What is needed of copse/vault is fetched with the first question.
 */

import type { PinServers } from "copse/client";
import type { RecoveryLink, RecoveryStatus, ServerFinding } from "copse/vault";
import { argon2id } from "./argon2.ts";

/** What recovery.json holds. */
interface Named {
  readonly threshold: number;
  readonly servers: readonly { readonly name: string; readonly url: string }[];
}

let asked: Promise<PinServers | undefined> | undefined;

/** The servers, for `setRecoveryPin` and `recoverAccount`; undefined where this messenger has none. */
export function recoveryServers(): Promise<PinServers | undefined> {
  asked ??= named().catch((error: unknown) => {
    asked = undefined; // it is asked for again
    throw error;
  });
  return asked;
}

async function named(): Promise<PinServers | undefined> {
  const answer = await fetch("/recovery.json", { cache: "no-store" });
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new TypeError("the list of recovery servers can’t be read");
  const { threshold, servers } = (await answer.json()) as Named;
  const { httpRecoveryServer } = await import("copse/vault");
  const links: readonly RecoveryLink[] = servers.map(({ name, url }) => httpRecoveryServer({ name, url }));
  return { servers: links, threshold, argon2id };
}

/** How a user's PIN stands, by what the servers say. It costs no try. */
export async function pinStatus(user: string): Promise<RecoveryStatus | undefined> {
  const all = await recoveryServers();
  if (all === undefined) return undefined;
  const { recoveryStatus } = await import("copse/vault");
  return recoveryStatus({ servers: all.servers, threshold: all.threshold, account: bytesOf(user) });
}

/** Nothing is kept of a user's PIN any more. @throws VaultError "recovery-servers" where a server did not answer */
export async function forgetPin(user: string): Promise<void> {
  const all = await recoveryServers();
  if (all === undefined) return;
  const { forgetRecovery } = await import("copse/vault");
  await forgetRecovery({ servers: all.servers, account: bytesOf(user) });
}

const bytesOf = (user: string): Uint8Array => new TextEncoder().encode(user);

const stands: Readonly<Record<ServerFinding["state"], string>> = {
  well: "answers",
  down: "does not answer",
  refused: "does not let you ask now",
  unknown: "has no PIN of yours",
  behind: "has an older PIN of yours, or none",
  exhausted: "has no tries left",
  lies: "gives false answers: tell whoever runs this messenger",
};

/** A server, in words. */
export function wordsOfServer({ name, state }: ServerFinding): string {
  return `${name} ${stands[state]}`;
}

/** Those that did not do their part, in words; empty where all did. */
export function wordsOfOthers(servers: readonly ServerFinding[]): string {
  const others = servers.filter(({ state }) => state !== "well");
  return others.length === 0 ? "" : `${others.map(wordsOfServer).join("; ")}.`;
}

/** A count of tries, in words. */
export function wordsOfTries(count: number): string {
  if (count === 0) return "No tries are left.";
  return count === 1 ? "One try is left." : `${String(count)} tries are left.`;
}
