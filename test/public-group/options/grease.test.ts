import { expect, it } from "vitest";
import { platformRandom } from "../../../src/crypto/random.ts";
import { leafContents } from "../../../src/public-group/leaf.ts";
import { greaseOf } from "../../../src/public-group/options/grease.ts";
import { prepareRegistry } from "../../../src/rules/registry.ts";
import { suiteOf } from "../../group/world.ts";

it("GREASE is sent in lists of capabilities, there and in extensions, or nowhere", () => {
  const of = (choice?: unknown): unknown => greaseOf(choice as boolean, platformRandom);
  for (const choice of [undefined, true, { extensions: false }])
    expect(of(choice)).toMatchObject({ extensions: false });
  expect(of({ extensions: true })).toMatchObject({ extensions: true });
  expect(of(false)).toBeUndefined();
  for (const wrong of [null, 7, "yes", {}, { extensions: 1 }, { capabilities: true }]) {
    expect(() => of(wrong)).toThrow(new TypeError("grease is true, false or { extensions: true }"));
  }
});

it("a leaf lists no default types among its capabilities (section 7.2)", () => {
  const around = { registry: prepareRegistry(undefined), grease: undefined };
  const listing = (capabilities: object): unknown => leafContents({ capabilities }, suiteOf(), around).capabilities;
  expect(listing({ extensions: [6], proposals: [8] })).toMatchObject({ extensions: [6], proposals: [8] });
  for (const wrong of [{ extensions: [6, 1] }, { proposals: [8, 1] }]) {
    expect(() => listing(wrong)).toThrow(new TypeError("default types are not listed in capabilities"));
  }
});
