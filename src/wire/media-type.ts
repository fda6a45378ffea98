/**
 * Media types as they are negotiated and as they stand before an application message. Section 6.2.2 of
 * draft-ietf-mls-extensions.
 */

import { list, options, text as aText, type Shape, type Takes } from "../bytes/takes.ts";
import { utf8, utf8Decode } from "../bytes/text.ts";
import { struct, vector, type Codec } from "../codec/codec.ts";

/** An IANA media type: "text/plain" with the parameter charset "UTF-8", say. */
export interface MediaType {
  /** A top-level media type, "/" and a subtype. */
  readonly type: string;
  /** Their values without quotes and escapes. */
  readonly parameters: readonly MediaTypeParameter[];
}

/** A parameter of a media type. */
export interface MediaTypeParameter {
  readonly name: string;
  readonly value: string;
}

/** `opaque text<V>` that is UTF-8. */
const text: Codec<string> = {
  write: (out, value) => out.vectorBytes(utf8(value)),
  read: (input) => {
    const value = utf8Decode(input.vectorBytes());
    if (value === undefined) throw input.fail("decode-value");
    return value;
  },
};

/** As on the wire. */
export const MediaType: Codec<MediaType> = struct<MediaType>({
  type: text,
  parameters: vector(struct<MediaTypeParameter>({ name: text, value: text }), "extensions"),
});

const parameterShape: Shape<MediaTypeParameter> = { name: aText, value: aText };
const shape: Shape<MediaType> = {
  type: aText,
  parameters: /* @__PURE__ */ list(/* @__PURE__ */ options(parameterShape, "name", "value")),
};
/** A caller's media type. */
export const mediaType: Takes = /* @__PURE__ */ options(shape, "type", "parameters");
