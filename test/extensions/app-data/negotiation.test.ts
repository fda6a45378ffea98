import { describe, expect, it } from "vitest";
import { dictionaryOf } from "../../../src/extensions/app-data/dictionary.ts";
import { writeNumbers } from "../../../src/extensions/app-data/lists.ts";
import {
  checkAppComponentsAdvertised,
  checkComponentsSupported,
} from "../../../src/extensions/app-data/negotiation.ts";
import { components, draftNumbers } from "../../../src/extensions/app-data/numbers.ts";
import { leaf } from "../../rules/scene.ts";

describe("a leaf", () => {
  it("that does not list the dictionary says nothing of components", () => {
    const { appDataDictionary } = draftNumbers;
    checkAppComponentsAdvertised(leaf(0), draftNumbers);
    const listing = leaf(0, {}, { extensions: [appDataDictionary] });
    expect(() => checkAppComponentsAdvertised(listing, draftNumbers)).toThrow(
      expect.objectContaining({ code: "leaf-components", rule: "extensions 4.6 (3)" }),
    );
  });

  it("need not list the components that everybody understands who understands the dictionary", () => {
    const { app_components: own, safe_aad: safeAad } = components;
    const requiring = (...ids: number[]): void => {
      const group = dictionaryOf([{ componentId: own, data: writeNumbers("ids", ids) }]);
      checkComponentsSupported({ leaf: [], group });
    };
    requiring();
    requiring(own, safeAad);
    for (const id of [components.content_media_types, 0x8001]) {
      expect(() => requiring(own, safeAad, id)).toThrow(
        expect.objectContaining({ code: "component-unsupported", rule: "extensions 5 (1)" }),
      );
    }
  });
});
