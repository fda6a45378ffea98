/**
 * What a recovery server keeps, one row an account, changed by compare-and-set. The row of before a guess is a guess: nothing keeps it
 * but the database itself, until it takes away what is dead.
 */

import { hash } from "#symmetric";
import { concat } from "../../../bytes/concat.ts";
import { hex, utf8 } from "../../../bytes/text.ts";
import type { RecoveryPort } from "../../../vault/recovery/port.ts";
import { statement, type Database } from "../database.ts";
import { bytes } from "../rows.ts";

const kept = statement("account", "recovery", `select r.kept from copse.recoveries as r where r.account = $1`);
const begin = statement(
  "account",
  "begin recovery",
  `insert into copse.recoveries (account, kept) values ($1, $2) on conflict do nothing returning true as is_done`,
);
const change = statement(
  "account",
  "change recovery",
  `update copse.recoveries as r set kept = $3 where r.account = $1 and r.kept = $2 returning true as is_done`,
);
const forget = statement(
  "account",
  "forget recovery",
  `delete from copse.recoveries as r where r.account = $1 and r.kept = $2 returning true as is_done`,
);
/** A database that answers before it has written would give a guess back after a crash: it waits for the disk here, however it is set. */
const waitForDisk = statement(
  "account",
  "wait for disk",
  `select set_config('synchronous_commit', 'on', true) where $1::text <> '' and current_setting('synchronous_commit') = 'off'`,
);

/** An account's key: its name, which a client chooses, does not stand in the table. */
function keyOf(account: Uint8Array): string {
  return hex(hash("sha256", concat(utf8("copse recovery account "), account)));
}

/** The port of a database whose tables are there. */
export function sqlRecoveryPort(database: Database): RecoveryPort {
  return {
    read: async (account) => {
      const [row] = await database.run(kept, keyOf(account));
      return row === undefined ? undefined : bytes(row, "kept");
    },
    swap: async (account, expected, next) => {
      const key = keyOf(account);
      if (expected === undefined && next === undefined) return (await database.run(kept, key)).length === 0;
      return database.transaction("account", key, async (within) => {
        await within.run(waitForDisk, key);
        const done =
          expected === undefined
            ? await within.run(begin, key, next)
            : next === undefined
              ? await within.run(forget, key, expected)
              : await within.run(change, key, expected, next);
        return done.length === 1;
      });
    },
  };
}
