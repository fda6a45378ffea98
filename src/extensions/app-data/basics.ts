/**
 * The components that the draft itself defines and every client with a dictionary understands: lists of what is supported and
 * required. Sections 4.6, 5, 6.2 of draft-ietf-mls-extensions.
 */

import { yesOrNo } from "../../bytes/decision.ts";
import type { Component, ComponentUpdate, UpdateRules } from "./component.ts";
import { readNumbers } from "./lists.ts";
import { readMediaTypes } from "./media-types.ts";
import { components } from "./numbers.ts";

/** The components by which a group context asks something of its members. */
export const requirements: readonly number[] = [
  components.app_components,
  components.safe_aad,
  components.content_media_types,
];

/** What is about to become of what a group asks of its members. */
export interface RequirementChange extends Omit<ComponentUpdate, "update"> {
  /** app_components, safe_aad or content_media_types, by its number in `components`. */
  readonly componentId: number;
  /** The list that takes the place of the current one; undefined where it is removed. */
  readonly update?: Uint8Array;
}

/** Whether somebody may change what a group asks of its members. */
export type MayChangeRequirements = (change: RequirementChange) => boolean;

/** The draft gives these no form of update of their own: an update is the list that comes in the place of the one before. */
function replaced(componentId: number, may: MayChangeRequirements): UpdateRules {
  const mayChange = (change: Omit<RequirementChange, "componentId">): boolean =>
    yesOrNo("mayChangeRequirements", may({ componentId, ...change }));
  return {
    apply: (_, updates) => (updates.every(mayChange) ? updates.at(-1)?.update : undefined),
    mayRemove: (_, removal) => mayChange(removal),
  };
}

/** A component whose data must be read by a function that throws where it can't. */
function readBy(id: number, read: (data: Uint8Array) => unknown, may: MayChangeRequirements): Component {
  return {
    id,
    isValid: (data) => {
      read(data);
      return true;
    },
    update: replaced(id, may),
  };
}

/**
 * last_resort_key_package: a mark. Section 6.4: "it carries no additional data. As a result, a last_resort_key_package component
 * contains the component_id with an empty data field." Elsewhere than in key packages nobody is restricted (section 7.5).
 * extensions 6.4 (1)
 */
const lastResort: Component = {
  id: components.last_resort_key_package,
  isValid: (data, place) => place !== "key_package" || data.length === 0,
};

/** app_components, safe_aad, content_media_types and last_resort_key_package. */
export function basics(may: MayChangeRequirements): readonly Component[] {
  return [
    readBy(components.app_components, readNumbers, may),
    readBy(components.safe_aad, readNumbers, may),
    readBy(components.content_media_types, readMediaTypes, may),
    lastResort,
  ];
}
