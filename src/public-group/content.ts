/**
 * What extensions make of the two byte strings of a message that are the application's: its authenticated data and its
 * application data. RFC 9420 sections 6, 6.3.1.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { copyBytes } from "../bytes/copy.ts";
import { nothing } from "../bytes/nothing.ts";
import { CopseError } from "../errors.ts";
import type { Registry } from "../rules/registry.ts";
import type { GroupContext } from "../wire/group-context.ts";
import type { MediaType } from "../wire/media-type.ts";

/** Where extensions are asked: the context of the message's epoch. */
type Context = Pick<GroupContext, "extensions">;

/** Authenticated data of ours, framed as the group wants it. @throws CopseError "safe-aad" for what the caller has not framed so. */
export function framedAuthenticatedData(
  given: Uint8Array | undefined,
  { extensions }: Context,
  { rules }: Registry,
): Uint8Array {
  let data: Uint8Array = given === undefined ? nothing : copyBytes(given);
  for (const { frameAuthenticatedData } of rules) data = frameAuthenticatedData?.(data, extensions) ?? data;
  return data;
}

/** Application data of ours, framed as the group wants it. @throws CopseError "application-framing" for a media type where there is none. */
export function framedContent(
  content: Uint8Array,
  mediaType: MediaType | undefined,
  { extensions }: Context,
  { rules }: Registry,
): Uint8Array {
  for (const { frameContent } of rules) {
    const framed = frameContent?.(content, mediaType, extensions);
    if (framed !== undefined) return framed;
  }
  if (mediaType !== undefined) throw new CopseError("application-framing");
  return content;
}

/** What an application message says. @throws CopseError of the extension that it breaks a rule of. */
export function openedContent(
  applicationData: Uint8Array,
  { extensions }: Context,
  { rules }: Registry,
): { readonly plaintext: Bytes; readonly mediaType?: MediaType } {
  for (const { openContent } of rules) {
    const opened = openContent?.(applicationData, extensions);
    if (opened !== undefined) return { plaintext: opened.content.slice(), mediaType: opened.mediaType };
  }
  return { plaintext: applicationData.slice() };
}
