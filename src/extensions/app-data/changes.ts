/**
 * What a commit changes in the dictionary of the group context, component by component, and what it tells components. Sections
 * 4.7, 4.8 of draft-ietf-mls-extensions.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import type { Extension } from "../../wire/extension.ts";
import type { Components } from "./component.ts";
import { dictionaryIn } from "./dictionary.ts";
import { besideIn, opened } from "./large.ts";

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
 *
 * @throws CopseError "app-data-missing" of large data, where the commit was stored without it: as the removal of this member.
 */
export function changesOf(
  { contextExtensions: { before, after } }: ContextChange,
  type: number,
  components: Components,
): readonly ComponentChange[] {
  if (before === after) return [];
  const [old, now] = [byId(before, type), byId(after, type)];
  const ids = [...new Set([...old.keys(), ...now.keys()])].sort((a, b) => a - b);
  return ids.flatMap((componentId) => {
    const [was, is] = [old.get(componentId), now.get(componentId)];
    if (was !== undefined && is !== undefined && bytesEqual(was, is)) return [];
    const component = components.get(componentId);
    return [
      {
        componentId,
        before: was && opened(was, component, besideIn(before, type)).slice(),
        after: is && opened(is, component, besideIn(after, type)).slice(),
      },
    ];
  });
}

/** A group context's entries as they are stored. */
function byId(extensions: readonly Extension[], type: number): ReadonlyMap<number, Uint8Array> {
  return new Map(dictionaryIn(extensions, type).map(({ componentId, data }) => [componentId, data]));
}
