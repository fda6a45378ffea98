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

/** app_components, safe_aad and content_media_types. */
export const basics: readonly Component[] = [
  readBy(components.app_components, readNumbers),
  readBy(components.safe_aad, readNumbers),
  readBy(components.content_media_types, readMediaTypes),
];
