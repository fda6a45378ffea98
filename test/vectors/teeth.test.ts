/**
 * The verification of the published vectors can fail: whatever is changed in an entry is noticed.
 */

import { expect, test } from "vitest";
import type { Outcome } from "../../src/cli/vectors/check.ts";
import { families, type Family } from "../../src/cli/vectors/families.ts";
import { nodeProvider } from "../../src/crypto/node.ts";
import { describePublished, type PublishedSet } from "./published.ts";

/** A place in an entry: the keys that lead to it. */
type Path = readonly (string | number)[];

/** The entry that is changed, where it is not the first: one in which every field counts. */
const chosen: Readonly<Record<string, number>> = { psk_secret: 3 };

/** Fields that mean nothing in the chosen entry. */
const idle: Readonly<Record<string, RegExp>> = {
  "tree-operations": /^proposal_sender$/, // of an Add
};

/** More places than this are not tried in one entry: they are taken at even distances. */
const most = 60;

for (const family of families.filter(({ files }) => /^(mls|sframe)\//.test(files[0]!))) {
  const [set, file] = family.files[0]!.split("/") as [PublishedSet, string];
  describePublished(set, file, (text) => {
    const entry = entryOf(family, text);

    test(`${family.name}: an entry holds as it is`, async () => {
      expect(await failures(family, entry)).toEqual([]);
    });

    const places = [...paths(entry)].filter((path) => idle[family.name]?.test(path.join(".")) !== true);
    const step = Math.max(1, Math.ceil(places.length / most));
    const tried = places.filter((_, index) => index % step === 0);
    test(`${family.name}: a change is noticed at each of ${tried.length} places`, async () => {
      const unnoticed: string[] = [];
      for (const path of tried) {
        const changed = structuredClone(entry);
        change(changed, path, family.name === "messages");
        if ((await failures(family, changed)).length === 0) unnoticed.push(path.join("."));
      }
      expect(unnoticed).toEqual([]);
    });
  });
}

/** One entry of the family's first file, its first epochs only; of a file with lists, one entry of each. */
function entryOf(family: Family, text: string): object {
  const parsed = family.parse(text) as object;
  if (Array.isArray(parsed)) {
    const entry = parsed[chosen[family.name] ?? 0] as { readonly epochs?: readonly unknown[] };
    return entry.epochs === undefined ? entry : { ...entry, epochs: entry.epochs.slice(0, 4) };
  }
  return Object.fromEntries(
    Object.entries(parsed).map(([name, entries]: [string, readonly unknown[]]) => [name, entries.slice(-1)]),
  );
}

async function failures(family: Family, entry: object): Promise<readonly string[]> {
  const file = family.name === "sframe" ? entry : [entry];
  const outcomes: Outcome[] = [];
  for await (const outcome of family.verify((id) => nodeProvider.cipherSuite(id), [file], nodeProvider))
    outcomes.push(outcome);
  expect(outcomes.length).toBeGreaterThan(0);
  return outcomes.flatMap(({ error }) => error ?? []);
}

function* paths(value: unknown, path: Path = []): Iterable<Path> {
  if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) yield* paths(inner, [...path, key]);
  } else if (value !== null) {
    yield path;
  }
}

/** Change a number by one, and one digit of a text; or make the text longer, where any content would do. */
function change(entry: object, path: Path, longer: boolean): void {
  const key = path.at(-1)!;
  let parent = entry as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) parent = parent[step] as Record<string | number, unknown>;
  const value = parent[key] as string | number | bigint;
  if (typeof value === "bigint") parent[key] = value - 1n;
  else if (key === "cipher_suite" && value === 1)
    parent[key] = 7; // 2 and 3 share the hash
  else if (typeof value === "number") parent[key] = value + 1;
  else if (longer || value === "") parent[key] = `${value}00`;
  else {
    const at = value.length >> 2; // neither a key's clamped end nor a part that is cut off
    const digit = value[at] === "1" ? "2" : "1";
    parent[key] = value.slice(0, at) + digit + value.slice(at + 1);
  }
}
