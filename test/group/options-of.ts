/**
 * The options that a public type has, its parents' included, as docs/api.d.ts lists them.
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const text = readFileSync(fileURLToPath(new URL("../../docs/api.d.ts", import.meta.url)), "utf8");

/** The interfaces of options in the sections of these subpaths. */
export function optionTypes(...subpaths: readonly string[]): readonly string[] {
  const sections = text
    .split(/^\/\/ ---- /m)
    .filter((section) => subpaths.includes(section.slice(0, section.indexOf("\n"))));
  const named = sections.flatMap((section) => [...section.matchAll(/^export interface (\w+Options)\b/gm)]);
  return [...new Set(named.map(([, name]) => name!))];
}

/** The names of an interface's properties. */
export function optionsOf(type: string): readonly string[] {
  const found = new RegExp(
    `^export interface ${type}(?:<[^>]*>)?(?: extends ([^{]+))? \\{\n([\\s\\S]*?)^\\}`,
    "m",
  ).exec(text);
  if (found === null) throw new TypeError(`docs/api.d.ts has no interface ${type}`);
  const [, parents = "", body = ""] = found;
  const own = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name!);
  const picked = [...parents.matchAll(/Pick<\w+, ([^>]+)>/g)].flatMap(([, names]) => [...names!.matchAll(/"(\w+)"/g)]);
  const omitted = [...parents.matchAll(/Omit<\w+(?:<\w+>)?, ([^>]+)>/g)].map(([, of = ""]) => of).join();
  const plain = parents
    .replace(/Pick<[^>]+>/g, "")
    .replace(/Omit<(\w+)(?:<\w+>)?, [^>]+>/g, "$1")
    .replace(/<\w+>/g, "");
  const inherited = (plain.match(/\w+/g) ?? []).flatMap(optionsOf).filter((name) => !omitted.includes(`"${name}"`));
  return [...inherited, ...picked.map(([, name]) => name!), ...own];
}
