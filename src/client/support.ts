/**
 * What this version of the client supports, as its leaves say it. After an update of the application the key packages that the service has
 * still say what the version before knew: others could not add this device to a room that needs more. So they are replaced.
 */

import { hash } from "#symmetric";
import { bytesEqual } from "../bytes/compare.ts";
import { encode, fixed, opaque, struct, u16, vector } from "../codec/codec.ts";
import { dataOf, dictionaryIn } from "../extensions/app-data/dictionary.ts";
import { components } from "../extensions/app-data/numbers.ts";
import { leafContents } from "../public-group/leaf.ts";
import { prepareRegistry } from "../rules/registry.ts";
import { Capabilities } from "../wire/leaf-node.ts";
import type { StoreChange } from "../storage/store.ts";
import { nothing } from "../bytes/nothing.ts";
import { entryKind, type EntryKind } from "./store/entry.ts";
import { supportKey } from "./store/keys.ts";
import type { Surroundings } from "./surroundings.ts";

const supportEntry: EntryKind<Uint8Array> = entryKind(fixed(32));
const Support = struct<{ capabilities: Capabilities; types: readonly number[]; components: Uint8Array }>({
  capabilities: Capabilities,
  types: vector(u16, "extensions"),
  components: opaque,
});

/** What this version supports, as a hash: GREASE and what says who this device is are no part of it. */
function supportOf({ identity, leaf, groupOptions, appData }: Surroundings): Uint8Array {
  const registry = prepareRegistry(groupOptions.registry);
  const { capabilities, extensions } = leafContents(leaf, identity.suite, { registry, grease: undefined });
  const dictionary = dictionaryIn(extensions, appData.extensionNumbers.appDataDictionary);
  const support = {
    capabilities,
    types: extensions.map(({ type }) => type),
    components: dataOf(dictionary, components.app_components) ?? nothing,
  };
  return hash("sha256", encode(Support, support));
}

/**
 * The record of what this version supports, where it is not the one that the store has: undefined where nothing has changed. `isFirst`: whether
 * the store has none, since it is new, or is of a version that wrote none.
 */
export async function changedSupport(
  around: Surroundings,
): Promise<{ readonly put: StoreChange; readonly isFirst: boolean } | undefined> {
  const now = supportOf(around);
  const stored = await around.store.get(supportKey);
  if (stored !== undefined && bytesEqual(supportEntry.read(stored), now)) return undefined;
  return { put: { put: supportKey, value: supportEntry.write(now) }, isFirst: stored === undefined };
}
