/**
 * Every field of what is stored is what it should be, or the whole is refused: what 0.1.0 stored, and what this version stores
 * of the same groups.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fromHex } from "../../../src/bytes/text.ts";
import { Group } from "../../../src/group/group.ts";
import { snapshotVersion } from "../../../src/group/restoring/snapshot.ts";
import { basic, createIdentity, type Identity } from "../../../src/public-group/identity.ts";
import { Observer } from "../../../src/public-group/observer/observer.ts";
import { unwrap, wrap, type StoredKind } from "../../../src/public-group/records/envelope.ts";
import { packBehind, unpack } from "../../../src/public-group/records/msgpack.ts";
import { refusal } from "../refusal.ts";
import { setClock, suiteOf, trusting } from "../world.ts";

interface Case {
  readonly kind: string;
  readonly what: string;
  readonly suite: number;
  readonly privateKey?: string;
  readonly nextPrivateKey?: string;
  readonly stored: string;
  readonly beside?: string;
}

const file = new URL("stored-0.1.0.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { readonly cases: readonly Case[] };
const ofSuite1 = cases.filter(({ suite }) => suite === 1);
const groups = ofSuite1.filter(({ kind }) => kind === "group").map((entry) => [entry.what, entry] as const);

const options = {
  ...trusting,
  clock: setClock(1_790_000_000_000),
  window: { pastEpochAge: 1e15, outOfOrderAge: 1e15 },
} as const;

type Restore = (stored: { readonly snapshot: Uint8Array; readonly pending?: Uint8Array }) => Promise<Group>;

/** How a group is restored by who it is of. */
async function restoring({ privateKey, nextPrivateKey }: Case): Promise<Restore> {
  const identityOf = (key: string): Promise<Identity> =>
    createIdentity({ suite: suiteOf(), credential: basic("alice"), privateKey: fromHex(key) });
  const identity = await identityOf(privateKey!);
  const next = nextPrivateKey === undefined ? {} : { nextIdentity: await identityOf(nextPrivateKey) };
  return (stored) => Group.restore({ ...options, ...next, identity, ...stored });
}

/** A plain value with something else in one place. */
interface Spoiled {
  readonly path: string;
  readonly value: unknown;
}

/** What can't stand in the place of a value: another type, or what no count and no name is. */
function wrongFor(value: unknown): readonly unknown[] {
  if (value instanceof Uint8Array || value === null) return [7, "text", true];
  // A time is any number.
  if (typeof value === "number") return value > 1e12 ? ["1", NaN, null] : ["1", NaN, null, -1, 1.5];
  if (typeof value === "string") return [7, "x", "x".repeat(33), null];
  if (typeof value === "boolean") return [1, null];
  return Array.isArray(value) ? [7, {}] : [7, []];
}

/** A value with each of its fields spoiled in turn; of those that have the same place in a list, the first. */
function* spoiledOf(value: unknown, path = "", seen: Set<string> = new Set()): Iterable<Spoiled> {
  const place = path.replace(/\d+/g, "0");
  if (seen.has(place)) return;
  seen.add(place);
  for (const wrong of wrongFor(value)) yield { path: `${path}: ${String(wrong)}`, value: wrong };
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return;
  for (const [key, inner] of Object.entries(value)) {
    for (const spoiled of spoiledOf(inner, `${path}.${key}`, seen)) {
      const whole = Array.isArray(value)
        ? value.map((each: unknown, i) => (String(i) === key ? spoiled.value : each))
        : { ...value, [key]: spoiled.value };
      yield { path: spoiled.path, value: whole };
    }
  }
}

/** Each of them is refused as damaged, and what they are made of is not. */
async function refusesAll(all: Iterable<Spoiled>, restore: (value: unknown) => unknown): Promise<void> {
  const taken: string[] = [];
  let count = 0;
  for (const { path, value } of all) {
    count++;
    const code = await refusal(() => restore(value)).catch((error: unknown) => String(error));
    if (path === ".suite: -1" && code === "snapshot-identity") continue; // it is of no suite that there is
    if (code !== "snapshot-damaged") taken.push(`${path}: ${code}`);
  }
  expect(taken).toEqual([]);
  expect(count).toBeGreaterThan(10);
}

/** The records of a stored value, each with its fields spoiled. */
function* spoiledRecords(value: { readonly records: Readonly<Record<string, Uint8Array>> }): Iterable<Spoiled> {
  const kinds = new Set<string>();
  for (const [name, record] of Object.entries(value.records)) {
    const kind = name.replace(/\d+/g, "0");
    if (kinds.has(kind) || name.startsWith("pending/")) continue; // messages
    kinds.add(kind);
    for (const { path, value: fields } of spoiledOf(unpack(record.subarray(1)))) {
      const spoiled = packBehind(record[0]!, fields);
      yield { path: `${name}${path}`, value: { ...value, records: { ...value.records, [name]: spoiled } } };
    }
  }
}

function valueOf(kind: StoredKind, bytes: Uint8Array): never {
  return unwrap(kind, snapshotVersion, bytes).value as never;
}

describe("a group is refused with a field that is not what it should be", () => {
  it.each(groups)("in what 0.1.0 stored: %s", async (_, entry) => {
    const restore = await restoring(entry);
    const snapshot = fromHex(entry.stored);
    if (entry.beside === undefined) {
      await restore({ snapshot });
      await refusesAll(spoiledOf(valueOf("group", snapshot)), (value) =>
        restore({ snapshot: wrap("group", 1, value) }),
      );
      return;
    }
    const pending = fromHex(entry.beside);
    await restore({ snapshot, pending });
    await refusesAll(spoiledOf(valueOf("pending", pending)), (value) =>
      restore({ snapshot, pending: wrap("pending", 1, value) }),
    );
  });

  it.each(groups)("in what this version stores: %s", async (_, entry) => {
    const restore = await restoring(entry);
    const beside = entry.beside === undefined ? {} : { pending: fromHex(entry.beside) };
    const group = await restore({ snapshot: fromHex(entry.stored), ...beside });
    const snapshot = group.snapshot();
    await restore({ snapshot });
    await refusesAll(spoiledRecords(valueOf("group", snapshot)), (value) =>
      restore({ snapshot: wrap("group", snapshotVersion, value) }),
    );
    const pending = group.pendingCommit?.toBytes();
    if (pending === undefined || entry.beside === undefined) return;
    const without = fromHex(entry.stored);
    await refusesAll(spoiledRecords(valueOf("pending", pending)), (value) =>
      restore({ snapshot: without, pending: wrap("pending", snapshotVersion, value) }),
    );
  });
});

describe("an observer is refused with a field that is not what it should be", () => {
  const { stored } = ofSuite1.find(({ kind }) => kind === "observer")!;
  const restore = (snapshot: Uint8Array): Observer => Observer.restore({ ...options, suite: suiteOf(), snapshot });

  it("in what 0.1.0 stored", async () => {
    await refusesAll(spoiledOf(valueOf("observer", fromHex(stored))), (value) => restore(wrap("observer", 1, value)));
  });

  it("in what this version stores", async () => {
    const snapshot = restore(fromHex(stored)).snapshot();
    restore(snapshot);
    await refusesAll(spoiledRecords(valueOf("observer", snapshot)), (value) =>
      restore(wrap("observer", snapshotVersion, value)),
    );
  });
});
