/**
 * What a file may hold: the bytes themselves, or hex or base64 text of them.
 */

import { fromHex } from "../../bytes/text.ts";

/** One reading of a file. */
export interface Reading {
  readonly encoding: "hex" | "base64" | "binary";
  readonly bytes: Uint8Array;
}

/** The readings that a file allows, the most likely first: the bytes as they are always come last. */
export function readings(file: Uint8Array): readonly Reading[] {
  const text = asciiText(file);
  const found: Reading[] = [];
  if (text !== undefined && text !== "") {
    const digits = text.replace(/^0x/i, "");
    if (digits.length % 2 === 0 && /^[0-9a-f]+$/i.test(digits)) {
      found.push({ encoding: "hex", bytes: fromHex(digits) });
    }
    if (isBase64(text)) {
      found.push({ encoding: "base64", bytes: new Uint8Array(Buffer.from(text, "base64")) });
    }
  }
  return [...found, { encoding: "binary", bytes: file }];
}

/** Base64 of either alphabet, padded or not. */
function isBase64(text: string): boolean {
  const digits = text.replace(/={1,2}$/, "");
  const whole = digits.length === text.length ? digits.length % 4 !== 1 : text.length % 4 === 0;
  return whole && !/[^\w+/-]/.test(digits);
}

/** The text without its white space, or undefined where a byte is no printable ASCII character. */
function asciiText(file: Uint8Array): string | undefined {
  for (const byte of file)
    if (!(byte > 0x20 && byte < 0x7f) && !(byte >= 9 && byte <= 13) && byte !== 0x20) return undefined;
  return Buffer.from(file).toString("latin1").replaceAll(/\s+/g, "");
}
