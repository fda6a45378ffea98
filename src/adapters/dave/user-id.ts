/**
 * Who a member is: a snowflake of 64 bits, which a basic credential holds as eight big-endian bytes, and the exporter's
 * context as eight little-endian ones.
 */

import type { Credential } from "../../wire/credential.ts";

const length = 8;

/** Eight big-endian bytes. */
export function bigEndian(id: bigint): Uint8Array {
  const bytes = new Uint8Array(length);
  new DataView(bytes.buffer).setBigUint64(0, id);
  return bytes;
}

/** Eight little-endian bytes. */
export function littleEndian(id: bigint): Uint8Array {
  return bigEndian(id).reverse();
}

/** The user of a credential; undefined where it is not one of DAVE's. */
export function userOf(credential: Credential): bigint | undefined {
  if (credential.type !== "basic" || credential.identity.length !== length) return undefined;
  const { buffer, byteOffset } = credential.identity;
  return new DataView(buffer, byteOffset, length).getBigUint64(0);
}
