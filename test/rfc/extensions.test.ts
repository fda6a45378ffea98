/**
 * Extensions in their places, capabilities and GREASE. RFC 9420 sections 7.2, 13, 17.3.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { decode } from "../../src/codec/codec.ts";
import { applicationId, externalSenders, requiredCapabilities } from "../../src/public-group/extensions.ts";
import { Group } from "../../src/group/group.ts";
import type { Extension } from "../../src/wire/extension.ts";
import { decodeMessage } from "../../src/wire/message.ts";
import type { Proposal } from "../../src/wire/proposal.ts";
import { isDefaultExtensionType, isDefaultProposalType, isGreaseValue } from "../../src/wire/registries.ts";
import { RatchetTreeNodes } from "../../src/wire/ratchet-tree.ts";
import { client, commitTo, groupOf, keyPackageOf, seeded, trusting } from "../group/world.ts";
import { brokenBy, refuses, refusesWelcome, trio, type Broken } from "./breaking.ts";
import { forgeCommit, proposed } from "./forging.ts";
import { forgeKeyPackage, forgeUpdate, keyPackageIn, leafAt, published } from "./leaves.ts";
import { openWelcome, resealed } from "./sealing.ts";

/** Every type of RFC 9420 with data that decodes. */
const known = {
  application_id: applicationId(utf8("device")),
  ratchet_tree: { type: 2, data: new Uint8Array([0]) },
  required_capabilities: requiredCapabilities({}),
  external_pub: { type: 4, data: new Uint8Array([1, 9]) },
  external_senders: externalSenders([]),
} satisfies Record<string, Extension>;

function without(...names: (keyof typeof known)[]): readonly Extension[] {
  return Object.entries(known)
    .filter(([name]) => !names.includes(name as keyof typeof known))
    .map(([, extension]) => extension);
}

describe("an extension in the wrong place is refused", () => {
  it("valn1601: in a leaf node, all but application_id", async () => {
    const broken: Broken = ["extension-misplaced", "valn1601"];
    for (const extension of without("application_id")) {
      const [alice, bob, carol] = await trio();
      const leaf = (): object => ({ extensions: [extension] });
      const keyPackage = await forgeKeyPackage(await client("dave"), { leaf });
      await refuses(bob, await forgeCommit(alice, { proposals: [{ type: "add", keyPackage }] }), broken);
      await refuses(bob, await forgeCommit(alice, { leaf }), broken);
      const update = await forgeUpdate(bob, leaf);
      await refuses(carol, async () => proposed(bob, update, [carol]), broken);
      expect(await brokenBy(async () => keyPackageOf(await client("erin"), { extensions: [extension] }))).toEqual([
        ...broken,
      ]);
    }
    const [alice, bob] = await trio();
    const commit = await forgeCommit(alice, { leaf: () => ({ extensions: [known.application_id] }) });
    expect(await bob.receive(commit)).toMatchObject({ kind: "commit" });
  });

  it("valn1602: in a GroupInfo, all but ratchet_tree and external_pub", async () => {
    const broken: Broken = ["extension-misplaced", "valn1602"];
    for (const extension of without("ratchet_tree", "external_pub")) {
      const [alice] = await groupOf([await client("alice")]);
      const joiner = await client("dave");
      const bundle = await keyPackageOf(joiner);
      const pending = await alice!.commit({ add: [bundle.keyPackage] });
      await alice!.apply(pending);
      const genuine = pending.welcome!;
      const forged = await resealed(alice!, bundle, genuine, {
        groupInfo: ({ extensions }) => ({ extensions: [...extensions, extension] }),
      });
      await refusesWelcome({ joiner, bundle, genuine }, forged, broken);
      await refuses(alice!, () => alice!.groupInfo({ extensions: [extension] }), broken);
    }
  });

  it("valn1603: in a group context, all but required_capabilities and external_senders", async () => {
    const broken: Broken = ["extension-misplaced", "valn1603"];
    for (const extension of without("required_capabilities", "external_senders")) {
      const [alice, bob] = await trio();
      const proposal: Proposal = { type: "group_context_extensions", extensions: [extension] };
      await refuses(bob, await forgeCommit(alice, { proposals: [proposal] }), broken);
      await refuses(bob, async () => proposed(alice, proposal, [bob]), broken);
      await refuses(bob, () => bob.commit({ extensions: [extension] }), broken);
      const { identity } = await client("erin");
      expect(await brokenBy(() => Group.create({ ...trusting, identity, extensions: [extension] }))).toEqual([
        ...broken,
      ]);
    }
  });

  it("valn1603: in a group context, one that some member does not support", async () => {
    const broken: Broken = ["extension-unsupported", "valn1603"];
    const [alice, bob] = await trio();
    const extensions = [{ type: 0xf001, data: new Uint8Array(0) }];
    await refuses(
      bob,
      await forgeCommit(alice, { proposals: [{ type: "group_context_extensions", extensions }] }),
      broken,
    );
    await refuses(bob, () => bob.commit({ extensions }), broken);
  });

  it("valn1604: in a key package, all of them", async () => {
    const broken: Broken = ["extension-misplaced", "valn1604"];
    for (const extension of without()) {
      const [alice, bob] = await trio();
      const keyPackage = await forgeKeyPackage(await client("dave"), { fields: () => ({ extensions: [extension] }) });
      await refuses(bob, await forgeCommit(alice, { proposals: [{ type: "add", keyPackage }] }), broken);
      await refuses(bob, () => bob.commit({ add: [published(keyPackage)] }), broken);
    }
  });
});

describe("extensions", () => {
  it("section 13.4 (1): are refused where one type stands twice in a list", async () => {
    const broken: Broken = ["extension-duplicate", "section 13.4"];
    const twice = [1, 2].map((byte) => ({ type: 0xf0f0, data: new Uint8Array([byte]) }));
    const [alice, bob] = await trio();
    const inLeaf = (): object => ({ extensions: twice });
    await refuses(bob, await forgeCommit(alice, { leaf: inLeaf }), broken);
    const keyPackage = await forgeKeyPackage(await client("dave"), { fields: () => ({ extensions: twice }) });
    await refuses(bob, await forgeCommit(alice, { proposals: [{ type: "add", keyPackage }] }), broken);
    const context: Proposal = {
      type: "group_context_extensions",
      extensions: [requiredCapabilities({}), requiredCapabilities({})],
    };
    await refuses(bob, await forgeCommit(alice, { proposals: [context] }), broken);
    await refuses(bob, () => bob.groupInfo({ extensions: twice }), broken);
  });

  it("section 13.4 (2): of unknown types are ignored in key packages, leaf nodes, capabilities and GroupInfo", async () => {
    const groups = await trio();
    const [alice, bob] = groups;
    const unknown = { type: 0xf0f0, data: utf8("?") };
    const joiner = await client("dave");
    const bundle = await keyPackageOf(joiner, { grease: false });
    const keyPackage = await forgeKeyPackage(joiner, {
      leaf: ({ capabilities }) => ({
        capabilities: {
          versions: [...capabilities.versions, 0xf0f0],
          cipherSuites: [...capabilities.cipherSuites, 0xf0f0],
          extensions: [...capabilities.extensions, 0xf0f0],
          proposals: [...capabilities.proposals, 0xf0f0],
          credentials: [...capabilities.credentials, 0xf0f0],
        },
        extensions: [unknown],
      }),
      fields: () => ({ extensions: [unknown] }),
    });
    const commit = await forgeCommit(alice, { proposals: [{ type: "add", keyPackage }] });
    expect(await bob.receive(commit)).toMatchObject({ kind: "commit", epoch: 2n });
    const pending = await alice.commit({ add: [bundle.keyPackage] });
    await alice.apply(pending);
    const welcome = await resealed(alice, bundle, pending.welcome!, {
      groupInfo: ({ extensions }) => ({ extensions: [...extensions, unknown] }),
    });
    const { identity } = joiner;
    expect((await Group.join({ ...trusting, identity, welcome, keyPackages: [bundle] })).size).toBe(4);
  });

  it("section 13.4 (3): of the group are supported by whoever is added, or the Add is refused", async () => {
    const registry = { extensions: [{ type: 0xf001, places: ["group_context"] as const }] };
    const extensions = [{ type: 0xf001, data: new Uint8Array(0) }];
    const [alice, bob] = await trio({ registry, extensions });
    const keyPackage = await forgeKeyPackage(await client("dave"));
    const broken: Broken = ["extension-unsupported", "section 13.4"];
    await refuses(bob, await forgeCommit(alice, { proposals: [{ type: "add", keyPackage }], registry }), broken);
    await refuses(bob, () => bob.commit({ add: [published(keyPackage)] }), broken);
  });

  it("section 13.4 (4): of the group are supported by whoever joins, or it does not", async () => {
    const registry = { extensions: [{ type: 0xf001, places: ["group_context"] as const }] };
    const extensions = [{ type: 0xf001, data: new Uint8Array(0) }];
    const [alice] = await trio({ registry, extensions });
    const { identity } = await client("dave");
    const groupInfo = await alice.groupInfo();
    const join = (): unknown => Group.joinExternally({ ...trusting, identity, groupInfo });
    expect(await brokenBy(join)).toEqual(["extension-unsupported", "valn1603"]);
    expect(await Group.joinExternally({ ...trusting, registry, identity, groupInfo })).toHaveProperty("commit");
  });

  it("section 10 (2): of a key package are listed in its leaf's capabilities", async () => {
    for (let i = 0; i < 20; i++) {
      const { keyPackage } = await keyPackageOf(await client("dave"), {
        random: seeded(String(i)),
        grease: { extensions: true },
      });
      const { extensions, leafNode } = keyPackageIn(keyPackage);
      expect(extensions.length).toBeGreaterThan(0);
      for (const { type } of [...extensions, ...leafNode.extensions]) {
        expect(leafNode.capabilities.extensions).toContain(type);
      }
    }
    const keyPackageExtensions = [{ type: 0xf0f0, data: new Uint8Array(0) }];
    expect(await brokenBy(async () => keyPackageOf(await client("dave"), { keyPackageExtensions }))).toEqual([
      "leaf-extension-unlisted",
      "section 10",
    ]);
    const capabilities = { extensions: [0xf0f0] };
    const own = await keyPackageOf(await client("dave"), { keyPackageExtensions, capabilities });
    expect(keyPackageIn(own.keyPackage).leafNode.capabilities.extensions).toContain(0xf0f0);
  });
});

describe("capabilities", () => {
  it("section 7.2 (1): never list default types", async () => {
    const [alice] = await trio();
    const { capabilities } = leafAt(alice, 0);
    expect(capabilities.extensions.some(isDefaultExtensionType)).toBe(false);
    expect(capabilities.proposals.some(isDefaultProposalType)).toBe(false);
    const { identity } = await client("dave");
    for (const given of [{ extensions: [1] }, { proposals: [7] }]) {
      await expect(Group.create({ ...trusting, identity, leaf: { capabilities: given } })).rejects.toThrow(TypeError);
      await expect(keyPackageOf({ name: "dave", identity }, { capabilities: given })).rejects.toThrow(TypeError);
    }
  });

  it("section 7.2 (2): list every version, suite, credential, and registered type that is supported", async () => {
    const registry = {
      extensions: [{ type: 0xf001, places: ["leaf_node"] as const }],
      proposals: [{ type: 0xf002, pathRequired: false, external: false, externalCommit: false, after: "add" } as const],
      credentials: [0xf003],
    };
    const { keyPackage } = await keyPackageOf(await client("dave"), { registry, grease: false });
    expect(keyPackageIn(keyPackage).leafNode.capabilities).toEqual({
      versions: [1],
      cipherSuites: [1, 2, 3, 4, 5, 6, 7],
      extensions: [0xf001],
      proposals: [0xf002],
      credentials: [1, 2, 0xf003],
    });
  });

  it("section 11.1 (1): hold the group's version and cipher suite, or the member is refused", async () => {
    const [alice, bob] = await trio();
    for (const lacking of [{ versions: [] }, { cipherSuites: [2, 3] }]) {
      const leaf = ({ capabilities }: { capabilities: object }): object => ({
        capabilities: { ...capabilities, ...lacking },
      });
      const keyPackage = await forgeKeyPackage(await client("dave"), { leaf });
      const broken: Broken = ["leaf-version-unsupported", "section 11.1"];
      await refuses(bob, await forgeCommit(alice, { proposals: [{ type: "add", keyPackage }] }), broken);
    }
  });
});

describe("GREASE", () => {
  it("section 13.5 (1): is sent nowhere but in capabilities and in leaf, key package and GroupInfo extensions", async () => {
    const grease = { extensions: true };
    const groups = await trio({ grease });
    const [alice] = groups;
    const bundle = await keyPackageOf(await client("dave"), { grease });
    const { extensions } = keyPackageIn(bundle.keyPackage);
    expect(extensions.some(({ type }) => isGreaseValue(type))).toBe(true);
    const pending = await commitTo(groups, alice, { add: [bundle.keyPackage], path: true });
    const { groupInfo } = await openWelcome(alice.suite, bundle, pending.welcome!);
    expect(groupInfo.extensions.some(({ type }) => isGreaseValue(type))).toBe(true);
    expect(groupInfo.groupContext.extensions).toEqual([]);
    const decoded = decodeMessage(pending.commit);
    if (decoded.wireFormat !== "mls_public_message") throw new TypeError("a public message was expected");
    const { content } = decoded.publicMessage.content;
    if (content.type !== "commit") throw new TypeError("a commit was expected");
    expect(content.commit.proposals.map((entry) => entry.type === "proposal" && entry.proposal.type)).toEqual(["add"]);
    for (const node of decode(RatchetTreeNodes, alice.ratchetTree())) {
      if (node?.type !== "leaf") continue;
      const { capabilities, credential } = node.leafNode;
      expect(capabilities.versions).toEqual([1]);
      expect(credential.type).toBe("basic");
      for (const list of [capabilities.cipherSuites, capabilities.proposals, capabilities.credentials]) {
        expect(list.some(isGreaseValue)).toBe(true);
      }
    }
  });

  it("section 13.5 (2): has no rule of its own: a proposal or group extension of such a type is an unknown one", async () => {
    const [alice, bob] = await trio();
    const declared = {
      type: 0x0a0a,
      pathRequired: false,
      external: false,
      externalCommit: false,
      after: "add",
    } as const;
    const registry = { proposals: [declared] };
    const custom: Proposal = { type: "custom", proposalType: 0x0a0a, body: new Uint8Array([0]) };
    await refuses(bob, await forgeCommit(alice, { proposals: [custom], registry }), ["proposal-unknown-type"]);
    const extensions = [{ type: 0x0a0a, data: new Uint8Array(0) }];
    const context: Proposal = { type: "group_context_extensions", extensions };
    await refuses(bob, await forgeCommit(alice, { proposals: [context] }), ["extension-unsupported", "valn1603"]);
    await refuses(bob, () => bob.commit({ extensions }), ["extension-unsupported", "valn1603"]);
  });
});
