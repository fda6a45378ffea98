/**
 * Text and hex, in both directions.
 */

import type { Bytes } from "./bytes.ts";

const encoder = /* @__PURE__ */ new TextEncoder();
const digits = "0123456789abcdef";

/** The UTF-8 bytes of a string. */
export function utf8(text: string): Bytes {
  return encoder.encode(text);
}

/**
 * The string of UTF-8 bytes, or undefined where they are not valid UTF-8. A byte order mark is part of the text. Not by
 * TextDecoder: React Native's engine has none, or one that doesn't give a string (facebook/hermes 1403 and 2107).
 */
export function utf8Decode(bytes: Uint8Array): string | undefined {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at]!;
    const length = first < 0x80 ? 1 : first >> 5 === 6 ? 2 : first >> 4 === 14 ? 3 : first >> 3 === 30 ? 4 : 0;
    if (length === 0) return undefined;
    let point = length === 1 ? first : first & (0x7f >> length);
    for (const last = at + length; ++at < last;) {
      const next = bytes[at] ?? 0; // which goes on with nothing, where the bytes end
      if (next >> 6 !== 2) return undefined;
      point = (point << 6) | (next & 0x3f);
    }
    // RFC 3629 section 3: not in more bytes than it takes, no half of a UTF-16 pair, nothing beyond U+10FFFF.
    if (point < least[length - 1]! || (point >= 0xd800 && point < 0xe000) || point > 0x10_ffff) return undefined;
    text += String.fromCodePoint(point);
  }
  return text;
}

/** The first code point that takes so many bytes. */
const least: readonly number[] = [0, 0x80, 0x800, 0x1_0000];

/** Lower-case hex, two digits a byte. */
export function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += digits.charAt(byte >> 4) + digits.charAt(byte & 15);
  return text;
}

/**
 * The bytes of a hex string, either case.
 *
 * @throws TypeError where the text has an odd length or another character than a hex digit.
 */
export function fromHex(text: string): Bytes {
  if (text.length % 2 !== 0 || /[^0-9a-fA-F]/.test(text)) throw new TypeError("not a hex string");
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
