/**
 * Finding pre-shared keys: resumption PSKs of our own past epochs, and whatever the application holds. RFC 9420 sections
 * 8.4, 8.6.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { Secret } from "../../bytes/secret.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { checkPskIsKnown } from "../../rules/proposal.ts";
import { pskSecret } from "../../schedule/psk.ts";
import type { PreSharedKeyId } from "../../wire/pre-shared-key.ts";
import type { Settings } from "../../public-group/options/settings.ts";

/** The resumption PSKs of a group by epoch, oldest first. RFC 9420 section 8.6 */
export type ResumptionPsks = ReadonlyMap<bigint, Secret<"resumption_psk">>;

/** Where PSKs are found: one group's own resumption PSKs, then the application. */
export interface PskSource {
  readonly groupId: Uint8Array;
  readonly resumption: ResumptionPsks;
  readonly settings: Settings;
}

/**
 * The psk_secret of these PSKs, in their order.
 *
 * @throws CopseError "psk-not-found": "Verify that all PreSharedKey proposals in the proposals vector are available"
 * (section 12.4.2, valn1205), and for a Welcome valn1401.
 */
export async function findPskSecret(
  suite: CipherSuite,
  ids: readonly PreSharedKeyId[],
  sources: readonly PskSource[],
  rule: "valn1205" | "valn1401",
): Promise<Secret<"psk_secret">> {
  const psks: { readonly id: PreSharedKeyId; readonly psk: Uint8Array }[] = [];
  try {
    for (const id of ids) psks.push({ id, psk: await findPsk(id, sources, rule) });
    return pskSecret(suite, psks);
  } finally {
    for (const { psk } of psks) psk.fill(0);
  }
}

/**
 * A group's resumption PSK for another group: a copy, where the id is of this group, of an epoch whose PSK is still kept,
 * and for the usage "application" (section 8.4: the others have operations of their own).
 */
export function lendPsk({ groupId, resumption }: PskSource, id: PreSharedKeyId): Secret<"resumption_psk"> | undefined {
  const isOurs = id.type === "resumption" && id.usage === "application" && bytesEqual(groupId, id.pskGroupId);
  return isOurs ? resumption.get(id.pskEpoch)?.copy() : undefined;
}

/** Whether a PSK is available. */
export async function hasPsk(id: PreSharedKeyId, sources: readonly PskSource[]): Promise<boolean> {
  const psk = await lookUp(id, sources);
  psk?.fill(0);
  return psk !== undefined;
}

async function findPsk(id: PreSharedKeyId, sources: readonly PskSource[], rule: string): Promise<Uint8Array> {
  const psk = await lookUp(id, sources);
  checkPskIsKnown(psk, rule);
  return psk;
}

/** A copy of a PSK. */
async function lookUp(id: PreSharedKeyId, sources: readonly PskSource[]): Promise<Uint8Array | undefined> {
  if (id.type === "resumption") {
    for (const { groupId, resumption } of sources) {
      const psk = bytesEqual(groupId, id.pskGroupId) ? resumption.get(id.pskEpoch) : undefined;
      if (psk !== undefined) return psk.use((bytes) => bytes.slice());
    }
  }
  for (const { settings } of sources) {
    const psk = await settings.psks(id);
    if (psk !== undefined) return psk instanceof Secret ? takeBytes(psk) : copyBytes(psk);
  }
  return undefined;
}

/** The bytes of a secret that was handed over: nothing of it stays behind. */
function takeBytes(secret: Secret<string>): Uint8Array {
  try {
    return secret.use((bytes) => bytes.slice());
  } finally {
    secret.wipe();
  }
}
