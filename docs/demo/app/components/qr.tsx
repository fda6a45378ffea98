/**
 * A QR code, drawn as one path.
 */

import type { JSX } from "preact";
import encodeQR from "qr";

/** A QR code of a text. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }): JSX.Element {
  const rows = encodeQR(text, "raw", { border: 2 });
  const path = rows.flatMap((row, y) =>
    row.flatMap((isDark, x) => (isDark ? [`M${String(x)} ${String(y)}h1v1h-1z`] : [])),
  );
  return (
    <svg class="qr" viewBox={`0 0 ${String(rows.length)} ${String(rows.length)}`} role="img" aria-label={label}>
      <rect width="100%" height="100%" class="qr-light" />
      <path class="qr-dark" d={path.join("")} />
    </svg>
  );
}
