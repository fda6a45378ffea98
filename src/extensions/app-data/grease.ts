/**
 * GREASE among components: values in the places where receivers must ignore what they do not know. Section 5.1 of
 * draft-ietf-mls-extensions.
 */

import type { SendingPlace } from "../../rules/registry.ts";
import { dataOf, type AppDataDictionary } from "./dictionary.ts";
import { greaseComponents } from "./numbers.ts";

type Grease = SendingPlace["grease"];

/** A list of components that a leaf supports, with a value that is none. */
export function withGreaseComponent(ids: readonly number[], grease: Grease): readonly number[] {
  if (grease === undefined) return ids;
  const value = greaseValue(grease.random);
  return ids.includes(value) ? ids : [...ids, value];
}

/** The entries of a dictionary, with one that is nobody's where lists of extensions carry GREASE. They are put in order later. */
export function withGreaseEntry(dictionary: AppDataDictionary, grease: Grease): AppDataDictionary {
  if (grease?.extensions !== true) return dictionary;
  const [length = 0] = grease.random(1);
  const componentId = greaseValue(grease.random);
  if (dataOf(dictionary, componentId) !== undefined) return dictionary;
  return [...dictionary, { componentId, data: grease.random(length % 16) }];
}

function greaseValue(random: (length: number) => Uint8Array): number {
  const [byte = 0] = random(1);
  return greaseComponents[byte % greaseComponents.length]!;
}
