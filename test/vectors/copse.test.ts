/**
 * copse's own vectors: the committed files are what copse-safe.ts and copse-vault.ts compute by hand, the library
 * agrees with them under every provider, and a change of any of them is noticed. COPSE_WRITE_VECTORS=1 writes them.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { families } from "../../src/cli/vectors/families.ts";
import { findFiles, vectorDirectories } from "../../src/cli/vectors/locate.ts";
import { loadProvider, providerNames } from "../../src/cli/vectors/providers.ts";
import { runFamily } from "../../src/cli/vectors/run.ts";
import { safeVectors } from "./copse-safe.ts";
import { vaultVectors } from "./copse-vault.ts";

const directory = resolve(import.meta.dirname, "../../vectors/copse");
const files = Object.entries({ ...safeVectors(), ...vaultVectors() }).map(
  ([name, content]) => [name, `${JSON.stringify(content, null, 1)}\n`] as const,
);
if (process.env["COPSE_WRITE_VECTORS"] === "1") {
  for (const [name, text] of files) writeFileSync(join(directory, name), text);
}

describe.each(files)("%s", (name, text) => {
  const family = families.find(({ files: [file] }) => file === `copse/${name}`)!;

  test("is what the words come to", () => {
    expect(readFileSync(join(directory, name), "utf8") === text, `${name} differs from what is computed`).toBe(true);
  });

  test("is found without being asked for, as the package holds it", () => {
    expect(findFiles(family, vectorDirectories(undefined, {}))).toEqual({ texts: [text] });
  });

  test.each(providerNames)("is what the library does (%s)", async (provider) => {
    const tally = await runFamily(family, { provider: await loadProvider(provider), texts: [text] });
    expect(tally).toMatchObject({ failed: 0, skipped: 0, errors: [] });
    expect(tally.passed).toBe((JSON.parse(text) as readonly unknown[]).length);
  });

  test("can fail: a change is noticed at every place that counts", async () => {
    const provider = await loadProvider("node");
    const unnoticed: string[] = [];
    for (const entry of JSON.parse(text) as readonly object[]) {
      for (const path of paths(entry)) {
        // What is refused may be changed and refused all the same; of media types it is the first that counts.
        const [first] = path;
        if ("error" in entry ? first !== "error" : first === "components" || first === "content_media_types") continue;
        const changed = structuredClone(entry);
        change(changed, path);
        const tally = await runFamily(family, { provider, texts: [JSON.stringify([changed])] });
        if (tally.failed === 0) unnoticed.push(path.join("."));
      }
    }
    expect(unnoticed).toEqual([]);
  });
});

type Path = readonly string[];

function* paths(value: unknown, path: Path = []): Iterable<Path> {
  if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) yield* paths(inner, [...path, key]);
  } else if (value !== null) {
    yield path;
  }
}

/** A number is another one, and of a text one digit or its length. */
function change(entry: object, path: Path): void {
  const key = path.at(-1)!;
  let parent = entry as Record<string, unknown>;
  for (const step of path.slice(0, -1)) parent = parent[step] as Record<string, unknown>;
  const value = parent[key] as string | number;
  if (key === "cipher_suite") parent[key] = value === 7 ? 1 : 7;
  else if (typeof value === "number") parent[key] = value ^ 0x10;
  else {
    const at = value.length >> 1;
    const digit = value[at] === "1" ? "2" : "1";
    parent[key] = value === "" ? "00" : value.slice(0, at) + digit + value.slice(at + 1);
  }
}
