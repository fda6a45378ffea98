/**
 * Padding of private messages. RFC 9420 sections 6.3.1, 14.1.
 */

import { checkCount } from "../../bytes/numbers.ts";
import { anything, options, variants, type Takes } from "../../bytes/takes.ts";

/** How private messages hide their length. RFC 9420 section 14.1 */
export type Padding =
  | { readonly kind: "none" }
  /** Up to the next multiple of `of` bytes. */
  | { readonly kind: "multiple"; readonly of: number }
  /** Padmé: at most 12 % more, and few distinct lengths. */
  | { readonly kind: "padme" };

/** The largest unit of padding: more is a mistake, and would be allocated for every message. */
const maxUnit = 2 ** 20;

const unit: Takes = (place, value) => {
  checkCount(place, value as number, [1, maxUnit]);
};

/** A kind that there is, and a unit that is a number of bytes. */
export const padding: Takes = /* @__PURE__ */ variants("kind", {
  none: /* @__PURE__ */ options({ kind: anything }),
  multiple: /* @__PURE__ */ options({ kind: anything, of: unit }, "of"),
  padme: /* @__PURE__ */ options({ kind: anything }),
});

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
