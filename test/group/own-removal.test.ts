import { describe, expect, it } from "vitest";
import { selfRemoval, selfRemoveRequired, withSelfRemove } from "../../src/extensions/self-remove.ts";
import type { CommitEvent } from "../../src/public-group/events.ts";
import { proposeAsExternalSender } from "../../src/public-group/proposals/external-proposal.ts";
import { externalSenders } from "../../src/public-group/extensions.ts";
import { Group } from "../../src/group/group.ts";
import { signFramedContent } from "../../src/public-group/sign.ts";
import type { GroupOptions } from "../../src/public-group/options/settings.ts";
import type { Sender } from "../../src/wire/framing.ts";
import { decodeMessage, encodeMessage } from "../../src/wire/message.ts";
import { LiveSecrets } from "../schedule/live-secrets.ts";
import { agree, talk } from "./agreement.ts";
import { contentOf, forge, protect } from "./insider.ts";
import { refuses } from "./refusal.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, trusting, type Client } from "./world.ts";

const clients: readonly Client[] = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
const eve = await client("eve");
const server = await client("server");
const registry = withSelfRemove();

interface World {
  readonly alice: Group;
  readonly bob: Group;
  /** Whom the commit removes. */
  readonly carol: Group;
  readonly asked: CommitEvent[];
  /** What Carol's review says. */
  answer: boolean;
}

async function world(handshake: "private" | "public"): Promise<World> {
  const sender = { credential: server.identity.credential, signatureKey: server.identity.signatureKey };
  const extensions = [selfRemoveRequired, externalSenders([sender])];
  const made = await groupOf(clients, { handshake, registry, extensions });
  const [alice, bob, first] = made as [Group, Group, Group];
  const asked: CommitEvent[] = [];
  const state = { answer: true };
  const review = (change: CommitEvent): boolean => {
    asked.push(change);
    return state.answer;
  };
  const options: GroupOptions = { ...trusting, handshake, registry, review };
  const carol = await Group.restore({ ...options, identity: clients[2]!.identity, snapshot: first.snapshot() });
  return Object.assign(state, { alice, bob, carol, asked });
}

/** Every way in which a commit can remove Carol: the commit, made and not yet applied, and who is behind it. */
const ways: Readonly<
  Record<
    string,
    {
      readonly handshake: "private" | "public";
      readonly commit: (world: World) => Promise<Uint8Array>;
      readonly by?: Sender;
      readonly proposedBy?: Sender;
    }
  >
> = {
  "a Remove by value, private": {
    handshake: "private",
    commit: async ({ alice }) => (await alice.commit({ remove: [2] })).commit,
  },
  "a Remove by value, public": {
    handshake: "public",
    commit: async ({ alice }) => (await alice.commit({ remove: [2] })).commit,
  },
  "another member's Remove": {
    handshake: "private",
    commit: async ({ alice, bob, carol }) => {
      await deliver(await bob.propose({ remove: 2 }), [alice, carol]);
      return (await alice.commit()).commit;
    },
    proposedBy: { type: "member", leafIndex: 1 },
  },
  "a Remove of its own": {
    handshake: "private",
    commit: async ({ alice, bob, carol }) => {
      await deliver(await carol.propose({ remove: 2 }), [alice, bob]);
      return (await alice.commit()).commit;
    },
    proposedBy: { type: "member", leafIndex: 2 },
  },
  "a self_remove": {
    handshake: "public",
    commit: async ({ alice, bob, carol }) => {
      await deliver(await carol.propose({ custom: selfRemoval }), [alice, bob]);
      return (await alice.commit()).commit;
    },
    proposedBy: { type: "member", leafIndex: 2 },
  },
  "an external sender's Remove": {
    handshake: "public",
    commit: async ({ alice, bob, carol }) => {
      const { identity } = server;
      const { id: groupId, epoch } = alice;
      const change = { remove: 2 };
      const message = await proposeAsExternalSender({ groupId, epoch, identity, senderIndex: 0, change });
      await deliver(message, [alice, bob, carol]);
      return (await alice.commit()).commit;
    },
    proposedBy: { type: "external", senderIndex: 0 },
  },
  "an external commit in its place": {
    handshake: "public",
    commit: async ({ alice }) => {
      const groupInfo = await alice.groupInfo({ externalPub: true });
      const options = { ...trusting, registry, identity: eve.identity, groupInfo, replace: 2 };
      return (await Group.joinExternally(options)).commit;
    },
    by: { type: "new_member_commit" },
    proposedBy: { type: "new_member_commit" },
  },
};

describe.each(Object.entries(ways))("a removal of ourselves by %s", (_, { handshake, commit, by, proposedBy }) => {
  it("is shown to review first; on false nothing has changed, and the group goes on", async () => {
    const live = new LiveSecrets();
    try {
      const room = await world(handshake);
      const { alice, bob, carol, asked } = room;
      const message = await commit(room);
      room.answer = false;
      await refuses(carol, () => carol.receive(message), "commit-refused", live);
      expect(asked).toHaveLength(1);
      expect(asked[0]!.removed).toEqual([carol.self]);
      expect({ isGone: carol.isGone, removal: carol.removal }).toEqual({ isGone: false, removal: undefined });
      // The others have refused it too, and go on with her.
      alice.pendingCommit?.drop();
      room.answer = true;
      await commitTo([alice, bob, carol], bob, { path: true, pending: "none" });
      agree([alice, bob, carol]);
      await talk([alice, bob, carol]);
    } finally {
      live.stop();
    }
  });

  it("says by whom, and what the others see of it; what is public can be read, and no secret is left", async () => {
    const live = new LiveSecrets();
    try {
      const room = await world(handshake);
      const { alice, bob, carol, asked } = room;
      const self = carol.self;
      const message = await commit(room);
      const seen = await bob.receive(message);
      const without = live.count;
      const told = await carol.receive(message);
      const committer: Sender = by ?? { type: "member", leafIndex: 0 };
      expect(told).toEqual({
        kind: "removed",
        by: committer,
        proposedBy: proposedBy ?? committer,
        epoch: alice.epoch + 1n,
        change: seen,
      });
      expect(asked).toEqual([seen]);
      expect(carol.removal).toBe(told);
      expect({ isGone: carol.isGone, size: carol.size, self: carol.self }).toEqual({ isGone: true, size: 3, self });
      expect(live.count).toBeLessThan(without);
    } finally {
      live.stop();
    }
  });
});

describe("what a removed member can check of its removal, it checks", () => {
  it("a path that is not of the tree, a path that is missing, a tag that is none", async () => {
    const { alice, carol, asked } = await world("public");
    const made = await contentOf(carol, (await alice.commit({ remove: [2] })).commit);
    const { content } = made.content;
    if (content.type !== "commit") throw new TypeError("a commit was expected");
    const { confirmationTag } = made.auth;
    const path = content.commit.path!;
    const forged = (commit: typeof content.commit, tag = confirmationTag!): Promise<Uint8Array> =>
      forge(alice, { type: "commit", commit }, { format: "mls_public_message", confirmationTag: tag });
    const noPath = await forged({ proposals: content.commit.proposals, path: undefined });
    await refuses(carol, () => carol.receive(noPath), "commit-path-required");
    const short = await forged({ ...content.commit, path: { ...path, nodes: path.nodes.slice(1) } });
    await refuses(carol, () => carol.receive(short), "path-length");
    const otherLeaf = { ...path.leafNode, signature: new Uint8Array(64) };
    const unsigned = await forged({ ...content.commit, path: { ...path, leafNode: otherLeaf } });
    await refuses(carol, () => carol.receive(unsigned), "leaf-signature");
    const untagged = await forged(content.commit, new Uint8Array(31));
    await refuses(carol, () => carol.receive(untagged), "confirmation-tag");
    const unprotected = protect(alice, { ...made, auth: { ...made.auth, signature: new Uint8Array(64) } });
    await refuses(carol, () => carol.receive(unprotected), "message-signature");
    expect(asked).toEqual([]);
  });

  it("an external commit whose KEM output does not open", async () => {
    const { alice, carol } = await world("public");
    const groupInfo = await alice.groupInfo({ externalPub: true });
    const join = { ...trusting, registry, identity: eve.identity, groupInfo, replace: 2 };
    const decoded = decodeMessage((await Group.joinExternally(join)).commit);
    if (decoded.wireFormat !== "mls_public_message") throw new TypeError("a public message was expected");
    const { content: framed, auth } = decoded.publicMessage;
    if (framed.content.type !== "commit") throw new TypeError("a commit was expected");
    const proposals = framed.content.commit.proposals.map((entry) =>
      entry.type === "proposal" && entry.proposal.type === "external_init"
        ? { ...entry, proposal: { ...entry.proposal, kemOutput: new Uint8Array(32) } }
        : entry,
    );
    const content = { ...framed, content: { ...framed.content, commit: { ...framed.content.commit, proposals } } };
    const signature = await signFramedContent(eve.identity, "mls_public_message", content, alice.groupContext);
    const publicMessage = { content, auth: { ...auth, signature } };
    const message = encodeMessage({ wireFormat: "mls_public_message", publicMessage });
    await refuses(carol, () => carol.receive(message), "external-init-open");
  });
});

describe("a removal that the others have refused", () => {
  /** Alice and Bob let nobody be removed but by Alice; Carol has no such rule, and believes Bob. */
  async function torn(): Promise<{ readonly alice: Group; readonly bob: Group; readonly carol: Group }> {
    const made = (await groupOf(clients)) as [Group, Group, Group];
    // Coming back is not being put out: whoever joins in its own place stays.
    const review = ({ external, removed }: CommitEvent): boolean => external || removed.length === 0;
    const alice = await Group.restore({
      ...trusting,
      review,
      identity: clients[0]!.identity,
      snapshot: made[0].snapshot(),
    });
    const [, bob, carol] = made;
    const { commit } = await bob.commit({ remove: [2] });
    await refuses(alice, () => alice.receive(commit), "commit-refused");
    expect((await carol.receive(commit)).kind).toBe("removed");
    bob.pendingCommit!.drop();
    return { alice, bob, carol };
  }

  it("is undone by an external commit in the place of the old leaf", async () => {
    const { alice, bob, carol } = await torn();
    const groupInfo = await alice.groupInfo({ externalPub: true });
    const { identity, self, id } = carol;
    const require = { groupId: id };
    const join = await Group.joinExternally({ ...trusting, identity, groupInfo, replace: self.leafIndex, require });
    await deliver(join.commit, [alice, bob]);
    const back = await join.complete();
    agree([alice, bob, back]);
    await talk([alice, bob, back]);
    expect(back.self.leafIndex).toBe(2);
  });

  it("or by a new Welcome", async () => {
    const { alice, bob, carol } = await torn();
    const bundle = await keyPackageOf(clients[2]!);
    // Alice has no rule against what she does herself: it is Bob who commits here.
    const pending = await bob.commit({ remove: [carol.self.leafIndex], add: [bundle.keyPackage] });
    const lenient = await Group.restore({
      ...trusting,
      review: ({ removed, added }) => removed.length === added.length,
      identity: alice.identity,
      snapshot: alice.snapshot(),
    });
    await lenient.receive(pending.commit);
    await bob.apply(pending);
    const { identity, id: groupId } = carol;
    const welcome = pending.welcome!;
    const back = await Group.join({ ...trusting, identity, welcome, keyPackages: [bundle], require: { groupId } });
    agree([lenient, bob, back]);
    await talk([lenient, bob, back]);
  });
});
