/**
 * docs/errors.md: the table of all error codes, from src/errors.ts and the errors.ts of subpaths. Without an argument the page is compared; with
 * --write it is written.
 *
 * The codes' groups are the comments in the source, which is where they are kept in order.
 */

import { readFileSync, writeFileSync } from "node:fs";
import * as prettier from "prettier";
import ts from "typescript";

const page = "docs/errors.md";
const begin = "<!-- The tables are written by test/checks/errors.js --write -->";

/**
 * The table of codes that a source exports.
 *
 * @param {string} path
 * @param {string} name of the object
 * @param {string} [heading] where the source has no groups
 * @returns {Promise<{ lines: string[], codes: number }>}
 */
async function tableOf(path, name, heading) {
  const source = readFileSync(path, "utf8");
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext },
  });
  const exported = /** @type {Record<string, Record<string, string>>} */ (
    await import(`data:text/javascript,${encodeURIComponent(outputText)}`)
  );
  const codes = exported[name] ?? {};
  /** @param {string} words */
  const headed = (words) => ["", `## ${words}`, "", "| code | meaning |", "| --- | --- |"];
  const lines = source
    .slice(
      source.indexOf(`export const ${name}`),
      source.indexOf("} as const;", source.indexOf(`export const ${name}`)),
    )
    .split("\n")
    .flatMap((line) => {
      const group = /^ {2}\/\/ (.+)$/.exec(line)?.[1];
      if (group !== undefined) return headed(group);
      const code = /^ {2}"?([a-z0-9-]+)"?:/.exec(line)?.[1];
      return code === undefined ? [] : [`| \`${code}\` | ${String(codes[code])} |`];
    });
  return { lines: heading === undefined ? lines : [...headed(heading), ...lines], codes: Object.keys(codes).length };
}

const ofErrors = await tableOf("src/errors.ts", "engineErrorCodes");
const ofOthers = await tableOf("src/errors.ts", "otherErrorCodes");
const ofSubpaths = await Promise.all([
  tableOf("src/storage/errors.ts", "storeErrorCodes", "Stores: a StoreError of copse/storage"),
  tableOf("src/content/errors.ts", "contentErrorCodes", "Content: a ContentError of copse/content"),
  tableOf("src/accounts/errors.ts", "accountErrorCodes", "Accounts: an AccountError of copse/accounts"),
  tableOf("src/client/errors.ts", "clientErrorCodes", "Clients: a ClientError of copse/client"),
  tableOf("src/rooms/errors.ts", "roomErrorCodes", "Rooms: a RoomError of copse/rooms"),
  tableOf("src/delivery/errors.ts", "deliveryErrorCodes", "Deliveries: a DeliveryError of copse/delivery"),
  tableOf("src/reports/errors.ts", "reportErrorCodes", "Reports: a ReportError of copse/reports"),
  tableOf("src/vault/errors.ts", "vaultErrorCodes", "Vault: a VaultError of copse/vault"),
  tableOf(
    "src/transparency/errors.ts",
    "transparencyErrorCodes",
    "Key transparency: a TransparencyError of copse/transparency",
  ),
  tableOf("src/server/database/errors.ts", "databaseErrorCodes", "Databases: a DatabaseError of copse/server"),
]);
const tables = [ofErrors, ofOthers, ...ofSubpaths].flatMap(({ lines }) => lines);
const codes = [ofErrors, ofOthers, ...ofSubpaths].reduce((sum, table) => sum + table.codes, 0);
const listed = tables.filter((line) => line.startsWith("| `")).length;

const before = readFileSync(page, "utf8");
const introduction = before.slice(0, before.indexOf(begin));
const config = await prettier.resolveConfig(page);
const written = await prettier.format([introduction + begin, ...tables, ""].join("\n"), { ...config, filepath: page });

if (!before.includes(begin) || listed !== codes) {
  console.log(`${page} has no place for the tables, or ${String(listed)} codes were found`);
  process.exitCode = 1;
} else if (process.argv.includes("--write")) writeFileSync(page, written);
else if (written !== before) {
  console.log(`${page} is not the table of the sources: node test/checks/errors.js --write`);
  process.exitCode = 1;
}
