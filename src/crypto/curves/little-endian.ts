/**
 * Public encodings of field elements, compared as they stand: making integers of them costs ten times as much, and every
 * key and signature is looked at. `mask` takes bits of the last byte away, which an encoding uses for something else.
 */

/** An integer as so many bytes, the lowest first. */
export function littleEndianBytes(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0, rest = value; i < length; i++, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes;
}

/** Whether the integer is less than a bound of the same length. */
export function isBelow(bytes: Uint8Array, bound: Uint8Array, mask = 0xff): boolean {
  const last = bound.length - 1;
  for (let i = last; i >= 0; i--) {
    const byte = i === last ? bytes[i]! & mask : bytes[i]!;
    if (byte !== bound[i]!) return byte < bound[i]!;
  }
  return false;
}

/** Whether the integer is one of these, of the same length. */
export function isOneOf(bytes: Uint8Array, values: readonly Uint8Array[], mask = 0xff): boolean {
  for (const value of values) if (isSame(bytes, value, mask)) return true;
  return false;
}

function isSame(bytes: Uint8Array, value: Uint8Array, mask: number): boolean {
  const last = value.length - 1;
  for (let i = 0; i < last; i++) if (bytes[i] !== value[i]) return false;
  return (bytes[last]! & mask) === value[last];
}
