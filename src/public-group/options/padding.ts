/**
 * Padding of private messages. RFC 9420 sections 6.3.1, 14.1.
 */

/** How private messages hide their length. RFC 9420 section 14.1 */
export type Padding =
  | { readonly kind: "none" }
  /** Up to the next multiple of `of` bytes. */
  | { readonly kind: "multiple"; readonly of: number }
  /** Padmé: at most 12 % more, and few distinct lengths. */
  | { readonly kind: "padme" };

/** The largest unit of padding: more is a mistake, and would be allocated for every message. */
const maxUnit = 2 ** 20;

/** @throws TypeError for a kind that there is not, or a unit that is no number of bytes. */
export function checkPadding(padding: Padding): void {
  const { kind, of } = padding as { readonly kind: unknown; readonly of?: unknown };
  if (kind === "none" || kind === "padme") return;
  if (kind !== "multiple") throw new TypeError("the kind of padding is none, multiple or padme");
  if (!Number.isInteger(of) || (of as number) < 1 || (of as number) > maxUnit) {
    throw new TypeError("padding.of is a number of bytes from 1 to 2^20");
  }
}

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
