import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import { encode } from "../../../src/codec/codec.ts";
import { CopseError } from "../../../src/errors.ts";
import { proposeToJoin } from "../../../src/group/joining/propose-to-join.ts";
import { Group } from "../../../src/group/group.ts";
import { signLeaf } from "../../../src/public-group/leaf.ts";
import { Observer } from "../../../src/public-group/observer/observer.ts";
import { receiveMessage } from "../../../src/group/receiving/receive.ts";
import { restoreState } from "../../../src/group/restoring/restore.ts";
import { readSnapshot } from "../../../src/group/restoring/snapshot.ts";
import type { GroupOptions } from "../../../src/public-group/options/settings.ts";
import { settingsOf } from "../../../src/public-group/options/settings-of.ts";
import { wipeState } from "../../../src/group/state.ts";
import { FramedContent, type AuthenticatedContent } from "../../../src/wire/framing.ts";
import { LiveSecrets } from "../../schedule/live-secrets.ts";
import { agree, talk } from "../agreement.ts";
import { contentOf, forge, protect } from "../insider.ts";
import { failure, refuses, refusal } from "../refusal.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, trusting } from "../world.ts";

let live: LiveSecrets;
beforeEach(() => {
  live = new LiveSecrets();
});
afterEach(() => {
  live.stop();
});

type Trio = [alice: Group, bob: Group, carol: Group];

async function trio(options: Partial<GroupOptions> = {}): Promise<Trio> {
  const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
  return (await groupOf(clients, options)) as Trio;
}

const formats = ["private", "public"] as const;

describe.each(formats)("a message that was tampered with, %s handshakes", (handshake) => {
  const kinds = {
    message: (alice: Group) => alice.seal(utf8("hello")),
    "Update proposal": (alice: Group) => alice.propose({ update: {} }),
    "Add proposal": async (alice: Group) =>
      alice.propose({ add: (await keyPackageOf(await client("dave"))).keyPackage }),
    "commit with a path": async (alice: Group) => (await alice.commit()).commit,
    "commit without a path": async (alice: Group) =>
      (await alice.commit({ add: [(await keyPackageOf(await client("dave"))).keyPackage] })).commit,
  };

  it.each(Object.keys(kinds) as (keyof typeof kinds)[])("changes nothing: %s", async (kind) => {
    const groups = await trio({ handshake });
    const [alice, bob] = groups;
    const message = await kinds[kind](alice);
    const before = hex(bob.snapshot());
    const alive = live.bytes();
    const epochEnd = 4 + 1 + 32 + 8;
    // Every byte of the header, and every seventh of the rest.
    for (let at = 0; at < message.length; at += at < epochEnd + 16 ? 1 : 7) {
      const forged = message.slice();
      forged[at]! ^= 1 << (at % 8);
      const outcome: unknown = await bob.receive(forged).catch((error: unknown) => error);
      // A later epoch can't be told from a forged one: it changes nothing either.
      if (!(outcome instanceof CopseError)) expect(outcome, `byte ${String(at)}`).toMatchObject({ kind: "later" });
      expect(hex(bob.snapshot()), `byte ${String(at)}`).toBe(before);
    }
    for (let length = 0; length < message.length; length += 13) {
      await expect(bob.receive(message.subarray(0, length))).rejects.toBeInstanceOf(CopseError);
    }
    expect(hex(bob.snapshot())).toBe(before);
    expect(live.bytes()).toEqual(alive);
    expect((await bob.receive(message)).kind).not.toBe("later");
  });
});

describe("a message that does not belong", () => {
  it("is of another group", async () => {
    const [, bob] = await trio();
    const message = await (await trio())[0].seal(utf8("x"));
    await refuses(bob, () => bob.receive(message), "wrong-group", live);
    for (const handshake of formats) {
      const [stranger] = await trio({ handshake });
      const { commit } = await stranger.commit();
      await refuses(bob, () => bob.receive(commit), "wrong-group", live);
    }
  });

  it.each(formats)("is of a past epoch, where that is no application message (%s)", async (handshake) => {
    const groups = await trio({ handshake });
    const [alice, bob, carol] = groups;
    const proposal = await carol.propose({ update: {} });
    const lost = await carol.commit();
    await commitTo([alice, bob], alice);
    await refuses(bob, () => bob.receive(proposal), "proposal-epoch", live);
    await refuses(bob, () => bob.receive(lost.commit), "wrong-epoch", live);
  });

  it.each(formats)("is of a later epoch: it can wait (%s)", async (handshake) => {
    const [alice, bob, carol] = await trio({ handshake });
    const first = await commitTo([alice, carol], alice);
    const message = await alice.seal(utf8("later"));
    const second = await commitTo([alice, carol], carol);
    const before = hex(bob.snapshot());
    expect(await bob.receive(second.commit)).toEqual({ kind: "later", epoch: 2n });
    expect(await bob.receive(message)).toEqual({ kind: "later", epoch: 2n });
    expect(hex(bob.snapshot())).toBe(before);
    await bob.receive(first.commit);
    expect(await bob.receive(message)).toMatchObject({ kind: "message" });
    await bob.receive(second.commit);
    agree([alice, bob, carol]);
  });

  it("is no message of a group", async () => {
    const [alice, bob] = await trio();
    const { keyPackage } = await keyPackageOf(await client("dave"));
    const { welcome } = await alice.commit({ add: [keyPackage] });
    for (const bytes of [keyPackage, welcome!, await alice.groupInfo()]) {
      await refuses(bob, () => bob.receive(bytes), "not-a-group-message", live);
    }
    expect(await failure(() => bob.receive("no bytes" as unknown as Uint8Array))).toBeInstanceOf(TypeError);
  });

  it("comes again", async () => {
    const groups = await trio({ handshake: "private" });
    const [alice, bob, carol] = groups;
    const message = await alice.seal(utf8("once"));
    const proposal = await alice.propose({ update: {} });
    await bob.receive(message);
    await bob.receive(proposal);
    await refuses(bob, () => bob.receive(message), "private-message-open < message-key-used", live);
    await refuses(bob, () => bob.receive(proposal), "private-message-open < message-key-used", live);
    await carol.receive(proposal);
    const { commit } = await commitTo(groups, carol);
    await refuses(bob, () => bob.receive(commit), "wrong-epoch", live);
    await refuses(bob, () => bob.receive(message), "private-message-open < message-key-used", live);
    agree(groups);
  });

  it("comes again as a public proposal: it is the same proposal", async () => {
    const groups = await trio({ handshake: "public" });
    const [alice, bob] = groups;
    const proposal = await alice.propose({ update: {} });
    const event = await bob.receive(proposal);
    const before = hex(bob.snapshot());
    expect(await bob.receive(proposal)).toEqual(event);
    expect(hex(bob.snapshot())).toBe(before);
    expect(bob.pendingProposals.length).toBe(1);
  });

  it("is application data in the open", async () => {
    const [alice, bob] = await trio();
    const content = { type: "application", applicationData: utf8("in the open") } as const;
    const message = await forge(alice, content, { format: "mls_public_message" });
    await refuses(bob, () => bob.receive(message), "application-public", live);
    // Of an epoch that has not come, too: it is not worth waiting with.
    const later = await forge(alice, content, { format: "mls_public_message", epoch: 7n });
    await refuses(bob, () => bob.receive(later), "application-public", live);
    const observer = await Observer.follow({ ...trusting, suite: alice.suite, groupInfo: await alice.groupInfo() });
    for (const bytes of [message, later]) {
      expect(await refusal(() => observer.receive(bytes))).toBe("application-public");
    }
  });

  it("is of a wire format that the policy refuses", async () => {
    for (const handshake of formats) {
      const [alice, bob, carol] = await trio({ handshake });
      const other = handshake === "private" ? "public" : "private";
      const strict = await Group.restore({
        ...trusting,
        acceptHandshake: other,
        identity: carol.identity,
        snapshot: carol.snapshot(),
      });
      const { commit } = await commitTo([alice, bob], alice);
      await refuses(strict, () => strict.receive(commit), "handshake-policy", live);
      await carol.receive(commit);
      agree([alice, bob, carol]);
    }
  });

  it.each(formats)(
    "is not what the policy asks of members: %s, and anybody's from outside",
    async (acceptHandshake) => {
      const [alice, bob] = await trio({ handshake: acceptHandshake, acceptHandshake });
      await bob.receive(await alice.propose({ update: {} }));
      const dave = await client("dave");
      const { id: groupId, epoch } = bob;
      const keyPackage = await keyPackageOf(dave);
      const message = await proposeToJoin({ identity: dave.identity, keyPackage, groupId, epoch });
      expect(await bob.receive(message)).toMatchObject({ kind: "proposal", sender: { type: "new_member_proposal" } });
    },
  );

  it("commits an Update of this member whose private key is not there any more", async () => {
    const groups = await trio();
    const [alice, bob] = groups;
    await alice.receive(await bob.propose({ update: {} }));
    const { commit } = await alice.commit();
    const snapshot = readSnapshot(bob.snapshot());
    const proposals = snapshot.proposals.map(([number, each]) => [number, { ...each, privateKey: null }] as const);
    const state = await restoreState({
      identity: bob.identity,
      stored: { ...snapshot, proposals },
      isInStore: false,
      pending: undefined,
      nextIdentities: [],
      skip: 0,
      settings: settingsOf(trusting),
    });
    expect(await refusal(() => receiveMessage(state, commit))).toBe("own-message-unknown");
    expect(state.epoch.context.epoch).toBe(1n);
    wipeState(state);
    await bob.receive(commit);
  });

  it("names this member as its sender, and it never sent it", async () => {
    const [, bob] = await trio({ handshake: "public" });
    const proposal = await forge(
      bob,
      { type: "proposal", proposal: { type: "remove", removed: 0 } },
      { format: "mls_public_message" },
    );
    await refuses(bob, () => bob.receive(proposal), "own-message-unknown", live);
    const commit = await forge(
      bob,
      { type: "commit", commit: { proposals: [], path: undefined } },
      { format: "mls_public_message", confirmationTag: new Uint8Array(32) },
    );
    await refuses(bob, () => bob.receive(commit), "own-message-unknown", live);
  });

  it("comes from a blank leaf, or from beyond the tree", async () => {
    const groups = await trio();
    const [alice, bob, carol] = groups;
    for (const leafIndex of [3, 4, 0xffff_ffff]) {
      const content = { type: "proposal", proposal: { type: "remove", removed: 1 } } as const;
      const sender = { type: "member", leafIndex } as const;
      const message = await forge(carol, content, { format: "mls_public_message", sender });
      await refuses(bob, () => bob.receive(message), "sender-blank", live);
    }
    await commitTo([alice, bob], alice);
  });
});

describe.each(formats)("a commit that is refused late (%s)", (handshake) => {
  const format = handshake === "private" ? "mls_private_message" : "mls_public_message";

  /** The committer's own commit, changed, and authenticated again with its real keys. */
  async function resigned(
    group: Group,
    reader: Group,
    change: (authenticated: AuthenticatedContent) => AuthenticatedContent,
  ): Promise<Uint8Array> {
    const { content, auth } = change(await contentOf(reader, group.pendingCommit!.commit));
    return forge(group, content.content, {
      format,
      ...(auth.confirmationTag === undefined ? {} : { confirmationTag: auth.confirmationTag }),
    });
  }

  it("has a wrong confirmation tag", async () => {
    const groups = await trio({ handshake });
    const [alice, bob] = groups;
    const own = await bob.propose({ update: {} });
    await deliver(own, groups, bob);
    const pending = await alice.commit();
    const made = await contentOf(bob, pending.commit);
    const message = protect(alice, { ...made, auth: { ...made.auth, confirmationTag: new Uint8Array(32) } });
    await refuses(bob, () => bob.receive(message), "confirmation-tag", live);
    await deliver(pending.commit, groups);
    agree(groups);
    await talk(groups);
  });

  it("has path secrets that do not open, or that do not give the public keys", async () => {
    const groups = await trio({ handshake });
    const [alice, bob] = groups;
    const pending = await alice.commit();
    const spoil =
      (what: "kemOutput" | "ciphertext" | "encryptionKey") =>
      (authenticated: AuthenticatedContent): AuthenticatedContent => {
        const { content } = authenticated.content;
        if (content.type !== "commit" || content.commit.path === undefined) throw new TypeError("a path was expected");
        const nodes = content.commit.path.nodes.map((node) => ({
          encryptionKey:
            what === "encryptionKey" ? bob.member(2)!.encryptionKey.map((byte, i) => byte ^ i) : node.encryptionKey,
          encryptedPathSecret: node.encryptedPathSecret.map((sealed) =>
            what === "encryptionKey" ? sealed : { ...sealed, [what]: sealed[what].map((byte) => byte ^ 1) },
          ),
        }));
        const commit = { ...content.commit, path: { ...content.commit.path, nodes } };
        return { ...authenticated, content: { ...authenticated.content, content: { ...content, commit } } };
      };
    const wrongOpening = await resigned(alice, bob, spoil("ciphertext"));
    await refuses(bob, () => bob.receive(wrongOpening), "path-open", live);
    const wrongKem = await resigned(alice, bob, spoil("kemOutput"));
    await refuses(bob, () => bob.receive(wrongKem), "path-open", live);
    // Other public keys are another parent hash: that is seen before any secret is used.
    const wrongKeys = await resigned(alice, bob, spoil("encryptionKey"));
    await refuses(bob, () => bob.receive(wrongKeys), "duplicate-encryption-key", live);
    await deliver(pending.commit, groups);
    agree(groups);
  });

  it("keeps the encryption key of the leaf that it replaces (valn1208)", async () => {
    const [alice, bob] = await trio({ handshake });
    const { content, auth } = await contentOf(bob, (await alice.commit()).commit);
    if (content.content.type !== "commit" || content.content.commit.path === undefined) throw new TypeError("no path");
    const { commit } = content.content;
    const { encryptionKey } = alice.self;
    const leaf = { ...commit.path!.leafNode, encryptionKey };
    const leafNode = await signLeaf(alice.identity, leaf, { groupId: alice.id, leafIndex: 0 });
    const kept = { ...commit, path: { ...commit.path!, leafNode } };
    const confirmationTag = auth.confirmationTag!;
    const message = await forge(alice, { type: "commit", commit: kept }, { format, confirmationTag });
    await refuses(bob, () => bob.receive(message), "leaf-encryption-key-reused", live);
  });

  it("comes after a ReInit", async () => {
    const groups = await trio({ handshake });
    const [alice, bob] = groups;
    await commitTo(groups, alice, { reinit: { groupId: utf8("next"), cipherSuite: 1 } });
    const proposal = await forge(alice, { type: "proposal", proposal: { type: "remove", removed: 2 } }, { format });
    await refuses(bob, () => bob.receive(proposal), "group-reinitialized", live);
    const commit = { proposals: [], path: undefined };
    const confirmationTag = new Uint8Array(32);
    const message = await forge(alice, { type: "commit", commit }, { format, confirmationTag });
    await refuses(bob, () => bob.receive(message), "group-reinitialized", live);
  });

  it("could hold an ExternalInit that a member proposed: the proposal is refused (valn0408)", async () => {
    const groups = await trio({ handshake });
    const [alice, bob] = groups;
    const proposal = { type: "external_init", kemOutput: new Uint8Array(32) } as const;
    const message = await forge(alice, { type: "proposal", proposal }, { format });
    await refuses(bob, () => bob.receive(message), "external-commit-sender", live);
    await commitTo(groups, bob);
    agree(groups);
  });

  it("refers to a proposal that has not arrived", async () => {
    const groups = await trio({ handshake });
    const [alice, bob, carol] = groups;
    const proposal = await carol.propose({ update: {} });
    await alice.receive(proposal);
    const pending = await alice.commit();
    await refuses(bob, () => bob.receive(pending.commit), "proposal-not-found", live);
    await bob.receive(proposal);
    await deliver(pending.commit, groups);
    agree(groups);
  });

  it("needs a PSK that is not there", async () => {
    let known = false;
    const psk = utf8("a key that was shared beforehand");
    const groups = await trio({ handshake, psks: () => (known ? psk : undefined) });
    const [alice, bob] = groups;
    known = true;
    const withPath = await alice.commit({ psks: [{ type: "external", pskId: utf8("id") }], path: true });
    known = false;
    await refuses(bob, () => bob.receive(withPath.commit), "psk-not-found", live);
    withPath.drop();
    known = true;
    const pending = await alice.commit({ psks: [{ type: "external", pskId: utf8("id") }] });
    known = false;
    await refuses(bob, () => bob.receive(pending.commit), "psk-not-found", live);
    known = true;
    await deliver(pending.commit, groups);
    agree(groups);
  });

  it("is refused by the application's review, or the review fails", async () => {
    let verdict: () => boolean = () => true;
    const groups = await trio({ handshake, review: () => verdict() });
    const [alice, bob] = groups;
    const own = await bob.propose({ update: {} });
    await deliver(own, groups, bob);
    const pending = await alice.commit();
    verdict = () => false;
    await refuses(bob, () => bob.receive(pending.commit), "commit-refused", live);
    verdict = () => {
      throw new CopseError("group-exists");
    };
    await refuses(bob, () => bob.receive(pending.commit), "group-exists", live);
    verdict = () => true;
    await deliver(pending.commit, groups);
    agree(groups);
    await talk(groups);
  });

  it("brings a credential that the application does not authenticate", async () => {
    let verdict = true;
    const groups = await trio({ handshake, authentication: { validate: () => verdict } });
    const [alice, bob] = groups;
    const dave = await client("dave");
    const { keyPackage } = await keyPackageOf(dave);
    const pending = await alice.commit({ add: [keyPackage] });
    verdict = false;
    await refuses(bob, () => bob.receive(pending.commit), "credential-invalid", live);
    verdict = true;
    pending.drop();
    const rotated = await alice.commit({ identity: (await client("alice")).identity });
    verdict = false;
    await refuses(bob, () => bob.receive(rotated.commit), "credential-invalid", live);
    verdict = true;
    rotated.drop();
    const proposal = await alice.propose({ add: keyPackage });
    verdict = false;
    await refuses(bob, () => bob.receive(proposal), "credential-invalid", live);
    verdict = true;
    await deliver(proposal, groups);
    await commitTo(groups, bob);
    agree(groups);
  });

  it("is of a stranger who asks to be believed", async () => {
    const groups = await trio({ handshake });
    const [alice, bob] = groups;
    const { commit } = await alice.commit();
    const mallory = await client("mallory");
    const { content, auth } = await contentOf(bob, commit);
    const forged = await forge(alice, content.content, {
      format,
      confirmationTag: auth.confirmationTag!,
      signature: await mallory.identity.signer.sign(encode(FramedContent, content)),
    });
    const code = handshake === "private" ? "private-message-open < message-signature" : "message-signature";
    await refuses(bob, () => bob.receive(forged), code, live);
    await bob.receive(commit);
  });
});

describe("a removed member", () => {
  it.each(formats)("is told so, and holds nothing afterwards (%s)", async (handshake) => {
    const groups = await trio({ handshake });
    const [alice, bob, carol] = groups;
    await carol.propose({ update: {} });
    await carol.commit();
    const alive = live.count;
    const last = { id: carol.id, epoch: carol.epoch, size: 3, self: carol.self, members: [...carol.members] };
    const context = carol.groupContext;
    const tree = carol.ratchetTree();
    const { commit, change } = await commitTo([alice, bob], alice, { remove: [2] });
    const by = { type: "member", leafIndex: 0 };
    const removal = { kind: "removed", by, proposedBy: by, epoch: 2n, change };
    expect(await carol.receive(commit)).toEqual(removal);
    expect(change.removed).toEqual([last.self]);
    expect(carol.removal).toEqual(removal);
    // What is public of the last epoch can be read.
    const { id, epoch, size, self } = carol;
    expect({ id, epoch, size, self, members: [...carol.members] }).toEqual(last);
    expect(carol.groupContext).toEqual(context);
    expect(carol.ratchetTree()).toEqual(tree);
    expect(carol.member(0)).toEqual(last.members[0]);
    expect(carol.inspect(commit).epoch).toBe(1n);
    expect(carol.pendingProposals).toEqual([]);
    expect(carol.pendingCommit).toBeUndefined();
    expect(live.count).toBeLessThan(alive);
    expect(carol.isGone).toBe(true);
    const message = await alice.seal(utf8("without carol"));
    const calls: (() => unknown)[] = [
      () => carol.receive(message),
      () => carol.seal(utf8("x")),
      () => carol.propose({ update: {} }),
      () => carol.commit(),
      () => carol.groupInfo(),
      () => carol.branch({ keyPackages: [] }),
      () => carol.reinitialize({ keyPackages: [] }),
      () => carol.epochAuthenticator,
      () => carol.exportSecret("a", utf8(""), 16),
    ];
    for (const call of calls) expect(await refusal(call)).toBe("group-gone");
    // And it can be stored: with how it ended, and without a secret.
    const again = await Group.restore({ ...trusting, identity: carol.identity, snapshot: carol.snapshot() });
    expect({ removal: again.removal, isGone: again.isGone }).toEqual({ removal, isGone: true });
    expect({
      id: again.id,
      epoch: again.epoch,
      size: again.size,
      self: again.self,
      members: [...again.members],
    }).toEqual(last);
    expect(again.snapshot()).toEqual(carol.snapshot());
    for (const call of [() => again.receive(message), () => again.epochAuthenticator, () => again.seal(utf8("x"))]) {
      expect(await refusal(call)).toBe("group-gone");
    }
    const pskNonce = new Uint8Array(32);
    const psk = { type: "resumption", usage: "application", pskGroupId: id, pskEpoch: epoch, pskNonce } as const;
    expect(carol.psks()(psk)).toBeUndefined();
  });
});
