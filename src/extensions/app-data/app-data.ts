/**
 * Application data in a group: the app_data_dictionary and all that goes with it, as one registry for groups, observers and
 * key packages. Sections 4.6 to 5 of draft-ietf-mls-extensions.
 *
 *     const appData = createAppData({ components: [{ id: 0x8001, update: { apply: (current, [last]) => last?.update } }] });
 *     const group = await Group.create({ identity, authentication, registry: appData.registry });
 *     await group.propose({ custom: appData.update(0x8001, utf8("a name for the room")) });
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { encode } from "../../codec/codec.ts";
import { CopseError } from "../../errors.ts";
import { findExtension, requiredCapabilities } from "../../rules/extensions.ts";
import type { CustomExtension, ExtensionPlace, ExtensionRegistry, ExtensionRules } from "../../rules/registry.ts";
import { RequiredCapabilities, type Extension } from "../../wire/extension.ts";
import type { LeafNode } from "../../wire/leaf-node.ts";
import { extensionTypes } from "../../wire/registries.ts";
import { changesOf, type ComponentChange, type ContextChange } from "./changes.ts";
import { checkDecision, componentsOf, type Component, type Components } from "./component.ts";
import { AppDataDictionary, dataOf, dictionaryIn, dictionaryOf, readDictionary, withDictionary } from "./dictionary.ts";
import { readNumbers, writeNumbers } from "./lists.ts";
import {
  checkAppComponentsAdvertised,
  checkComponentsSupported,
  checkSafeAadSupported,
  checkWireFormatsSupported,
} from "./negotiation.ts";
import { components as known, numbersOf, type AppDataNumbers } from "./numbers.ts";
import { appDataUpdate, appDataUpdateType, type CustomChoice } from "./update.ts";

/** What an application keeps in its groups. */
export interface AppDataOptions {
  readonly components: readonly Component[];
  /** Code points, where others than the draft's are agreed on. */
  readonly numbers?: Partial<AppDataNumbers>;
  /** What else is registered. */
  readonly registry?: ExtensionRegistry;
}

/** Application data in groups: what to register, and the words to say it with. */
export interface AppData {
  /** For `GroupOptions`, `KeyPackageOptions` and whoever proposes from outside. */
  readonly registry: ExtensionRegistry;
  /** An app_data_dictionary extension, for a leaf, a key package, a GroupInfo or a new group's context. */
  dictionary(entries: Readonly<Record<number, Uint8Array>>): Extension;
  /** A group context extension: every member supports the dictionary and AppDataUpdate. RFC 9420 section 11.1 */
  required(): Extension;
  /** The data of a component in a list of extensions: of `group.groupContext`, of a member, of a key package. */
  data(extensions: readonly Extension[], componentId: number): Uint8Array | undefined;
  /** An AppDataUpdate, for `propose` and `commit` as `custom`. */
  update(componentId: number, update: Uint8Array): CustomChoice;
  /** An AppDataUpdate that removes a component's data. */
  remove(componentId: number): CustomChoice;
  /** What a commit changes in the group context's dictionary. */
  changes(commit: ContextChange): readonly ComponentChange[];
}

/**
 * Application data for the components of an application. All members of a group have the same components, as far as they touch
 * its context: what one of them computes differently parts it from the others.
 *
 * @throws TypeError for components or numbers that are none, or given twice.
 */
export function createAppData(options: AppDataOptions): AppData {
  const numbers = numbersOf(options.numbers);
  const { appDataDictionary: type, appDataUpdate: updateType } = numbers;
  const components = componentsOf([...basics, ...options.components]);
  const { registry = {} } = options;
  return {
    registry: {
      ...registry,
      extensions: [...(registry.extensions ?? []), ...extensionsFor(numbers, components)],
      proposals: [...(registry.proposals ?? []), appDataUpdateType(updateType, type, components)],
      rules: [...(registry.rules ?? []), rulesFor(numbers, components)],
    },
    dictionary: (entries) => ({
      type,
      data: encode(
        AppDataDictionary,
        dictionaryOf(Object.entries(entries).map(([id, data]) => ({ componentId: Number(id), data }))),
      ),
    }),
    required: () => ({
      type: extensionTypes.required_capabilities,
      data: encode(RequiredCapabilities, { extensionTypes: [type], proposalTypes: [updateType], credentialTypes: [] }),
    }),
    data: (extensions, componentId) => dataOf(dictionaryIn(extensions, type), componentId)?.slice(),
    update: (componentId, update) => appDataUpdate(updateType, componentId, { op: "update", update }),
    remove: (componentId) => appDataUpdate(updateType, componentId, { op: "remove" }),
    changes: (commit) => changesOf(commit, type),
  };
}

/** A list that replaces the one before it. */
const listOfNumbers: Omit<Component, "id"> = {
  isValid: (data) => {
    readNumbers(data);
    return true;
  },
  update: { apply: (_, updates) => updates.at(-1)?.update },
};

/** The components that whoever supports the dictionary understands. Section 4.6 */
const basics: readonly Component[] = [
  { id: known.app_components, ...listOfNumbers },
  { id: known.safe_aad, ...listOfNumbers },
];

/** The draft's extension types. Section 7.1 */
function extensionsFor(numbers: AppDataNumbers, components: Components): readonly CustomExtension[] {
  const isList = (data: Uint8Array): boolean => {
    readNumbers(data);
    return true;
  };
  return [
    {
      type: numbers.appDataDictionary,
      places: ["key_package", "leaf_node", "group_context", "group_info"],
      isValid: (data, place) => {
        checkDictionary(data, place, components);
        return true;
      },
    },
    { type: numbers.supportedWireFormats, places: ["leaf_node"], isValid: isList },
    { type: numbers.requiredWireFormats, places: ["group_context"], isValid: isList },
  ];
}

/** A dictionary in its place: in order, and each component's data such as the component says. Unknown ones are ignored. */
function checkDictionary(bytes: Uint8Array, place: ExtensionPlace, components: Components): void {
  for (const { componentId, data } of readDictionary(bytes)) {
    const isValid = components.get(componentId)?.isValid;
    if (isValid !== undefined) checkDecision("isValid", isValid(data.slice(), place));
  }
}

function rulesFor(numbers: AppDataNumbers, components: Components): ExtensionRules {
  const { appDataDictionary: type, appDataUpdate: updateType } = numbers;
  const checkLeaf = (leaf: LeafNode, context?: readonly Extension[]): void => {
    if (context === undefined) {
      checkAppComponentsAdvertised(leaf, numbers);
      return;
    }
    const pair = { leaf: dictionaryIn(leaf.extensions, type), group: dictionaryIn(context, type) };
    checkComponentsSupported(pair);
    checkSafeAadSupported(pair);
    checkWireFormatsSupported(leaf.extensions, context, numbers);
  };
  return {
    complete: (extensions, place, { capabilities = [] }) => {
      if (place !== "leaf_node" || !capabilities.includes(type)) return extensions;
      return withOwnLists(extensions, type, components);
    },
    checkLeaf,
    checkContext: (context, before, leaves) => {
      if (isAskedAlready(context, before, numbers)) return;
      for (const [, leaf] of leaves()) checkLeaf(leaf, context);
    },
    checkReplacement: (next, current) => {
      checkDictionaryKept(next, current, { type, updateType });
    },
  };
}

/** The lists of our own leaf: what of it the caller has said stays. Sections 5, 6.2.3 */
function withOwnLists(extensions: readonly Extension[], type: number, components: Components): readonly Extension[] {
  const given = dictionaryIn(extensions, type);
  const own = [
    {
      componentId: known.app_components,
      data: writeNumbers(
        "components",
        [...components.keys()].sort((a, b) => a - b),
      ),
    },
    {
      componentId: known.safe_aad,
      data: writeNumbers(
        "components",
        [...components.values()]
          .filter(({ safeAad }) => safeAad === true)
          .map(({ id }) => id)
          .sort((a, b) => a - b),
      ),
    },
  ].filter(({ componentId }) => dataOf(given, componentId) === undefined);
  return withDictionary(extensions, type, dictionaryOf([...given, ...own]));
}

/** Whether a group context asks of its members nothing but what the one before it has asked. */
function isAskedAlready(
  context: readonly Extension[],
  before: readonly Extension[],
  { appDataDictionary, requiredWireFormats }: AppDataNumbers,
): boolean {
  const [now, old] = [dictionaryIn(context, appDataDictionary), dictionaryIn(before, appDataDictionary)];
  const asking = [known.app_components, known.safe_aad, known.content_media_types];
  return (
    asking.every((id) => isSame(dataOf(now, id), dataOf(old, id))) &&
    isSame(findExtension(context, requiredWireFormats), findExtension(before, requiredWireFormats))
  );
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : bytesEqual(a, b);
}

/**
 * Section 4.7: "When an MLS group contains the AppDataUpdate proposal type in the proposal_types list in the group's
 * required_capabilities extension, a GroupContextExtensions proposal MUST NOT add, remove, or modify the app_data_dictionary
 * GroupContext extension." extensions 4.7 (4)
 */
function checkDictionaryKept(
  next: readonly Extension[],
  current: readonly Extension[],
  { type, updateType }: { readonly type: number; readonly updateType: number },
): void {
  if (requiredCapabilities(current)?.proposalTypes.includes(updateType) !== true) return;
  if (!isSame(findExtension(next, type), findExtension(current, type))) {
    throw new CopseError("app-data-replaced", { rule: "extensions 4.7 (4)" });
  }
}
