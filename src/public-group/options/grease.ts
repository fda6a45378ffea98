/**
 * GREASE: random values where RFC 9420 section 13.5 says that a correct receiver ignores them.
 */

import type { Random } from "../../crypto/provider.ts";
import type { Extension } from "../../wire/extension.ts";
import { greaseValues } from "../../wire/registries.ts";

/**
 * Where GREASE values are sent. RFC 9420 sections 7.2, 13.5. True: in the lists of capabilities. `extensions: true`: in the
 * extensions of leaf nodes, key packages and GroupInfos, too, which some implementations refuse (docs/interop.md). False:
 * nowhere.
 */
export type GreaseChoice = boolean | { readonly extensions: boolean };

/** GREASE as it is sent: always in lists of capabilities. */
export interface Grease {
  readonly random: Random;
  /** Whether it goes into lists of extensions, too. */
  readonly extensions: boolean;
}

/** What was chosen, ready for use. @throws TypeError for what is neither a boolean nor says `extensions`. */
export function greaseOf(choice: GreaseChoice | undefined, random: Random): Grease | undefined {
  if (choice === undefined || typeof choice === "boolean")
    return (choice ?? true) ? { random, extensions: false } : undefined;
  const extensions: unknown = (choice as { readonly extensions: unknown } | null)?.extensions;
  if (typeof extensions !== "boolean") throw new TypeError("grease is true, false or { extensions: true }");
  return { random, extensions };
}

/** Extensions, and one of a random GREASE type with a few random bytes where lists of them carry GREASE. */
export function withGreaseExtension(
  extensions: readonly Extension[],
  grease: Grease | undefined,
): readonly Extension[] {
  if (grease?.extensions !== true) return extensions;
  const [length = 0] = grease.random(1);
  const greased = { type: greaseValue(grease), data: grease.random(length % 16) };
  return extensions.some(({ type }) => type === greased.type) ? extensions : [...extensions, greased];
}

/** A list of capabilities with a GREASE value. */
export function withGrease(types: readonly number[], grease: Grease): readonly number[] {
  const value = greaseValue(grease);
  return types.includes(value) ? types : [...types, value];
}

function greaseValue({ random }: Grease): number {
  const [byte = 0] = random(1);
  return greaseValues[byte % greaseValues.length]!;
}
