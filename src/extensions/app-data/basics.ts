/**
 * The components that the draft itself defines and every client with a dictionary understands: lists of what is supported and
 * required. Sections 4.6, 5, 6.2 of draft-ietf-mls-extensions.
 */

import type { Component, UpdateRules } from "./component.ts";
import { readNumbers } from "./lists.ts";
import { readMediaTypes } from "./media-types.ts";
import { components } from "./numbers.ts";

/** The draft gives these no form of update of their own: an update is the list that comes in the place of the one before. */
const replaced: UpdateRules = { apply: (_, updates) => updates.at(-1)?.update };

/** A component whose data must be read by a function that throws where it can't. */
function readBy(id: number, read: (data: Uint8Array) => unknown): Component {
  return {
    id,
    isValid: (data) => {
      read(data);
      return true;
    },
    update: replaced,
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
export const basics: readonly Component[] = [
  readBy(components.app_components, readNumbers),
  readBy(components.safe_aad, readNumbers),
  readBy(components.content_media_types, readMediaTypes),
  lastResort,
];
