/**
 * The message in which a device says in which epochs of other rooms it is: nobody's to read, under a media type that other clients pass over.
 */

import type { MimiContent } from "../../content/mimi.ts";

export const epochsType = "application/vnd.copse.epochs";

/** Whether a content is one, also where it is damaged. */
export function isEpochs({ nestedPart }: MimiContent): boolean {
  return nestedPart.cardinality === "single" && nestedPart.contentType === epochsType;
}
