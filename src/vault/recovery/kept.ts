/**
 * What a recovery server keeps of an account.
 */

import { encode, fixed, opaque, optional, struct, u32, u8, type Codec } from "../../codec/codec.ts";
import { elementLength } from "../../crypto/oprf.ts";
import { decoded } from "../decoded.ts";
import { VaultError } from "../errors.ts";

/** A registration: its key, and the record once it was stored. */
export interface KeptRegistration {
  readonly registration: number;
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
  /** Absent between `begin` and `store`. */
  readonly record: Uint8Array | undefined;
}
const KeptRegistration: Codec<KeptRegistration> = struct<KeptRegistration>({
  registration: u32,
  secretKey: fixed(elementLength),
  publicKey: fixed(elementLength),
  record: optional(opaque),
});

/**
 * An account. Guesses are counted for all its registrations together, so that to begin another one gives nobody more of them. What was
 * stored goes only when a later one is confirmed, so that at any moment one is held by a threshold of servers.
 */
export interface KeptAccount {
  readonly guesses: number;
  /** The greatest number that was ever begun, also when nothing of it is left. */
  readonly begun: number;
  /** The greatest number that was ever confirmed: said twice, it must not give new guesses. */
  readonly confirmed: number;
  /** In the order of their numbers. */
  readonly registrations: readonly KeptRegistration[];
}
interface Written extends KeptAccount {
  readonly version: number;
}
const Written: Codec<Written> = struct<Written>({
  version: u8,
  guesses: u8,
  begun: u32,
  confirmed: u32,
  registrations: {
    write: (out, values) => {
      out.u8(values.length);
      for (const value of values) KeptRegistration.write(out, value);
    },
    read: (input) => Array.from({ length: input.u8() }, () => KeptRegistration.read(input)),
  },
});
const keptVersion = 1;

export function writeKept(account: KeptAccount): Uint8Array {
  return encode(Written, { version: keptVersion, ...account });
}

/** @throws VaultError "recovery-format", "recovery-version": the server's own database is damaged, or a newer version's. */
export function readKept(bytes: Uint8Array | undefined): KeptAccount | undefined {
  if (bytes === undefined) return undefined;
  if (bytes[0] !== keptVersion) throw new VaultError("recovery-version");
  return decoded(Written, bytes, "recovery-format");
}
