/**
 * Content advertisement: which media types a client reads, which ones a group requires, and the frame that says what an
 * application message is. Section 6.2 of draft-ietf-mls-extensions.
 */

import { decode, encode, opaque, struct, vector, type Codec } from "../../codec/codec.ts";
import { CopseError } from "../../errors.ts";
import type { LeafNode } from "../../wire/leaf-node.ts";
import { MediaType } from "../../wire/media-type.ts";
import { dataOf } from "./dictionary.ts";
import type { LeafAndGroup } from "./negotiation.ts";
import { components } from "./numbers.ts";

/** Section 6.2.2 */
const MediaTypeList: Codec<readonly MediaType[]> = vector(MediaType, "capabilities");

/**
 * The media types of a content_media_types component. Section 6.2.1: "a particular (non-empty) list of media types".
 * extensions 6.2 (1)
 *
 * @throws CopseError "extension-malformed"
 */
export function readMediaTypes(data: Uint8Array): readonly MediaType[] {
  let list: readonly MediaType[];
  try {
    list = decode(MediaTypeList, data);
  } catch (cause) {
    throw new CopseError("extension-malformed", { cause });
  }
  if (list.length === 0) throw new CopseError("extension-malformed", { rule: "extensions 6.2 (1)" });
  return list;
}

/** A list of media types as bytes. @throws TypeError for none, or one without a type and a subtype. */
export function writeMediaTypes(list: readonly MediaType[]): Uint8Array {
  if (list.length === 0) throw new TypeError("a list of media types is not empty");
  for (const mediaType of list) checkMediaType(mediaType);
  return encode(MediaTypeList, list);
}

function checkMediaType({ type }: MediaType): void {
  if (!/^[^/\s]+\/[^/\s]+$/.test(type)) throw new TypeError("a media type has a type and a subtype");
}

/**
 * Section 6.2.1: content_media_types in the GroupContext is "a (non-empty) list of media types that need to be supported by
 * all members of that MLS group". Section 6.2.3: "As an exception, a client could be preconfigured to know that certain
 * clients support the required types." extensions 6.2 (2)
 */
export function checkMediaTypesSupported({ leaf, group }: LeafAndGroup, isKnownToSupport: () => boolean): void {
  const required = dataOf(group, components.content_media_types);
  if (required === undefined) return;
  const advertised = dataOf(leaf, components.content_media_types);
  const supported = new Set(advertised === undefined ? [] : readMediaTypes(advertised).map(canonical));
  if (!readMediaTypes(required).every((mediaType) => supported.has(canonical(mediaType))) && !isKnownToSupport()) {
    throw new CopseError("component-unsupported", { rule: "extensions 6.2 (2)" });
  }
}

/** Media types that are the same have the same: RFC 2045 section 5.1 has their names in any case, the parameters in any order. */
function canonical({ type, parameters }: MediaType): string {
  const sorted = parameters
    .map(({ name, value }) => [name.toLowerCase(), value] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([type.toLowerCase(), sorted]);
}

/** Section 6.2.4 */
interface ApplicationFraming {
  readonly mediaType: MediaType;
  readonly content: Uint8Array;
}
/** As on the wire. */
const ApplicationFraming: Codec<ApplicationFraming> = struct<ApplicationFraming>({
  mediaType: MediaType,
  content: opaque,
});

const first: MediaType = { type: "", parameters: [] };

/** Content under its media type; without one, that of the first of the group's list. Section 6.2.4 @throws TypeError */
export function writeFraming(content: Uint8Array, mediaType: MediaType = first): Uint8Array {
  if (mediaType !== first) checkMediaType(mediaType);
  return encode(ApplicationFraming, { mediaType, content });
}

/**
 * Section 6.2.4: "the application_data sent in that group is interpreted as ApplicationFraming". extensions 6.2 (3). "The
 * media_type.type MAY be zero length, in which case, the media type [...] is interpreted as the first MediaType specified in
 * the content_media_types component in the GroupContext." extensions 6.2 (4)
 *
 * @throws CopseError "application-framing"
 */
export function readFraming(applicationData: Uint8Array, [firstOfGroup]: readonly MediaType[]): ApplicationFraming {
  try {
    const { mediaType, content } = decode(ApplicationFraming, applicationData);
    return { mediaType: mediaType.type === "" ? (firstOfGroup ?? mediaType) : mediaType, content };
  } catch (cause) {
    throw new CopseError("application-framing", { rule: "extensions 6.2 (3)", cause });
  }
}

/** Whether the application says that this client supports what the group requires, though it does not advertise it. */
export type KnownSupport = (leaf: LeafNode) => boolean;
