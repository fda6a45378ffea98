/**
 * What this messenger opens every client with: it keeps the encrypted history of its person, and watches the service's log of accounts.
 *
 * The keys of the service's log of accounts, which are built into this messenger: log-keys.json beside the page, kept by the service worker with
 * it. What a client sees in the log then holds for everybody who has loaded the same messenger.
 */

import { cipherSuite } from "copse";
import type { ClientOptions } from "copse/client";
import { fromHex } from "../components/hex.ts";

/** What log-keys.json holds. */
interface Written {
  readonly cipherSuite: number;
  readonly publicKey: string;
  readonly vrfKey: string;
}

/** What `Client.open` takes beside the person's own. */
export async function choices(): Promise<Pick<ClientOptions, "history" | "transparency">> {
  return { history: {}, ...(await watching()) };
}

/** What watches the log; nothing where this messenger was put up without one. */
async function watching(): Promise<Pick<ClientOptions, "transparency">> {
  const answer = await fetch("/log-keys.json").catch(() => undefined);
  if (answer === undefined || !answer.ok) return {};
  const { cipherSuite: id, ...keys } = (await answer.json()) as Written;
  const [publicKey, vrfKey] = [keys.publicKey, keys.vrfKey].map(fromHex);
  if (publicKey === undefined || vrfKey === undefined) return {};
  return { transparency: { suite: cipherSuite(id), publicKey, vrfKey } };
}
