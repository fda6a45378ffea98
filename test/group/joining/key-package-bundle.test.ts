import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import { decode, encode } from "../../../src/codec/codec.ts";
import { CopseError } from "../../../src/errors.ts";
import { applicationId } from "../../../src/public-group/extensions.ts";
import { Group } from "../../../src/group/group.ts";
import { proposeToJoin } from "../../../src/group/joining/propose-to-join.ts";
import {
  createKeyPackage,
  importKeyPackage,
  OwnKeyPackage,
  restoreKeyPackage,
} from "../../../src/group/joining/key-package-bundle.ts";
import { KeyPackage } from "../../../src/wire/key-package.ts";
import { decodeMessage } from "../../../src/wire/message.ts";
import { LiveSecrets } from "../../schedule/live-secrets.ts";
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
    // Section 10: extensions of the key package "MUST be included in the leaf_node.capabilities field".
    const unlisted = { keyPackageExtensions: [{ type: 0xf010, data: utf8("x") }] };
    expect(await refusal(() => make(unlisted))).toBe("leaf-extension-unlisted");
    const beyond = 2n ** 64n;
    for (const lifetime of [
      { notBefore: -1n, notAfter: 5n },
      { notBefore: beyond, notAfter: beyond },
      { notBefore: 0n, notAfter: beyond },
      { notBefore: 0n, notAfter: 5 },
    ]) {
      const error = await failure(() => make({ lifetime }));
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toMatch(/lifetime\.not(Before|After)/);
    }
    await make({ ...unlisted, capabilities: { extensions: [0xf010] } });
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
  const { ref, keyPackage } = bundle;
  const fake = { ref, keyPackage, toBytes: () => bundle.toBytes() } as never;
  const mistakes: (() => unknown)[] = [
    () => Group.join({ ...trusting, identity, welcome: welcome!, keyPackages: () => fake }),
    () => alice.propose({ add: [...bundle.keyPackage] as never }),
    () => alice.propose({} as never),
    () => proposeToJoin({ identity, keyPackage: fake, groupId: alice.id, epoch: 1n }),
  ];
  for (const mistake of mistakes)
    expect(await failure(mistake)).toMatchObject({
      name: "TypeError",
      message: expect.stringMatching(/key package|change(.add)? must be/) as unknown,
    });
});

it("a bundle says its lifetime, and whether it is a last resort", async () => {
  const lifetime = { notBefore: 5n, notAfter: 6n };
  const bundle = await keyPackageOf(await client("bob"), { lifetime, lastResort: true });
  expect(bundle).toMatchObject({ lifetime, lastResort: true });
  expect(restoreKeyPackage(suiteOf(), bundle.toBytes())).toMatchObject({ lifetime, lastResort: true });
  expect(await keyPackageOf(await client("bob"))).toMatchObject({ lastResort: false });
});

describe("a key package that was made elsewhere", () => {
  /** Its parts, as an interop harness hands them over. */
  async function parts(
    id = 1,
  ): Promise<{ readonly bob: Awaited<ReturnType<typeof client>> } & Parameters<typeof importKeyPackage>[0]> {
    const suite = suiteOf(id);
    const bob = await client("bob", suite);
    const bundle = await keyPackageOf(bob);
    if (!(bundle instanceof OwnKeyPackage)) throw new TypeError("a bundle of ours was expected");
    const initPrivateKey = bundle.initPrivateKey.use((bytes) => bytes.slice());
    const encryptionPrivateKey = bundle.leafPrivateKey.use((bytes) => bytes.slice());
    return { bob, suite, keyPackage: bundle.keyPackage, initPrivateKey, encryptionPrivateKey };
  }

  it("joins like one of ours, in every suite, and keeps its own copies of the keys", async () => {
    for (const id of [1, 5]) {
      const { bob, ...given } = await parts(id);
      for (const keyPackage of [given.keyPackage, given.keyPackage.slice(4)]) {
        const keys = { init: given.initPrivateKey.slice(), encryption: given.encryptionPrivateKey.slice() };
        const bundle = await importKeyPackage({
          ...given,
          keyPackage,
          initPrivateKey: keys.init,
          encryptionPrivateKey: keys.encryption,
        });
        keys.init.fill(0);
        keys.encryption.fill(0);
        const [alice] = await groupOf([await client("alice", given.suite)]);
        const { welcome } = await commitTo([alice!], alice!, { add: [bundle.keyPackage] });
        const { identity } = bob;
        const joined = await Group.join({ ...trusting, identity, welcome: welcome!, keyPackages: [bundle] });
        agree([alice!, joined]);
        expect(joined.joinedWith).toEqual(bundle.ref);
        expect(await refusal(() => bundle.toBytes())).toBe("secret-wiped");
      }
    }
  });

  it("is stored before anybody has it", async () => {
    const { bob, ...given } = await parts();
    const told: unknown[] = [];
    const persist = (changes: { readonly puts: ReadonlyMap<string, Uint8Array> }, event: object): void => {
      told.push([...changes.puts.values()], event);
    };
    const bundle = await importKeyPackage({ ...given, persist, lastResort: true });
    const { ref, keyPackage } = bundle;
    expect(told).toEqual([[bundle.toBytes()], { kind: "key-package-made", keyPackage, ref, lastResort: true }]);
    expect(bob.identity.suite.id).toBe(1);
  });

  it("is refused where its keys are others' or none, and where it is of another suite or no key package", async () => {
    const live = new LiveSecrets();
    const { bob, ...given } = await parts();
    const others = await parts();
    const alive = live.count;
    const fails = (change: object): Promise<string> => refusal(() => importKeyPackage({ ...given, ...change }));
    expect(await fails({ initPrivateKey: others.initPrivateKey })).toBe("key-invalid");
    expect(await fails({ initPrivateKey: given.encryptionPrivateKey })).toBe("key-invalid");
    expect(await fails({ encryptionPrivateKey: others.encryptionPrivateKey })).toBe("key-invalid");
    expect(await fails({ encryptionPrivateKey: utf8("short") })).toBe("key-invalid");
    expect(await fails({ suite: suiteOf(3) })).toBe("key-package-suite");
    expect(await fails({ keyPackage: utf8("hello") })).toMatch(/^decode-/);
    const value = decode(KeyPackage, given.keyPackage.subarray(4));
    const leafNode = { ...value.leafNode, leafNodeSource: { type: "update" } } as const;
    expect(await fails({ keyPackage: encode(KeyPackage, { ...value, leafNode }) })).toBe("leaf-source");
    expect(await failure(() => importKeyPackage({ ...given, initPrivateKey: undefined as never }))).toBeInstanceOf(
      TypeError,
    );
    expect(live.count).toBe(alive);
    live.stop();
    expect(bob.name).toBe("bob");
  });
});
