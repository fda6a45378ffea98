/**
 * Encrypting to a component and verifying what it has signed, by whoever is not the component; and what a key package's owner
 * opens before it has joined. draft-ietf-mls-extensions sections 4.1 to 4.3.
 */

import { createPrivateKey, sign } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import { decode } from "../../../src/codec/codec.ts";
import { hpkeOpen } from "../../../src/crypto/hpke/hpke.ts";
import { signWithLabel } from "../../../src/crypto/labels.ts";
import { encryptForComponent, type ComponentEncryption } from "../../../src/group/components/encrypt.ts";
import { keyPackageComponent } from "../../../src/group/components/before-joining.ts";
import { verifyForComponent, type ComponentSignature } from "../../../src/group/components/verify.ts";
import { Group } from "../../../src/group/group.ts";
import { restoreKeyPackage } from "../../../src/group/joining/key-package-bundle.ts";
import { readGroupInfo } from "../../../src/public-group/unverified/group-info.ts";
import { KeyPackage, keyPackageTbs } from "../../../src/wire/key-package.ts";
import { encodeMessage } from "../../../src/wire/message.ts";
import { componentLabel } from "../../../src/wire/component-label.ts";
import { providers } from "../../crypto/providers.ts";
import { client, commitTo, groupOf, keyPackageOf, seeded, suiteOf, trusting } from "../../group/world.ts";
import * as longhand from "../../schedule/safe-longhand.ts";

const suite = suiteOf();
const componentId = 0x8001;
const label = "invitation";
const context = utf8("room 7");
const plaintext = utf8("the keys are under the mat");

let alice: Group;
let bob: Group;
beforeAll(async () => {
  [alice, bob] = (await groupOf([await client("alice"), await client("bob")])) as [Group, Group];
});

const encryption = (changes: Partial<ComponentEncryption>): ComponentEncryption => ({
  suite,
  to: { member: bob.self },
  componentId,
  label,
  context,
  plaintext,
  ...changes,
});

describe("SafeEncryptWithLabel (section 4.2)", () => {
  it("extensions 4.1 (1): the label is the encoding of ComponentOperationLabel, with the fixed base label", () => {
    for (const [id, text] of [
      [0, ""],
      [0x8001, "invitation"],
      [0xffff, "ü".repeat(40)],
    ] as const) {
      expect(hex(componentLabel(id, text))).toBe(longhand.componentLabel(id, text).toString("hex"));
    }
    expect(hex(componentLabel(0x8001, "a"))).toBe(
      "0d" + Buffer.from("MLS Component").toString("hex") + "8001" + "0161",
    );
  });

  it("extensions 4.2 (1): info is ComponentOperationLabel with the component's id, and only that component decrypts", async () => {
    const sealed = await encryptForComponent(encryption({}));
    // By hand: HPKE's info is EncryptContext under that label.
    const { privateKey } = await ownLeafKey();
    const info = longhand.labelled(longhand.componentLabel(componentId, label), context);
    const byHand = await encryptForComponent(encryption({ to: { member: { encryptionKey: privateKey.publicKey } } }));
    const opened = await hpkeOpen(suite, {
      privateKey: privateKey.privateKey,
      publicKey: privateKey.publicKey,
      enc: byHand.kemOutput,
      info,
      associatedData: new Uint8Array(0),
      ciphertext: byHand.ciphertext,
    });
    expect(opened).toEqual(plaintext);

    expect(await bob.component(componentId).decrypt(sealed, { label, context })).toEqual(plaintext);
    const other = bob.component(0x8002).decrypt(sealed, { label, context });
    await expect(other).rejects.toMatchObject({ code: "component-open" });
  });

  it.each([1, 2, 3, 4, 5, 6, 7])("reaches a leaf, a key package and a whole epoch (suite %i)", async (id) => {
    for (const provider of providers) {
      const own = suiteOf(id, provider);
      const [first, second] = (await groupOf([await client("a", own), await client("b", own)])) as [Group, Group];
      const carol = await client("carol", own);
      const bundle = await keyPackageOf(carol);
      const { externalPub } = readGroupInfo(await first.groupInfo(), { suite: own });
      const to = (recipient: ComponentEncryption["to"]): Promise<{ kemOutput: Uint8Array; ciphertext: Uint8Array }> =>
        encryptForComponent(encryption({ suite: own, to: recipient }));
      const toLeaf = await to({ member: first.member(1)! });
      expect(await second.component(componentId).decrypt(toLeaf, { label, context })).toEqual(plaintext);
      const toAll = await to({ externalPub: externalPub! });
      for (const group of [first, second]) {
        const open = group.component(componentId).decrypt(toAll, { label, context, key: "external" });
        expect(await open).toEqual(plaintext);
      }
      const toNewcomer = await to({ keyPackage: bundle.keyPackage });
      const component = keyPackageComponent(own, bundle, componentId);
      expect(await component.decrypt(toNewcomer, { label, context })).toEqual(plaintext);
    }
  });

  it("is another ciphertext each time, of the injected randomness", async () => {
    const of = async (seed?: string): Promise<string> => {
      const random = seed === undefined ? {} : { random: seeded(seed) };
      return hex((await encryptForComponent(encryption(random))).ciphertext);
    };
    expect(await of()).not.toBe(await of());
    expect(await of("same")).toBe(await of("same"));
  });

  it("to a leaf opens until the leaf has another key", async () => {
    const groups = (await groupOf([await client("alice"), await client("bob")])) as [Group, Group];
    const sealed = await encryptForComponent(encryption({ to: { member: groups[0].member(1)! } }));
    await commitTo(groups, groups[0]);
    expect(await groups[1].component(componentId).decrypt(sealed, { label, context })).toEqual(plaintext);
    await commitTo(groups, groups[1], { path: true });
    await expect(groups[1].component(componentId).decrypt(sealed, { label, context })).rejects.toMatchObject({
      code: "component-open",
    });
  });

  it("to a key package opens until it has been joined by, and only by the component", async () => {
    const carol = await client("carol");
    const bundle = await keyPackageOf(carol);
    const again = restoreKeyPackage(suite, bundle.toBytes());
    const sealed = await encryptForComponent(encryption({ to: { keyPackage: bundle.keyPackage } }));
    for (const each of [bundle, again]) {
      expect(await keyPackageComponent(suite, each, componentId).decrypt(sealed, { label, context })).toEqual(
        plaintext,
      );
    }
    const refused = { code: "component-open" };
    const open = keyPackageComponent(suite, bundle, componentId);
    expect(open.id).toBe(componentId);
    await expect(open.decrypt(sealed, { label })).rejects.toMatchObject(refused);
    await expect(open.decrypt(sealed, { label: "other", context })).rejects.toMatchObject(refused);
    await expect(keyPackageComponent(suite, bundle, 0x8002).decrypt(sealed, { label, context })).rejects.toMatchObject(
      refused,
    );
    await expect(open.decrypt({ ...sealed, kemOutput: new Uint8Array(0) }, { label, context })).rejects.toMatchObject(
      refused,
    );
    await expect(
      keyPackageComponent(suite, await keyPackageOf(carol), componentId).decrypt(sealed, { label, context }),
    ).rejects.toMatchObject(refused);

    const host = await Group.create({ ...trusting, identity: (await client("dave")).identity });
    const { welcome } = await host.commit({ add: [bundle.keyPackage] });
    await Group.join({ ...trusting, identity: carol.identity, welcome: welcome!, keyPackages: [bundle] });
    await expect(open.decrypt(sealed, { label, context })).rejects.toMatchObject({ code: "secret-wiped" });
  });

  it("is refused for keys and key packages that nobody should use", async () => {
    const carol = await client("carol");
    const { keyPackage } = await keyPackageOf(carol);
    // Its owner has signed it, and made one key do for both.
    const value = decode(KeyPackage, keyPackage.subarray(4));
    const careless = { ...value, initKey: value.leafNode.encryptionKey };
    const signature = await signWithLabel(carol.identity.signer, "KeyPackageTBS", keyPackageTbs(careless));
    const oneKey = encodeMessage({ wireFormat: "mls_key_package", keyPackage: { ...careless, signature } });
    const changed = keyPackage.slice();
    changed[changed.length - 1]! ^= 1; // its signature
    const other = await keyPackageOf(await client("carol", suiteOf(3)));
    const cases = [
      [{ keyPackage: oneKey }, "key-package-init-key"],
      [{ keyPackage: changed }, "key-package-signature"],
      [{ keyPackage: other.keyPackage }, "key-package-suite"],
      [{ keyPackage: await alice.groupInfo() }, "key-package-suite"],
      [{ keyPackage: keyPackage.subarray(1) }, "decode-version"],
      [{ keyPackage: keyPackage.subarray(0, -1) }, "decode-truncated"],
      [{ member: { encryptionKey: new Uint8Array(31) } }, "key-invalid"],
      [{ externalPub: new Uint8Array(0) }, "key-invalid"],
    ] as const;
    for (const [to, code] of cases) {
      await expect(encryptForComponent(encryption({ to }))).rejects.toMatchObject({ code });
    }
  });

  it("tells a caller's mistake", async () => {
    const wrong: readonly Partial<ComponentEncryption>[] = [
      { componentId: 0x1_0000 },
      { componentId: -1 },
      { label: 7 as unknown as string },
      { plaintext: "text" as unknown as Uint8Array },
      { context: "text" as unknown as Uint8Array },
      { to: { member: {} } as never },
      { random: 7 as never },
    ];
    for (const each of wrong) await expect(encryptForComponent(encryption(each))).rejects.toThrow(TypeError);
    const externalPub = new Uint8Array(32);
    for (const to of [{}, { externalPub: undefined }, { externalPub, keyPackage: externalPub }]) {
      await expect(encryptForComponent(encryption({ to: to as never }))).rejects.toThrow(
        new TypeError("to is one of member, keyPackage and externalPub"),
      );
    }
    const unset = { member: undefined, externalPub: new Uint8Array(1) } as never;
    await expect(encryptForComponent(encryption({ to: unset }))).rejects.toMatchObject({ code: "key-invalid" });
    expect(() => keyPackageComponent(suite, { ref: new Uint8Array(32) } as never, componentId)).toThrow(TypeError);
    const bundle = await keyPackageOf(await client("carol"));
    expect(() => keyPackageComponent(suite, bundle, 1.5)).toThrow(TypeError);
  });
});

describe("SafeVerifyWithLabel (section 4.3)", () => {
  const content = utf8("I vote for the blue one");

  it("extensions 4.3 (1): a signature is under ComponentOperationLabel of its component, and no other's", async () => {
    const signature = await bob.component(componentId).sign("vote", content);
    const claim: ComponentSignature = {
      suite,
      member: alice.member(1)!,
      componentId,
      label: "vote",
      content,
      signature,
    };
    expect(await verifyForComponent(claim)).toBe(true);
    const wrong: readonly Partial<ComponentSignature>[] = [
      { componentId: 0x8002 },
      { label: "Vote" },
      { content: utf8("I vote for the red one") },
      { member: alice.self },
      { signature: signature.map((byte, i) => (i === 0 ? byte ^ 1 : byte)) },
      { signature: signature.subarray(1) },
      { signature: new Uint8Array(0) },
      { member: { signatureKey: new Uint8Array(0) } },
      { member: { signatureKey: new Uint8Array(32) } },
    ];
    for (const each of wrong) expect(await verifyForComponent({ ...claim, ...each })).toBe(false);
  });

  it("takes what is signed by hand, and nothing of MLS's own", async () => {
    const { identity } = await client("dave");
    const seed = identity.privateKey.use((bytes) => Buffer.from(bytes));
    const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
    const key = createPrivateKey({ key: Buffer.concat([prefix, seed]), format: "der", type: "pkcs8" });
    const signed = longhand.labelled(longhand.componentLabel(componentId, "vote"), content);
    const claim = { suite, member: identity, componentId, label: "vote", content };
    expect(await verifyForComponent({ ...claim, signature: sign(null, signed, key) })).toBe(true);
    for (const each of ["vote", "FramedContentTBS", "MLS Component"]) {
      const signature = await signWithLabel(identity.signer, each, content);
      expect(await verifyForComponent({ ...claim, signature })).toBe(false);
    }
  });

  it.each([1, 2, 3, 4, 5, 6, 7])("holds for every provider (suite %i)", async (id) => {
    const [first, ...others] = providers.map((provider) => suiteOf(id, provider));
    const group = await Group.create({ ...trusting, identity: (await client("alice", first)).identity });
    const signature = await group.component(componentId).sign("vote", content);
    for (const own of [first!, ...others]) {
      const claim = { suite: own, member: group.self, componentId, label: "vote", content, signature };
      expect(await verifyForComponent(claim)).toBe(true);
      expect(await verifyForComponent({ ...claim, componentId: 1 })).toBe(false);
    }
  });

  it("tells a caller's mistake", async () => {
    const claim = { suite, member: alice.self, componentId, label: "vote", content, signature: new Uint8Array(64) };
    for (const each of [{ componentId: 0x1_0000 }, { label: 7 }, { content: "text" }, { signature: "text" }]) {
      await expect(verifyForComponent({ ...claim, ...(each as object) })).rejects.toThrow(TypeError);
    }
  });
});

/** A key pair of our own, as a leaf would have. */
async function ownLeafKey(): Promise<{ readonly privateKey: { privateKey: Uint8Array; publicKey: Uint8Array } }> {
  return { privateKey: await suite.generateKemKeyPair(seeded("leaf")) };
}
