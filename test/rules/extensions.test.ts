import { describe, expect, test } from "vitest";
import { encode } from "../../src/codec/codec.ts";
import { defaultLimits } from "../../src/codec/limits.ts";
import {
  checkExtensions,
  checkExternalPubKey,
  checkExternalSenderKey,
  checkGroupContextExtensions,
  checkLeafSupportsGroupExtensions,
  externalPub,
  externalSenders,
  findExtension,
  requiredCapabilities,
} from "../../src/rules/extensions.ts";
import { prepareRegistry, type ExtensionPlace } from "../../src/rules/registry.ts";
import {
  ExternalPub,
  ExternalSenders,
  RequiredCapabilities,
  type Extension,
  type ExternalSender,
} from "../../src/wire/extension.ts";
import { extensionTypes, greaseValues } from "../../src/wire/registries.ts";
import { extension, leaf, nothing, suite, treeOf } from "./scene.ts";
import { verdict } from "./verdict.ts";

const required: RequiredCapabilities = { extensionTypes: [7], proposalTypes: [8], credentialTypes: [1] };
const senders: readonly ExternalSender[] = [
  { signatureKey: new Uint8Array([1]), credential: { type: "basic", identity: new Uint8Array([2]) } },
];
const pub: ExternalPub = { externalPub: new Uint8Array([5]) };
/** A well-formed extension of each type of the RFC. */
const known = {
  application_id: extension(1, new Uint8Array([1, 0xaa])),
  ratchet_tree: extension(2, new Uint8Array([0])),
  required_capabilities: extension(3, encode(RequiredCapabilities, required)),
  external_pub: extension(4, encode(ExternalPub, pub)),
  external_senders: extension(5, encode(ExternalSenders, senders)),
};
const places: readonly (readonly [ExtensionPlace, string, readonly (keyof typeof known)[]])[] = [
  ["leaf_node", "valn1601", ["application_id"]],
  ["group_info", "valn1602", ["ratchet_tree", "external_pub"]],
  ["group_context", "valn1603", ["required_capabilities", "external_senders"]],
  ["key_package", "valn1604", []],
];

describe.each(places)("in %s", (place, rule, allowed) => {
  const check = (list: readonly Extension[]): string => verdict(() => checkExtensions(list, place, nothing));

  test(`the RFC's types stand where section 17.3 lets them: ${rule}`, () => {
    for (const [name, each] of Object.entries(known) as [keyof typeof known, Extension][]) {
      expect(check([each])).toBe(allowed.includes(name) ? "kept" : `extension-misplaced, ${rule}`);
    }
  });

  test("unknown types pass, GREASE among them, and each only once", () => {
    const unknown = [0, 6, 0xffff, ...greaseValues].map((type) => extension(type));
    expect(check(unknown)).toBe("kept");
    for (const each of unknown) {
      expect(check([...unknown, each])).toBe("extension-duplicate, section 13.4");
    }
  });

  test("known types stand only once", () => {
    for (const name of allowed) {
      expect(check([known[name], known[name]])).toBe("extension-duplicate, section 13.4");
    }
  });

  test("a type of the application stands where it declares", () => {
    for (const declared of ["leaf_node", "key_package", "group_info", "group_context"] as const) {
      const registry = prepareRegistry({ extensions: [{ type: 0xf000, places: [declared] }] });
      expect(verdict(() => checkExtensions([extension(0xf000)], place, registry))).toBe(
        declared === place ? "kept" : `extension-misplaced, ${rule}`,
      );
    }
  });

  test("a type of the application judges its own data, in its place", () => {
    const isValid = (data: Uint8Array, where: ExtensionPlace): boolean => data[0] === 7 && where === place;
    const registry = prepareRegistry({ extensions: [{ type: 0xf000, places: [place], isValid }] });
    const withData = (byte: number): string =>
      verdict(() => checkExtensions([extension(0xf000, new Uint8Array([byte]))], place, registry));
    expect(withData(7)).toBe("kept");
    expect(withData(8)).toBe("extension-malformed");
  });
});

test.each(["application_id", "required_capabilities", "external_pub", "external_senders"] as const)(
  "the data of %s must decode",
  (name) => {
    const place = places.find(([, , allowed]) => allowed.includes(name))![0];
    const { type, data } = known[name];
    for (const damaged of [data.subarray(0, -1), new Uint8Array([...data, 0]), new Uint8Array([0xc0])]) {
      expect(verdict(() => checkExtensions([extension(type, damaged)], place, nothing))).toBe("extension-malformed");
    }
  },
);

test("lists inside of an extension are bounded", () => {
  const many = new Array<number>(defaultLimits.capabilities + 1).fill(1);
  const data = encode(RequiredCapabilities, { ...required, extensionTypes: many });
  const tooMany = extension(extensionTypes.required_capabilities, data);
  expect(verdict(() => checkExtensions([tooMany], "group_context", nothing))).toBe("extension-malformed");
});

describe("an extension of the group context", () => {
  const listing = (number: number, ...types: readonly number[]) => leaf(number, {}, { extensions: types });
  const registry = prepareRegistry({ extensions: [{ type: 0xf000, places: ["group_context"] }] });
  const everybody = treeOf([listing(0, 0xf000), listing(1, 0xf001, 0xf000)]);
  const somebody = treeOf([listing(0, 0xf000), listing(1, 0xf001)]);

  test("is supported by every member, unless it is default: valn1603", () => {
    const list = [extension(0xf000), known.required_capabilities, known.external_senders];
    expect(verdict(() => checkGroupContextExtensions(list, everybody, registry))).toBe("kept");
    expect(verdict(() => checkGroupContextExtensions(list, somebody, registry))).toBe(
      "extension-unsupported, valn1603",
    );
    expect(verdict(() => checkGroupContextExtensions(list.slice(1), somebody, registry))).toBe("kept");
  });

  test("is one that we know ourselves: valn1603", () => {
    for (const type of [0xf001, 0x0a0a]) {
      const all = treeOf([listing(0, type), listing(1, type)]);
      expect(verdict(() => checkGroupContextExtensions([extension(type)], all, registry))).toBe(
        "extension-unsupported, valn1603",
      );
    }
  });

  test("is in its place, and well formed", () => {
    expect(verdict(() => checkGroupContextExtensions([known.external_pub], everybody, registry))).toBe(
      "extension-misplaced, valn1603",
    );
    const twice = [known.external_senders, known.external_senders];
    expect(verdict(() => checkGroupContextExtensions(twice, everybody, registry))).toBe(
      "extension-duplicate, section 13.4",
    );
  });

  test("is listed by every new member, unless it is default: section 13.4", () => {
    const list = [extension(0xf000), known.external_senders];
    const check = (...types: readonly number[]): string =>
      verdict(() => checkLeafSupportsGroupExtensions(listing(0, ...types), list));
    expect(check(0xf000)).toBe("kept");
    expect(check(0xf001, 0xf000)).toBe("kept");
    expect(check()).toBe("extension-unsupported, section 13.4");
    expect(check(0xf001)).toBe("extension-unsupported, section 13.4");
    expect(verdict(() => checkLeafSupportsGroupExtensions(listing(0), list.slice(1)))).toBe("kept");
  });
});

describe("looking extensions up", () => {
  const list = [extension(9, new Uint8Array([1])), ...Object.values(known), extension(9, new Uint8Array([2]))];

  test("gives the data of the first of a type", () => {
    expect(findExtension(list, 9)).toEqual(new Uint8Array([1]));
    expect(findExtension(list, 10)).toBeUndefined();
  });

  test("decodes the RFC's own, or says that there is none", () => {
    expect(requiredCapabilities(list)).toEqual(required);
    expect(externalSenders(list)).toEqual(senders);
    expect(externalPub(list)).toEqual(pub.externalPub);
    expect([requiredCapabilities([]), externalSenders([]), externalPub([])]).toEqual([undefined, [], undefined]);
  });

  test("refuses data that does not decode", () => {
    const damaged = (type: number): readonly Extension[] => [extension(type, new Uint8Array([0xff]))];
    expect(verdict(() => requiredCapabilities(damaged(extensionTypes.required_capabilities)))).toBe(
      "extension-malformed",
    );
    expect(verdict(() => externalSenders(damaged(extensionTypes.external_senders)))).toBe("extension-malformed");
    expect(verdict(() => externalPub(damaged(extensionTypes.external_pub)))).toBe("extension-malformed");
  });
});

test("the keys of extensions are the suite's: section 5.1.1", () => {
  const sender = (signatureKey: Uint8Array): ExternalSender => ({
    signatureKey,
    credential: { type: "basic", identity: new Uint8Array(0) },
  });
  const [key, short] = [new Uint8Array(32).fill(9), new Uint8Array(31).fill(9)];
  expect(verdict(() => checkExternalSenderKey(sender(key), suite))).toBe("kept");
  expect(verdict(() => checkExternalSenderKey(sender(short), suite))).toBe("key-invalid, section 5.1.1");
  for (const right of [key, undefined]) expect(verdict(() => checkExternalPubKey(right, suite))).toBe("kept");
  expect(verdict(() => checkExternalPubKey(short, suite))).toBe("key-invalid, section 5.1.1");
});
