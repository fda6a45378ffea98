/**
 * What a commit changes in the dictionary of the group context, component by component, and what it tells components. Sections
 * 4.7, 4.8 of draft-ietf-mls-extensions.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import type { Extension } from "../../wire/extension.ts";
import { dictionaryIn, type AppDataDictionary } from "./dictionary.ts";

/** What a commit makes of one component's data. Undefined where there is none. */
export interface ComponentChange {
  readonly componentId: number;
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
}

/** What of a CommitEvent says how the group context changes. */
export interface ContextChange {
  readonly contextExtensions: { readonly before: readonly Extension[]; readonly after: readonly Extension[] };
}

/**
 * The components whose data is another after a commit, by their numbers: whether AppDataUpdates or other extensions of the
 * group context have made it so.
 */
export function changesOf(
  { contextExtensions: { before, after } }: ContextChange,
  type: number,
): readonly ComponentChange[] {
  if (before === after) return [];
  const [old, now] = [byId(dictionaryIn(before, type)), byId(dictionaryIn(after, type))];
  const ids = [...new Set([...old.keys(), ...now.keys()])].sort((a, b) => a - b);
  return ids.flatMap((componentId) => {
    const [was, is] = [old.get(componentId), now.get(componentId)];
    if (was !== undefined && is !== undefined && bytesEqual(was, is)) return [];
    return [{ componentId, before: was?.slice(), after: is?.slice() }];
  });
}

function byId(dictionary: AppDataDictionary): ReadonlyMap<number, Uint8Array> {
  return new Map(dictionary.map(({ componentId, data }) => [componentId, data]));
}
