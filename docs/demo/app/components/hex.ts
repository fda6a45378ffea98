/**
 * Bytes as text, for QR codes and for typing, and whether two are the same.
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

/** Whether two are the same bytes. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Bytes in lines of sixteen, beside the letters that they are, or without. */
export function hexOf(bytes: Uint8Array, withLetters = true): string {
  const lines: string[] = [];
  for (let i = 0; i < bytes.length; i += 16) {
    const row = [...bytes.subarray(i, i + 16)];
    const letters = row.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : "."));
    const pairs = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    lines.push(withLetters ? `${pairs.padEnd(48)} ${letters.join("")}` : pairs);
  }
  return lines.join(withLetters ? "\n" : " ");
}
