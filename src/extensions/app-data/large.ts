/**
 * Components whose data is large. Section 4.7 of draft-ietf-mls-extensions: "To avoid storing large amounts of data in the
 * app_data_dictionary GroupContext extension, implementations MAY offer storing only a hash of the actual data in the
 * GroupContext extension." Every message signs the whole context: what is in it, each message costs again.
 *
 * A component says with `inlineUpTo` that its data stands in the context in this form:
 *
 *     enum { data(0), hash(1), (255) } StoredForm;
 *
 *     struct {
 *       StoredForm form;
 *       select (StoredData.form) {
 *         case data: opaque data<V>;        // up to inlineUpTo bytes
 *         case hash: opaque hash<V>;        // of longer data, by the hash of the cipher suite
 *       };
 *     } StoredData;
 *
 * The data itself is kept beside the extension. Members and observers have made it themselves, of the updates; whoever joins gets
 * it in the GroupInfo's dictionary, under the component's id, and holds it against the hash.
 */

import { hex } from "../../bytes/text.ts";
import { decode, encode, enumeration, opaque, select, struct, u8, type Codec } from "../../codec/codec.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import type { Extension } from "../../wire/extension.ts";
import type { Component, Components } from "./component.ts";
import { dataOf, dictionaryIn, withDictionary, type AppDataDictionary, type ComponentData } from "./dictionary.ts";

type StoredData =
  { readonly form: "data"; readonly data: Uint8Array } | { readonly form: "hash"; readonly hash: Uint8Array };
const StoredData: Codec<StoredData> = select<StoredData, "form">("form", enumeration(u8, { data: 0, hash: 1 }), {
  data: struct<{ data: Uint8Array }>({ data: opaque }),
  hash: struct<{ hash: Uint8Array }>({ hash: opaque }),
});

/** What stands beside a dictionary, by its hash in hex. */
export type Beside = ReadonlyMap<string, Uint8Array>;

/** What hashes: a cipher suite. */
export type Hashing = Pick<CipherSuite, "hash">;

function read(stored: Uint8Array): StoredData {
  try {
    return decode(StoredData, stored);
  } catch (cause) {
    throw new CopseError("extension-malformed", { cause });
  }
}

/** What stands beside the dictionary of a group context. */
export function besideIn(extensions: readonly Extension[], type: number): Beside {
  return extensions.find((extension) => extension.type === type)?.beside ?? new Map<string, Uint8Array>();
}

/** Data as it stands in a group context, and what stands beside it then. */
export function stored(
  { inlineUpTo }: Pick<Component, "inlineUpTo">,
  data: Uint8Array,
  suite: Hashing | undefined,
): { readonly data: Uint8Array; readonly beside: Beside } {
  if (inlineUpTo === undefined) return { data, beside: new Map() };
  if (data.length <= inlineUpTo) return { data: encode(StoredData, { form: "data", data }), beside: new Map() };
  if (suite === undefined) throw new TypeError("data this large is stored by its hash: say the group's cipher suite");
  const hash = suite.hash(data);
  return { data: encode(StoredData, { form: "hash", hash }), beside: new Map([[hex(hash), data]]) };
}

/**
 * The data that stands in a group context under a component.
 *
 * @throws CopseError "app-data-missing" where only its hash is there; "extension-malformed"
 */
export function opened(data: Uint8Array, component: Component | undefined, beside: Beside): Uint8Array {
  if (component?.inlineUpTo === undefined) return data;
  const value = read(data);
  if (value.form === "data") return checkShort(value.data, component.inlineUpTo);
  const found = beside.get(hex(value.hash));
  if (found === undefined) throw new CopseError("app-data-missing");
  return found;
}

/** Two members must not store the same data in two forms. */
function checkShort(data: Uint8Array, inlineUpTo: number): Uint8Array {
  if (data.length > inlineUpTo) throw new CopseError("extension-malformed", { detail: "long data in line" });
  return data;
}

/** The data of a component in a group context; undefined where there is none. */
export function dataInContext(
  extensions: readonly Extension[],
  componentId: number,
  type: number,
  components: Components,
): Uint8Array | undefined {
  const data = dataOf(dictionaryIn(extensions, type), componentId);
  return data && opened(data, components.get(componentId), besideIn(extensions, type));
}

/** The data that a dictionary of a group context names by its hash. */
function hashesOf(
  dictionary: AppDataDictionary,
  components: Components,
): readonly { readonly componentId: number; readonly hash: Uint8Array }[] {
  return dictionary.flatMap(({ componentId, data }) => {
    if (components.get(componentId)?.inlineUpTo === undefined) return [];
    const value = read(data);
    return value.form === "hash" ? [{ componentId, hash: value.hash }] : [];
  });
}

/** Of what may stand beside a dictionary, what it names. What is missing is refused where it is opened. */
export function besideFor(
  dictionary: AppDataDictionary,
  components: Components,
  ...sources: readonly Beside[]
): Beside {
  return new Map(
    hashesOf(dictionary, components).flatMap(({ hash }) => {
      const name = hex(hash);
      const data = sources.map((source) => source.get(name)).find((found) => found !== undefined);
      return data === undefined ? [] : [[name, data] as const];
    }),
  );
}

/**
 * The extensions of a group context in the place of others, with what both dictionaries name beside them. What stood beside the old one
 * and is not named by it, nobody has who has just joined.
 */
export function keptBeside(
  next: readonly Extension[],
  current: readonly Extension[],
  { type, components }: { readonly type: number; readonly components: Components },
): readonly Extension[] {
  const known = besideFor(dictionaryIn(current, type), components, besideIn(current, type));
  const beside = besideFor(dictionaryIn(next, type), components, known);
  return next.map((extension) => {
    if (extension.type !== type) return extension;
    return beside.size === 0 ? { type, data: extension.data } : { ...extension, beside };
  });
}

/** For a GroupInfo: the data that the group context names by its hash. */
export function besideAsEntries(
  context: readonly Extension[],
  type: number,
  components: Components,
): readonly ComponentData[] {
  const beside = besideIn(context, type);
  return hashesOf(dictionaryIn(context, type), components).flatMap(({ componentId, hash }) => {
    const data = beside.get(hex(hash));
    return data === undefined ? [] : [{ componentId, data }];
  });
}

/** The extensions of a group context for a group of another cipher suite: what is named by its hash is named by that suite's. */
export function rehashed(
  context: readonly Extension[],
  suite: Hashing,
  { type, components }: { readonly type: number; readonly components: Components },
): readonly Extension[] {
  const beside = besideIn(context, type);
  const moved = dictionaryIn(context, type).map(({ componentId, data }) => {
    const component: Pick<Component, "inlineUpTo"> = components.get(componentId) ?? {};
    if (component.inlineUpTo === undefined) return { componentId, data, beside: new Map<string, Uint8Array>() };
    return { componentId, ...stored(component, opened(data, components.get(componentId), beside), suite) };
  });
  return withDictionary(context, type, moved, new Map(moved.flatMap((entry) => [...entry.beside])));
}

/** A group context that came in a GroupInfo, with what its dictionary names by its hash, where the GroupInfo holds that. */
export function adopted(
  context: readonly Extension[],
  groupInfo: readonly Extension[],
  suite: Hashing,
  { type, components }: { readonly type: number; readonly components: Components },
): readonly Extension[] {
  const dictionary = dictionaryIn(context, type);
  const hashes = hashesOf(dictionary, components);
  if (hashes.length === 0) return context;
  const brought = dictionaryIn(groupInfo, type);
  const found = hashes.flatMap(({ componentId }) => {
    const data = dataOf(brought, componentId);
    return data === undefined ? [] : [[hex(suite.hash(data)), data.slice()] as const];
  });
  const beside = besideFor(dictionary, components, new Map(found));
  return context.map((extension) => (extension.type === type ? { ...extension, beside } : extension));
}
