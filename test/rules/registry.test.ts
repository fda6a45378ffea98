import { describe, expect, test } from "vitest";
import { decode } from "../../src/codec/codec.ts";
import type { Reader } from "../../src/codec/reader.ts";
import { prepareRegistry, registryTakes } from "../../src/rules/registry.ts";
import { Proposal } from "../../src/wire/proposal.ts";
import { customType } from "./scene.ts";

describe("a registry", () => {
  test("may be empty", () => {
    const registry = prepareRegistry();
    expect([registry.extensions.size, registry.proposals.size, registry.bodies.size]).toEqual([0, 0, 0]);
    expect(registry.credentials).toEqual([]);
  });

  test("finds each type by its number", () => {
    const extension = { type: 6, places: ["leaf_node" as const] };
    const registry = prepareRegistry({ extensions: [extension], proposals: [customType], credentials: [0xf000] });
    expect(registry.extensions.get(6)).toBe(extension);
    expect(registry.proposals.get(0xf000)).toBe(customType);
    expect(registry.credentials).toEqual([0xf000]);
  });

  test.each([0, 1, 5, -1, 0x1_0000, 6.5, NaN])("has no extension type %d", (type) => {
    expect(() => prepareRegistry({ extensions: [{ type, places: [] }] })).toThrow(TypeError);
  });

  test.each([0, 1, 7, -1, 0x1_0000, 8.5, NaN])("has no proposal type %d", (type) => {
    expect(() => prepareRegistry({ proposals: [{ ...customType, type }] })).toThrow(TypeError);
  });

  test.each([-1, 0x1_0000, 6.5, NaN])("has no credential type %d", (type) => {
    expect(() => {
      registryTakes("registry", { credentials: [1, type] });
    }).toThrow("registry.credentials[1] must be");
  });

  test("has each type once", () => {
    const extension = { type: 0xf000, places: [] };
    expect(() => prepareRegistry({ extensions: [extension, extension] })).toThrow(TypeError);
    expect(() => prepareRegistry({ proposals: [customType, { ...customType }] })).toThrow(TypeError);
    expect(() => prepareRegistry({ extensions: [extension], proposals: [customType] })).not.toThrow();
  });
});

describe("the body of a custom proposal", () => {
  const read = (bytes: readonly number[], readBody?: (input: Reader) => unknown): Proposal => {
    const { bodies } = prepareRegistry({ proposals: [{ ...customType, ...(readBody && { readBody }) }] });
    return decode(Proposal, new Uint8Array([0xf0, 0x00, ...bytes]), { proposals: bodies });
  };

  test("is one byte string behind its length, where nothing is said", () => {
    expect(read([2, 0xaa, 0xbb])).toMatchObject({ body: new Uint8Array([2, 0xaa, 0xbb]) });
    expect(() => read([2, 0xaa])).toThrow(expect.objectContaining({ code: "decode-truncated" }) as Error);
    expect(() => read([1, 0xaa, 0xbb])).toThrow(expect.objectContaining({ code: "decode-trailing" }) as Error);
  });

  test("ends where its reader ends", () => {
    expect(read([], () => undefined)).toMatchObject({ body: new Uint8Array(0) });
    expect(read([1, 2, 3, 4], (input) => input.u32())).toMatchObject({ body: new Uint8Array([1, 2, 3, 4]) });
  });
});
