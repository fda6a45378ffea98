/**
 * Padding of private messages. RFC 9420 sections 6.3.1, 14.1.
 */

import type { Padding } from "./settings.ts";

/** The number of zero bytes behind a content of this length. */
export function paddingLength(padding: Padding, length: number): number {
  switch (padding.kind) {
    case "none":
      return 0;
    case "multiple":
      return (padding.of - (length % padding.of)) % padding.of;
    case "padme":
      return padme(length) - length;
  }
}

/**
 * Padmé: of the length's binary digits, only as many as the length of its exponent may be set, so that at most
 * O(log log L) bits of the length leak. Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and
 * Communication with PURBs", 2019.
 */
function padme(length: number): number {
  if (length < 2) return length;
  const exponent = Math.floor(Math.log2(length));
  const digits = Math.floor(Math.log2(exponent)) + 1;
  const unit = 2 ** Math.max(0, exponent - digits);
  return Math.ceil(length / unit) * unit;
}
