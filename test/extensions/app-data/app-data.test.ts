import { describe, expect, it, vi } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { createAppData } from "../../../src/extensions/app-data/app-data.ts";
import { draftNumbers } from "../../../src/extensions/app-data/numbers.ts";
import type { ExtensionPlace } from "../../../src/rules/registry.ts";
import { leaf } from "../../rules/scene.ts";

const notListed = new TypeError("wire formats of RFC 9420 are not listed");

describe("what an application says of its clients and groups", () => {
  it("lists wire formats of 16 bits that are not RFC 9420's", () => {
    const ofClients = (...wireFormats: number[]): unknown => createAppData({ components: [], wireFormats });
    const ofGroups = (...requiredWireFormats: number[]): unknown =>
      createAppData({ components: [] }).context({ requiredWireFormats });
    for (const listing of [ofClients, ofGroups]) {
      listing(0xf000);
      expect(() => listing(0xf000, 1)).toThrow(notListed);
      for (const format of [-1, 0.5, 0x1_0000]) expect(() => listing(format)).toThrow(/[wW]ireFormats\[0\] must be/);
    }
  });

  it("requires types of 16 bits", () => {
    const { context } = createAppData({ components: [] });
    for (const name of ["extensionTypes", "proposalTypes", "credentialTypes"] as const) {
      expect(() => context({ required: { [name]: [1, 0x1_0000] } })).toThrow(TypeError);
      expect(() => context({ required: { [name]: [1, 0x1_0000] } })).toThrow(`context.required.${name}[1] must be`);
    }
  });
});

describe("what is attached", () => {
  it("is read again where the caller's bytes have changed", () => {
    const { dictionary, attached, isLastResort } = createAppData({ components: [] });
    const { type, data } = dictionary({ 4: utf8("") });
    const buffer = data.slice();
    expect([attached([{ type, data: buffer }], 4), isLastResort([{ type, data: buffer }])]).toEqual([utf8(""), true]);
    buffer[2] = 7;
    expect([attached([{ type, data: buffer }], 4), isLastResort([{ type, data: buffer }])]).toEqual([undefined, false]);
  });
});

describe("the rules that it registers", () => {
  const places: readonly ExtensionPlace[] = ["key_package", "leaf_node", "group_context", "group_info"];
  const appData = createAppData({
    components: [{ id: 0x8001, isValid: (data, place) => data.length < 8 && place !== "group_info" }],
  });

  it("hold a dictionary to its order, and each component's data to what the component says of it", () => {
    const isValid = appData.registry.extensions?.find(({ type }) => type === draftNumbers.appDataDictionary)?.isValid;
    const short = appData.dictionary({ 0x8001: utf8("short"), 0x9999: utf8("of nobody we know") }).data;
    const long = appData.dictionary({ 0x8001: utf8("eight byte") }).data;
    const refused = expect.objectContaining({ code: "component-refused" }) as Error;
    for (const place of places) {
      if (place === "group_info") expect(() => isValid?.(short, place)).toThrow(refused);
      else expect(isValid?.(short, place)).toBe(true);
      expect(() => isValid?.(long, place)).toThrow(refused);
      const backwards = Uint8Array.from([6, 0x80, 2, 0, 0x80, 1, 0]);
      expect(() => isValid?.(backwards, place)).toThrow(expect.objectContaining({ code: "extension-malformed" }));
    }
  });

  it("ask the leaves of a tree again only where the context asks for more than before", () => {
    const checkContext = appData.registry.rules?.[0]?.checkContext;
    const leaves = vi.fn(() => [[0, leaf(0)]] as const);
    const [asking, same, other] = [
      { requiredComponents: [] },
      { requiredComponents: [] },
      { requiredComponents: [1] },
    ].map((options) => appData.context(options));
    checkContext?.(same!, asking!, leaves);
    checkContext?.([...asking!, { type: 0xf000, data: new Uint8Array(0) }], asking!, leaves);
    expect(leaves).not.toHaveBeenCalled();
    checkContext?.(other!, asking!, leaves);
    expect(leaves).toHaveBeenCalledOnce();
  });
});
