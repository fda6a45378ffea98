/**
 * Writing MIMI content. draft-ietf-mimi-content sections 3 and 5.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { copyBytes } from "../bytes/copy.ts";
import { bytes, flag, is, list, oneOf, options, text, uint16, uint32, variants, type Takes } from "../bytes/takes.ts";
import { checkCount, checkUint } from "../bytes/numbers.ts";
import { copyCbor, encodeCbor, type CborKey, type CborValue } from "./cbor.ts";
import { decodePart, extensionDepth, readContent } from "./decode.ts";
import { ContentError } from "./errors.ts";
import { defaultContentLimits, limitsOf, type ContentLimits } from "./limits.ts";
import {
  cardinalities,
  dispositions,
  extensionKeys,
  messageIdLength,
  partSemantics,
  saltLength,
  type Disposition,
  type MimiContent,
  type Part,
} from "./mimi.ts";

/**
 * The bytes of a message, which receivers with the same limits take.
 *
 *     await group.seal(encodeContent(content));
 *
 * @throws TypeError where the content is none, or is beyond the limits.
 */
export function encodeContent(content: MimiContent, limits: Partial<ContentLimits> = {}): Bytes {
  const within = limitsOf(limits);
  takesContent("content", content);
  const { salt, replaces, topicId, expires, inReplyTo, nestedPart } = content;
  const encoded = encodeCbor([
    copyBytes(salt),
    replaces === undefined ? null : copyBytes(replaces),
    copyBytes(topicId ?? new Uint8Array(0)),
    expires === undefined ? null : [expires.relative, expires.time],
    inReplyTo === undefined ? null : copyBytes(inReplyTo),
    extensionsOf(content),
    partValue(nestedPart, within.depth),
  ]);
  taken(() => readContent(encoded, within));
  return encoded;
}

/** The bytes of a part by itself. @throws TypeError */
export function encodePart(part: Part, limits: ContentLimits = defaultContentLimits): Bytes {
  const encoded = encodeCbor(partValue(part, limits.depth));
  taken(() => decodePart(encoded, limits));
  return encoded;
}

/** What no receiver would take is the caller's mistake. */
function taken(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    throw error instanceof ContentError ? new TypeError(`no receiver would take it: ${error.message}`) : error;
  }
}

function extensionsOf({ senderUri, roomUri, extensions = new Map() }: MimiContent): ReadonlyMap<CborKey, CborValue> {
  const all = new Map<CborKey, CborValue>();
  for (const [key, value] of extensions) {
    if (key === extensionKeys.senderUri || key === extensionKeys.roomUri) {
      throw new TypeError("senderUri and roomUri are no entries of content.extensions");
    }
    all.set(key, copyCbor("an extension", value, extensionDepth - 1));
  }
  if (senderUri !== undefined) all.set(extensionKeys.senderUri, senderUri);
  if (roomUri !== undefined) all.set(extensionKeys.roomUri, roomUri);
  return all;
}

function partValue(part: Part, depth: number): CborValue {
  if (depth === 0) throw new TypeError("parts are nested too deeply");
  takesPart("part", part);
  const head = [dispositionNumber(part.disposition), part.language ?? "", cardinalities.indexOf(part.cardinality)];
  switch (part.cardinality) {
    case "null":
      return head;
    case "single":
      return [...head, part.contentType, copyBytes(part.content)];
    case "external":
      return [
        ...head,
        part.contentType,
        part.url,
        part.expires,
        part.size,
        part.encAlg,
        copyBytes(part.key),
        copyBytes(part.nonce),
        copyBytes(part.aad),
        part.hashAlg,
        copyBytes(part.contentHash),
        part.description,
        part.filename,
      ];
    case "multi":
      return [...head, partSemantics.indexOf(part.partSemantics), part.parts.map((each) => partValue(each, depth - 1))];
  }
}

function dispositionNumber(disposition: Disposition): number {
  return typeof disposition === "number" ? disposition : dispositions.indexOf(disposition);
}

// What callers give

const anyPart: Takes = () => undefined; // each part is looked at when it is written

const takesDisposition: Takes = (place, value) => {
  if (typeof value === "number") checkCount(place, value, [dispositions.length, 255]);
  else oneOf(...dispositions)(place, value);
};

const head = { cardinality: anyPart, disposition: takesDisposition, language: text };

const takesPart: Takes = /* @__PURE__ */ variants("cardinality", {
  null: /* @__PURE__ */ options(head, "disposition"),
  single: /* @__PURE__ */ options(
    { ...head, contentType: text, content: bytes },
    "disposition",
    "contentType",
    "content",
  ),
  external: /* @__PURE__ */ externalOptions(),
  multi: /* @__PURE__ */ options(
    { ...head, partSemantics: /* @__PURE__ */ oneOf(...partSemantics), parts: /* @__PURE__ */ list(anyPart) },
    "disposition",
    "partSemantics",
    "parts",
  ),
});

function externalOptions(): Takes {
  const own = {
    contentType: text,
    url: text,
    expires: uint32,
    size: ((place, value) => {
      checkCount(place, value as number, [0, Number.MAX_SAFE_INTEGER]);
    }) as Takes,
    encAlg: uint16,
    key: bytes,
    nonce: bytes,
    aad: bytes,
    hashAlg: ((place, value) => {
      checkUint(place, value as number, 8);
    }) as Takes,
    contentHash: bytes,
    description: text,
    filename: text,
  };
  return options({ ...head, ...own }, "disposition", ...Object.keys(own));
}

/** The bytes of a message id. */
export const takesMessageId: Takes = /* @__PURE__ */ is(
  "a message id: 32 bytes, of which the first is 1",
  (value) => value instanceof Uint8Array && value.length === messageIdLength && value[0] === 1,
);

/** When a message is forgotten. */
export const takesExpiration: Takes = /* @__PURE__ */ options({ relative: flag, time: uint32 }, "relative", "time");

const takesContent: Takes = /* @__PURE__ */ options(
  {
    salt: /* @__PURE__ */ is("16 bytes", (value) => value instanceof Uint8Array && value.length === saltLength),
    replaces: takesMessageId,
    topicId: bytes,
    expires: takesExpiration,
    inReplyTo: takesMessageId,
    senderUri: text,
    roomUri: text,
    extensions: /* @__PURE__ */ is("a Map", (value) => value instanceof Map),
    nestedPart: anyPart,
  },
  "salt",
  "nestedPart",
);
