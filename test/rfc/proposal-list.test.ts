/**
 * The list of a regular commit. RFC 9420 section 12.2.
 */

import { describe, expect, it } from "vitest";
import type { Group } from "../../src/group/group.ts";
import type { CommittedProposal } from "../../src/rules/proposal-list.ts";
import type { ExtensionRegistry } from "../../src/rules/registry.ts";
import type { Proposal } from "../../src/wire/proposal.ts";
import { client, groupOf } from "../group/world.ts";
import { refuses, trio, type Broken } from "./breaking.ts";
import { forgeCommit, proposed } from "./forging.ts";
import { forgeKeyPackage, forgeUpdate, published } from "./leaves.ts";

/** Bob refuses Alice's commit of such a list. */
async function refusesList(
  [alice, bob]: readonly Group[],
  proposals: readonly (Proposal | CommittedProposal)[],
  broken: Broken,
  registry?: ExtensionRegistry,
): Promise<void> {
  const known = registry === undefined ? {} : { registry };
  await refuses(bob!, await forgeCommit(alice!, { proposals, ...known }), broken);
}

async function addOf(name: string): Promise<Extract<Proposal, { type: "add" }>> {
  return { type: "add", keyPackage: await forgeKeyPackage(await client(name)) };
}

const psk = { type: "external", pskId: new Uint8Array([1]), pskNonce: new Uint8Array(32) } as const;
const reinit: Proposal = {
  type: "reinit",
  groupId: new Uint8Array([9]),
  version: 1,
  cipherSuite: 1,
  extensions: [],
};

describe("a commit is refused that holds", () => {
  it("valn0301: a proposal that is not valid by itself", async () => {
    await refusesList(await trio(), [{ type: "remove", removed: 3 }], ["remove-blank-leaf", "valn0701"]);
    const short = { ...psk, pskNonce: new Uint8Array(31) };
    await refusesList(await trio(), [{ type: "psk", psk: short }], ["psk-nonce-length", "valn0803"]);
  });

  it("valn0302: an Update of its committer, by value or by reference", async () => {
    const groups = await trio();
    const [alice, bob, carol] = groups;
    const update = await forgeUpdate(alice);
    await refusesList(groups, [update], ["commit-own-update", "valn0302"]);
    const referred = await proposed(alice, update, [bob, carol]);
    await refusesList(groups, [referred], ["commit-own-update", "valn0302"]);
  });

  it("valn0303: a Remove of its committer", async () => {
    const groups = await trio();
    await refusesList(groups, [{ type: "remove", removed: 0 }], ["commit-self-remove", "valn0303"]);
    const [alice] = groups;
    await refuses(alice, () => alice.commit({ remove: [0] }), ["commit-self-remove", "valn0303"]);
  });

  it("valn0304: two changes of one leaf", async () => {
    const broken: Broken = ["commit-leaf-changed-twice", "valn0304"];
    const remove: Proposal = { type: "remove", removed: 2 };
    await refusesList(await trio(), [remove, remove], broken);
    const groups = await trio();
    const [alice, bob, carol] = groups;
    const first = await proposed(carol, await forgeUpdate(carol), [alice, bob]);
    const second = await proposed(carol, await forgeUpdate(carol), [alice, bob]);
    await refusesList(groups, [first, second], broken);
    await refusesList(groups, [remove, first], broken);
    await refuses(bob, () => bob.commit({ remove: [2, 2] }), broken);
  });

  it("valn0305: two Adds of one client", async () => {
    const broken: Broken = ["commit-duplicate-add", "valn0305"];
    const dave = await client("dave");
    const groups = await trio();
    const [first, second] = [await forgeKeyPackage(dave), await forgeKeyPackage(dave)];
    await refusesList(
      groups,
      [first, second].map((keyPackage) => ({ type: "add", keyPackage })),
      broken,
    );
    await refuses(groups[1], () => groups[1].commit({ add: [published(first), published(second)] }), broken);
  });

  it("valn0305: two Adds of one client, as the application tells clients apart", async () => {
    const clientKey = (): Uint8Array => new Uint8Array([7]);
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
    const [alice] = await groupOf([clients[0]!], { authentication: { validate: () => true, clientKey } });
    const add = [await forgeKeyPackage(await client("x")), await forgeKeyPackage(await client("y"))].map(published);
    await refuses(alice!, () => alice!.commit({ add }), ["commit-duplicate-add", "valn0305"]);
  });

  it("valn0306: an Add of a client that is a member, and stays one", async () => {
    const broken: Broken = ["commit-add-existing", "valn0306"];
    const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
    const groups = (await groupOf(clients, { handshake: "public" })) as [Group, Group, Group];
    const keyPackage = await forgeKeyPackage(clients[2]!);
    await refusesList(groups, [{ type: "add", keyPackage }], broken);
    const [, bob] = groups;
    await refuses(bob, () => bob.commit({ add: [published(keyPackage)] }), broken);
    const moved = await bob.commit({ add: [published(keyPackage)], remove: [2] });
    expect(moved.change.added).toHaveLength(1);
  });

  it("valn0307: two PreSharedKey proposals of one PSK", async () => {
    const twice: Proposal = { type: "psk", psk };
    await refusesList(
      await trio({ psks: () => new Uint8Array(32) }),
      [twice, twice],
      ["commit-duplicate-psk", "valn0307"],
    );
  });

  it("valn0308: two GroupContextExtensions proposals", async () => {
    const none: Proposal = { type: "group_context_extensions", extensions: [] };
    await refusesList(await trio(), [none, none], ["commit-duplicate-extensions", "valn0308"]);
  });

  it("valn0309: a ReInit beside anything else", async () => {
    const broken: Broken = ["commit-reinit-not-alone", "valn0309"];
    await refusesList(await trio(), [reinit, { type: "remove", removed: 2 }], broken);
    await refusesList(await trio(), [reinit, reinit], broken);
    const [, bob] = await trio();
    const choice = { groupId: new Uint8Array([9]), cipherSuite: 1 };
    await refuses(bob, () => bob.commit({ reinit: choice, remove: [2] }), broken);
  });

  it("valn0310: an ExternalInit", async () => {
    const init: Proposal = { type: "external_init", kemOutput: new Uint8Array(32).fill(9) };
    await refusesList(await trio(), [init], ["commit-external-init", "valn0310"]);
  });

  it("valn0311: a type that a member does not support, unless that one is removed", async () => {
    const type = 0xf002;
    const declared = { type, pathRequired: false, external: false, externalCommit: false, after: "add" } as const;
    const registry = { proposals: [declared] };
    const custom: Proposal = { type: "custom", proposalType: type, body: new Uint8Array([0]) };
    // Bob does not know the type at all, so he can't read past it.
    const unknown = await trio();
    await refuses(unknown[1], await forgeCommit(unknown[0], { proposals: [custom], registry }), [
      "proposal-unknown-type",
    ]);
    // Bob knows it, and Carol's leaf does not list it.
    const [alice, bob, carol] = await trio({ registry });
    const lacking = await forgeUpdate(carol, ({ capabilities }) => ({
      capabilities: { ...capabilities, proposals: [] },
    }));
    const update = await proposed(carol, lacking, [alice, bob]);
    const first = await forgeCommit(alice, { proposals: [update], registry });
    await bob.receive(first);
    const own = await bob.commit({ pending: "none", path: true });
    own.drop();
    await refuses(bob, () => bob.commit({ custom: [{ proposalType: type, body: new Uint8Array([0]) }] }), [
      "proposal-unsupported",
      "valn0311",
    ]);
    const removing = await bob.commit({
      custom: [{ proposalType: type, body: new Uint8Array([0]) }],
      remove: [2],
    });
    expect(removing.change.custom).toHaveLength(1);
    removing.drop();
    await refuses(bob, () => bob.propose({ custom: { proposalType: 0xf009, body: new Uint8Array([0]) } }), [
      "proposal-unknown-type",
      "valn0311",
    ]);
  });

  it("valn0311: a type that a member does not support, when it arrives", async () => {
    const type = 0xf002;
    const declared = { type, pathRequired: false, external: false, externalCommit: false, after: "add" } as const;
    const registry = { proposals: [declared] };
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
    const [alice, bob] = (await groupOf(clients, { registry, handshake: "public" })) as [Group, Group];
    const keyPackage = await forgeKeyPackage(await client("dave"));
    const pending = await bob.commit({ add: [published(keyPackage)] });
    await alice.receive(pending.commit);
    await bob.apply(pending);
    const custom: Proposal = { type: "custom", proposalType: type, body: new Uint8Array([0]) };
    const commit = await forgeCommit(alice, { proposals: [custom], registry });
    await refuses(bob, commit, ["proposal-unsupported", "valn0311"]);
  });

  it("valn0312: what would leave a leaf node in the tree that is not valid", async () => {
    const groups = await trio();
    const add = await addOf("dave");
    const { encryptionKey } = add.keyPackage.leafNode;
    const twin = await forgeKeyPackage(await client("erin"), { leaf: () => ({ encryptionKey }) });
    await refusesList(groups, [add, { type: "add", keyPackage: twin }], ["duplicate-encryption-key", "valn0112"]);
    const [, bob] = groups;
    await refuses(bob, () => bob.commit({ add: [published(add.keyPackage), published(twin)] }), [
      "duplicate-encryption-key",
      "valn0112",
    ]);
  });
});
