/**
 * Evidence: two things that one log has signed and that can't both be true. Who has the log's public keys verifies it, and needs to trust
 * nobody who shows it.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { bytes as aBytes, text } from "../bytes/takes.ts";
import { utf8, utf8Decode } from "../bytes/text.ts";
import { enumeration, encode, opaque, select, struct, u8, type Codec } from "../codec/codec.ts";
import { TransparencyError } from "./errors.ts";
import { decoded, formatVersion, SignedHead } from "./formats.ts";
import { isSameLog, someKeys, verifiedHead, type LogKeys } from "./head.ts";
import { isSameAccount, Lookup, verifiedLookup, type LoggedVersion } from "./lookup.ts";

type Contradiction =
  | { readonly kind: "heads"; readonly one: SignedHead; readonly other: SignedHead }
  | { readonly kind: "accounts"; readonly user: Uint8Array; readonly one: Lookup; readonly other: Lookup };
const Contradiction: Codec<Contradiction> = select<Contradiction, "kind">(
  "kind",
  enumeration(u8, { heads: 1, accounts: 2 }),
  {
    heads: struct({ one: SignedHead, other: SignedHead }),
    accounts: struct({ user: opaque, one: Lookup, other: Lookup }),
  },
);
interface Written {
  readonly version: number;
  readonly contradiction: Contradiction;
}
const Written: Codec<Written> = struct<Written>({ version: u8, contradiction: Contradiction });

/** What is proven against a log. */
export type Evidence =
  | {
      /** Two heads of one size that differ: two people were shown two logs. */
      readonly kind: "heads";
      readonly size: number;
    }
  | {
      /** Two answers about one user of which only one can be true of a log that only grows. */
      readonly kind: "accounts";
      readonly user: string;
      readonly one: LoggedVersion | undefined;
      readonly other: LoggedVersion | undefined;
    };

/** Evidence of two heads. */
export function writeForkedHeads(one: SignedHead, other: SignedHead): Bytes {
  return encode(Written, { version: formatVersion, contradiction: { kind: "heads", one, other } });
}

/**
 * The bytes of evidence that two look-ups of one user make, for `verifyEvidence`: whether it is any, that says.
 *
 * @throws TransparencyError "transparency-format"
 */
export function writeEvidence(user: string, one: Uint8Array, other: Uint8Array): Bytes {
  text("user", user);
  aBytes("one", one);
  aBytes("other", other);
  const [a, b] = [decoded(Lookup, one), decoded(Lookup, other)];
  const contradiction: Contradiction = { kind: "accounts", user: utf8(user), one: a, other: b };
  return encode(Written, { version: formatVersion, contradiction });
}

/**
 * What evidence proves against the log of these keys.
 *
 * @throws TransparencyError "evidence-invalid" where it proves nothing; "transparency-format", "transparency-version"
 */
export async function verifyEvidence(keys: LogKeys, evidence: Uint8Array): Promise<Evidence> {
  someKeys("keys", keys);
  aBytes("evidence", evidence);
  const { version, contradiction } = decoded(Written, evidence);
  if (version !== formatVersion) throw new TransparencyError("transparency-version");
  const proven = await provenBy(keys, contradiction).catch((cause: unknown) => {
    throw cause instanceof TransparencyError ? new TransparencyError("evidence-invalid", { cause }) : cause;
  });
  if (proven === undefined) throw new TransparencyError("evidence-invalid");
  return proven;
}

async function provenBy(keys: LogKeys, contradiction: Contradiction): Promise<Evidence | undefined> {
  if (contradiction.kind === "heads") {
    const { one, other } = contradiction;
    await verifiedHead(keys, one);
    await verifiedHead(keys, other);
    return one.size === other.size && !isSameLog(one, other) ? { kind: "heads", size: one.size } : undefined;
  }
  const user = utf8Decode(contradiction.user);
  if (user === undefined) return undefined;
  const one = await verifiedLookup(keys, user, contradiction.one);
  const other = await verifiedLookup(keys, user, contradiction.other);
  const sizes = [contradiction.one.head.size, contradiction.other.head.size] as const;
  return contradict(one, other, sizes) ? { kind: "accounts", user, one, other } : undefined;
}

/** One version says one thing, and a log that has grown has no earlier version than before. */
function contradict(
  one: LoggedVersion | undefined,
  other: LoggedVersion | undefined,
  [size, otherSize]: readonly [number, number],
): boolean {
  const [a, b] = [one?.version ?? -1, other?.version ?? -1];
  if (one !== undefined && other !== undefined && a === b) return !isSameAccount(one.account, other.account);
  return a > b ? size <= otherSize : b > a && otherSize <= size;
}
