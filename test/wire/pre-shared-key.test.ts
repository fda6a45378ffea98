import { expect, test } from "vitest";
import { decode } from "../../src/codec/codec.ts";
import { PreSharedKeyId } from "../../src/wire/pre-shared-key.ts";
import { failure } from "../codec/failure.ts";

test.each([0, 4, 0x0a, 255])("a PSK of type %i is refused", (type) => {
  expect(failure(() => decode(PreSharedKeyId, new Uint8Array([type, 0, 0])))).toEqual(["decode-value", 1]);
});

test.each([0, 4, 255])("a resumption PSK of usage %i is refused", (usage) => {
  const resumption = new Uint8Array([2, usage, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect(failure(() => decode(PreSharedKeyId, resumption))).toEqual(["decode-value", 2]);
  expect(decode(PreSharedKeyId, resumption.with(1, 2))).toMatchObject({ type: "resumption", usage: "reinit" });
});
