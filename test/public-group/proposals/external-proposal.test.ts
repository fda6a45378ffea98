import { describe, expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { externalSenders } from "../../../src/public-group/extensions.ts";
import { proposeAsExternalSender } from "../../../src/public-group/proposals/external-proposal.ts";
import { proposeToJoin } from "../../../src/group/joining/propose-to-join.ts";
import { Group } from "../../../src/group/group.ts";
import type { Candidate, GroupOptions } from "../../../src/public-group/options/settings.ts";
import type { ExtensionRegistry } from "../../../src/rules/registry.ts";
import type { Content, Sender } from "../../../src/wire/framing.ts";
import { agree, talk } from "../../group/agreement.ts";
import { forge } from "../../group/insider.ts";
import { refuses, refusal } from "../../group/refusal.ts";
import { forgeKeyPackage, published } from "../../rfc/leaves.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, trusting, type Client } from "../../group/world.ts";

const registry: ExtensionRegistry = {
  proposals: [
    { type: 0xf001, pathRequired: false, external: true, externalCommit: false, after: "psk" },
    { type: 0xf002, pathRequired: false, external: false, externalCommit: false, after: "psk" },
  ],
};

interface World {
  readonly groups: [alice: Group, bob: Group, carol: Group];
  readonly server: Client;
  readonly asked: Candidate[];
}

/** A group that lists two external senders; the second is the server. */
async function world(options: Partial<GroupOptions> = {}): Promise<World> {
  const asked: Candidate[] = [];
  const authentication = { validate: (candidate: Candidate) => asked.push(candidate) > 0 };
  const server = await client("server");
  const other = await client("another server");
  const extensions = [
    externalSenders(
      [other, server].map(({ identity: { signatureKey, credential } }) => ({ signatureKey, credential })),
    ),
  ];
  const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
  const groups = await groupOf(clients, { authentication, registry, extensions, ...options });
  return { groups: groups as World["groups"], server, asked };
}

describe("an external sender", () => {
  it("was judged by every member when it was listed (section 5.3.1)", async () => {
    const { asked, server, groups } = await world();
    const { credential, signatureKey } = server.identity;
    const candidate = { credential, signatureKey, groupId: groups[0].id, reason: "external_sender" };
    // By the creator and by each joiner, and again when the list changes, but not for what it keeps.
    expect(asked.filter(({ reason }) => reason === "external_sender").length).toBe(3 * 2);
    expect(asked).toContainEqual(candidate);
    asked.length = 0;
    const next = (await client("a new server")).identity;
    const extensions = [externalSenders([{ signatureKey, credential }, next])];
    await commitTo(groups, groups[1], { extensions });
    expect(asked.filter(({ reason }) => reason === "external_sender").length).toBe(3);
    expect(asked.every(({ credential: { type } }) => type === "basic")).toBe(true);
  });

  it("may propose what section 12.1.8 lets it", async () => {
    const { groups, server } = await world({ psks: () => utf8("psk") });
    const [alice, bob, carol] = groups;
    const dave = await client("dave");
    const bundle = await keyPackageOf(dave, { registry });
    const view = { groupId: alice.id, identity: server.identity, senderIndex: 1, registry };
    const changes = [
      { add: bundle.keyPackage },
      { remove: 2 },
      { psk: { type: "external", pskId: utf8("id") } },
      { extensions: [] },
      { custom: { proposalType: 0xf001, body: new Uint8Array([0]) } },
    ] as const;
    for (const change of changes) {
      const message = await proposeAsExternalSender({ ...view, epoch: alice.epoch, change });
      for (const group of groups) {
        expect(await group.receive(message)).toMatchObject({
          kind: "proposal",
          sender: { type: "external", senderIndex: 1 },
        });
      }
    }
    const pending = await commitTo(groups, alice);
    expect(pending.leftOut).toEqual([]);
    expect(pending.change).toMatchObject({
      added: [{ credential: dave.identity.credential }],
      removed: [{ leafIndex: 2 }],
      contextChanged: true,
      custom: [{ sender: { type: "external", senderIndex: 1 } }],
    });
    expect(carol.isGone).toBe(true);
    const joined = await Group.join({
      ...trusting,
      registry,
      psks: () => utf8("psk"),
      identity: dave.identity,
      welcome: pending.welcome!,
      keyPackages: [bundle],
    });
    agree([alice, bob, joined]);
    // The extensions are gone, and with them its right to propose.
    const message = await proposeAsExternalSender({ ...view, epoch: alice.epoch, change: { remove: 1 } });
    await refuses(alice, () => alice.receive(message), "external-sender-unknown");
  });

  it("may propose a ReInit", async () => {
    const { groups, server } = await world();
    const [alice] = groups;
    const { identity } = server;
    const reinit = { groupId: utf8("next"), cipherSuite: 1 };
    const { id: groupId, epoch } = alice;
    const message = await proposeAsExternalSender({ groupId, epoch, identity, senderIndex: 1, change: { reinit } });
    await deliver(message, groups);
    await commitTo(groups, alice);
    expect(groups.every((group) => group.isReinitialized)).toBe(true);
  });

  it("names an index, an epoch and changes that there can be", async () => {
    const { groups, server } = await world();
    const { id: groupId, epoch } = groups[0];
    const view = { groupId, epoch, identity: server.identity, senderIndex: 1, change: { remove: 2 } };
    await proposeAsExternalSender(view);
    const psk = (of: bigint) => ({ psk: { type: "resumption", groupId, epoch: of } }) as const;
    await proposeAsExternalSender({ ...view, change: psk(2n ** 64n - 1n) });
    const wrong = [
      { senderIndex: -1 },
      { senderIndex: 2 ** 32 },
      { epoch: -1n },
      { epoch: 2n ** 64n },
      { epoch: 1 as never },
      { change: { remove: 2 ** 32 } },
      { change: psk(-1n) },
      { change: psk(2n ** 64n) },
    ];
    for (const options of wrong) {
      await expect(proposeAsExternalSender({ ...view, ...options })).rejects.toThrow(TypeError);
    }
  });

  it("sends no key package that its owner has not signed (section 10.1)", async () => {
    const { groups, server } = await world();
    const { id: groupId, epoch } = groups[0];
    const signature = new Uint8Array(64);
    const wrong = [
      ["key-package-signature", { fields: () => ({ signature }) }],
      ["leaf-signature", { leaf: () => ({ signature }) }],
    ] as const;
    for (const [code, change] of wrong) {
      const add = published(await forgeKeyPackage(await client("dave"), change));
      const view = { groupId, epoch, identity: server.identity, senderIndex: 1 };
      expect(await refusal(() => proposeAsExternalSender({ ...view, change: { add } }))).toBe(code);
    }
  });

  it("is refused for what it may not, and for what it is not", async () => {
    const { groups, server } = await world();
    const [alice, bob] = groups;
    const view = { groupId: alice.id, epoch: alice.epoch, identity: server.identity, senderIndex: 1 };
    const custom = { proposalType: 0xf002, body: new Uint8Array([0]) };
    expect(await refusal(() => proposeAsExternalSender({ ...view, registry, change: { custom } }))).toBe(
      "external-sender-proposal",
    );
    expect(await refusal(() => proposeAsExternalSender({ ...view, change: { custom } }))).toBe(
      "external-sender-proposal",
    );
    const update = { update: {} } as never;
    await expect(proposeAsExternalSender({ ...view, change: update })).rejects.toBeInstanceOf(TypeError);

    const from = async (options: Partial<typeof view>): Promise<Uint8Array> =>
      proposeAsExternalSender({ ...view, ...options, change: { remove: 2 } });
    await refuses(bob, async () => bob.receive(await from({ senderIndex: 0 })), "message-signature");
    await refuses(bob, async () => bob.receive(await from({ senderIndex: 2 })), "external-sender-unknown");
    await refuses(bob, async () => bob.receive(await from({ groupId: utf8("other") })), "wrong-group");
    await refuses(bob, async () => bob.receive(await from({ epoch: 0n })), "proposal-epoch");
    const mallory = await client("mallory");
    await refuses(bob, async () => bob.receive(await from({ identity: mallory.identity })), "message-signature");
    expect(await bob.receive(await from({ epoch: 2n }))).toEqual({ kind: "later", epoch: 2n });

    const asServer = (content: Content, tag?: Uint8Array): Promise<Uint8Array> =>
      forgeOutside(alice, server, { type: "external", senderIndex: 1 }, content, tag);
    await refuses(
      bob,
      async () =>
        bob.receive(await asServer({ type: "proposal", proposal: { type: "external_init", kemOutput: utf8("x") } })),
      "external-sender-proposal",
    );
    const commit = { type: "commit", commit: { proposals: [], path: undefined } } as const;
    await refuses(bob, async () => bob.receive(await asServer(commit, new Uint8Array(32))), "sender-content");
    await refuses(
      bob,
      async () => bob.receive(await asServer({ type: "proposal", proposal: { type: "custom", ...custom } })),
      "external-sender-proposal",
    );
  });

  it("can't be one without a list of them", async () => {
    const { groups, server } = await world({ extensions: [] } as never);
    const [alice] = groups;
    const { id: groupId, epoch } = alice;
    const { identity } = server;
    const message = await proposeAsExternalSender({ groupId, epoch, identity, senderIndex: 0, change: { remove: 1 } });
    await refuses(alice, () => alice.receive(message), "external-sender-unknown");
  });
});

describe("a client that asks to be added", () => {
  it("is added by whoever commits", async () => {
    const { groups, asked } = await world();
    const [alice, bob] = groups;
    const dave = await client("dave");
    const bundle = await keyPackageOf(dave, { registry });
    const { id: groupId, epoch } = alice;
    const message = await proposeToJoin({ groupId, epoch, identity: dave.identity, keyPackage: bundle });
    asked.length = 0;
    for (const group of groups) {
      expect(await group.receive(message)).toMatchObject({ kind: "proposal", sender: { type: "new_member_proposal" } });
    }
    expect(asked.map(({ reason, credential }) => [reason, credential])).toEqual(
      groups.map(() => ["add", dave.identity.credential]),
    );
    const { welcome } = await commitTo(groups, bob);
    const joined = await Group.join({
      ...trusting,
      registry,
      identity: dave.identity,
      welcome: welcome!,
      keyPackages: [bundle],
    });
    agree([...groups, joined]);
    await talk([...groups, joined]);
  });

  it("is refused where the application refuses it, and where the message is not its own", async () => {
    let verdict = true;
    const { groups } = await world({ authentication: { validate: () => verdict } });
    const [alice, bob] = groups;
    const dave = await client("dave");
    const erin = await client("erin");
    const bundle = await keyPackageOf(dave, { registry });
    const { id: groupId, epoch } = alice;
    const view = { groupId, epoch, keyPackage: bundle };
    const message = await proposeToJoin({ ...view, identity: dave.identity });
    verdict = false;
    await refuses(bob, () => bob.receive(message), "credential-invalid");
    verdict = true;
    const borrowed = await proposeToJoin({ ...view, identity: erin.identity });
    await refuses(bob, () => bob.receive(borrowed), "message-signature");
    const remove: Content = { type: "proposal", proposal: { type: "remove", removed: 1 } };
    const other = await forgeOutside(alice, dave, { type: "new_member_proposal" }, remove);
    await refuses(bob, () => bob.receive(other), "new-member-proposal");
    const commit = { type: "commit", commit: { proposals: [], path: undefined } } as const;
    const committing = await forgeOutside(alice, dave, { type: "new_member_proposal" }, commit, new Uint8Array(32));
    await refuses(bob, () => bob.receive(committing), "sender-content");
    const pathless = await forgeOutside(alice, dave, { type: "new_member_commit" }, commit, new Uint8Array(32));
    await refuses(bob, () => bob.receive(pathless), "external-commit-path");
    const proposing = await forgeOutside(alice, dave, { type: "new_member_commit" }, remove);
    await refuses(bob, () => bob.receive(proposing), "sender-content");
    await expect(proposeToJoin({ ...view, identity: dave.identity, keyPackage: {} as never })).rejects.toBeInstanceOf(
      TypeError,
    );
    await deliver(message, groups);
    await commitTo(groups, bob);
    agree(groups);
  });
});

/** A message of somebody outside, whatever it says. */
function forgeOutside(
  group: Group,
  { identity }: Client,
  sender: Sender,
  content: Content,
  confirmationTag?: Uint8Array,
): Promise<Uint8Array> {
  const format = "mls_public_message";
  return forge(group, content, {
    format,
    sender,
    identity,
    ...(confirmationTag === undefined ? {} : { confirmationTag }),
  });
}
