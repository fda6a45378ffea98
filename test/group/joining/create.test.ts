import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import { applicationId, externalSenders, requiredCapabilities } from "../../../src/public-group/extensions.ts";
import { Group } from "../../../src/group/group.ts";
import type { CreateOptions } from "../../../src/group/options.ts";
import { basic, createIdentity } from "../../../src/public-group/identity.ts";
import type { Candidate, GroupOptions } from "../../../src/public-group/options/settings.ts";
import { talk } from "../agreement.ts";
import { failure, refusal } from "../refusal.ts";
import { client, commitTo, seeded, suiteOf, trusting } from "../world.ts";

describe("a new group", () => {
  it("has one member, epoch 0, and what its creator chose", async () => {
    const alice = await client("alice");
    const extensions = [externalSenders([await createIdentity({ suite: suiteOf(), credential: basic("s") })])];
    const leaf = { extensions: [applicationId(utf8("phone"))], capabilities: { credentials: [1] } };
    const group = await Group.create({
      ...trusting,
      identity: alice.identity,
      groupId: utf8("id"),
      extensions,
      leaf,
      grease: false,
    });
    expect(group.id).toEqual(utf8("id"));
    expect(group.epoch).toBe(0n);
    expect(group.size).toBe(1);
    expect(group.treeWidth).toBe(1);
    expect(group.groupContext).toMatchObject({
      version: 1,
      cipherSuite: 1,
      extensions,
      confirmedTranscriptHash: new Uint8Array(0),
    });
    expect(group.self).toMatchObject({ extensions: leaf.extensions, capabilities: { credentials: [1] } });
    await talk([group]);
    await commitTo([group], group);
    expect(group.epoch).toBe(1n);
    expect(group.self.extensions).toEqual(leaf.extensions);
  });

  it("has a random id of KDF.Nh bytes where none is chosen", async () => {
    const { identity } = await client("alice", suiteOf(5));
    const ids = await Promise.all([1, 2].map(async () => (await Group.create({ ...trusting, identity })).id));
    expect(ids.map(({ length }) => length)).toEqual([64, 64]);
    expect(hex(ids[0]!)).not.toBe(hex(ids[1]!));
  });

  it("is the same from the same randomness and time", async () => {
    const { identity } = await client("alice");
    const make = async (seed: string): Promise<string> => {
      const clock = (): number => 1_700_000_000_000;
      return hex((await Group.create({ ...trusting, clock, random: seeded(seed), identity })).snapshot());
    };
    expect(await make("a")).toBe(await make("a"));
    expect(await make("a")).not.toBe(await make("b"));
  });

  it("is not made without somebody who says who is who", async () => {
    const { identity } = await client("alice");
    for (const authentication of [undefined, {}, { validate: true }]) {
      const options = { identity, authentication } as unknown as GroupOptions & { readonly identity: typeof identity };
      expect(await failure(() => Group.create(options))).toBeInstanceOf(TypeError);
    }
    const asked: Candidate[] = [];
    const authentication = { validate: (candidate: Candidate) => asked.push(candidate) < 0 };
    const extensions = [externalSenders([identity])];
    expect(await refusal(() => Group.create({ authentication, identity, extensions }))).toBe("credential-invalid");
    expect(asked.map(({ reason }) => reason)).toEqual(["external_sender"]);
  });

  it("is one that others can join: within its limits, and by the rules for leaves and contexts", async () => {
    const { identity } = await client("alice");
    const data = utf8("x");
    const registry = { extensions: [{ type: 0xf000, places: ["group_context", "leaf_node"] }] } as const;
    const ids = Array.from({ length: 9 }, (_, i) => 0xf001 + i);
    const cases: readonly (readonly [string, Partial<CreateOptions>])[] = [
      ["limit-exceeded", { limits: { capabilities: 8 }, leaf: { capabilities: { extensions: ids } } }],
      ["limit-exceeded", { limits: { extensions: 0 }, extensions: [{ type: 0xf000, data }] }],
      ["leaf-extension-unlisted", { leaf: { extensions: [{ type: 0xf001, data }] } }],
      ["leaf-credential-unlisted", { leaf: { capabilities: { credentials: [] } } }],
      ["extension-misplaced", { extensions: [applicationId(data)] }],
      ["extension-unsupported", { extensions: [{ type: 0xf001, data }] }],
      ["leaf-required-capabilities", { extensions: [requiredCapabilities({ extensionTypes: [0xf001] })] }],
    ];
    for (const [code, options] of cases) {
      const make = (): Promise<Group> => Group.create({ ...trusting, grease: false, registry, identity, ...options });
      expect(await refusal(make), JSON.stringify(options)).toBe(code);
    }
    const wrong = [{ type: 0x1_0000, data }];
    expect(await failure(() => Group.create({ ...trusting, identity, extensions: wrong }))).toBeInstanceOf(TypeError);
  });

  it("is not made of options that make no sense", async () => {
    const { identity } = await client("alice");
    const wrong: readonly object[] = [
      { window: { pastEpochs: -1 } },
      { window: { generationGap: NaN } },
      { window: { outOfOrderKeys: "many" } },
      { limits: { leaves: -1 } },
      { padding: { kind: "multiple", of: 0 } },
      { padding: { kind: "multiple", of: 1.5 } },
      { padding: { kind: "multiple", of: 2 ** 30 } },
      { padding: { kind: "sevenfold" } },
      { random: 7 },
      { groupId: "text" },
      { lifetime: { clockSkew: NaN } },
      { lifetime: { maximum: -1 } },
      { registry: { proposals: [{ type: 1 }] } },
      { registry: { extensions: [{ type: 0x1_0000, places: [] }] } },
      {
        registry: {
          extensions: [
            { type: 9, places: [] },
            { type: 9, places: [] },
          ],
        },
      },
    ];
    for (const options of wrong) {
      expect(
        await failure(() => Group.create({ ...trusting, identity, ...options })),
        JSON.stringify(options),
      ).toBeInstanceOf(TypeError);
    }
    expect(await refusal(() => Group.create({ ...trusting, identity, random: () => new Uint8Array(3) }))).toBe(
      "random-source",
    );
  });
});

describe("an identity", () => {
  it("has a fresh key, or the one that is given", async () => {
    for (const id of [1, 2, 3, 4, 5, 6, 7]) {
      const suite = suiteOf(id);
      const fresh = await createIdentity({ suite, credential: basic("alice") });
      const privateKey = fresh.privateKey.use((bytes) => bytes.slice());
      const again = await createIdentity({ suite, credential: basic("alice"), privateKey });
      expect(again.signatureKey).toEqual(fresh.signatureKey);
      const message = utf8("message");
      const signature = await again.signer.sign(message);
      expect(await suite.verify({ publicKey: fresh.signatureKey, message, signature })).toBe(true);
      expect(
        await refusal(() => createIdentity({ suite, credential: basic("x"), privateKey: new Uint8Array(7) })),
      ).toBe("key-invalid");
    }
  });

  it("is the same from the same randomness", async () => {
    const make = async (seed: string): Promise<string> =>
      hex((await createIdentity({ suite: suiteOf(), credential: basic("a"), random: seeded(seed) })).signatureKey);
    expect(await make("a")).toBe(await make("a"));
    expect(await make("a")).not.toBe(await make("b"));
  });

  it("with a certificate of another key is refused", async () => {
    const credential = { type: "x509", certificates: [utf8("no certificate")] } as const;
    expect(await refusal(() => createIdentity({ suite: suiteOf(), credential }))).toBe("x509-malformed");
  });
});
