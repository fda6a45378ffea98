/**
 * What was answered to writes at a device: into its queue, of its key packages, and claims of them.
 */

import type { Once, WrittenBefore } from "../../../delivery/port.ts";
import { statement, type Parameter, type Row, type Runs } from "../database.ts";
import { digestOf, isSame, writeKey } from "../written.ts";

/** Ids of one kind say nothing about those of another. */
export const kinds = { queued: 1, stocked: 2, claimed: 3 } as const;

const find = statement(
  "device",
  "find write",
  `select w.digest, w.number, w.key_package from copse.device_writes as w
   where w.device = $1 and w.kind = $2 and w.write_key = $3`,
);

const add = statement(
  "device",
  "add write",
  `insert into copse.device_writes (device, kind, write_key, digest, number, key_package, at)
   values ($1, $2, $3, $4, $5, $6, $7)`,
);

/** What was written under an id before, read from its row. */
export async function writtenBefore<T>(
  runs: Runs,
  device: string,
  kind: keyof typeof kinds,
  once: Once,
  value: (row: Row) => T,
): Promise<WrittenBefore<T> | undefined> {
  const [found] = await runs.run(find, device, kinds[kind], writeKey(once));
  if (found === undefined) return undefined;
  return isSame(found, once) ? { kind: "known", value: value(found) } : { kind: "taken" };
}

export async function addWrite(
  runs: Runs,
  device: string,
  kind: keyof typeof kinds,
  once: Once,
  { at, number, keyPackage }: { readonly at: number; readonly number?: bigint; readonly keyPackage?: Parameter },
): Promise<void> {
  await runs.run(add, device, kinds[kind], writeKey(once), digestOf(once), number, keyPackage, at);
}
