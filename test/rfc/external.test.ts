/**
 * External commits, and proposals from outside. RFC 9420 sections 6.1, 12.1.8, 12.2, 12.4.3.2.
 */

import { describe, expect, it } from "vitest";
import { externalSenders } from "../../src/public-group/extensions.ts";
import { proposeAsExternalSender } from "../../src/public-group/proposals/external-proposal.ts";
import { type Group } from "../../src/group/group.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import { signFramedContent } from "../../src/public-group/sign.ts";
import { checkExternalSenderType } from "../../src/rules/external-commit.ts";
import type { Content, FramedContent, Sender } from "../../src/wire/framing.ts";
import { decodeMessage, encodeMessage } from "../../src/wire/message.ts";
import type { Proposal } from "../../src/wire/proposal.ts";
import { client, keyPackageOf, suiteOf, trusting, type Client } from "../group/world.ts";
import { brokenBy, refuses, trio, type Broken } from "./breaking.ts";
import { forgeCommit, forgeExternalCommit, proposed, type Forgery } from "./forging.ts";
import { forgeKeyPackage, forgeUpdate, leafAt } from "./leaves.ts";

/** A member and an observer refuse an external commit with such a change. */
async function refusesExternal(
  forgery: (Forgery & { readonly init?: boolean }) | ((groups: readonly Group[]) => Forgery | Promise<Forgery>),
  broken: Broken,
): Promise<void> {
  const groups = await trio();
  const [alice, bob] = groups;
  const groupInfo = await alice.groupInfo();
  const observer = await Observer.follow({ ...trusting, suite: suiteOf(), groupInfo });
  const before = observer.snapshot();
  const { identity } = await client("erin");
  const made = typeof forgery === "function" ? await forgery(groups) : forgery;
  const commit = await forgeExternalCommit(groupInfo, identity, made);
  await refuses(bob, commit, broken);
  expect(await brokenBy(() => observer.receive(commit))).toEqual([...broken]);
  expect(observer.snapshot()).toEqual(before);
}

/** A message of somebody outside, signed with its key. */
async function fromOutside(
  group: Group,
  { identity }: Client,
  sender: Sender,
  content: Content,
  options: { readonly signature?: Uint8Array } = {},
): Promise<Uint8Array> {
  const { groupId, epoch } = group.groupContext;
  const framed: FramedContent = { groupId, epoch, sender, authenticatedData: new Uint8Array(0), content };
  const format = "mls_public_message";
  const signature = options.signature ?? (await signFramedContent(identity, format, framed, group.groupContext));
  const tag = content.type === "commit" ? { confirmationTag: new Uint8Array(32) } : {};
  return encodeMessage({ wireFormat: format, publicMessage: { content: framed, auth: { signature, ...tag } } });
}

/** A group that has listed a server as its external sender. */
async function served(): Promise<{ readonly groups: readonly [Group, Group, Group]; readonly server: Client }> {
  const server = await client("server");
  const { signatureKey, credential } = server.identity;
  const groups = await trio({ extensions: [externalSenders([{ signatureKey, credential }])] });
  return { groups, server };
}

const psk = { type: "external", pskId: new Uint8Array([1]), pskNonce: new Uint8Array(32) } as const;
const init: Proposal = { type: "external_init", kemOutput: new Uint8Array(32).fill(9) };

describe("an external commit is refused", () => {
  it("valn0401: without an ExternalInit, or with two", async () => {
    await refusesExternal({ init: false }, ["external-commit-init", "valn0401"]);
    await refusesExternal({ proposals: [init] }, ["external-commit-init", "valn0401"]);
  });

  it("valn0402: with two Removes", async () => {
    const proposals: Proposal[] = [
      { type: "remove", removed: 1 },
      { type: "remove", removed: 2 },
    ];
    await refusesExternal({ proposals }, ["external-commit-removes", "valn0402"]);
  });

  it("valn0402: whose leaf is no Update of the one that it removes: the same key, or no valid successor", async () => {
    const same = ([, , carol]: readonly Group[]): Forgery => {
      const { encryptionKey } = leafAt(carol!, 2);
      return { proposals: [{ type: "remove", removed: 2 }], leaf: () => ({ encryptionKey }) };
    };
    await refusesExternal(same, ["leaf-encryption-key-reused", "valn1208"]);
    const asked: unknown[] = [];
    const validate = ({ previous }: { readonly previous?: unknown }): boolean => {
      if (previous !== undefined) asked.push(previous);
      return previous === undefined;
    };
    const [alice, bob] = await trio({ authentication: { validate } });
    const commit = await forgeExternalCommit(await alice.groupInfo(), (await client("erin")).identity, {
      proposals: [{ type: "remove", removed: 2 }],
    });
    await refuses(bob, commit, ["credential-invalid", "section 5.3.1"]);
    expect(asked).toEqual([bob.member(2)?.credential]);
  });

  it("valn0403: no more for PSKs, as long as each is named once", async () => {
    const key = new Uint8Array(32).fill(5);
    const [alice, bob] = await trio({ psks: () => key });
    const { identity } = await client("erin");
    const other = { ...psk, pskId: new Uint8Array([2]) };
    const groupInfo = await alice.groupInfo();
    const twice = await forgeExternalCommit(groupInfo, identity, {
      proposals: [psk, psk].map((id) => ({ type: "psk", psk: id })),
      psk: () => key,
    });
    await refuses(bob, twice, ["commit-duplicate-psk", "valn0307"]);
    const commit = await forgeExternalCommit(groupInfo, identity, {
      proposals: [psk, other].map((id) => ({ type: "psk", psk: id })),
      psk: () => key,
    });
    expect(await bob.receive(commit)).toMatchObject({ kind: "commit", external: true, psks: [psk, other] });
  });

  it("valn0404: with any other proposal", async () => {
    const keyPackage = await forgeKeyPackage(await client("dave"));
    const others: Proposal[] = [
      { type: "add", keyPackage },
      { type: "group_context_extensions", extensions: [] },
      { type: "reinit", groupId: new Uint8Array([1]), version: 1, cipherSuite: 1, extensions: [] },
    ];
    for (const other of others) await refusesExternal({ proposals: [other] }, ["external-commit-proposal", "valn0404"]);
    const update = async ([, bob]: readonly Group[]): Promise<Forgery> => {
      const proposal = await forgeUpdate(bob!);
      const sender = { type: "member", leafIndex: 1 } as const;
      return { proposals: [{ proposal, sender }] };
    };
    await refusesExternal(update, ["external-commit-proposal", "valn0404"]);
  });

  it("valn0405: without a path", async () => {
    await refusesExternal({ path: false }, ["external-commit-path", "valn0405"]);
  });

  it("valn0406: with a proposal by reference", async () => {
    const groups = await trio();
    const [alice, bob, carol] = groups;
    const remove = await proposed(carol, { type: "remove", removed: 0 }, [alice, bob]);
    const { identity } = await client("erin");
    const commit = await forgeExternalCommit(await alice.groupInfo(), identity, { proposals: [remove] });
    await refuses(bob, commit, ["external-commit-reference", "valn0406"]);
  });

  it("valn0407: that another key signed than its leaf's", async () => {
    const { identity: signer } = await client("mallory");
    await refusesExternal({ signer }, ["message-signature", "valn1301"]);
  });

  it("valn0408: that another sender type than new_member_commit sends", async () => {
    const { groups, server } = await served();
    const [alice, bob] = groups;
    const { identity } = await client("erin");
    const decoded = decodeMessage(await forgeExternalCommit(await alice.groupInfo(), identity));
    if (decoded.wireFormat !== "mls_public_message") throw new TypeError("a public message was expected");
    const { content } = decoded.publicMessage.content;
    const external = await fromOutside(bob, server, { type: "external", senderIndex: 0 }, content);
    await refuses(bob, external, ["sender-content", "valn1501"]);
    const joiner = await fromOutside(bob, { name: "erin", identity }, { type: "new_member_proposal" }, content);
    await refuses(bob, joiner, ["sender-content", "valn1503"]);
    await refuses(bob, await forgeCommit(alice, { proposals: [init] }), ["commit-external-init", "valn0310"]);
    // Behind those checks the rule stands for itself, should another sender type come.
    for (const sender of [{ type: "external", senderIndex: 0 }, { type: "new_member_proposal" }] as const) {
      expect(await brokenBy(() => checkExternalSenderType(sender))).toEqual(["external-commit-sender", "valn0408"]);
    }
  });
});

describe("a message from outside is refused", () => {
  it("valn1501: of an external sender that is no proposal", async () => {
    const { groups, server } = await served();
    const content: Content = { type: "commit", commit: { proposals: [], path: undefined } };
    const message = await fromOutside(groups[1], server, { type: "external", senderIndex: 0 }, content);
    await refuses(groups[1], message, ["sender-content", "valn1501"]);
  });

  it("valn1502: of an external sender with a proposal that is not for it", async () => {
    const { groups, server } = await served();
    const [, bob] = groups;
    const update = await forgeUpdate(bob);
    const custom = { type: 0xf002, pathRequired: false, external: false, externalCommit: false, after: "add" } as const;
    for (const proposal of [update, init]) {
      const sender = { type: "external", senderIndex: 0 } as const;
      const message = await fromOutside(bob, server, sender, { type: "proposal", proposal });
      await refuses(bob, message, ["external-sender-proposal", "valn1502"]);
    }
    const { identity } = server;
    const make = (): unknown =>
      proposeAsExternalSender({
        identity,
        senderIndex: 0,
        groupId: bob.id,
        epoch: bob.epoch,
        change: { custom: { proposalType: custom.type, body: new Uint8Array([0]) } },
        registry: { proposals: [custom] },
      });
    expect(await brokenBy(make)).toEqual(["external-sender-proposal", "valn1502"]);
  });

  it("valn1502: of an external sender, but not the five types that are for it", async () => {
    const { groups, server } = await served();
    const [, bob] = groups;
    const { keyPackage } = await keyPackageOf(await client("dave"));
    const changes = [
      { add: keyPackage },
      { remove: 2 },
      { psk: { type: "external", pskId: new Uint8Array([1]) } },
      { reinit: { groupId: new Uint8Array([1]), cipherSuite: 1 } },
      { extensions: [] },
    ] as const;
    const { identity } = server;
    const { id: groupId, epoch } = bob;
    for (const change of changes) {
      const message = await proposeAsExternalSender({ identity, senderIndex: 0, groupId, epoch, change });
      expect(await bob.receive(message)).toMatchObject({ kind: "proposal", sender: { type: "external" } });
    }
  });

  it("valn1503: of a new member that is no proposal", async () => {
    const [, bob] = await trio();
    const content: Content = { type: "commit", commit: { proposals: [], path: undefined } };
    const message = await fromOutside(bob, await client("dave"), { type: "new_member_proposal" }, content);
    await refuses(bob, message, ["sender-content", "valn1503"]);
  });

  it("valn1504: of a new member with another proposal than an Add", async () => {
    const [, bob] = await trio();
    for (const proposal of [
      { type: "remove", removed: 0 },
      { type: "psk", psk },
    ] as const) {
      const content: Content = { type: "proposal", proposal };
      const message = await fromOutside(bob, await client("dave"), { type: "new_member_proposal" }, content);
      await refuses(bob, message, ["new-member-proposal", "valn1504"]);
    }
  });

  it("section 6.1 (1): of a new_member_commit that is no commit", async () => {
    const [, bob] = await trio();
    const content: Content = { type: "proposal", proposal: { type: "remove", removed: 0 } };
    const message = await fromOutside(bob, await client("dave"), { type: "new_member_commit" }, content);
    await refuses(bob, message, ["sender-content", "section 6.1"]);
  });

  it("section 6.1 (2): of an external sender whom the group has not listed, or with another's key", async () => {
    const { groups, server } = await served();
    const [, bob] = groups;
    const content: Content = { type: "proposal", proposal: { type: "remove", removed: 2 } };
    const beyond = await fromOutside(bob, server, { type: "external", senderIndex: 1 }, content);
    await refuses(bob, beyond, ["external-sender-unknown", "section 6.1"]);
    const mallory = await client("mallory");
    const forged = await fromOutside(bob, mallory, { type: "external", senderIndex: 0 }, content);
    await refuses(bob, forged, ["message-signature", "valn1301"]);
    const keyPackage = await forgeKeyPackage(await client("dave"));
    const add: Content = { type: "proposal", proposal: { type: "add", keyPackage } };
    const stolen = await fromOutside(bob, mallory, { type: "new_member_proposal" }, add);
    await refuses(bob, stolen, ["message-signature", "valn1301"]);
  });

  it("section 12.1.8 (1): of an external sender in any other format than a PublicMessage, which is all that copse sends", async () => {
    const { groups, server } = await served();
    const [, bob] = groups;
    const { identity } = server;
    const { id: groupId, epoch } = bob;
    const message = await proposeAsExternalSender({
      identity,
      senderIndex: 0,
      groupId,
      epoch,
      change: { remove: 2 },
    });
    expect(decodeMessage(message)).toMatchObject({ wireFormat: "mls_public_message" });
  });
});
