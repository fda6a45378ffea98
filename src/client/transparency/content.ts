/**
 * The message in which a device says which head of the log of accounts it has seen: nobody's to read, under a media type that other clients pass
 * over.
 */

import type { MimiContent } from "../../content/mimi.ts";

const logHeadType = "application/vnd.copse.log-head";
/** The longest head that is kept until it is compared, in bytes. */
const longest = 1_024;

/** The head that a content says: of any bytes, and undefined where it is no such content. */
export function logHeadIn({ nestedPart }: MimiContent): Uint8Array | undefined {
  if (nestedPart.cardinality !== "single" || nestedPart.contentType !== logHeadType) return undefined;
  return nestedPart.content.length <= longest ? nestedPart.content : new Uint8Array(0);
}

export function logHeadContent(head: Uint8Array): MimiContent["nestedPart"] {
  return { disposition: "session", language: "", cardinality: "single", contentType: logHeadType, content: head };
}
