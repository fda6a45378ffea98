/**
 * Padding of private messages. RFC 9420 sections 6.3.1, 14.1.
 */

import { checkCount } from "../../bytes/numbers.ts";
import { padme } from "../../bytes/padme.ts";
import { anything, options, variants, type Takes } from "../../bytes/takes.ts";

/** How private messages hide their length. RFC 9420 section 14.1 */
export type Padding =
  | { readonly kind: "none" }
  /** Up to the next multiple of `of` bytes. */
  | { readonly kind: "multiple"; readonly of: number }
  /** Padmé: at most 12 % more, and few distinct lengths; none below `least` bytes (default: 0). */
  | { readonly kind: "padme"; readonly least?: number };

/** The largest unit of padding: more is a mistake, and would be allocated for every message. */
const maxUnit = 2 ** 20;

const unit: Takes = (place, value) => {
  checkCount(place, value as number, [1, maxUnit]);
};

/** A kind that there is, and a unit that is a number of bytes. */
export const padding: Takes = /* @__PURE__ */ variants("kind", {
  none: /* @__PURE__ */ options({ kind: anything }),
  multiple: /* @__PURE__ */ options({ kind: anything, of: unit }, "of"),
  padme: /* @__PURE__ */ options({ kind: anything, least: unit }),
});

/** The number of zero bytes behind a content of this length. */
export function paddingLength(padding: Padding, length: number): number {
  switch (padding.kind) {
    case "none":
      return 0;
    case "multiple":
      return (padding.of - (length % padding.of)) % padding.of;
    case "padme":
      return padme(Math.max(length, padding.least ?? 0)) - length;
  }
}
