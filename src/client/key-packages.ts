/**
 * This device's key packages: stored before they are published, refilled before they run out, and gone when a Welcome has used
 * them. RFC 9420 section 10; RFC 9750 section 5.1
 */

import type { Connection } from "../delivery/delivery.ts";
import { createKeyPackage, restoreKeyPackage, type KeyPackageBundle } from "../group/joining/key-package-bundle.ts";
import { NotWrittenError, type PersistKeyPackage } from "../public-group/records/persist.ts";
import { StoreError } from "../storage/errors.ts";
import { keyPackageKey } from "./store/keys.ts";
import type { Surroundings } from "./surroundings.ts";

/** How many the service should have of this device, and from how few on it gets new ones. */
export interface KeyPackageSupply {
  readonly full: number;
  readonly low: number;
}

export const defaultSupply: KeyPackageSupply = { full: 32, low: 16 };

/** Stores a key package under its ref, and takes it away. */
function persistIn({ store }: Surroundings): PersistKeyPackage {
  return async ({ puts }, event) => {
    const key = keyPackageKey(event.ref);
    try {
      const [value] = puts.values();
      await store.batch([value === undefined ? { delete: key } : { put: key, value }], { flush: true });
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

/** Give the service as many as are missing. What was made and not published is published by its next refill. */
export async function refill(
  around: Surroundings,
  connection: Connection,
  { full, low }: KeyPackageSupply = defaultSupply,
): Promise<number> {
  const cipherSuite = around.identity.suite.id;
  const left = await connection.keyPackageCount({ cipherSuite });
  if (left > low) return 0;
  const bundles: KeyPackageBundle[] = [];
  for (let i = left; i < full; i++) bundles.push(await make(around, false));
  const lastResort = left === 0 ? await make(around, true) : undefined;
  await connection.publishKeyPackages({
    id: around.writeId(),
    keyPackages: bundles.map(({ keyPackage }) => keyPackage),
    ...(lastResort !== undefined && { lastResort: lastResort.keyPackage }),
  });
  return bundles.length;
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
