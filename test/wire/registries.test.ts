import { describe, expect, test } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import {
  credentialTypes,
  extensionTypes,
  greaseValues,
  isDefaultExtensionType,
  isDefaultProposalType,
  isGreaseValue,
  mls10,
  proposalTypes,
  WireFormat,
  wireFormats,
} from "../../src/wire/registries.ts";

/** RFC 9420 section 13.5, as printed there. */
const grease = [
  0x0a0a, 0x1a1a, 0x2a2a, 0x3a3a, 0x4a4a, 0x5a5a, 0x6a6a, 0x7a7a, 0x8a8a, 0x9a9a, 0xaaaa, 0xbaba, 0xcaca, 0xdada,
  0xeaea,
];

describe("GREASE", () => {
  test("has the values of section 13.5", () => {
    expect(greaseValues).toEqual(grease);
  });

  test("of all numbers, these are recognised and no other", () => {
    const recognised = Array.from({ length: 0x1_0000 }, (_, value) => value).filter(isGreaseValue);
    expect(recognised).toEqual(grease);
    for (const value of grease) expect(isGreaseValue(value + 0x1_0000)).toBe(false);
  });

  test("is default in no registry", () => {
    for (const value of grease) {
      expect(isDefaultExtensionType(value)).toBe(false);
      expect(isDefaultProposalType(value)).toBe(false);
    }
  });
});

test("the numbers are those of the IANA tables of section 17", () => {
  expect(mls10).toBe(1);
  expect(Object.entries(wireFormats)).toEqual([
    ["mls_public_message", 1],
    ["mls_private_message", 2],
    ["mls_welcome", 3],
    ["mls_group_info", 4],
    ["mls_key_package", 5],
  ]);
  expect(Object.entries(extensionTypes)).toEqual([
    ["application_id", 1],
    ["ratchet_tree", 2],
    ["required_capabilities", 3],
    ["external_pub", 4],
    ["external_senders", 5],
  ]);
  expect(Object.entries(proposalTypes)).toEqual([
    ["add", 1],
    ["update", 2],
    ["remove", 3],
    ["psk", 4],
    ["reinit", 5],
    ["external_init", 6],
    ["group_context_extensions", 7],
  ]);
  expect(Object.entries(credentialTypes)).toEqual([
    ["basic", 1],
    ["x509", 2],
  ]);
});

test("the default types are those that the RFC lists in section 7.2", () => {
  const among = (is: (type: number) => boolean): number[] => Array.from({ length: 20 }, (_, i) => i).filter(is);
  expect(among(isDefaultExtensionType)).toEqual(Object.values(extensionTypes));
  expect(among(isDefaultProposalType)).toEqual(Object.values(proposalTypes));
  expect(isDefaultExtensionType(0xffff) || isDefaultProposalType(0xffff)).toBe(false);
});

test("a wire format is two bytes", () => {
  for (const [name, number] of Object.entries(wireFormats) as [WireFormat, number][]) {
    expect(hex(encode(WireFormat, name))).toBe(`000${number}`);
    expect(decode(WireFormat, new Uint8Array([0, number]))).toBe(name);
  }
});
