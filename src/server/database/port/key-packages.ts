/**
 * Key packages in SQL: each handed out once, whoever asks where.
 */

import { fromHex } from "../../../bytes/text.ts";
import type { KeyPackageRow, KeyPackageStock, Once, Written } from "../../../delivery/port.ts";
import { statement, type Database, type Runs } from "../database.ts";
import { big, bytesOr, num } from "../rows.ts";
import { Full, unlessFull } from "./full.ts";
import { addWrite, writtenBefore } from "./device-writes.ts";

const lockBox = statement(
  "device",
  "lock box",
  `insert into copse.boxes as b (device, last_queued, last_stocked) values ($1, 0, $2::bigint)
   on conflict (device) do update set last_stocked = b.last_stocked + $2::bigint returning b.last_stocked`,
);

const dropAll = statement("device", "drop key packages", `delete from copse.key_packages as k where k.device = $1`);

const dropLastResort = statement(
  "device",
  "drop last resort",
  `delete from copse.key_packages as k where k.device = $1 and k.cipher_suite = $2 and k.last_resort`,
);

/** Those that are not there yet: in the order in which they were given. */
const put = statement(
  "device",
  "put key packages",
  `insert into copse.key_packages (device, cipher_suite, number, ref, key_package, not_after, last_resort)
   select $1, u.cipher_suite, $2::bigint + u.place, u.ref, u.key_package, u.not_after, $7::boolean
   from unnest($3::integer[], $4::bytea[], $5::bytea[], $6::float8[]) with ordinality
     as u(cipher_suite, ref, key_package, not_after, place)
   where not exists (
     select from copse.key_packages as k where k.device = $1 and k.ref = u.ref and not k.last_resort and not $7::boolean
   )`,
);

const most = statement(
  "device",
  "most key packages",
  `select coalesce(max(c.count), 0) as most from (
     select count(*) as count from copse.key_packages as k where k.device = $1 and not k.last_resort group by k.cipher_suite
   ) as c`,
);

const count = statement(
  "device",
  "count key packages",
  `select count(*) as count from copse.key_packages as k
   where k.device = $1 and k.cipher_suite = $2 and k.not_after >= $3 and not k.last_resort`,
);

/** The next that nobody else is about to get. */
const take = statement(
  "device",
  "take key package",
  `delete from copse.key_packages as k where k.device = $1 and k.cipher_suite = $2 and k.number = (
     select n.number from copse.key_packages as n
     where n.device = $1 and n.cipher_suite = $2 and n.not_after >= $3 and not n.last_resort
     order by n.number limit 1 for update skip locked
   ) returning k.key_package`,
);

const lastResort = statement(
  "device",
  "last resort",
  `select k.key_package from copse.key_packages as k
   where k.device = $1 and k.cipher_suite = $2 and k.not_after >= $3 and k.last_resort`,
);

export function stock(
  database: Database,
  given: KeyPackageStock,
): Promise<Written<undefined> | { readonly kind: "full" }> {
  const { device, once, replace, lastResort: last, at } = given;
  const fresh = distinct(given.keyPackages);
  return unlessFull(() =>
    database.transaction("device", device, async (within): Promise<Written<undefined>> => {
      const [locked] = await within.run(lockBox, device, BigInt(fresh.length + 1));
      const before = await writtenBefore(within, device, "stocked", once, () => undefined);
      if (before !== undefined) return before;
      const first = (locked === undefined ? 0n : big(locked, "last_stocked")) - BigInt(fresh.length) - 1n;
      if (replace) await within.run(dropAll, device);
      if (fresh.length > 0) await putAll(within, device, first, fresh, false);
      const [found] = await within.run(most, device);
      if (found !== undefined && num(found, "most") > given.most) throw new Full();
      if (last !== undefined) {
        await within.run(dropLastResort, device, last.cipherSuite);
        await putAll(within, device, first + BigInt(fresh.length), [last], true);
      }
      await addWrite(within, device, "stocked", once, { at });
      return { kind: "done", value: undefined };
    }),
  );
}

async function putAll(
  within: Runs,
  device: string,
  behind: bigint,
  rows: readonly KeyPackageRow[],
  isLastResort: boolean,
): Promise<void> {
  await within.run(
    put,
    device,
    behind,
    rows.map(({ cipherSuite }) => cipherSuite),
    rows.map(({ ref }) => fromHex(ref)),
    rows.map(({ keyPackage }) => keyPackage),
    rows.map(({ notAfter }) => notAfter),
    isLastResort,
  );
}

function distinct(rows: readonly KeyPackageRow[]): readonly KeyPackageRow[] {
  const refs = new Set<string>();
  return rows.filter(({ ref }) => !refs.has(ref) && refs.add(ref));
}

export async function countKeyPackages(
  database: Database,
  device: string,
  cipherSuite: number,
  now: number,
): Promise<number> {
  const [found] = await database.run(count, device, cipherSuite, now);
  return found === undefined ? 0 : num(found, "count");
}

export function claim(
  database: Database,
  given: { readonly device: string; readonly cipherSuite: number; readonly once: Once; readonly now: number },
): Promise<Written<Uint8Array | undefined>> {
  const { device, cipherSuite, once, now } = given;
  return database.transaction("device", device, async (within) => {
    const before = await writtenBefore(within, device, "claimed", once, (row) => bytesOr(row, "key_package"));
    if (before !== undefined) return before;
    const [next] = await within.run(take, device, cipherSuite, now);
    const [found] = next === undefined ? await within.run(lastResort, device, cipherSuite, now) : [next];
    const keyPackage = found && bytesOr(found, "key_package");
    await addWrite(within, device, "claimed", once, { at: now, keyPackage });
    return { kind: "done", value: keyPackage };
  });
}
