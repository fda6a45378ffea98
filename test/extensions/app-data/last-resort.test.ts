import { describe, expect, it } from "vitest";
import { createAppData } from "../../../src/extensions/app-data/app-data.ts";
import { components } from "../../../src/extensions/app-data/numbers.ts";
import { Group } from "../../../src/group/group.ts";
import { restoreKeyPackage } from "../../../src/group/joining/key-package-bundle.ts";
import { readKeyPackage } from "../../../src/public-group/unverified/read-key-package.ts";
import type { Candidate } from "../../../src/public-group/options/settings.ts";
import { client, groupOf, keyPackageOf, suiteOf, trusting } from "../../group/world.ts";
import { brokenBy, refuses } from "../../rfc/breaking.ts";

const appData = createAppData({ components: [] });
const { registry } = appData;
const options = { registry, grease: false } as const;
const lastResort = components.last_resort_key_package;

describe("a last-resort key package", () => {
  it("extensions 6.4 (1): holds the component without data, and one with data is refused", async () => {
    const { keyPackage } = await keyPackageOf(await client("bob"), { ...options, lastResort: true });
    const { extensions } = readKeyPackage(keyPackage);
    expect(extensions).toEqual([appData.dictionary({ [lastResort]: new Uint8Array(0) })]);
    const marked = appData.dictionary({ [lastResort]: Uint8Array.of(1) });
    const make = async (): Promise<unknown> =>
      keyPackageOf(await client("bob"), { ...options, lastResort: true, keyPackageExtensions: [marked] });
    expect(await brokenBy(make)).toEqual(["component-refused", undefined]);
    // In other objects nobody is restricted.
    await groupOf([await client("alice")], { registry, extensions: [marked] });
  });

  it("extensions 6.4 (2): says so, and no other does", async () => {
    const bob = await client("bob");
    const isMarked = async (more: object): Promise<boolean> => {
      const { keyPackage } = await keyPackageOf(bob, { ...options, ...more });
      return appData.isLastResort(readKeyPackage(keyPackage).extensions);
    };
    const dictionary = (id: number) => [appData.dictionary({ [id]: new Uint8Array(0) })];
    expect(await isMarked({ lastResort: true })).toBe(true);
    expect(await isMarked({ lastResort: true, grease: true })).toBe(true);
    expect(await isMarked({ lastResort: true, keyPackageExtensions: dictionary(lastResort) })).toBe(true);
    expect(await isMarked({ lastResort: true, keyPackageExtensions: dictionary(0x8001) })).toBe(true);
    expect(await isMarked({})).toBe(false);
    expect(await isMarked({ keyPackageExtensions: dictionary(0x8001) })).toBe(false);
    await expect(isMarked({ keyPackageExtensions: dictionary(lastResort) })).rejects.toThrow(/lastResort: true/);
    const plain = await keyPackageOf(bob, { lastResort: true, grease: false });
    expect(readKeyPackage(plain.keyPackage).extensions).toEqual([]);
  });

  it("serves more than one join, also after it was stored, and whoever receives its Add decides", async () => {
    const asked: Candidate[] = [];
    let answer = true;
    const validate = (candidate: Candidate): boolean => {
      asked.push(candidate);
      return answer;
    };
    const [alice] = (await groupOf([await client("alice")], { registry, authentication: { validate } })) as [Group];
    const bob = await client("bob");
    const bundle = await keyPackageOf(bob, { ...options, lastResort: true });
    const ordinary = await keyPackageOf(await client("carol"), options);
    const restored = restoreKeyPackage(suiteOf(), bundle.toBytes());
    for (const own of [bundle, restored, bundle]) {
      const { welcome } = await alice.commit({ add: [bundle.keyPackage] });
      alice.pendingCommit!.drop();
      const joined = await Group.join({
        ...trusting,
        registry,
        identity: bob.identity,
        welcome: welcome!,
        keyPackages: [own],
      });
      expect([joined.size, own.lastResort]).toEqual([2, true]);
    }
    expect(
      asked.map(({ reason, keyPackageExtensions = [] }) => [reason, appData.isLastResort(keyPackageExtensions)]),
    ).toEqual(Array.from({ length: 3 }, () => ["add", true]));
    asked.length = 0;
    await alice.commit({ add: [ordinary.keyPackage] });
    expect(appData.isLastResort(asked[0]!.keyPackageExtensions!)).toBe(false);
    alice.pendingCommit!.drop();
    answer = false;
    await refuses(alice, () => alice.commit({ add: [bundle.keyPackage] }), ["credential-invalid", "valn0101"]);
  });
});
