/**
 * The log of accounts in SQL: what a store of copse/transparency keeps, a row a key. Its rows are one scope.
 */

import type { StoreKey } from "../../storage/key.ts";
import type { StoreChange } from "../../storage/store.ts";
import type { AccountLogStore } from "../../transparency/account-log.ts";
import type { TransparencyStore } from "../../transparency/stored-trees.ts";
import { statement, type Database, type Runs } from "./database.ts";
import { bytes, text } from "./rows.ts";

/** There is one log. */
const log = "accounts";

const lock = statement(
  "log",
  "lock log",
  `insert into copse.account_log as l (log, name, value) values ($1, 'lock', '')
   on conflict (log, name) do update set value = '' where l.log = $1`,
);

const find = statement(
  "log",
  "find in log",
  `select l.name, l.value from copse.account_log as l where l.log = $1 and l.name = any($2::text[])`,
);

const put = statement(
  "log",
  "put into log",
  `insert into copse.account_log as l (log, name, value)
   select $1, u.name, u.value from unnest($2::text[], $3::bytea[]) as u(name, value)
   on conflict (log, name) do update set value = excluded.value where l.log = $1`,
);

export function accountLogStore(database: Database): AccountLogStore {
  return {
    ...storeOver(database),
    alone: (work) =>
      database.transaction("log", log, async (within) => {
        await within.run(lock, log);
        return work(storeOver(within));
      }),
  };
}

function storeOver(runs: Runs): TransparencyStore {
  const getMany = async (keys: readonly StoreKey[]): Promise<readonly (Uint8Array | undefined)[]> => {
    const names = keys.map(nameOf);
    const found = new Map((await runs.run(find, log, names)).map((row) => [text(row, "name"), bytes(row, "value")]));
    return names.map((name) => found.get(name));
  };
  return {
    get: async (key) => (await getMany([key]))[0],
    getMany,
    batch: async (changes) => {
      const rows = changes.map(rowOf);
      await runs.run(
        put,
        log,
        rows.map(({ name }) => name),
        rows.map(({ value }) => value),
      );
    },
  };
}

function rowOf(change: StoreChange): { readonly name: string; readonly value: Uint8Array } {
  if (!("put" in change)) throw new TypeError("a log only grows");
  return { name: nameOf(change.put), value: change.value };
}

function nameOf(key: StoreKey): string {
  return key.join("/");
}
