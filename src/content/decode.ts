/**
 * Reading MIMI content. draft-ietf-mimi-content sections 3, 5 and 8.1.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { utf8 } from "../bytes/text.ts";
import { decodeCbor, encodeCbor, type CborKey, type CborValue } from "./cbor.ts";
import { ContentError } from "./errors.ts";
import { limitsOf, longestExpiry, type ContentLimits } from "./limits.ts";
import {
  cardinalities,
  dispositions,
  extensionKeys,
  messageIdLength,
  partSemantics,
  saltLength,
  type Disposition,
  type Expiration,
  type MimiContent,
  type Part,
} from "./mimi.ts";

/**
 * The message that the bytes of an application message hold. Whoever receives one takes `acceptContent`, which also looks at
 * where it came from.
 *
 *     const content = decodeContent(event.plaintext);
 *
 * @throws ContentError "content-limit", "content-cbor", "content-shape", or "content-expiry".
 */
export function decodeContent(bytes: Uint8Array, limits: Partial<ContentLimits> = {}): MimiContent {
  if (!(bytes instanceof Uint8Array)) throw new TypeError("bytes must be a Uint8Array");
  return readContent(bytes, limitsOf(limits));
}

/** As `decodeContent`, within limits that were checked. */
export function readContent(bytes: Uint8Array, limits: ContentLimits): MimiContent {
  if (bytes.length > limits.bytes) throw beyond("bytes");
  const fields = listOf(decodeCbor(bytes, { depth: cborDepth(limits), items: itemsOf(limits) }), 7);
  const [salt, replaces, topicId, expires, inReplyTo, extensions, nestedPart] = fields;
  const read = readExtensions(extensions, limits);
  const topic = bytesOf(topicId, limits.topicBytes, "topicId");
  return {
    salt: exactly(salt, saltLength, "salt"),
    ...(replaces !== null && { replaces: readMessageId(replaces) }),
    ...(topic.length > 0 && { topicId: topic }),
    ...(expires !== null && { expires: readExpiration(expires) }),
    ...(inReplyTo !== null && { inReplyTo: readMessageId(inReplyTo) }),
    ...read,
    nestedPart: readNestedPart(nestedPart, limits, { parts: limits.parts }, limits.depth),
  };
}

/** A part by itself, as copse's own formats hold one. @throws ContentError */
export function decodePart(bytes: Uint8Array, limits: ContentLimits): Part {
  if (bytes.length > limits.bytes) throw beyond("bytes");
  const value = decodeCbor(bytes, { depth: 2 * limits.depth, items: itemsOf(limits) });
  return readNestedPart(value, limits, { parts: limits.parts }, limits.depth);
}

/**
 * The id of a message, which it must have.
 *
 * "message IDs ... where the first octet of the message ID is an unknown hash algorithm": nonsensical.
 */
export function readMessageId(value: CborValue | undefined): Bytes {
  const id = exactly(value, messageIdLength, "a message id");
  if (id[0] !== 1) throw shape("the hash of a message id");
  return id;
}

/** Each part lies in an array of the one around it; extensions are counted from their own map on. */
function cborDepth({ depth }: ContentLimits): number {
  return Math.max(2 * depth, extensionDepth) + 1;
}

/** "MIMI content extensions MUST NOT contain any combination of tags, maps, or arrays at more than 4 levels of depth." */
export const extensionDepth = 4;

/** As many items as the longest kind of part has for each, and what extensions hold. */
function itemsOf({ parts, extensions }: ContentLimits): number {
  return 32 + 16 * parts + 64 * extensions;
}

function readExpiration(value: CborValue | undefined): Expiration {
  const [relative, time] = listOf(value, 2);
  if (typeof relative !== "boolean") throw shape("expires");
  const seconds = uintOf(time, 32, "expires");
  if (relative && seconds > longestExpiry) throw new ContentError("content-expiry");
  return { relative, time: seconds };
}

function readExtensions(
  value: CborValue | undefined,
  limits: ContentLimits,
): Pick<MimiContent, "senderUri" | "roomUri" | "extensions"> {
  if (!(value instanceof Map)) throw shape("extensions");
  const entries = value as ReadonlyMap<CborKey, CborValue>;
  if (entries.size > limits.extensions) throw beyond("extensions");
  const others = new Map<number | string, CborValue>();
  const known: { senderUri?: string; roomUri?: string } = {};
  for (const [key, each] of entries) {
    if (key === extensionKeys.senderUri) known.senderUri = textOf(each, limits.textBytes, "senderUri");
    else if (key === extensionKeys.roomUri) known.roomUri = textOf(each, limits.textBytes, "roomUri");
    else {
      checkExtension(key, each, limits);
      others.set(key as number | string, each);
    }
  }
  return { ...known, ...(others.size > 0 && { extensions: others }) };
}

/** "map keys for MIMI content extensions MUST be either integers, or text strings up to 255 octets long"; 0 is reserved. */
function checkExtension(key: CborKey, value: CborValue, limits: ContentLimits): void {
  if (key instanceof Uint8Array || key === 0 || key === "") throw shape("an extension's key");
  if (typeof key === "string" && utf8(key).length > 255) throw beyond("an extension's key");
  if (depthOf(value) > extensionDepth - 1) throw beyond("the depth of an extension");
  if (encodeCbor(value).length > limits.extensionBytes) throw beyond("extensionBytes");
}

function depthOf(value: CborValue): number {
  if (value === null || typeof value !== "object" || value instanceof Uint8Array || "float" in value) return 0;
  if ("tag" in value) return 1 + depthOf(value.value);
  return 1 + Math.max(0, ...Array.from(value.values(), depthOf));
}

function readNestedPart(
  value: CborValue | undefined,
  limits: ContentLimits,
  left: { parts: number },
  depth: number,
): Part {
  if (depth === 0) throw beyond("depth");
  if (--left.parts < 0) throw beyond("parts");
  const [disposition, language, number, ...rest] = listOf(value);
  const head = {
    disposition: dispositionOf(disposition),
    ...(language !== "" && { language: textOf(language, limits.nameBytes, "language") }),
  };
  const cardinality = cardinalities[uintOf(number, 8, "cardinality")];
  switch (cardinality) {
    case "null":
      listOf(rest, 0);
      return { ...head, cardinality };
    case "single": {
      const [contentType, content] = listOf(rest, 2);
      return {
        ...head,
        cardinality,
        contentType: textOf(contentType, limits.nameBytes, "contentType"),
        content: bytesOf(content, limits.bytes, "content"),
      };
    }
    case "external":
      return { ...head, cardinality, ...readExternal(listOf(rest, 12), limits) };
    case "multi": {
      const [semantics, parts] = listOf(rest, 2);
      const name = partSemantics[uintOf(semantics, 8, "partSemantics")];
      if (name === undefined) throw shape("partSemantics"); // "has an unknown PartSemantics value": nonsensical
      const nested = listOf(parts);
      if (nested.length < 2) throw shape("parts"); // parts: [2* NestedPart]
      return {
        ...head,
        cardinality,
        partSemantics: name,
        parts: nested.map((each) => readNestedPart(each, limits, left, depth - 1)),
      };
    }
    default:
      throw shape("cardinality");
  }
}

type External = Omit<Extract<Part, { cardinality: "external" }>, "cardinality" | "disposition" | "language">;

function readExternal(fields: readonly CborValue[], limits: ContentLimits): External {
  const [contentType, url, expires, size, encAlg, key, nonce, aad, hashAlg, contentHash, description, filename] =
    fields;
  return {
    contentType: textOf(contentType, limits.nameBytes, "contentType"),
    url: textOf(url, limits.textBytes, "url"),
    expires: uintOf(expires, 32, "expires"),
    size: uintOf(size, 53, "size"),
    encAlg: uintOf(encAlg, 16, "encAlg"),
    key: bytesOf(key, limits.nameBytes, "key"),
    nonce: bytesOf(nonce, limits.nameBytes, "nonce"),
    aad: bytesOf(aad, limits.textBytes, "aad"),
    hashAlg: uintOf(hashAlg, 8, "hashAlg"),
    contentHash: bytesOf(contentHash, limits.nameBytes, "contentHash"),
    description: textOf(description, limits.textBytes, "description"),
    filename: textOf(filename, limits.nameBytes, "filename"),
  };
}

function dispositionOf(value: CborValue | undefined): Disposition {
  const number = uintOf(value, 8, "disposition");
  return dispositions[number] ?? number;
}

// What a value must be

function listOf(value: CborValue | undefined, length?: number): readonly CborValue[] {
  if (!Array.isArray(value)) throw shape("an array");
  const list = value as readonly CborValue[];
  if (length !== undefined && list.length !== length) throw shape("the length of an array");
  return list;
}

function uintOf(value: CborValue | undefined, bits: number, name: string): number {
  if (typeof value !== "number" || value < 0 || value >= 2 ** bits) throw shape(name);
  return value;
}

function textOf(value: CborValue | undefined, most: number, name: string): string {
  if (typeof value !== "string") throw shape(name);
  if (value.length * 3 > most && utf8(value).length > most) throw beyond(name);
  return value;
}

function bytesOf(value: CborValue | undefined, most: number, name: string): Bytes {
  if (!(value instanceof Uint8Array)) throw shape(name);
  if (value.length > most) throw beyond(name);
  return value;
}

function exactly(value: CborValue | undefined, length: number, name: string): Bytes {
  if (!(value instanceof Uint8Array) || value.length !== length) throw shape(name);
  return value;
}

function shape(detail: string): ContentError {
  return new ContentError("content-shape", { detail });
}

function beyond(detail: string): ContentError {
  return new ContentError("content-limit", { detail });
}
