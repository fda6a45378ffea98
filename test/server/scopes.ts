/**
 * Whether a statement stays within its scope: each table that it names is one of the scope's, and is held to the scope's key, which is
 * the first parameter. So whatever the statement does is done to rows of one key.
 *
 * The rules are about how statements are written, so that they can be held: each table stands under a name of its own, and its key is
 * compared with `$1`, or with the key of another table of the statement that is.
 */

import { scopeKeys, type ScopeKind, type Statement } from "../../src/server/database/database.ts";

/** Whose rows each table holds. */
export const tables: Readonly<Record<string, ScopeKind>> = {
  rooms: "room",
  epochs: "room",
  records: "room",
  items: "room",
  members: "room",
  spans: "room",
  welcomes: "room",
  trees: "room",
  joinings: "room",
  rooms_of: "device",
  boxes: "device",
  queue: "device",
  key_packages: "device",
  device_writes: "device",
  users: "user",
  devices: "user",
  forgotten: "user",
  statements: "user",
  consents: "user",
  blocks: "user",
  user_writes: "user",
  quotas: "user",
  begun: "user",
  reports: "user",
  history: "user",
  history_edges: "user",
  blobs: "blob",
  blob_parts: "blob",
  recoveries: "account",
  account_log: "log",
};

const uses = /\b(?:from|join|using|update|,)\s+copse\.(\w+)\s+as\s+(\w+)/g;
const inserts =
  /\binsert\s+into\s+copse\.(\w+)(?:\s+as\s+\w+)?\s+\(\s*(\w+)\s*[,)][^()]*\)?\s*(?:values\s+\(\s*|select\s+)(\S+?)[,\s]/g;

/** What is wrong with a statement; nothing where it keeps the rules. */
export function faultsOf({ scope, text: written }: Pick<Statement, "scope" | "text">): readonly string[] {
  const text = written.replace(/\s+/g, " ");
  const faults: string[] = [];
  const named = [...text.matchAll(uses)].map(([, table = "", alias = ""]) => ({ table, alias }));
  const inserted = [...text.matchAll(inserts)].map(([, table = "", column = "", value = ""]) => ({
    table,
    column,
    value,
  }));
  const count = text.match(/\bcopse\./g)?.length ?? 0;
  if (named.length + inserted.length !== count) faults.push("a table without a name of its own, or written otherwise");
  if (scope === "scan") {
    if (/\b(insert|update|delete)\b/.test(text)) faults.push("a look over all keys that changes something");
    if (new Set(named.map(({ table }) => table)).size > 1) faults.push("a look over all keys of several tables");
    return faults;
  }
  const key = scopeKeys[scope];
  for (const { table } of [...named, ...inserted])
    if (tables[table] !== scope) faults.push(`${table} is of another scope`);
  for (const { table, column, value } of inserted) {
    if (column !== key || value !== "$1") faults.push(`${table} gets a row of another key`);
  }
  const aliases = named.map(({ alias }) => alias);
  if (new Set(aliases).size < aliases.length) faults.push("two tables under one name");
  const writes = /\b(insert|update|delete)\b/.test(text);
  const held = new Set(
    aliases.filter((alias) =>
      new RegExp(`\\b${alias}\\.${key} = (\\$1\\b${writes ? "" : "|any\\(\\$1::text\\[\\]\\)"})`).test(text),
    ),
  );
  for (const alias of aliases) {
    const other = new RegExp(`\\b${alias}\\.${key} = (\\w+)\\.${key}\\b`).exec(text)?.[1];
    if (!held.has(alias) && !(other !== undefined && held.has(other))) faults.push(`${alias} is not held to the key`);
  }
  return faults;
}
