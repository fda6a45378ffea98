/**
 * Bytes as text, for QR codes and for typing.
 */

/** In pairs of 0 to f. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Undefined for what is none, and for what is too long to be one of this page's. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length > 8_192 || text.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
