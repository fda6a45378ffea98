/**
 * The data of an app_data_dictionary extension: what the components of an application have attached to a key package, a leaf
 * node, a group context or a GroupInfo. Section 4.6 of draft-ietf-mls-extensions.
 */

import { copyBytes } from "../../bytes/copy.ts";
import { checkUint } from "../../bytes/numbers.ts";
import { decode, encode, opaque, struct, u16, vector, type Codec } from "../../codec/codec.ts";
import { CopseError } from "../../errors.ts";
import type { Extension } from "../../wire/extension.ts";

/** What one component has attached. Section 4.6 */
export interface ComponentData {
  readonly componentId: number;
  readonly data: Uint8Array;
}
/** As on the wire. */
const ComponentData: Codec<ComponentData> = struct<ComponentData>({ componentId: u16, data: opaque });

/** Section 4.6. At most 256 components, as many as a list of capabilities may name. */
export type AppDataDictionary = readonly ComponentData[];
/** As on the wire. Its order is a rule of its own. */
export const AppDataDictionary: Codec<AppDataDictionary> = vector(ComponentData, "capabilities");

/**
 * Section 4.6: "The entries in the component_data MUST be sorted by component_id, and there MUST be at most one entry for
 * each component_id." extensions 4.6 (1), extensions 4.6 (2)
 */
function checkSortedComponents(entries: readonly Pick<ComponentData, "componentId">[]): void {
  for (let i = 1; i < entries.length; i++) {
    const [before, entry] = [entries[i - 1]!, entries[i]!];
    if (before.componentId === entry.componentId) {
      throw new CopseError("extension-malformed", { rule: "extensions 4.6 (2)" });
    }
    if (before.componentId > entry.componentId) {
      throw new CopseError("extension-malformed", { rule: "extensions 4.6 (1)" });
    }
  }
}

/** What was read of the data of an extension. Byte strings that are held by leaves and contexts do not change. */
const known = new WeakMap<Uint8Array, AppDataDictionary>();

/** The entries of a dictionary. @throws CopseError "extension-malformed" */
export function readDictionary(data: Uint8Array): AppDataDictionary {
  const before = known.get(data);
  if (before !== undefined) return before;
  let entries: AppDataDictionary;
  try {
    entries = decode(AppDataDictionary, data);
  } catch (cause) {
    throw new CopseError("extension-malformed", { cause });
  }
  checkSortedComponents(entries);
  known.set(data, entries);
  return entries;
}

/** The dictionary in a list of extensions; empty where there is none. @throws CopseError "extension-malformed" */
export function dictionaryIn(extensions: readonly Extension[], type: number): AppDataDictionary {
  const extension = extensions.find((entry) => entry.type === type);
  return extension === undefined ? [] : readDictionary(extension.data);
}

/** The data of a component, where the dictionary has any. */
export function dataOf(dictionary: AppDataDictionary, componentId: number): Uint8Array | undefined {
  return dictionary.find((entry) => entry.componentId === componentId)?.data;
}

/** Entries of a caller, in order. @throws TypeError for a component twice, or what is no uint16 or no bytes. */
export function dictionaryOf(entries: readonly ComponentData[]): AppDataDictionary {
  const sorted = entries
    .map(({ componentId, data }) => {
      checkUint("componentId", componentId, 16);
      return { componentId, data: copyBytes(data) };
    })
    .sort((a, b) => a.componentId - b.componentId);
  if (sorted.some(({ componentId }, i) => componentId === sorted[i - 1]?.componentId)) {
    throw new TypeError("a dictionary has one entry a component");
  }
  return sorted;
}

/**
 * Extensions with this dictionary: in the place of the one that they have, or else behind all others. Section 4.7: "add one
 * to the end of the extensions list". Without entries it stays, empty, where there was one, and there is none where there was
 * none.
 */
export function withDictionary(
  extensions: readonly Extension[],
  type: number,
  entries: AppDataDictionary,
  beside: ReadonlyMap<string, Uint8Array> = new Map<string, Uint8Array>(),
): readonly Extension[] {
  const has = extensions.some((extension) => extension.type === type);
  if (!has && entries.length === 0) return extensions;
  const data = encode(AppDataDictionary, entries);
  const next: Extension = beside.size === 0 ? { type, data } : { type, data, beside };
  return has ? extensions.map((extension) => (extension.type === type ? next : extension)) : [...extensions, next];
}
