import { expect, test } from "vitest";
import { fromHex, hex } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import { MediaType } from "../../src/wire/media-type.ts";
import { failure } from "../codec/failure.ts";

test("a media type is its name, and its parameters behind their length", () => {
  const mediaType = { type: "a/é", parameters: [{ name: "b", value: "c" }] };
  const bytes = "04612fc3a9" + "04" + "0162" + "0163";
  expect(hex(encode(MediaType, mediaType))).toBe(bytes);
  expect(decode(MediaType, fromHex(bytes))).toEqual(mediaType);
});

test("its texts are UTF-8: two that differ in bytes alone would be one", () => {
  for (const bytes of ["01ff00", "0161" + "04" + "01ff" + "0163", "0161" + "04" + "0162" + "01ff"]) {
    expect(failure(() => decode(MediaType, fromHex(bytes)))[0]).toBe("decode-value");
  }
});
