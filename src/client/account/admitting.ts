/**
 * Which of the key packages that the service hands out for a user this device adds: those of the user's own devices, as the user's
 * list names them. A service that slips another device in is not followed.
 */

import { checkLeaf, type Finding } from "../../accounts/attestation.ts";
import { AccountError } from "../../accounts/errors.ts";
import type { AccountView } from "../../accounts/view.ts";
import type { ClaimedKeyPackage } from "../../delivery/delivery.ts";
import { CopseError } from "../../errors.ts";
import { readKeyPackage } from "../../public-group/unverified/read-key-package.ts";
import { deviceOf, userOfDevice } from "../../rooms/uri.ts";

/** What keeps a device out. An old list does not: its user may have been away. */
const reasons: ReadonlySet<Finding> = new Set<Finding>([
  "root",
  "key-retired",
  "key-conflict",
  "key-newer",
  "list-conflict",
  "list-newer",
  "not-listed",
  "suspended",
]);

/** The key packages of a user's devices, of those that were claimed. Without a view, by their names alone. */
export async function admitted(
  claimed: readonly ClaimedKeyPackage[],
  user: string,
  { view, now }: { readonly view: AccountView | undefined; readonly now: number },
): Promise<readonly Uint8Array[]> {
  const taken: Uint8Array[] = [];
  for (const { device, keyPackage } of claimed) {
    if (keyPackage !== undefined && (await isAdmitted(keyPackage, device, user, { view, now }))) taken.push(keyPackage);
  }
  return taken;
}

async function isAdmitted(
  keyPackage: Uint8Array,
  device: string,
  user: string,
  { view, now }: { readonly view: AccountView | undefined; readonly now: number },
): Promise<boolean> {
  try {
    const { credential, signatureKey, leafExtensions: extensions } = readKeyPackage(keyPackage);
    if (view === undefined) {
      const named = deviceOf(credential);
      return named === device && userOfDevice(named) === user;
    }
    const leaf = await checkLeaf({ credential, signatureKey, extensions }, view, { now });
    return leaf.user === user && leaf.device === device && !leaf.findings.some((finding) => reasons.has(finding));
  } catch (error) {
    if (error instanceof CopseError || error instanceof AccountError) return false;
    throw error;
  }
}
