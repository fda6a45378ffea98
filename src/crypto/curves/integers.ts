/**
 * Byte strings as integers, for checking public encodings. BigInt arithmetic takes time that depends on its values:
 * no secret belongs here.
 */

/** The unsigned integer of a big-endian byte string. */
export function bigEndian(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let value = 0n;
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) value = (value << 64n) | view.getBigUint64(at);
  for (; at < bytes.length; at++) value = (value << 8n) | BigInt(bytes[at]!);
  return value;
}

/** The unsigned integer of a little-endian byte string. */
export function littleEndian(bytes: Uint8Array): bigint {
  return bigEndian(new Uint8Array(bytes).reverse());
}

/** The remainder between 0 and `modulus` less 1, also of a negative number. */
export function mod(value: bigint, modulus: bigint): bigint {
  const remainder = value % modulus;
  return remainder < 0n ? remainder + modulus : remainder;
}
