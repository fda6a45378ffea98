/**
 * Look-ups: what the log has of a user, or that it has nothing, with the proof of it. A VRF hides who the indexes of the log are, a
 * commitment hides what the entries say: both open to who looks the user up.
 */

import { hmac } from "#symmetric";
import { bytesEqual } from "../bytes/compare.ts";
import { utf8 } from "../bytes/text.ts";
import { encode, fixed, opaque, optional, struct, type Codec } from "../codec/codec.ts";
import { verifyVrf, vrfProofLength } from "../crypto/vrf.ts";
import { TransparencyError } from "./errors.ts";
import { hashLength, loggedAccount, Opened, SignedHead, type LogEntry, type LoggedAccount } from "./formats.ts";
import { verifiedHead, type LogKeys } from "./head.ts";
import { isInMap, MapProof } from "./map.ts";

/** A look-up as on the wire. */
export interface Lookup {
  readonly head: SignedHead;
  readonly vrfProof: Uint8Array;
  readonly mapProof: MapProof;
  readonly opened: Opened | undefined;
}
export const Lookup: Codec<Lookup> = struct<Lookup>({
  head: SignedHead,
  vrfProof: fixed(vrfProofLength),
  mapProof: MapProof,
  opened: optional(Opened),
});

/** What the log has of a user. */
export interface LoggedVersion {
  /** How often the log has changed what it says of the user, before this time. */
  readonly version: number;
  readonly account: LoggedAccount;
}

/** What the VRF is of. */
export function vrfInput(user: string): Uint8Array {
  return utf8(`copse transparency user ${user}`);
}

/** Where a user stands. */
export function indexOf(output: Uint8Array): Uint8Array {
  return output.slice(0, hashLength);
}

interface Committed {
  readonly user: Uint8Array;
  readonly opened: Opened;
}
const Committed: Codec<Committed> = struct<Committed>({ user: opaque, opened: Opened });

/** What an entry commits to: HMAC-SHA-256 under the opening, of the user, the version and the account. */
export function commitmentTo(user: string, opened: Opened): Uint8Array {
  return hmac("sha256", opened.opening, encode(Committed, { user: utf8(user), opened }));
}

/**
 * What a look-up proves of a user, under its own head.
 *
 * @throws TransparencyError "transparency-version", "head-signature", "vrf-proof", "map-proof"
 */
export async function verifiedLookup(keys: LogKeys, user: string, lookup: Lookup): Promise<LoggedVersion | undefined> {
  const { head, vrfProof, mapProof, opened } = lookup;
  await verifiedHead(keys, head);
  const output = verifyVrf(keys.vrfKey, vrfInput(user), vrfProof);
  if (output === undefined) throw new TransparencyError("vrf-proof");
  const index = indexOf(output);
  let entry: LogEntry | undefined;
  if (opened !== undefined) entry = { index, version: opened.version, commitment: commitmentTo(user, opened) };
  if (!isInMap(head.mapRoot, { index, entry }, mapProof)) throw new TransparencyError("map-proof");
  return opened === undefined ? undefined : { version: opened.version, account: opened.account };
}

/** Whether the log says the same of an account. */
export function isSameAccount(a: LoggedAccount, b: LoggedAccount): boolean {
  return bytesEqual(encode(loggedAccount, a), encode(loggedAccount, b));
}
