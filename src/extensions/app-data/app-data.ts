/**
 * Application data in a group: the app_data_dictionary and all that goes with it, as one registry for groups, observers and
 * key packages. Sections 4.6 to 6.2 of draft-ietf-mls-extensions.
 *
 *     const appData = createAppData({ components: [{ id: 0x8001, update: { apply: (_, updates) => updates.at(-1)?.update } }] });
 *     const group = await Group.create({ identity, authentication, registry: appData.registry, extensions: appData.context() });
 *     await group.commit({ custom: [appData.update(0x8001, utf8("a name for the room"))] });
 */

import "../explained.ts";
import { copyBytes } from "../../bytes/copy.ts";
import {
  anything,
  bytes,
  having,
  hook,
  is,
  isObject,
  list,
  options as optionsOf,
  thing,
  uint16,
  type Shape,
  type Takes,
} from "../../bytes/takes.ts";
import { encode } from "../../codec/codec.ts";
import { registryTakes, type CustomEntry, type ExtensionRegistry } from "../../rules/registry.ts";
import { capabilitiesShape, RequiredCapabilities, someExtensions, type Extension } from "../../wire/extension.ts";
import type { GroupContext } from "../../wire/group-context.ts";
import { mediaType, type MediaType } from "../../wire/media-type.ts";
import { extensionTypes } from "../../wire/registries.ts";
import { basics, type MayChangeRequirements } from "./basics.ts";
import { changesOf, type ComponentChange, type ContextChange } from "./changes.ts";
import { componentsOf, someComponents, type Component, type Components } from "./component.ts";
import {
  AppDataDictionary,
  dataOf,
  dictionaryIn,
  dictionaryOf,
  withDictionary,
  type ComponentData,
} from "./dictionary.ts";
import { appEphemeral, appEphemeralType, ephemeralsIn, type EphemeralData } from "./ephemeral.ts";
import { dataInContext, rehashed, stored, type Hashing } from "./large.ts";
import { writeNumbers } from "./lists.ts";
import { writeMediaTypes, type KnownSupport } from "./media-types.ts";
import { isDefaultWireFormat } from "./negotiation.ts";
import { components as known, draftNumbers, numbersOf, type AppDataNumbers } from "./numbers.ts";
import { pskOf, pskSourceOf, type ApplicationPskChoice, type PskSource } from "./psk.ts";
import { extensionsFor, rulesFor } from "./rules.ts";
import { readSafeAad, writeSafeAad } from "./safe-aad.ts";
import { appDataUpdate, appDataUpdateType, type CustomChoice } from "./update.ts";

/** What an application keeps in its groups, and what its clients support. */
export interface AppDataOptions {
  readonly components: readonly Component[];
  /** The media types that this client reads: its leaves say so. */
  readonly mediaTypes?: readonly MediaType[];
  /** Wire formats beyond RFC 9420's that this client supports: its leaves say so. */
  readonly wireFormats?: readonly number[];
  /**
   * Whether a client supports the media types that its group requires, though its leaf does not say so. All members of a group
   * answer alike. Default: no.
   */
  readonly supportsMediaTypes?: KnownSupport;
  /**
   * Whether a member may change what the group asks of all: app_components, safe_aad and content_media_types. Asked of each update,
   * removal and replacement by every member, who answer alike: by the sender's leaf, for example. Default: yes, any member may.
   */
  readonly mayChangeRequirements?: MayChangeRequirements;
  /** Code points, where others than the draft's are agreed on. */
  readonly numbers?: Partial<AppDataNumbers>;
  /** What else is registered. */
  readonly registry?: ExtensionRegistry;
}

/** What a new group's context says of application data. */
export interface ContextOptions {
  /** The group's cipher suite, where some of the data is stored by its hash. */
  readonly suite?: Hashing;
  /** Data of components, by their ids. */
  readonly data?: Readonly<Record<number, Uint8Array>>;
  /** Components that every member must support. */
  readonly requiredComponents?: readonly number[];
  /**
   * Components whose authenticated data every member must understand. With it, even empty, the authenticated data of all
   * messages is divided among components.
   */
  readonly safeAad?: readonly number[];
  /** Media types that every member must read. With it, messages say which one they are of. */
  readonly mediaTypes?: readonly MediaType[];
  /** Wire formats beyond RFC 9420's that every member must support. */
  readonly requiredWireFormats?: readonly number[];
  /** What else every member must support. RFC 9420 section 11.1 */
  readonly required?: Partial<RequiredCapabilities>;
}

/** What of a CommitEvent says what its custom proposals tell. */
export interface CustomChange {
  readonly custom: readonly CustomEntry[];
}

/** Application data in groups: what to register, and the words to say it with. */
export interface AppData {
  /** For `GroupOptions`, `KeyPackageOptions` and whoever proposes from outside. */
  readonly registry: ExtensionRegistry;
  /** An app_data_dictionary extension, for a leaf, a key package or a GroupInfo. */
  dictionary(entries: Readonly<Record<number, Uint8Array>>): Extension;
  /**
   * The extensions of a new group's context: what every member must support (the dictionary, AppDataUpdate and AppEphemeral
   * among it), and the dictionary.
   */
  context(options?: ContextOptions): readonly Extension[];
  /**
   * The data of a component in a group: `appData.data(group.groupContext, id)`.
   *
   * @throws CopseError "app-data-missing" for large data of a group context that is of no group.
   */
  data(groupContext: Pick<GroupContext, "extensions">, componentId: number): Uint8Array | undefined;
  /**
   * The extensions of a group's context for its successor of another cipher suite, which names large data by its own hash:
   * `commit({ reinit: { cipherSuite: suite.id, extensions: appData.extensionsFor(group.groupContext, suite), ... } })`.
   */
  extensionsFor(groupContext: Pick<GroupContext, "extensions">, suite: Hashing): readonly Extension[];
  /** What a component has attached to a leaf, a key package or a GroupInfo: by their extensions. */
  attached(extensions: readonly Extension[], componentId: number): Uint8Array | undefined;
  /**
   * Whether a key package is marked as a last resort, which may be used more than once: of what `readKeyPackage` gives, or of the
   * `keyPackageExtensions` that an AuthenticationService is asked about.
   */
  isLastResort(extensions: readonly Extension[]): boolean;
  /** An AppDataUpdate, for `propose` and `commit` as `custom`. */
  update(componentId: number, update: Uint8Array): CustomChoice;
  /** An AppDataUpdate that removes a component's data. */
  remove(componentId: number): CustomChoice;
  /** An AppEphemeral: data that is told with a commit, and changes nothing. */
  ephemeral(componentId: number, data: Uint8Array): CustomChoice;
  /** A component's pre-shared key, for `psk` of `propose` and `psks` of `commit`. @throws TypeError for one without `psk`. */
  psk(componentId: number, pskId: Uint8Array): ApplicationPskChoice;
  /**
   * The `psks` option of groups: components are asked for their own keys, and `otherwise` for all others. A component that
   * nobody registered has none.
   */
  psks(otherwise?: PskSource): PskSource;
  /** What a commit changes in the group context's dictionary, by component. */
  changes(commit: ContextChange): readonly ComponentChange[];
  /** What a commit tells components, in its order. */
  ephemerals(commit: CustomChange): readonly EphemeralData[];
  /** What components say beside a message, for `authenticatedData`. @throws TypeError for one that does not. */
  authenticatedData(items: Readonly<Record<number, Uint8Array>>): Uint8Array;
  /** What components say beside a message: of an event's `authenticatedData`. @throws CopseError "safe-aad" */
  readAuthenticatedData(authenticatedData: Uint8Array): ReadonlyMap<number, Uint8Array>;
}

const numbers = list(uint16);
const mediaTypes = list(mediaType);
const optionShape: Shape<AppDataOptions> = {
  components: someComponents,
  mediaTypes,
  wireFormats: numbers,
  supportsMediaTypes: hook,
  mayChangeRequirements: hook,
  numbers: optionsOf(Object.fromEntries(Object.keys(draftNumbers).map((name) => [name, uint16] as const))),
  registry: registryTakes,
};
const takenOptions = optionsOf(optionShape, "components");

const object = is("an object of data by component id", isObject);
const someEntries: Takes = (place, value) => {
  object(place, value);
  for (const [id, data] of Object.entries(value as object)) bytes(`${place}[${id}]`, data);
};
const aHashing = having("a cipher suite, as cipherSuite gives", "hash");
const contextShape: Shape<ContextOptions> = {
  suite: aHashing,
  data: someEntries,
  requiredComponents: numbers,
  safeAad: numbers,
  mediaTypes,
  requiredWireFormats: numbers,
  required: optionsOf(capabilitiesShape),
};
const takenContext = optionsOf(contextShape);
const aGroupContext = thing("a group context", { extensions: someExtensions }, ["extensions"]);
const changed = thing("an object", { before: someExtensions, after: someExtensions }, ["before", "after"]);
const aCommit = thing("a CommitEvent", { contextExtensions: changed }, ["contextExtensions"]);
const aCustomCommit = thing("a CommitEvent", { custom: list(anything) }, ["custom"]);

/**
 * Application data for the components of an application. All members of a group have the same components, as far as they touch
 * its context: what one of them computes differently parts it from the others.
 *
 * @throws TypeError for components or numbers that are none, or given twice.
 */
export function createAppData(options: AppDataOptions): AppData {
  takenOptions("createAppData", options);
  const numbers = numbersOf(options.numbers);
  const { appDataDictionary: type, appDataUpdate: updateType, appEphemeral: ephemeralType } = numbers;
  const { registry = {}, mediaTypes = [], wireFormats = [], supportsMediaTypes } = options;
  const { mayChangeRequirements = () => true } = options;
  const components = componentsOf([...basics(mayChangeRequirements), ...options.components]);
  if (mediaTypes.length > 0) writeMediaTypes(mediaTypes);
  checkWireFormats(wireFormats);
  const own = { components, mediaTypes, wireFormats, supportsMediaTypes, mayChangeRequirements };
  return {
    registry: {
      ...registry,
      extensions: [...(registry.extensions ?? []), ...extensionsFor(numbers, components)],
      proposals: [
        ...(registry.proposals ?? []),
        appEphemeralType(ephemeralType, components),
        appDataUpdateType(updateType, type, components),
      ],
      rules: [...(registry.rules ?? []), rulesFor(numbers, own)],
    },
    dictionary: (entries) => ({ type, data: encode(AppDataDictionary, dictionaryOf(entriesOf("entries", entries))) }),
    context: (choice = {}) => {
      takenContext("context", choice);
      return contextExtensions(choice, numbers, components);
    },
    data: (groupContext, componentId) => {
      aGroupContext("groupContext", groupContext);
      uint16("componentId", componentId);
      return dataInContext(groupContext.extensions, componentId, type, components)?.slice();
    },
    extensionsFor: (groupContext, suite) => {
      aGroupContext("groupContext", groupContext);
      aHashing("suite", suite);
      return rehashed(groupContext.extensions, suite, { type, components });
    },
    attached: (extensions, componentId) => {
      someExtensions("extensions", extensions);
      uint16("componentId", componentId);
      return dataOf(dictionaryIn(copied(extensions), type), componentId)?.slice();
    },
    isLastResort: (extensions) => {
      someExtensions("extensions", extensions);
      return dataOf(dictionaryIn(copied(extensions), type), known.last_resort_key_package) !== undefined;
    },
    update: (componentId, update) => {
      bytes("update", update);
      return appDataUpdate(updateType, componentId, { op: "update", update });
    },
    remove: (componentId) => appDataUpdate(updateType, componentId, { op: "remove" }),
    ephemeral: (componentId, data) => {
      bytes("data", data);
      return appEphemeral(ephemeralType, componentId, data);
    },
    psk: (componentId, pskId) => {
      bytes("pskId", pskId);
      return pskOf(components, componentId, pskId);
    },
    psks: (otherwise) => {
      if (otherwise !== undefined) hook("otherwise", otherwise);
      return pskSourceOf(components, otherwise);
    },
    changes: (commit) => {
      aCommit("commit", commit);
      return changesOf(commit, type, components);
    },
    ephemerals: (commit) => {
      aCustomCommit("commit", commit);
      return ephemeralsIn(commit.custom, ephemeralType);
    },
    authenticatedData: (items) => {
      const sorted = dictionaryOf(entriesOf("items", items));
      if (!sorted.every(({ componentId }) => components.get(componentId)?.safeAad === true)) {
        throw new TypeError("authenticated data is of components that are registered with safeAad");
      }
      return writeSafeAad(sorted);
    },
    readAuthenticatedData: (authenticatedData) => {
      bytes("authenticatedData", authenticatedData);
      return new Map(readSafeAad(authenticatedData).map(({ componentId, data }) => [componentId, data.slice()]));
    },
  };
}

/** Extensions of a caller's own: the bytes may be others the next time, and what was read of bytes is remembered. */
function copied(extensions: readonly Extension[]): readonly Extension[] {
  return extensions.map(({ type, data }) => ({ type, data: copyBytes(data) }));
}

/** Entries of a caller, by their ids. What is no number is refused where they are put in order. */
function entriesOf(name: string, entries: Readonly<Record<number, Uint8Array>>): readonly ComponentData[] {
  someEntries(name, entries);
  return Object.entries(entries).map(([id, data]) => ({ componentId: Number(id), data }));
}

function contextExtensions(
  choice: ContextOptions,
  numbers: AppDataNumbers,
  components: Components,
): readonly Extension[] {
  const { data = {}, requiredComponents, safeAad, mediaTypes, requiredWireFormats: formats = [] } = choice;
  const { extensionTypes: extensions = [], proposalTypes = [], credentialTypes = [] } = choice.required ?? {};
  const { appDataDictionary: type, requiredWireFormats, appDataUpdate: update, appEphemeral: ephemeral } = numbers;
  checkWireFormats(formats);
  const inContext = entriesOf("data", data).map(
    ({ componentId, data: bytes }) =>
      [componentId, stored(components.get(componentId) ?? {}, copyBytes(bytes), choice.suite)] as const,
  );
  const beside = new Map(inContext.flatMap(([, { beside: own }]) => [...own]));
  const entries = dictionaryOf([
    ...inContext.map(([componentId, { data: bytes }]) => ({ componentId, data: bytes })),
    ...(requiredComponents === undefined ? [] : [listEntry(known.app_components, requiredComponents)]),
    ...(safeAad === undefined ? [] : [listEntry(known.safe_aad, safeAad)]),
    ...(mediaTypes === undefined
      ? []
      : [{ componentId: known.content_media_types, data: writeMediaTypes(mediaTypes) }]),
  ]);
  const required: RequiredCapabilities = {
    extensionTypes: [...extensions, type, ...(formats.length === 0 ? [] : [requiredWireFormats])],
    proposalTypes: [...proposalTypes, update, ephemeral],
    credentialTypes,
  };
  return [
    { type: extensionTypes.required_capabilities, data: encode(RequiredCapabilities, required) },
    ...withDictionary([{ type, data: new Uint8Array(0) }], type, entries, beside),
    ...(formats.length === 0
      ? []
      : [{ type: requiredWireFormats, data: writeNumbers("requiredWireFormats", formats) }]),
  ];
}

function listEntry(componentId: number, ids: readonly number[]): ComponentData {
  return {
    componentId,
    data: writeNumbers(
      "components",
      [...ids].sort((a, b) => a - b),
    ),
  };
}

/** Section 7.1: the lists are of "non-default Wire Formats". @throws TypeError */
function checkWireFormats(formats: readonly number[]): void {
  if (formats.some(isDefaultWireFormat)) throw new TypeError("wire formats of RFC 9420 are not listed");
}
