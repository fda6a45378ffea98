/**
 * Safety numbers that this person has compared: shared by all devices, so that a change is noticed on each.
 */

import { client } from "../state/session.ts";

const prefix = "compared ";

/** The digits that were compared with somebody. */
export function kept(user: string): Promise<string | undefined> {
  return client().shared.get(`${prefix}${user}`);
}

/** They were compared, and the same. */
export async function keepCompared(user: string, digits: string): Promise<void> {
  await client().shared.set(`${prefix}${user}`, digits);
}
