/**
 * What application data asks of the groups that it is registered for, on every way into them and of every message. Sections
 * 4.6 to 6.2 of draft-ietf-mls-extensions.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { nothing } from "../../bytes/nothing.ts";
import { CopseError } from "../../errors.ts";
import { findExtension, requiredCapabilities } from "../../rules/extensions.ts";
import type { CustomExtension, ExtensionPlace, ExtensionRules, SendingPlace } from "../../rules/registry.ts";
import type { Extension } from "../../wire/extension.ts";
import type { LeafNode } from "../../wire/leaf-node.ts";
import type { MediaType } from "../../wire/media-type.ts";
import { requirements, type MayChangeRequirements } from "./basics.ts";
import { checkDecision, senderIn, type Components } from "./component.ts";
import {
  dataOf,
  dictionaryIn,
  dictionaryOf,
  readDictionary,
  withDictionary,
  type ComponentData,
} from "./dictionary.ts";
import { withGreaseComponent, withGreaseEntry } from "./grease.ts";
import { adopted, besideAsEntries, besideIn, keptBeside, opened } from "./large.ts";
import { readNumbers, writeNumbers } from "./lists.ts";
import {
  checkMediaTypesSupported,
  readFraming,
  readMediaTypes,
  writeFraming,
  writeMediaTypes,
  type KnownSupport,
} from "./media-types.ts";
import {
  checkAppComponentsAdvertised,
  checkComponentsSupported,
  checkSafeAadSupported,
  checkWireFormatsSupported,
} from "./negotiation.ts";
import { components as known, type AppDataNumbers } from "./numbers.ts";
import { readSafeAad, writeSafeAad } from "./safe-aad.ts";

/** What our own leaves say, and what others need not say. */
export interface OwnSupport {
  readonly components: Components;
  readonly mediaTypes: readonly MediaType[];
  readonly wireFormats: readonly number[];
  readonly supportsMediaTypes: KnownSupport | undefined;
  readonly mayChangeRequirements: MayChangeRequirements;
}

/** The draft's extension types. Section 7.1 */
export function extensionsFor(numbers: AppDataNumbers, components: Components): readonly CustomExtension[] {
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

/**
 * A dictionary in its place: in order, and each component's data such as the component says. Section 5.1: "Unknown values
 * (including GREASE values) in any of these fields MUST be ignored by receivers." extensions 5.1 (1)
 */
function checkDictionary(bytes: Uint8Array, place: ExtensionPlace, components: Components): void {
  for (const { componentId, data } of readDictionary(bytes)) {
    const { isValid, inlineUpTo } = components.get(componentId) ?? {};
    // What is large is looked at together with what stands beside the context; a GroupInfo brings that.
    if ((place === "group_context" || place === "group_info") && inlineUpTo !== undefined) continue;
    if (isValid !== undefined) checkDecision("isValid", () => isValid(data.slice(), place));
  }
}

/** What is asked of groups, leaves and messages. */
export function rulesFor(numbers: AppDataNumbers, own: OwnSupport): ExtensionRules {
  const { appDataDictionary: type, appDataUpdate: updateType } = numbers;
  const checkLeaf = (leaf: LeafNode, context?: readonly Extension[]): void => {
    if (context === undefined) {
      checkAppComponentsAdvertised(leaf, numbers);
      return;
    }
    const pair = { leaf: dictionaryIn(leaf.extensions, type), group: dictionaryIn(context, type) };
    checkComponentsSupported(pair);
    checkSafeAadSupported(pair);
    checkMediaTypesSupported(pair, () => own.supportsMediaTypes?.(leaf) ?? false);
    checkWireFormatsSupported(leaf.extensions, context, numbers);
  };
  const inContext = (context: readonly Extension[], id: number): Uint8Array | undefined =>
    dataOf(dictionaryIn(context, type), id);
  return {
    complete: (extensions, place, around) => completedFor(extensions, place, around, numbers, own),
    checkLeaf,
    adopt: (context, groupInfo, suite) => {
      const next = adopted(context, groupInfo, suite, { type, components: own.components });
      checkLargeData(next, [], type, own.components);
      return next;
    },
    checkContext: (context, before, leaves) => {
      checkLargeData(context, before, type, own.components);
      if (isAskedAlready(context, before, numbers)) return;
      for (const [, leaf] of leaves()) checkLeaf(leaf, context);
    },
    keepBeside: (next, current) => keptBeside(next, current, { type, components: own.components }),
    checkReplacement: (next, current, { sender, tree }) => {
      checkDictionaryKept(next, current, { type, updateType });
      const [then, now] = [dictionaryIn(next, type), dictionaryIn(current, type)];
      for (const componentId of requirements) {
        const update = dataOf(then, componentId);
        if (isSame(update, dataOf(now, componentId))) continue;
        const change = { componentId, ...senderIn({ tree }, sender), ...(update && { update: update.slice() }) };
        checkDecision("mayChangeRequirements", () => own.mayChangeRequirements(change));
      }
    },
    frameAuthenticatedData: (data, context) => {
      if (inContext(context, known.safe_aad) === undefined) return data;
      // Section 4.9: where nobody has anything to say, "the aad_items is a zero-length vector".
      if (data.length === 0) return writeSafeAad([]);
      try {
        readSafeAad(data);
      } catch (cause) {
        // The caller's mistake, or a member's word: an update of safe_aad has come in between.
        throw new CopseError("safe-aad", { detail: "make it with appData.authenticatedData", cause });
      }
      return data;
    },
    checkAuthenticatedData: (data, context) => {
      if (inContext(context, known.safe_aad) !== undefined) readSafeAad(data);
    },
    frameContent: (content, mediaType, context) =>
      inContext(context, known.content_media_types) === undefined ? undefined : writeFraming(content, mediaType),
    openContent: (applicationData, context) => {
      const list = inContext(context, known.content_media_types);
      return list === undefined ? undefined : readFraming(applicationData, readMediaTypes(list));
    },
  };
}

/** Large data that is another than before: it is there, and the component takes it. */
function checkLargeData(
  context: readonly Extension[],
  before: readonly Extension[],
  type: number,
  components: Components,
): void {
  const old = dictionaryIn(before, type);
  for (const { componentId, data } of dictionaryIn(context, type)) {
    const component = components.get(componentId);
    if (component?.inlineUpTo === undefined || isSame(data, dataOf(old, componentId))) continue;
    const value = opened(data, component, besideIn(context, type));
    const { isValid } = component;
    if (isValid !== undefined) checkDecision("isValid", () => isValid(value.slice(), "group_context"));
  }
}

/** Extensions of ours: a leaf says what its client supports, and GREASE stands wherever there is a dictionary. Sections 5, 6.2.3 */
function completedFor(
  extensions: readonly Extension[],
  place: ExtensionPlace,
  { capabilities = [], grease, context = [], lastResort }: SendingPlace,
  { appDataDictionary: type, supportedWireFormats }: AppDataNumbers,
  own: OwnSupport,
): readonly Extension[] {
  const given = dictionaryIn(extensions, type);
  if (place !== "leaf_node") {
    // Section 4.6: a GroupInfo "distributes the application data confidentially to the new joiners".
    if (place === "group_info") checkNotBrought(given, own.components);
    const beside = besideAsEntries(context, type, own.components);
    const entries = [...marked(given, lastResort), ...beside];
    return entries.length === 0
      ? extensions
      : withDictionary(extensions, type, dictionaryOf(withGreaseEntry(entries, grease)));
  }
  if (!capabilities.includes(type)) return extensions;
  const said = ownLists(own, grease).filter(({ componentId }) => dataOf(given, componentId) === undefined);
  const list = withDictionary(extensions, type, dictionaryOf(withGreaseEntry([...given, ...said], grease)));
  const isSaid = findExtension(list, supportedWireFormats) !== undefined || own.wireFormats.length === 0;
  if (isSaid || !capabilities.includes(supportedWireFormats)) return list;
  return [...list, { type: supportedWireFormats, data: writeNumbers("wireFormats", own.wireFormats) }];
}

/**
 * Of a component whose data may be large, a GroupInfo has the data of the group context and nothing else: two entries are none, and
 * whether there is one of ours must not depend on what members make of the data.
 */
function checkNotBrought(entries: readonly ComponentData[], components: Components): void {
  const one = entries.find(({ componentId }) => components.get(componentId)?.inlineUpTo !== undefined);
  if (one === undefined) return;
  throw new TypeError(`the GroupInfo brings the data of ${String(one.componentId)} by itself: it has inlineUpTo`);
}

/**
 * Section 6.4: the component "allows clients to specifically mark KeyPackages as KeyPackages of last resort". What says so serves any
 * number of joins, and the reverse. extensions 6.4 (2)
 *
 * @throws TypeError for a mark on another key package.
 */
function marked(entries: readonly ComponentData[], lastResort: boolean | undefined): readonly ComponentData[] {
  const componentId = known.last_resort_key_package;
  const isMarked = dataOf(entries, componentId) !== undefined;
  if (lastResort === false && isMarked)
    throw new TypeError("a last resort is made with createKeyPackage({ lastResort: true })");
  return lastResort !== true || isMarked ? entries : [...entries, { componentId, data: nothing }];
}

/** What a leaf of ours says that its client supports, where the caller has not said it. */
function ownLists({ components, mediaTypes }: OwnSupport, grease: SendingPlace["grease"]): readonly ComponentData[] {
  const ids = [...components.keys()].filter((id) => id !== known.content_media_types || mediaTypes.length > 0);
  const aad = [...components.values()].filter(({ safeAad }) => safeAad === true).map(({ id }) => id);
  const list = (numbers: readonly number[]): Uint8Array =>
    writeNumbers(
      "components",
      [...withGreaseComponent(numbers, grease)].sort((a, b) => a - b),
    );
  return [
    { componentId: known.app_components, data: list(ids) },
    { componentId: known.safe_aad, data: list(aad) },
    ...(mediaTypes.length === 0 ? [] : [{ componentId: known.content_media_types, data: writeMediaTypes(mediaTypes) }]),
  ];
}

/** Whether a group context asks of its members nothing but what the one before it has asked. */
function isAskedAlready(
  context: readonly Extension[],
  before: readonly Extension[],
  { appDataDictionary, requiredWireFormats }: AppDataNumbers,
): boolean {
  const [now, old] = [dictionaryIn(context, appDataDictionary), dictionaryIn(before, appDataDictionary)];
  return (
    requirements.every((id) => isSame(dataOf(now, id), dataOf(old, id))) &&
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
