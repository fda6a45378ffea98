import { describe, expect, test } from "vitest";
import { fromHex, hex } from "../../src/bytes/text.ts";
import { decode, encode, type Codec } from "../../src/codec/codec.ts";
import { defaultLimits, type Limits } from "../../src/codec/limits.ts";
import { ApplicationId, Extensions, ExternalSenders, RequiredCapabilities } from "../../src/wire/extension.ts";
import { greaseValues } from "../../src/wire/registries.ts";
import { failure } from "../codec/failure.ts";

describe("a list of extensions", () => {
  test("carries types that nobody knows, GREASE among them, with their data", () => {
    const list = [...greaseValues, 0, 6, 0xffff].map((type) => ({ type, data: new Uint8Array([type & 0xff]) }));
    expect(decode(Extensions, encode(Extensions, list))).toEqual(list);
  });

  test("keeps duplicates and the order: to refuse them is a rule's business", () => {
    const list = [3, 1, 3].map((type) => ({ type, data: new Uint8Array(0) }));
    expect(decode(Extensions, encode(Extensions, list))).toEqual(list);
  });
});

test("external_senders is a vector of senders, not one", () => {
  const one = [{ signatureKey: fromHex("aabb"), credential: { type: "basic" as const, identity: fromHex("cc") } }];
  expect(hex(encode(ExternalSenders, one))).toBe("0702aabb000101cc");
  expect(hex(encode(ExternalSenders, []))).toBe("00");
});

test("an application_id is a byte string behind its length", () => {
  expect(hex(encode(ApplicationId, fromHex("aabb")))).toBe("02aabb");
});

describe("limits", () => {
  const required = (lists: readonly (readonly number[])[]): RequiredCapabilities => ({
    extensionTypes: lists[0]!,
    proposalTypes: lists[1]!,
    credentialTypes: lists[2]!,
  });

  test.each([0, 1, 2])("list %i of required capabilities is bounded", (at) => {
    const lists = [[8], [8], [8]].map((list, i) => (i === at ? [8, 9, 10] : list));
    expectLimit("capabilities", RequiredCapabilities, required(lists), 3);
  });

  test("extensions and external senders are bounded", () => {
    const extension = { type: 9, data: new Uint8Array(0) };
    expectLimit("extensions", Extensions, [extension, extension, extension], 3);
    const sender = { signatureKey: new Uint8Array(0), credential: { type: 9, data: new Uint8Array(0) } };
    expectLimit("externalSenders", ExternalSenders, [sender, sender, sender], 3);
  });
});

/** That a value is read with this limit, and not with one less. */
function expectLimit<T>(name: keyof Limits, codec: Codec<T>, value: T, limit: number): void {
  const bytes = encode(codec, value);
  expect(decode(codec, bytes, { limits: { ...defaultLimits, [name]: limit } })).toEqual(value);
  const less = { ...defaultLimits, [name]: limit - 1 };
  expect(failure(() => decode(codec, bytes, { limits: less }))[0]).toBe("limit-exceeded");
}
