/**
 * Whom to look up in the log of accounts.
 */

import type { StoreChange } from "../../storage/store.ts";
import { timeEntry } from "../store/entry.ts";

/** That a user is to be looked up, since this time. */
export function dueLookup(user: string, since: number): StoreChange {
  return { put: ["log-due", user], value: timeEntry.write(since) };
}
