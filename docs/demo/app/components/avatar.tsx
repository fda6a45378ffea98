/**
 * A colored letter for a person or a chat. The color comes from the name at the service, so that two who are called the same look different.
 */

import type { JSX } from "preact";

/** How many colors styles/components.css has. */
const colors = 8;

/** A person's or a chat's mark. */
export function Avatar({ id, name }: { readonly id: string; readonly name: string }): JSX.Element {
  const [letter = "?"] = name.trim().replace(/^@/, "");
  return (
    <span class={`avatar color-${String(colorOf(id))}`} aria-hidden="true">
      {letter.toUpperCase()}
    </span>
  );
}

function colorOf(id: string): number {
  let sum = 7;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521;
  return sum % colors;
}
