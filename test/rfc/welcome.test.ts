/**
 * Joining by a Welcome. RFC 9420 sections 12.4.3, 12.4.3.1, 12.4.3.3.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import type { Member } from "../../src/public-group/events.ts";
import { Group } from "../../src/group/group.ts";
import type { PreSharedKeyId } from "../../src/wire/pre-shared-key.ts";
import { RatchetTreeNodes, type Node, type ParentNode } from "../../src/wire/ratchet-tree.ts";
import { client, commitTo, keyPackageOf, trusting } from "../group/world.ts";
import { brokenBy, refusesWelcome, trio, type Broken, type Invitation } from "./breaking.ts";
import { leafAt, signed, type LeafChange } from "./leaves.ts";
import { resealed, type WelcomeChange } from "./sealing.ts";

type Invited = Invitation & { readonly groups: readonly [Group, Group, Group]; readonly alice: Group };

/** Alice, Bob and Carol, and an invitation of Alice's for Dave. */
async function invited(options: { readonly populated?: boolean; readonly psk?: Uint8Array } = {}): Promise<Invited> {
  const { populated = false, psk } = options;
  const groups = await trio(psk === undefined ? {} : { psks: () => psk });
  const [alice, , carol] = groups;
  const joiner = await client("dave");
  if (populated) {
    const { keyPackage } = await keyPackageOf(await client("erin"));
    await commitTo(groups, alice, { add: [keyPackage] });
    await commitTo(groups, carol);
    await commitTo(groups, alice);
  }
  const bundle = await keyPackageOf(joiner);
  const psks = psk === undefined ? [] : [{ type: "external", pskId: utf8("id") } as const];
  const pending = await commitTo(groups, alice, { add: [bundle.keyPackage], psks });
  return { groups, alice, joiner, bundle, genuine: pending.welcome! };
}

/** Dave refuses Alice's Welcome with such a change. */
async function refusesChange(
  change: WelcomeChange | ((invitation: Invited) => WelcomeChange),
  broken: Broken,
  options: Parameters<typeof invited>[0] = {},
): Promise<void> {
  const invitation = await invited(options);
  const { alice, bundle, genuine } = invitation;
  const made = typeof change === "function" ? change(invitation) : change;
  await refusesWelcome(invitation, await resealed(alice, bundle, genuine, made), broken);
}

/** A tree with the node at an index of the array changed. */
function parent(at: number, change: (node: ParentNode, nodes: RatchetTreeNodes) => Partial<ParentNode>): WelcomeChange {
  return {
    tree: (nodes) =>
      nodes.map((node, i) => {
        if (i !== at) return node;
        if (node?.type !== "parent") throw new TypeError(`a parent node was expected at ${String(at)}`);
        return { type: "parent", parentNode: { ...node.parentNode, ...change(node.parentNode, nodes) } };
      }),
  };
}

/** A tree in which Bob's leaf is changed, and signed by Bob. */
function bobsLeaf(change: LeafChange): (invitation: Invited) => WelcomeChange {
  return ({ groups: [, bob] }) => ({
    tree: async (nodes) => {
      const position = { groupId: bob.id, leafIndex: 1 };
      const leafNode = await signed(bob.identity, leafAt(bob, 1), position, change);
      return nodes.map((node, i): Node | undefined => (i === 2 ? { type: "leaf", leafNode } : node));
    },
  });
}

const resumption: PreSharedKeyId = {
  type: "resumption",
  usage: "branch",
  pskGroupId: new Uint8Array([1]),
  pskEpoch: 0n,
  pskNonce: new Uint8Array(32),
};

describe("a Welcome is refused", () => {
  it("valn1401: with a PSK that the new member does not have", async () => {
    const psk = utf8("a key of everybody");
    const { joiner, bundle, genuine } = await invited({ psk });
    const join = { ...trusting, identity: joiner.identity, welcome: genuine, keyPackages: [bundle] };
    expect(await brokenBy(() => Group.join(join))).toEqual(["psk-not-found", "valn1401"]);
    expect((await Group.join({ ...join, psks: () => psk })).size).toBe(4);
  });

  it("valn1401: with two PSKs that link it to another group", async () => {
    const second = { ...resumption, usage: "reinit", pskNonce: new Uint8Array(32).fill(1) } as const;
    const psk = new Uint8Array(32);
    const psks = [resumption, second].map((id) => ({ id, psk }));
    await refusesChange({ psks }, ["welcome-psks", "valn1401"]);
  });

  it("valn1402: whose GroupInfo another key signed than its signer's, or a blank leaf", async () => {
    const signature = new Uint8Array(64);
    await refusesChange({ groupInfo: () => ({ signature }) }, ["group-info-signature", "valn1402"]);
    await refusesChange(({ groups }) => ({ signer: groups[1].identity }), ["group-info-signature", "valn1402"]);
    for (const signer of [4, 7, 0xffff_ffff]) {
      await refusesChange({ groupInfo: () => ({ signer }) }, ["group-info-signer", "valn1402"]);
    }
  });

  it("valn1403: of a group that the client is in", async () => {
    const invitation = await invited();
    const asked: Uint8Array[] = [];
    const hasGroup = (id: Uint8Array): boolean => asked.push(id) > 0;
    await refusesWelcome(invitation, invitation.genuine, ["group-exists", "valn1403"], { hasGroup });
    expect(asked).toEqual([invitation.alice.id]);
  });

  it("valn1404: whose GroupInfo is of another cipher suite than the key package", async () => {
    await refusesChange({ context: () => ({ cipherSuite: 3 }) }, ["welcome-suite", "valn1404"]);
  });

  it("valn1405: whose tree is not that of the tree hash", async () => {
    await refusesChange({ context: () => ({ treeHash: new Uint8Array(32) }) }, ["tree-hash", "valn1405"]);
    const invitation = await invited();
    const { alice, bundle, genuine, groups } = invitation;
    const other = await resealed(alice, bundle, genuine, {
      groupInfo: ({ extensions }) => ({ extensions: extensions.filter(({ type }) => type !== 2) }),
    });
    const [old] = groups;
    await commitTo(groups, old);
    await refusesWelcome(invitation, other, ["tree-hash", "valn1405"], { ratchetTree: old.ratchetTree() });
  });

  it("valn1406: whose tree has a parent hash that is not valid", async () => {
    const broken: Broken = ["parent-hash", "valn1406"];
    const populated = true;
    // Leaves stand at even places; 3 and 5 are parents, 3 the root of four leaves.
    await refusesChange(
      parent(3, () => ({ parentHash: new Uint8Array(32) })),
      broken,
      { populated },
    );
    const encryptionKey = new Uint8Array(32).fill(9);
    await refusesChange(
      parent(5, () => ({ encryptionKey })),
      broken,
      { populated },
    );
  });

  it("valn1407: whose tree has a leaf node that is not valid", async () => {
    const signature = new Uint8Array(64);
    await refusesChange(
      bobsLeaf(() => ({ signature })),
      ["leaf-signature", "valn0102"],
    );
    const unlisted = [{ type: 0xf0f0, data: new Uint8Array(0) }];
    await refusesChange(
      bobsLeaf(() => ({ extensions: unlisted })),
      ["leaf-extension-unlisted", "valn0107"],
    );
    await refusesChange(
      bobsLeaf(({ capabilities }) => ({ capabilities: { ...capabilities, cipherSuites: [2] } })),
      ["leaf-version-unsupported", "section 11.1"],
    );
    await refusesChange(
      ({ groups }) => {
        const { encryptionKey } = leafAt(groups[2], 2);
        return bobsLeaf(() => ({ encryptionKey }))({ groups } as Invited);
      },
      ["duplicate-encryption-key", "valn0112"],
    );
  });

  it("valn1408: whose tree lists an unmerged leaf that is blank, or not below its node", async () => {
    const broken: Broken = ["unmerged-leaves", "valn1408"];
    await refusesChange(
      parent(5, () => ({ unmergedLeaves: [0] })),
      broken,
      { populated: true },
    );
    await refusesChange(
      parent(3, () => ({ unmergedLeaves: [9] })),
      broken,
      { populated: true },
    );
  });

  it("valn1408: whose tree lists an unmerged leaf where there is none", async () => {
    const groups = await trio();
    const [alice, , carol] = groups;
    const erin = await keyPackageOf(await client("erin"));
    await commitTo(groups, alice, { add: [erin.keyPackage, (await keyPackageOf(await client("frank"))).keyPackage] });
    await commitTo(groups, carol);
    const joiner = await client("dave");
    const bundle = await keyPackageOf(joiner);
    const { welcome } = await commitTo(groups, alice, { add: [bundle.keyPackage] });
    // Seven places of eight are taken: the last leaf is blank, and the root covers it.
    const forged = await resealed(
      alice,
      bundle,
      welcome!,
      parent(7, () => ({ unmergedLeaves: [5, 7] })),
    );
    await refusesWelcome({ joiner, bundle, genuine: welcome! }, forged, ["unmerged-leaves", "valn1408"]);
  });

  it("valn1409: whose tree has a node between an unmerged leaf and its ancestor that does not list it", async () => {
    await refusesChange(
      parent(3, () => ({ unmergedLeaves: [3] })),
      ["unmerged-leaves", "valn1409"],
      {
        populated: true,
      },
    );
  });

  it("valn1410: whose tree has a parent node with the key of another node", async () => {
    const broken: Broken = ["duplicate-encryption-key", "valn1410"];
    const ofLeaf = parent(3, (_, nodes) => {
      const [leaf] = nodes;
      if (leaf?.type !== "leaf") throw new TypeError("a leaf was expected");
      return { encryptionKey: leaf.leafNode.encryptionKey };
    });
    await refusesChange(ofLeaf, broken, { populated: true });
    const ofParent = parent(5, (_, nodes) => {
      const root = nodes[3];
      if (root?.type !== "parent") throw new TypeError("a parent was expected");
      return { encryptionKey: root.parentNode.encryptionKey };
    });
    await refusesChange(ofParent, broken, { populated: true });
  });

  it("valn1411: whose confirmation tag is not that of the epoch", async () => {
    const groupInfo = (): object => ({ confirmationTag: new Uint8Array(32) });
    await refusesChange({ groupInfo }, ["confirmation-tag", "valn1411"]);
    // The tag is of this joiner secret, and of this transcript.
    await refusesChange({ secrets: () => ({ joinerSecret: new Uint8Array(32) }) }, ["welcome-open"]);
  });
});

describe("a Welcome is refused", () => {
  it("section 7.1 (1): whose tree has unmerged leaves that are not in increasing order", async () => {
    const broken: Broken = ["unmerged-leaves", "section 7.1"];
    await refusesChange(
      parent(5, () => ({ unmergedLeaves: [3, 2] })),
      broken,
      { populated: true },
    );
  });

  it("section 12.4.3.1 (1): of another cipher suite than its key package", async () => {
    const welcome = (): object => ({ cipherSuite: 3 });
    await refusesChange({ welcome }, ["welcome-suite", "section 12.4.3.1"]);
  });

  it("section 12.4.3.1 (2): whose path secret does not give the keys of the tree", async () => {
    const invitation = await invited({ populated: true });
    const { groups, alice } = invitation;
    const grace = { name: "grace", identity: (await client("grace")).identity };
    const own = await keyPackageOf(grace);
    const { welcome } = await commitTo(groups, alice, { add: [own.keyPackage], path: true });
    const pathSecret = { pathSecret: new Uint8Array(32) };
    const name = utf8("grace").join();
    const isGrace = ({ credential }: Member): boolean =>
      credential.type === "basic" && credential.identity.join() === name;
    const signer = [...alice.members].find(isGrace)!.leafIndex;
    const cases: readonly (readonly [WelcomeChange, string])[] = [
      [{ secrets: () => ({ pathSecret: { pathSecret: new Uint8Array(5) } }) }, "path-open"],
      // Signed by the new member itself, who has no common ancestor with itself.
      [{ signer: grace.identity, groupInfo: () => ({ signer }) }, "path-key-mismatch"],
    ];
    for (const [change, code] of cases) {
      const { identity } = grace;
      const other = await resealed(alice, own, welcome!, change);
      const join = { ...trusting, identity, welcome: other, keyPackages: [own] };
      expect(await brokenBy(() => Group.join(join))).toEqual([code, undefined]);
    }
    const forged = await resealed(alice, own, welcome!, { secrets: () => ({ pathSecret }) });
    await refusesWelcome({ joiner: grace, bundle: own, genuine: welcome! }, forged, [
      "path-key-mismatch",
      "section 12.4.3.1",
    ]);
  });

  it("section 12.4.3.1 (3): for nobody here, or whose tree does not hold the new member's leaf", async () => {
    const invitation = await invited();
    const { bundle, genuine } = invitation;
    const { identity } = await client("other");
    const others = await keyPackageOf({ name: "other", identity });
    const join = { ...trusting, identity, welcome: genuine, keyPackages: [others] };
    expect(await brokenBy(() => Group.join(join))).toEqual(["welcome-not-for-us", "section 12.4.3.1"]);
    const without = await resealed(invitation.alice, bundle, genuine, { tree: (nodes) => nodes.slice(0, 5) });
    await refusesWelcome(invitation, without, ["welcome-leaf", "section 12.4.3.1"]);
  });

  it("section 12.4.3.3 (1): without its tree, until that has been fetched", async () => {
    const invitation = await invited();
    const { alice, bundle, genuine } = invitation;
    const bare = await resealed(alice, bundle, genuine, {
      groupInfo: ({ extensions }) => ({ extensions: extensions.filter(({ type }) => type !== 2) }),
    });
    await refusesWelcome(invitation, bare, ["tree-missing", "section 12.4.3.3"]);
  });

  it("section 12.4.3.3 (2): whose tree ends with a blank node, has an even length, or nodes of the wrong kind", async () => {
    const invitation = await invited();
    const { alice, bundle, genuine, joiner } = invitation;
    const bare = await resealed(alice, bundle, genuine, {
      groupInfo: ({ extensions }) => ({ extensions: extensions.filter(({ type }) => type !== 2) }),
    });
    const nodes = decode(RatchetTreeNodes, alice.ratchetTree());
    const root: Node = {
      type: "parent",
      parentNode: { encryptionKey: new Uint8Array(32).fill(9), parentHash: new Uint8Array(0), unmergedLeaves: [] },
    };
    const shapes: RatchetTreeNodes[] = [
      [],
      [...nodes, undefined],
      [...nodes, undefined, undefined],
      [...nodes.slice(0, 5), root],
      nodes.map((node, i) => (i === 1 ? nodes[0] : node)),
      nodes.map((node, i) => (i === 2 ? root : node)),
    ];
    const { identity } = joiner;
    for (const shape of shapes) {
      const ratchetTree = encode(RatchetTreeNodes, shape);
      const join = { ...trusting, identity, welcome: bare, keyPackages: [bundle], ratchetTree };
      expect(await brokenBy(() => Group.join(join))).toEqual(["tree-malformed", undefined]);
    }
    const ratchetTree = alice.ratchetTree();
    expect((await Group.join({ ...trusting, identity, welcome: bare, keyPackages: [bundle], ratchetTree })).size).toBe(
      4,
    );
  });
});
