/**
 * This device's key packages: stored before they are published, refilled before they run out, and gone when a Welcome has used
 * them, or their time is over. RFC 9420 section 10; RFC 9750 section 5.1
 */

import { hash } from "#symmetric";
import { fromHex, hex, utf8 } from "../bytes/text.ts";
import { opaque, struct, u8 } from "../codec/codec.ts";
import type { Connection } from "../delivery/delivery.ts";
import { createKeyPackage, restoreKeyPackage, type KeyPackageBundle } from "../group/joining/key-package-bundle.ts";
import { NotWrittenError, type PersistKeyPackage } from "../public-group/records/persist.ts";
import { StoreError } from "../storage/errors.ts";
import { readKeyPackage } from "../public-group/unverified/read-key-package.ts";
import type { Store, StoreChange } from "../storage/store.ts";
import { replacingKeyPackages } from "./healing/copies.ts";
import { entryKind, type EntryKind } from "./store/entry.ts";
import { freshKeyPackagesKey, keyPackageKey, keyPackageOverKey, unpublishedKey } from "./store/keys.ts";
import type { Surroundings } from "./surroundings.ts";

/** How many the service should have of this device, and from how few on it gets new ones. */
export interface KeyPackageSupply {
  readonly full: number;
  readonly low: number;
}

const defaultSupply: KeyPackageSupply = { full: 32, low: 16 };

/** A key package that the service may not have yet. */
interface Unpublished {
  /** 1 where it is the last resort. */
  readonly lastResort: number;
  readonly keyPackage: Uint8Array;
}
const unpublishedEntry: EntryKind<Unpublished> = entryKind(struct<Unpublished>({ lastResort: u8, keyPackage: opaque }));
/** Whose time is over. */
interface Over {
  readonly lastResort: number;
  readonly ref: Uint8Array;
}
const overEntry: EntryKind<Over> = entryKind(struct<Over>({ lastResort: u8, ref: opaque }));

/** Stores a key package, that it is to be published, and when it is over. */
function persistIn({ store }: Surroundings): PersistKeyPackage {
  return async ({ puts }, event) => {
    const [value] = puts.values();
    if (event.kind !== "key-package-made" || value === undefined) return;
    const { ref, keyPackage } = event;
    const lastResort = event.lastResort ? 1 : 0;
    const { notAfter } = readKeyPackage(keyPackage).lifetime;
    const changes = [
      { put: keyPackageKey(ref), value },
      { put: unpublishedKey(hex(ref)), value: unpublishedEntry.write({ lastResort, keyPackage }) },
      { put: keyPackageOverKey(notAfter, ref), value: overEntry.write({ lastResort, ref }) },
    ];
    try {
      await store.batch(changes, { flush: true });
    } catch (cause) {
      if (cause instanceof StoreError && cause.code === "store-failed") throw cause;
      throw new NotWrittenError("the store did not take the key package", { cause });
    }
  };
}

/** The bundle of a KeyPackageRef, where this device has it. */
export async function keyPackageOf(around: Surroundings, ref: Uint8Array): Promise<KeyPackageBundle | undefined> {
  const bytes = await around.store.get(keyPackageKey(ref));
  return bytes && restoreKeyPackage(around.identity.suite, bytes);
}

/** Give the service as many as are missing. What was made before and may not have reached it goes first. */
export async function refill(
  around: Surroundings,
  connection: Connection,
  { full, low }: KeyPackageSupply = defaultSupply,
): Promise<void> {
  const isFirst = !lookedAt.has(around);
  const { isAny, isResort } = await forgetOver(around);
  await lookAtSupport(around);
  if ((await around.store.get(freshKeyPackagesKey)) !== undefined) {
    await replaceAll(around, connection, full);
    return;
  }
  await publishMade(around, connection);
  const cipherSuite = around.identity.suite.id;
  const left = await connection.keyPackageCount({ cipherSuite });
  if ((isAny || isFirst) && left > (await countOf(around.store))) {
    await replaceAll(around, connection, full);
    return;
  }
  if (left <= low) for (let i = left; i < full; i++) await make(around, false);
  if (left === 0 || isResort) await make(around, true);
  await publishMade(around, connection);
}

/** Clients whose support was looked at since they were opened. */
const lookedAt = new WeakSet<Surroundings>();

/** What was made by another version of this client, or of the application, is replaced. Its private keys stay: it may have been used. */
async function lookAtSupport(around: Surroundings): Promise<void> {
  if (lookedAt.has(around)) return;
  const { changedSupport } = await import("./support.ts");
  const changed = await changedSupport(around);
  if (changed !== undefined) {
    const { store } = around;
    const made = changed.isFirst && (await countOf(store)) === 0 ? undefined : await unpublished(around);
    const changes: StoreChange[] = Array.from(made?.keys() ?? [], (ref) => ({ delete: unpublishedKey(ref) }));
    if (made !== undefined) changes.push(replacingKeyPackages);
    await store.batch([...changes, changed.put], { flush: true });
  }
  lookedAt.add(around);
}

async function countOf(store: Store): Promise<number> {
  let count = 0;
  for await (const each of store.range({ prefix: ["key-package"] })) count += each.value.length > 0 ? 1 : 0;
  return count;
}

/** A whole supply in place of whatever this device had published before. */
async function replaceAll(around: Surroundings, connection: Connection, full: number): Promise<void> {
  const made = [...(await unpublished(around)).values()];
  const resorts = made.filter(({ lastResort }) => lastResort === 1).length;
  for (let i = made.length - resorts; i < full; i++) await make(around, false);
  if (resorts === 0) await make(around, true);
  await publishMade(around, connection, true);
}

async function unpublished({ store }: Surroundings): Promise<ReadonlyMap<string, Unpublished>> {
  const made = new Map<string, Unpublished>();
  for await (const { key, value } of store.range({ prefix: ["unpublished"] })) {
    made.set(String(key[1]), unpublishedEntry.read(value));
  }
  return made;
}

/** The same set goes under the same id: an answer that was lost brings none of them there twice. */
async function publishMade(around: Surroundings, connection: Connection, replace = false): Promise<void> {
  const { store } = around;
  const made = await unpublished(around);
  if (made.size === 0) return;
  const refs = [...made.keys()].sort();
  const all = refs.map((ref) => made.get(ref)!);
  const lastResort = all.find((each) => each.lastResort === 1);
  await connection.publishKeyPackages({
    id: hash("sha256", utf8(refs.join())).slice(0, 16),
    keyPackages: all.flatMap((each) => (each.lastResort === 1 ? [] : [each.keyPackage])),
    ...(lastResort !== undefined && { lastResort: lastResort.keyPackage }),
    ...(replace && { replace }),
  });
  await store.batch([
    ...refs.map((ref) => ({ delete: unpublishedKey(ref) })),
    ...(replace ? [{ delete: freshKeyPackagesKey }] : []),
  ]);
}

/**
 * Nobody may use them any more: their private keys go. So do those that the service refuses, since a clock that was wrong has made them for a time
 * that has not come. Gives whether there were any, and whether a last resort was among them.
 */
async function forgetOver(around: Surroundings): Promise<{ readonly isAny: boolean; readonly isResort: boolean }> {
  const { store, clock } = around;
  let isAny = false;
  let isResort = false;
  const now = BigInt(Math.floor(clock() / 1000));
  for (const [ref, { lastResort, keyPackage }] of await unpublished(around)) {
    if (readKeyPackage(keyPackage).lifetime.notBefore <= now) continue;
    isAny = true;
    isResort ||= lastResort === 1;
    await store.batch([{ delete: keyPackageKey(fromHex(ref)) }, { delete: unpublishedKey(ref) }]);
  }
  for await (const { key, value } of store.range({ prefix: ["key-package-over"], from: 0n, below: now << 32n })) {
    const { lastResort, ref } = overEntry.read(value);
    isAny = true;
    isResort ||= lastResort === 1;
    await store.batch([{ delete: key }, { delete: keyPackageKey(ref) }, { delete: unpublishedKey(hex(ref)) }]);
  }
  return { isAny, isResort };
}

function make(around: Surroundings, lastResort: boolean): Promise<KeyPackageBundle> {
  const { identity, leaf, groupOptions } = around;
  const { registry, clock, random, grease } = groupOptions;
  return createKeyPackage({
    identity,
    ...leaf,
    lastResort,
    persist: persistIn(around),
    ...(registry !== undefined && { registry }),
    ...(clock !== undefined && { clock }),
    ...(random !== undefined && { random }),
    ...(grease !== undefined && { grease }),
  });
}
