/**
 * Negotiation: what a leaf node says of its client, held against what the group context asks of every member. Sections 4.6
 * and 5 of draft-ietf-mls-extensions.
 */

import { CopseError } from "../../errors.ts";
import { findExtension } from "../../rules/extensions.ts";
import { listsAll } from "../../rules/leaf-node.ts";
import type { Extension } from "../../wire/extension.ts";
import type { LeafNode } from "../../wire/leaf-node.ts";
import { wireFormats } from "../../wire/registries.ts";
import { dataOf, dictionaryIn, type AppDataDictionary } from "./dictionary.ts";
import { readNumbers } from "./lists.ts";
import { components, type AppDataNumbers } from "./numbers.ts";

/**
 * Section 4.6: "Every implementation that advertises support for the app_data_dictionary extension MUST understand and
 * advertise the app_components component". extensions 4.6 (3)
 */
export function checkAppComponentsAdvertised(
  { capabilities, extensions }: Pick<LeafNode, "capabilities" | "extensions">,
  { appDataDictionary }: AppDataNumbers,
): void {
  if (!capabilities.extensions.includes(appDataDictionary)) return;
  if (dataOf(dictionaryIn(extensions, appDataDictionary), components.app_components) === undefined) {
    throw new CopseError("leaf-components", { rule: "extensions 4.6 (3)" });
  }
}

/** A leaf beside the group context that asks something of it. */
export interface LeafAndGroup {
  /** The dictionaries of both. */
  readonly leaf: AppDataDictionary;
  readonly group: AppDataDictionary;
}

/**
 * Section 5: app_components in the GroupContext is "the list of required components". Those that whoever supports the
 * dictionary must understand are not looked for. extensions 5 (1)
 */
export function checkComponentsSupported(pair: LeafAndGroup): void {
  const isBasic = (id: number): boolean => id === components.app_components || id === components.safe_aad;
  if (!listsAllOf(pair, components.app_components, isBasic)) {
    throw new CopseError("component-unsupported", { rule: "extensions 5 (1)" });
  }
}

/**
 * Section 5: safe_aad in the GroupContext is "the list of required Safe AAD components (those that must be understood by the
 * entire group)". extensions 5 (2)
 */
export function checkSafeAadSupported(pair: LeafAndGroup): void {
  if (!listsAllOf(pair, components.safe_aad)) {
    throw new CopseError("component-unsupported", { rule: "extensions 5 (2)" });
  }
}

function listsAllOf({ leaf, group }: LeafAndGroup, id: number, isExempt?: (id: number) => boolean): boolean {
  const required = dataOf(group, id);
  if (required === undefined) return true;
  const supported = dataOf(leaf, id);
  return listsAll(supported === undefined ? [] : readNumbers(supported), readNumbers(required), isExempt);
}

/**
 * Section 7.1: required_wire_formats is "a list of non-default Wire Formats that are mandatory for all MLS members of the
 * group to support". Those of RFC 9420 need no listing. extensions 5 (3)
 */
export function checkWireFormatsSupported(
  leaf: readonly Extension[],
  group: readonly Extension[],
  { supportedWireFormats, requiredWireFormats }: AppDataNumbers,
): void {
  const required = findExtension(group, requiredWireFormats);
  if (required === undefined) return;
  const supported = findExtension(leaf, supportedWireFormats);
  const list = supported === undefined ? [] : readNumbers(supported);
  if (!listsAll(list, readNumbers(required), isDefaultWireFormat)) {
    throw new CopseError("wire-format-unsupported", { rule: "extensions 5 (3)" });
  }
}

/** The wire formats of RFC 9420, which everybody supports. */
export function isDefaultWireFormat(format: number): boolean {
  return Object.values<number>(wireFormats).includes(format);
}
