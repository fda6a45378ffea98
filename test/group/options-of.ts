/**
 * The options that a public type has, its parents' included, as docs/api.d.ts lists them.
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const text = readFileSync(fileURLToPath(new URL("../../docs/api.d.ts", import.meta.url)), "utf8");

/** The names of an interface's properties. */
export function optionsOf(type: string): readonly string[] {
  const found = new RegExp(`^export interface ${type}(?: extends ([^{]+))? \\{\n([\\s\\S]*?)^\\}`, "m").exec(text);
  if (found === null) throw new TypeError(`docs/api.d.ts has no interface ${type}`);
  const [, parents = "", body = ""] = found;
  const own = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name!);
  const picked = [...parents.matchAll(/Pick<\w+, ([^>]+)>/g)].flatMap(([, names]) => [...names!.matchAll(/"(\w+)"/g)]);
  const inherited = parents.replace(/Pick<[^>]+>/g, "").match(/\w+/g) ?? [];
  return [...inherited.flatMap(optionsOf), ...picked.map(([, name]) => name!), ...own];
}
