import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import { encode } from "../../../src/codec/codec.ts";
import { CopseError } from "../../../src/errors.ts";
import { applicationId } from "../../../src/public-group/extensions.ts";
import { Group } from "../../../src/group/group.ts";
import { proposeToJoin } from "../../../src/group/joining/propose-to-join.ts";
import { createKeyPackage, OwnKeyPackage, restoreKeyPackage } from "../../../src/group/joining/key-package.ts";
import { KeyPackage } from "../../../src/wire/key-package.ts";
import { decodeMessage } from "../../../src/wire/message.ts";
import { agree } from "../agreement.ts";
import { failure, refusal } from "../refusal.ts";
import { client, commitTo, groupOf, keyPackageOf, seeded, suiteOf, trusting } from "../world.ts";

describe("a key package", () => {
  it("is added as an MLSMessage or as the bare struct, in every suite", async () => {
    for (const id of [1, 5]) {
      const suite = suiteOf(id);
      const groups = await groupOf([await client("alice", suite)]);
      const bundle = await keyPackageOf(await client("bob", suite));
      const message = decodeMessage(bundle.keyPackage);
      if (message.wireFormat !== "mls_key_package") throw new TypeError("a key package was expected");
      const bare = encode(KeyPackage, message.keyPackage);
      expect(hex(bundle.keyPackage)).toBe(`00010005${hex(bare)}`);
      for (const keyPackage of [bare, bundle.keyPackage]) {
        const pending = await groups[0]!.commit({ add: [keyPackage] });
        expect(pending.change.added[0]).toMatchObject({ credential: { type: "basic", identity: utf8("bob") } });
        pending.drop();
      }
    }
  });

  it("says what its owner chooses", async () => {
    const lifetime = { notBefore: 5n, notAfter: 6n };
    const extensions = [applicationId(utf8("phone"))];
    const { keyPackage } = await keyPackageOf(await client("bob"), {
      lifetime,
      extensions,
      grease: false,
      capabilities: { cipherSuites: [1, 77], credentials: [1] },
    });
    const message = decodeMessage(keyPackage);
    expect(message.wireFormat === "mls_key_package" && message.keyPackage).toMatchObject({
      cipherSuite: 1,
      extensions: [],
      leafNode: {
        extensions,
        leafNodeSource: { type: "key_package", lifetime },
        capabilities: { versions: [1], cipherSuites: [1, 77], extensions: [], proposals: [], credentials: [1] },
      },
    });
  });

  it("is refused where it would be refused by everybody", async () => {
    const bob = await client("bob");
    const make = (options: object): Promise<unknown> => createKeyPackage({ identity: bob.identity, ...options });
    const id = applicationId(utf8("x"));
    expect(await refusal(() => make({ extensions: [id, id] }))).toBe("extension-duplicate");
    expect(await refusal(() => make({ keyPackageExtensions: [id] }))).toBe("extension-misplaced");
    expect(await refusal(() => make({ extensions: [{ type: 1, data: utf8("x") }] }))).toBe("extension-malformed");
    expect(await failure(() => make({ capabilities: { proposals: [3] } }))).toBeInstanceOf(TypeError);
    expect(await failure(() => make({ capabilities: { extensions: [1] } }))).toBeInstanceOf(TypeError);
    expect(await refusal(() => make({ random: () => new Uint8Array(1) }))).toBe("random-source");
    expect(await failure(() => make({ registry: { extensions: [{ type: 3, places: [] }] } }))).toBeInstanceOf(
      TypeError,
    );
  });

  it("is stored with both halves, and works when it is restored", async () => {
    const groups = await groupOf([await client("alice")]);
    const bob = await client("bob");
    const bundle = await keyPackageOf(bob, { lastResort: true });
    const restored = restoreKeyPackage(suiteOf(), bundle.toBytes());
    expect(hex(restored.keyPackage)).toBe(hex(bundle.keyPackage));
    expect(restored.ref).toEqual(bundle.ref);
    expect(hex(restored.toBytes())).toBe(hex(bundle.toBytes()));
    void bundle.wipe();
    const { welcome } = await commitTo(groups, groups[0]!, { add: [restored.keyPackage] });
    const joined = await Group.join({
      ...trusting,
      identity: bob.identity,
      welcome: welcome!,
      keyPackages: [restored],
    });
    agree([...groups, joined]);
    expect(restored.toBytes().length).toBeGreaterThan(0); // the last resort is still there
    const once = restoreKeyPackage(suiteOf(), (await keyPackageOf(bob)).toBytes());
    void once.wipe();
    expect(await refusal(() => once.toBytes())).toBe("secret-wiped");
  });

  it("is refused where it was damaged, or is of another suite", async () => {
    const stored = (await keyPackageOf(await client("bob"))).toBytes();
    expect(await refusal(() => restoreKeyPackage(suiteOf(2), stored))).toBe("suite-unsupported");
    for (let at = 0; at < stored.length; at++) {
      const damaged = stored.slice();
      damaged[at]! ^= 0xff;
      try {
        restoreKeyPackage(suiteOf(), damaged);
      } catch (error) {
        expect(error).toBeInstanceOf(CopseError);
      }
      expect(await failure(() => restoreKeyPackage(suiteOf(), stored.subarray(0, at)))).toBeInstanceOf(CopseError);
    }
    expect(await failure(() => restoreKeyPackage(suiteOf(), "x" as never))).toBeInstanceOf(TypeError);
  });

  it("is the same from the same randomness and time", async () => {
    const bob = await client("bob");
    const make = async (seed: string): Promise<string> =>
      hex((await keyPackageOf(bob, { random: seeded(seed), clock: () => 1_700_000_000_000 })).toBytes());
    expect(await make("a")).toBe(await make("a"));
    expect(await make("a")).not.toBe(await make("b"));
  });
});

it("a key package gives its leaf's key to one join, and to nobody after it was wiped", async () => {
  const bundle = await keyPackageOf(await client("bob"));
  if (!(bundle instanceof OwnKeyPackage)) throw new TypeError("a bundle of ours was expected");
  bundle.take().wipe();
  expect(await refusal(() => bundle.take())).toBe("key-package-unknown");
  bundle.giveBack();
  bundle.take().wipe();
  bundle.giveBack();
  void bundle.wipe();
  expect(await refusal(() => bundle.take())).toBe("key-package-unknown");
});

it("a key package that others of these limits would not read is not made", async () => {
  const bob = await client("bob");
  expect(await refusal(() => keyPackageOf(bob, { limits: { messageBytes: 100 } }))).toBe("limit-exceeded");
});

it("what is no key package of ours is a mistake of the caller: in a store, as an Add, and to join with", async () => {
  const [alice] = (await groupOf([await client("alice")])) as [Group];
  const { identity } = await client("bob");
  const bundle = await keyPackageOf({ name: "bob", identity });
  const { welcome } = await commitTo([alice], alice, { add: [bundle.keyPackage] });
  const fake = { ref: bundle.ref, keyPackage: bundle.keyPackage } as never;
  const mistakes: (() => unknown)[] = [
    () => Group.join({ ...trusting, identity, welcome: welcome!, keyPackages: () => fake }),
    () => alice.propose({ add: [...bundle.keyPackage] as never }),
    () => alice.propose({} as never),
    () => proposeToJoin({ identity, keyPackage: fake, groupId: alice.id, epoch: 1n }),
  ];
  for (const mistake of mistakes)
    expect(await failure(mistake)).toMatchObject({
      name: "TypeError",
      message: expect.stringMatching(/key package|a change is/) as unknown,
    });
});
