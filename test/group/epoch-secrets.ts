/**
 * What must be alive of a member's secrets, by name and number. RFC 9420 sections 8, 9.2.
 */

import { Group } from "../../src/group/group.ts";
import type { GroupOptions } from "../../src/public-group/options/settings.ts";
import type { LiveSecrets } from "../schedule/live-secrets.ts";
import { client, groupOf, trusting } from "./world.ts";

/** How many secrets of each name. */
export type Counts = Readonly<Record<string, number>>;

/** What of an epoch lives as long as it does. */
const epochSecrets = [
  "application_export_secret",
  "epoch_authenticator",
  "exporter_secret",
  "external_secret",
  "init_secret",
  "membership_key",
  "resumption_psk",
  "sender_data_secret",
] as const;

/** How many secrets of each name are alive. */
export function counts(live: LiveSecrets): Counts {
  return sum(...live.names().map((name) => ({ [name]: 1 })));
}

/** An epoch's secrets, and others. */
export function epochWith(others: Counts): Counts {
  return sum(...epochSecrets.map((name) => ({ [name]: 1 })), others);
}

export function sum(...parts: readonly Counts[]): Counts {
  const result: Record<string, number> = {};
  for (const part of parts) {
    for (const [name, count] of Object.entries(part)) result[name] = (result[name] ?? 0) + count;
  }
  return result;
}

/** A group whose first member is watched, and nobody else. */
export async function watched(
  live: LiveSecrets,
  names: readonly string[],
  options: Partial<GroupOptions> = {},
): Promise<Group[]> {
  const groups = await live.aside(async () =>
    groupOf(await Promise.all(names.map((name) => client(name))), { ...options, path: true }),
  );
  const snapshot = await live.aside(() => Promise.resolve(groups[0]!.snapshot()));
  const { identity } = groups[0]!;
  return [await Group.restore({ ...trusting, ...options, identity, snapshot }), ...groups.slice(1)];
}
