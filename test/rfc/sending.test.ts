/**
 * What copse sends: the MUSTs that bind a sender. RFC 9420 sections 6 to 14.
 */

import { describe, expect, it } from "vitest";
import { Secret } from "../../src/bytes/secret.ts";
import { fromHex, hex, utf8 } from "../../src/bytes/text.ts";
import { decode } from "../../src/codec/codec.ts";
import { verifyWithLabel } from "../../src/crypto/labels.ts";
import { proposeAsExternalSender } from "../../src/public-group/proposals/external-proposal.ts";
import { proposeToJoin } from "../../src/group/joining/propose-to-join.ts";
import { externalSenders, requiredCapabilities } from "../../src/public-group/extensions.ts";
import { Group } from "../../src/group/group.ts";
import { openSenderData } from "../../src/group/protection.ts";
import type { LeafLookup } from "../../src/tree/ratchet-tree.ts";
import type { Commit } from "../../src/wire/commit.ts";
import { framedContentTbs } from "../../src/wire/framing.ts";
import { decodeMessage } from "../../src/wire/message.ts";
import type { SenderData } from "../../src/wire/private-message.ts";
import type { PublicMessage } from "../../src/wire/public-message.ts";
import { RatchetTreeNodes } from "../../src/wire/ratchet-tree.ts";
import { agree, talk } from "../group/agreement.ts";
import { storedOf } from "../group/insider.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, trusting } from "../group/world.ts";
import { refuses, trio } from "./breaking.ts";
import { forgeCommit } from "./forging.ts";
import { forgeKeyPackage, keyPackageIn, leafAt } from "./leaves.ts";
import { openWelcome } from "./sealing.ts";

function publicIn(message: Uint8Array): PublicMessage {
  const decoded = decodeMessage(message);
  if (decoded.wireFormat !== "mls_public_message") throw new TypeError("a public message was expected");
  return decoded.publicMessage;
}

function commitIn(message: Uint8Array): Commit {
  const { content } = publicIn(message).content;
  if (content.type !== "commit") throw new TypeError("a commit was expected");
  return content.commit;
}

/** The sender data of a private message of the group's current epoch. */
function senderDataOf(group: Group, message: Uint8Array): SenderData {
  const decoded = decodeMessage(message);
  if (decoded.wireFormat !== "mls_private_message") throw new TypeError("a private message was expected");
  const senderDataSecret = Secret.of("sender_data_secret", storedOf(group).secrets[0]);
  const context = group.groupContext;
  return openSenderData(
    { context, tree: { suite: group.suite } as LeafLookup, senderDataSecret },
    decoded.privateMessage,
  );
}

async function verifies(group: Group, message: Uint8Array, publicKey: Uint8Array): Promise<boolean> {
  const { content, auth } = publicIn(message);
  const tbs = framedContentTbs("mls_public_message", content, group.groupContext);
  const { signature } = auth;
  return verifyWithLabel(group.suite, { publicKey, label: "FramedContentTBS", content: tbs, signature });
}

describe("messages", () => {
  it("section 6.1 (3): are signed with the key of their sender's type: a leaf's, a path's, a key package's or an external sender's", async () => {
    const server = (await client("server")).identity;
    const { signatureKey, credential } = server;
    const groups = await trio({ extensions: [externalSenders([{ signatureKey, credential }])] });
    const [alice] = groups;
    expect(await verifies(alice, await alice.propose({ remove: 2 }), leafAt(alice, 0).signatureKey)).toBe(true);
    const view = { groupId: alice.id, epoch: alice.epoch };
    const external = await proposeAsExternalSender({
      ...view,
      identity: server,
      senderIndex: 0,
      change: { remove: 1 },
    });
    expect(await verifies(alice, external, signatureKey)).toBe(true);
    const dave = await client("dave");
    const { identity } = dave;
    const joining = await proposeToJoin({ ...view, identity, keyPackage: await keyPackageOf(dave) });
    expect(await verifies(alice, joining, identity.signatureKey)).toBe(true);
    const groupInfo = await alice.groupInfo();
    const { commit } = await Group.joinExternally({ ...trusting, identity, groupInfo });
    expect(await verifies(alice, commit, commitIn(commit).path!.leafNode.signatureKey)).toBe(true);
  });

  it("section 6.2 (1): have a membership tag where a member sends them in the open, and nowhere else", async () => {
    const [alice, bob] = await trio();
    const proposal = await alice.propose({ remove: 2 });
    expect(publicIn(proposal).membershipTag).toHaveLength(32);
    expect(await bob.receive(proposal)).toMatchObject({ kind: "proposal" });
    const { identity } = await client("erin");
    const { commit } = await Group.joinExternally({ ...trusting, identity, groupInfo: await alice.groupInfo() });
    expect(publicIn(commit)).not.toHaveProperty("membershipTag");
  });

  it("section 6.3.1 (1): are padded with zeros, as the sender chooses", async () => {
    const lengths = new Set<number>();
    const [alice, bob] = await trio({ padding: { kind: "multiple", of: 256 } });
    for (const length of [0, 1, 100]) {
      const message = await alice.seal(new Uint8Array(length));
      lengths.add(message.length);
      // Bob would refuse any padding but zeros (valn1303).
      expect(await bob.receive(message)).toMatchObject({ kind: "message" });
    }
    expect(lengths.size).toBe(1);
  });

  it("section 6.3.1 (2): carry a fresh reuse guard of four bytes, which their nonce was made with", async () => {
    const [alice, bob] = await trio();
    const guards = new Set<string>();
    for (let i = 0; i < 16; i++) {
      const message = await alice.seal(utf8("the same"));
      guards.add(hex(senderDataOf(alice, message).reuseGuard));
      expect(await bob.receive(message)).toMatchObject({ kind: "message" });
    }
    expect(guards.size).toBe(16);
    expect([...guards].every((guard) => guard.length === 8)).toBe(true);
  });

  it("section 6.3.1 (3), section 9.1 (1): never share a key: what a generation was used for is kept, also in a snapshot", async () => {
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
    const [first] = await groupOf(clients, { handshake: "private" });
    let alice = first!;
    const used: string[] = [];
    for (let i = 0; i < 4; i++) {
      used.push(`application ${senderDataOf(alice, await alice.seal(utf8("x"))).generation}`);
      const pending = await alice.commit();
      used.push(`handshake ${senderDataOf(alice, pending.commit).generation}`);
      pending.drop();
      alice = await Group.restore({ ...trusting, identity: alice.identity, snapshot: alice.snapshot() });
    }
    expect(new Set(used).size).toBe(8);
  });

  it("section 12.4 (3): with application data are not sent while proposals are pending", async () => {
    const groups = await trio();
    const [alice, bob] = groups;
    await deliver(await alice.propose({ remove: 2 }), groups, alice);
    for (const group of groups) {
      await refuses(group, () => group.seal(utf8("x")), ["pending-proposals", "section 12.4"]);
    }
    await commitTo(groups, bob);
    await talk([alice, bob]);
  });

  it("section 15.2 (1): are no more in an epoch than the AEAD bears", async () => {
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
    const groups = (await groupOf(clients, { window: { messagesPerEpoch: 3 } })) as [Group, Group];
    const [alice] = groups;
    for (let i = 0; i < 3; i++) await alice.seal(utf8("x"));
    await refuses(alice, () => alice.seal(utf8("x")), ["send-limit", "section 15.2"]);
    await refuses(alice, () => alice.propose({ update: {} }), ["send-limit", "section 15.2"]);
    await commitTo(groups, alice);
    await alice.seal(utf8("x"));
  });

  it("section 15.2 (2): are encrypted in the new epoch as soon as a commit has been applied", async () => {
    const groups = await trio();
    const [alice, bob] = groups;
    const pending = await alice.commit({ remove: [2] });
    await bob.receive(pending.commit);
    await alice.apply(pending);
    for (const group of [alice, bob]) {
      expect(decodeMessage(await group.seal(utf8("x")))).toMatchObject({ privateMessage: { epoch: 2n } });
    }
  });
});

describe("a commit", () => {
  it("section 12.4.1 (1): has a path where its proposals require one, where it has none, and where it is asked for", async () => {
    const [alice] = await trio();
    const made = async (options: Parameters<Group["commit"]>[0]): Promise<boolean> => {
      const pending = await alice.commit(options);
      pending.drop();
      return commitIn(pending.commit).path !== undefined;
    };
    const { keyPackage } = await keyPackageOf(await client("dave"));
    expect(await made({})).toBe(true);
    expect(await made({ remove: [2] })).toBe(true);
    expect(await made({ extensions: [] })).toBe(true);
    expect(await made({ add: [keyPackage] })).toBe(false);
    expect(await made({ add: [keyPackage], path: true })).toBe(true);
    expect(await made({ add: [keyPackage], remove: [1] })).toBe(true);
  });

  it("section 12.4.1 (2), section 8.4 (1): names its PSKs in the Welcome as in its proposals, in the same order", async () => {
    const [alice] = await trio({ psks: () => new Uint8Array(32) });
    const bundle = await keyPackageOf(await client("dave"));
    const psks = ["c", "a", "b"].map((id) => ({ type: "external", pskId: utf8(id) }) as const);
    const pending = await alice.commit({ add: [bundle.keyPackage], psks });
    const proposed = commitIn(pending.commit).proposals.flatMap((entry) =>
      entry.type === "proposal" && entry.proposal.type === "psk" ? [entry.proposal.psk] : [],
    );
    expect(proposed.map((id) => id.type === "external" && hex(id.pskId))).toEqual(["63", "61", "62"]);
    const named = proposed.map((id) => ({ id, psk: new Uint8Array(32) }));
    const { secrets } = await openWelcome(alice.suite, bundle, pending.welcome!, named);
    expect(secrets.psks).toEqual(proposed);
  });

  it("section 12.4.1 (3): has a Welcome for every new member", async () => {
    const [alice] = await trio();
    const clients = await Promise.all(["dave", "erin", "frank"].map((name) => client(name)));
    const bundles = await Promise.all(clients.map((one) => keyPackageOf(one)));
    const pending = await alice.commit({ add: bundles.map(({ keyPackage }) => keyPackage) });
    await alice.apply(pending);
    const welcome = pending.welcome!;
    const joined = await Promise.all(
      clients.map(({ identity }, i) => Group.join({ ...trusting, identity, welcome, keyPackages: [bundles[i]!] })),
    );
    agree([alice, ...joined]);
  });

  it("section 14 (1): changes nothing while it is only made", async () => {
    const [alice] = await trio();
    const before = hex(alice.snapshot());
    const { epoch } = alice;
    const pending = await alice.commit({ remove: [2], path: true });
    expect(alice.epoch).toBe(epoch);
    expect(alice.size).toBe(3);
    pending.drop();
    // What was sent is remembered, so that it is recognised when it comes back; the rest is as it was.
    const after = { ...storedOf(alice), sent: [] };
    const restored = await Group.restore({ ...trusting, identity: alice.identity, snapshot: fromHex(before) });
    const earlier = { ...storedOf(restored), sent: [] };
    expect(after).toEqual(earlier);
  });

  it("section 12.3 (1): applies its proposals in the order of the section, whatever theirs", async () => {
    const [alice, bob] = await trio();
    // The Remove frees the place that the Add takes, whichever comes first.
    const add = { type: "add", keyPackage: await forgeKeyPackage(await client("erin")) } as const;
    const remove = { type: "remove", removed: 2 } as const;
    for (const proposals of [
      [add, remove],
      [remove, add],
    ]) {
      const [from, to] = await trio();
      const event = await to.receive(await forgeCommit(from, { proposals }));
      expect(event).toMatchObject({ kind: "commit", added: [{ leafIndex: 2 }], removed: [{ leafIndex: 2 }] });
    }
    const pending = await bob.commit({ add: [(await keyPackageOf(await client("dave"))).keyPackage], remove: [2] });
    expect(pending.change.added.map(({ leafIndex }) => leafIndex)).toEqual([2]);
    await alice.receive(pending.commit);
    await bob.apply(pending);
    agree([alice, bob]);
  });

  it("section 12.3 (2): judges its Adds by its own new extensions", async () => {
    const registry = { credentials: [0xf003] };
    const [alice, bob] = await trio({ registry });
    const extensions = [requiredCapabilities({ credentialTypes: [0xf003] })];
    const { keyPackage } = await keyPackageOf(await client("dave"));
    await refuses(bob, () => bob.commit({ add: [keyPackage], extensions }), [
      "required-capabilities-unsupported",
      "valn1001",
    ]);
    const known = await keyPackageOf(await client("dave"), { registry });
    const pending = await bob.commit({ add: [known.keyPackage], extensions });
    expect(await alice.receive(pending.commit)).toMatchObject({ kind: "commit", contextChanged: true });
  });
});

describe("what else is made", () => {
  it("section 8.4 (2): PSKs have a fresh random nonce of length KDF.Nh each time", async () => {
    const [alice] = await trio({ psks: () => new Uint8Array(32) });
    const nonces = new Set<string>();
    const choices = [
      { type: "external", pskId: utf8("id") },
      { type: "resumption", groupId: alice.id, epoch: alice.epoch },
    ] as const;
    for (let i = 0; i < 6; i++) {
      const pending = await alice.commit({ psks: [choices[i % 2]!] });
      for (const { pskNonce } of pending.change.psks) {
        expect(pskNonce).toHaveLength(32);
        nonces.add(hex(pskNonce));
      }
      pending.drop();
    }
    expect(nonces.size).toBe(6);
  });

  it("section 10 (3), section 10 (4): key packages have fresh keys each time, and a leaf of source key_package", async () => {
    const dave = await client("dave");
    const made = await Promise.all([1, 2, 3].map(async () => keyPackageIn((await keyPackageOf(dave)).keyPackage)));
    const keys = made.flatMap(({ initKey, leafNode }) => [hex(initKey), hex(leafNode.encryptionKey)]);
    expect(new Set(keys).size).toBe(6);
    for (const { leafNode } of made) expect(leafNode.leafNodeSource.type).toBe("key_package");
  });

  it("section 11 (1): groups begin at epoch 0, with their creator alone, a random id and an empty transcript", async () => {
    const { identity } = await client("alice");
    const [one, two] = await Promise.all([1, 2].map(() => Group.create({ ...trusting, identity })));
    expect(hex(one!.id)).not.toBe(hex(two!.id));
    expect(one!.id).toHaveLength(32);
    expect(one!.groupContext).toMatchObject({ version: 1, cipherSuite: 1, epoch: 0n, extensions: [] });
    expect(one!.groupContext.confirmedTranscriptHash).toHaveLength(0);
    expect([one!.size, one!.treeWidth]).toEqual([1, 1]);
    expect(hex(one!.epochAuthenticator)).not.toBe(hex(two!.epochAuthenticator));
  });

  it("section 12.4.3.3 (3): ratchet trees end with a node that is not blank", async () => {
    const groups = await trio();
    const [alice, bob] = groups;
    for (const name of ["dave", "erin"]) {
      await commitTo(groups, alice, { add: [(await keyPackageOf(await client(name))).keyPackage] });
    }
    for (const removed of [4, 3, 2]) {
      await commitTo([alice, bob], alice, { remove: [removed] });
      const nodes = decode(RatchetTreeNodes, alice.ratchetTree());
      expect(nodes.length % 2).toBe(1);
      expect(nodes[nodes.length - 1]).toBeDefined();
    }
  });

  it("section 7.2 (3): leaf nodes are signed anew whenever their content changes", async () => {
    const groups = await trio();
    const [alice, bob, carol] = groups;
    const seen = new Set([hex(leafAt(alice, 0).signature)]);
    await commitTo(groups, alice);
    seen.add(hex(leafAt(alice, 0).signature));
    await deliver(await alice.propose({ update: {} }), groups, alice);
    await commitTo(groups, bob);
    seen.add(hex(leafAt(carol, 0).signature));
    expect(seen.size).toBe(3);
  });
});
