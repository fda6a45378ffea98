import { beforeEach, describe, expect, test } from "vitest";
import type { DaveReply, DaveSessionEvent } from "../../../src/adapters/dave/index.ts";
import { cipherSuite } from "../../../src/crypto/choose.ts";
import { externalSenders } from "../../../src/public-group/extensions.ts";
import { createKeyPackage } from "../../../src/group/joining/key-package-bundle.ts";
import { Group } from "../../../src/group/group.ts";
import { basic, createIdentity } from "../../../src/public-group/identity.ts";
import { trustAnyCredential } from "../../../src/public-group/options/settings.ts";
import { proposeAsExternalSender } from "../../../src/public-group/proposals/external-proposal.ts";
import type { Extension } from "../../../src/wire/extension.ts";
import { extensionTypes } from "../../../src/wire/registries.ts";
import { bigEndian } from "../../../src/adapters/dave/user-id.ts";
import { framed, raw } from "../../../src/adapters/dave/payloads.ts";
import { channelId, CopseClient, Gateway, type Client } from "./gateway.ts";

const [aliceId, bobId, carolId] = [1n, 2n, 3n];

const rogueKey = Uint8Array.from({ length: 32 }, (_, i) => i + 1);

let gateway: Gateway;
let alice: CopseClient;
let bob: CopseClient;
let events: DaveSessionEvent[];

beforeEach(async () => {
  gateway = await Gateway.create();
  events = [];
  alice = await CopseClient.create({ userId: aliceId, onEvent: (event) => events.push(event) });
  bob = await CopseClient.create({ userId: bobId });
  await gateway.connect(alice);
  await gateway.connect(bob);
});

function refusals(): readonly string[] {
  return events.flatMap((event) => (event.kind === "refused" ? [`${event.what} ${event.error.code}`] : []));
}

function propose(client: Client, ...proposals: readonly Uint8Array[]): Promise<readonly DaveReply[]> {
  return client.receive({ kind: "proposals", sequence: 0, proposals });
}

/** A member that keeps to RFC 9420, and not to DAVE. */
async function rogue(sender = gateway.externalSender, extensions: readonly Extension[] = []): Promise<Group> {
  const credential = basic(bigEndian(carolId));
  const identity = await createIdentity({ suite: cipherSuite(2), credential, privateKey: rogueKey });
  return Group.create({
    identity,
    groupId: bigEndian(channelId),
    extensions: [externalSenders([sender]), ...extensions],
    authentication: trustAnyCredential,
    handshake: "public",
    grease: false,
    lifetime: { maximum: Infinity },
  });
}

describe("proposals", () => {
  test("of whom the gateway has not named are refused", async () => {
    const carol = await CopseClient.create({ userId: carolId });
    await gateway.connect(carol);
    await alice.receive({ kind: "clientDisconnect", userId: carolId });
    gateway.leaves = [alice];
    expect(await propose(alice, await gateway.add(carol))).toEqual([]);
    expect(refusals()).toEqual(["proposal credential-invalid"]);
    expect(await propose(alice, await gateway.add(bob))).toMatchObject([{ kind: "commitWelcome" }]);
  });

  test("are the gateway's, of this epoch, and Adds or Removes", async () => {
    await gateway.create(alice, [bob]);
    const other = await createIdentity({ suite: cipherSuite(2), credential: basic("gateway") });
    const view = { groupId: bigEndian(channelId), senderIndex: 0, change: { remove: 1 } } as const;
    const forged = await proposeAsExternalSender({ ...view, identity: other, epoch: 1n });
    const old = await proposeAsExternalSender({ ...view, identity: gateway.identity, epoch: 0n });
    const context = { extensions: [externalSenders([other])] };
    const takeover = await proposeAsExternalSender({ ...view, identity: gateway.identity, epoch: 1n, change: context });
    for (const proposal of [forged, old, takeover]) expect(await propose(alice, proposal)).toEqual([]);
    expect(refusals()).toEqual([
      "proposal message-signature",
      "proposal proposal-epoch",
      "proposal external-sender-proposal",
    ]);
    expect(alice.session.epoch).toBe(1n);
  });

  test("that are revoked are not committed", async () => {
    const carol = await CopseClient.create({ userId: carolId });
    await gateway.connect(carol);
    gateway.leaves = [alice];
    const [one, two] = [await gateway.add(bob), await gateway.add(carol)];
    await propose(alice, one, two);
    const refs = [gateway.refOf(two), new Uint8Array(32)];
    const replies = await alice.receive({ kind: "revocation", sequence: 0, refs });
    await gateway.choose(alice, replies, { added: [bob], removed: [] });
    expect(alice.session.members.map(({ userId }) => userId)).toEqual([aliceId, bobId]);
    expect(bob.authenticator).toEqual(alice.authenticator);
    const all = await alice.receive({ kind: "revocation", sequence: 0, refs: [gateway.refOf(one)] });
    expect(all).toEqual([]);
  });

  test("without a group are ignored", async () => {
    const early = await CopseClient.create({ userId: carolId, onEvent: (event) => events.push(event) });
    await early.receive({ kind: "selectProtocol", protocolVersion: 1 }); // whose the gateway's key is it does not know yet
    gateway.leaves = [alice];
    expect(await propose(early, await gateway.add(bob))).toEqual([]);
    expect(await early.receive({ kind: "revocation", sequence: 0, refs: [new Uint8Array(32)] })).toEqual([]);
    expect(refusals()).toEqual([]);
  });

  test("of our own removal are for others to commit", async () => {
    await gateway.create(alice, [bob]);
    expect(await propose(alice, await gateway.propose({ remove: alice }))).toEqual([]);
    expect(refusals()).toEqual([]);
  });

  test("in an encrypted message, or of a member, are refused", async () => {
    const group = await rogue();
    const pending = await group.commit({ add: [framed("keyPackage", gateway.keyPackageOf(alice))] });
    await group.apply(pending);
    await alice.receive({ kind: "welcome", sequence: 0, transitionId: 7, welcome: pending.welcome! });
    const sealed = await group.seal(new Uint8Array(3));
    const proposal = await group.propose({ remove: alice.session.self.leafIndex });
    expect(await propose(alice, proposal)).toEqual([]);
    const { commit } = await group.commit({ path: true });
    expect(await propose(alice, commit)).toEqual([]);
    const proposals = [sealed, new Uint8Array(3)];
    expect(await alice.session.receive({ kind: "proposals", sequence: 0, proposals })).toEqual([]);
    expect(refusals()).toEqual([
      "proposal external-sender-proposal",
      "proposal external-sender-proposal",
      "proposal handshake-policy",
      "proposal decode-version",
    ]);
  });

  test("that a part of the application fails at are no refusals", async () => {
    const failing = { isOn: false };
    const carol = await CopseClient.create({
      userId: carolId,
      onEvent: (event) => events.push(event),
      clock: () => {
        if (failing.isOn) throw new RangeError("the clock stands");
        return 0;
      },
    });
    await gateway.connect(carol);
    gateway.leaves = [carol];
    failing.isOn = true;
    await expect(propose(carol, await gateway.add(bob))).rejects.toThrow(RangeError);
    expect(refusals()).toEqual([]);
  });

  test("that are there already, or were never there, leave the commit as it is", async () => {
    gateway.leaves = [alice];
    const add = await gateway.add(bob);
    const first = await propose(alice, add);
    expect(await propose(alice, add)).toEqual(first);
    const refs = [new Uint8Array(32), new Uint8Array(0)];
    expect(await alice.receive({ kind: "revocation", sequence: 0, refs })).toEqual(first);
    await gateway.choose(alice, first, { added: [bob], removed: [] });
    expect(bob.authenticator).toEqual(alice.authenticator);
  });

  test("of key packages are refused where the credential is no user's, and told where we can't commit them", async () => {
    gateway.leaves = [alice];
    const userId = 77n;
    const suite = cipherSuite(2);
    const proposed = async (identity: Uint8Array, notAfter: bigint): Promise<readonly DaveReply[]> => {
      const clock = (): number => 500_000;
      const { keyPackage } = await createKeyPackage({
        identity: await createIdentity({ suite, credential: basic(identity) }),
        lifetime: { notBefore: 0n, notAfter },
        clock,
        grease: false,
      });
      const client = await CopseClient.create({ userId: aliceId, onEvent: (event) => events.push(event) });
      await gateway.connect(client);
      await client.receive({ kind: "clientsConnect", userIds: [userId, 0n] });
      const add = await proposeAsExternalSender({
        ...{ identity: gateway.identity, senderIndex: 0, groupId: bigEndian(channelId), epoch: 0n, clock },
        change: { add: keyPackage },
        lifetime: { maximum: Infinity },
      });
      return propose(client, add);
    };
    const always = 2n ** 64n - 1n;
    expect(await proposed(bigEndian(userId), always)).toMatchObject([{ kind: "commitWelcome" }]);
    expect(await proposed(bigEndian(userId), 1000n)).toEqual([]); // over: who commits keeps to RFC 9420 section 7.3
    for (const length of [0, 7, 9, 16]) {
      const identity = new Uint8Array(length);
      identity.set(bigEndian(userId).subarray(0, length));
      expect(await proposed(identity, always)).toEqual([]);
    }
    expect(refusals()).toEqual(["proposal commit-refused", ...Array<string>(4).fill("proposal credential-invalid")]);
  });

  test("twice of one user are refused, and the second device of one that stays", async () => {
    const twin = await CopseClient.create({ userId: bobId });
    gateway.clients.add(twin);
    gateway.keep(twin, await twin.receive({ kind: "selectProtocol", protocolVersion: 1 }));
    gateway.leaves = [alice];
    expect(await propose(alice, await gateway.add(bob), await gateway.add(twin))).toEqual([]);
    expect(refusals()).toEqual(["proposal commit-refused"]);
    await alice.receive({ kind: "revocation", sequence: 0, refs: [] });
  });

  test("a user that comes back takes its old leaf's place in one commit", async () => {
    await gateway.create(alice, [bob]);
    const again = await CopseClient.create({ userId: bobId });
    await gateway.disconnect(bob);
    await gateway.connect(again);
    await gateway.change(alice, { removed: [bob], added: [again] });
    expect(again.authenticator).toEqual(alice.authenticator);
    expect(alice.session.members.map(({ userId }) => userId)).toEqual([aliceId, bobId]);
  });
});

describe("the gateway itself", () => {
  test("has a key that is one, else what it had stays", async () => {
    const { signatureKey } = gateway.externalSender;
    const x509 = { type: "x509", certificates: [new Uint8Array(3)] } as const;
    for (const externalSender of [
      { signatureKey: new Uint8Array(0), credential: basic("gateway") },
      { signatureKey: new Uint8Array(65).fill(4), credential: basic("gateway") },
      { signatureKey, credential: x509 },
    ]) {
      expect(await alice.receive({ kind: "externalSender", sequence: 0, externalSender })).toEqual([]);
    }
    expect(refusals()).toEqual([
      "externalSender key-invalid",
      "externalSender key-invalid",
      "externalSender credential-invalid",
    ]);
    await gateway.create(alice, [bob]);
    expect(bob.authenticator).toEqual(alice.authenticator);
  });

  test("selects a version that is spoken here", async () => {
    const protocolVersion = 2;
    await gateway.create(alice, [bob]);
    for (const message of [
      { kind: "selectProtocol", protocolVersion },
      { kind: "prepareEpoch", epoch: 1n, protocolVersion },
      { kind: "prepareTransition", transitionId: 9, protocolVersion },
    ] as const) {
      expect(await alice.receive(message)).toEqual([]);
    }
    expect(refusals()).toEqual(Array(3).fill("version decode-value"));
    expect(alice.session.protocolVersion).toBe(1);
    expect(alice.session.epoch).toBe(1n);
    await alice.receive({ kind: "executeTransition", transitionId: 9 });
    expect(alice.session.mode.sending).toBe(1n);
  });
});

describe("commits and Welcomes", () => {
  test("a commit by value is refused, and the gateway is asked to add us again", async () => {
    const group = await rogue();
    const pending = await group.commit({
      add: [framed("keyPackage", gateway.keyPackageOf(alice)), framed("keyPackage", gateway.keyPackageOf(bob))],
    });
    await group.apply(pending);
    for (const client of [alice, bob]) {
      const welcome = raw("welcome", pending.welcome!);
      expect(await client.receive({ kind: "welcome", sequence: 0, transitionId: 7, welcome })).toEqual([
        { kind: "readyForTransition", transitionId: 7 },
      ]);
    }
    const { commit } = await group.commit({ remove: [group.self.leafIndex + 1] });
    const replies = await bob.receive({ kind: "commit", sequence: 0, transitionId: 8, commit });
    expect(replies.map(({ kind }) => kind)).toEqual(["invalidCommitWelcome", "keyPackage"]);
  });

  test("an empty commit with other keys in its leaf is refused", async () => {
    const group = await rogue();
    const pending = await group.commit({ add: [framed("keyPackage", gateway.keyPackageOf(alice))] });
    await group.apply(pending);
    await alice.receive({ kind: "welcome", sequence: 0, transitionId: 7, welcome: pending.welcome! }); // in an MLSMessage
    const identity = await createIdentity({ suite: cipherSuite(2), credential: basic(bigEndian(carolId)) });
    const { commit } = await group.commit({ identity });
    const replies = await alice.receive({ kind: "commit", sequence: 0, transitionId: 8, commit });
    expect(replies[0]).toEqual({ kind: "invalidCommitWelcome", transitionId: 8 });
    expect(refusals()).toEqual(["commit commit-refused"]);
  });

  test("a Welcome to another gateway's group, or none of ours, is refused", async () => {
    const other = await Gateway.create();
    const group = await rogue(other.externalSender);
    const pending = await group.commit({ add: [framed("keyPackage", gateway.keyPackageOf(alice))] });
    const replies = await alice.receive({ kind: "welcome", sequence: 0, transitionId: 7, welcome: pending.welcome! });
    expect(replies.map(({ kind }) => kind)).toEqual(["invalidCommitWelcome", "keyPackage"]);
    const garbage = await alice.receive({ kind: "welcome", sequence: 0, transitionId: 8, welcome: new Uint8Array(9) });
    expect(garbage[0]).toEqual({ kind: "invalidCommitWelcome", transitionId: 8 });
    expect(refusals()).toHaveLength(2);
    expect(refusals()[0]).toBe("welcome join-requirement");
    expect(alice.session.epoch).toBe(-1n);
  });

  /** A rogue that creates the group with these extensions beside the gateway's, and Adds alice and whom else it likes. */
  async function welcomed(extensions: readonly Extension[], ...others: readonly Uint8Array[]): Promise<Group> {
    const group = await rogue(gateway.externalSender, extensions);
    const add = [framed("keyPackage", gateway.keyPackageOf(alice)), ...others];
    const pending = await group.commit({ add });
    await group.apply(pending);
    await alice.receive({ kind: "welcome", sequence: 0, transitionId: 7, welcome: pending.welcome! });
    return group;
  }

  /** The key package of a credential, from a client that keeps to RFC 9420. */
  async function stranger(identity: Uint8Array): Promise<Uint8Array> {
    const made = await createIdentity({ suite: cipherSuite(2), credential: basic(identity) });
    return (await createKeyPackage({ identity: made, grease: false })).keyPackage;
  }

  test("a Welcome to a group with more extensions, of a user twice, or of what is no user, is refused", async () => {
    await welcomed([{ type: extensionTypes.required_capabilities, data: Uint8Array.of(0, 0, 0) }]);
    gateway.keep(alice, await alice.receive({ kind: "selectProtocol", protocolVersion: 1 }));
    await welcomed([], await stranger(bigEndian(77n)), await stranger(bigEndian(77n)));
    gateway.keep(alice, await alice.receive({ kind: "selectProtocol", protocolVersion: 1 }));
    await welcomed([], await stranger(new TextEncoder().encode("mallory")));
    expect(refusals()).toEqual(["welcome join-requirement", "welcome join-requirement", "welcome credential-invalid"]);
    expect(alice.session.epoch).toBe(-1n);
  });

  test("a second Welcome, and one without a key package, are refused", async () => {
    const group = await welcomed([]);
    const { welcome } = await group.commit({ add: [await stranger(bigEndian(77n))] });
    const second = { kind: "welcome", sequence: 0, transitionId: 8, welcome: welcome! } as const;
    const replies = await alice.receive(second);
    expect(replies.map(({ kind }) => kind)).toEqual(["invalidCommitWelcome", "keyPackage"]);
    const fresh = await CopseClient.create({ userId: carolId, onEvent: (event) => events.push(event) });
    expect((await fresh.receive(second))[0]).toEqual({ kind: "invalidCommitWelcome", transitionId: 8 });
    expect(refusals()).toEqual(["welcome key-package-unknown", "welcome key-package-unknown"]);
  });

  test("a Welcome for whoever has created a group, whose key package nobody has used, is refused", async () => {
    await gateway.create(alice, [bob]);
    await welcomed([]);
    expect(refusals()).toEqual(["welcome key-package-unknown"]);
  });

  test("what changes the group's extensions, or comes from outside, is refused", async () => {
    const group = await welcomed([]);
    const other = await createIdentity({ suite: cipherSuite(2), credential: basic("gateway") });
    const { commit } = await group.commit({ extensions: [externalSenders([other])] });
    expect((await alice.receive({ kind: "commit", sequence: 0, transitionId: 8, commit }))[0]).toEqual({
      kind: "invalidCommitWelcome",
      transitionId: 8,
    });
    expect(refusals()).toEqual(["commit commit-refused"]);
  });

  test("a commit that makes its sender another user, or no user, is refused", async () => {
    for (const identity of [bigEndian(88n), new Uint8Array(3)]) {
      const group = await welcomed([]);
      const credential = basic(identity);
      const successor = await createIdentity({ suite: cipherSuite(2), credential, privateKey: rogueKey });
      const { commit } = await group.commit({ identity: successor });
      const replies = await alice.receive({ kind: "commit", sequence: 0, transitionId: 8, commit });
      expect(replies[0]).toEqual({ kind: "invalidCommitWelcome", transitionId: 8 });
      gateway.keep(alice, replies);
    }
    expect(refusals()).toHaveLength(2);
  });

  test("a proposal where a commit should be is refused, and forgotten", async () => {
    await gateway.create(alice, [bob]);
    const commit = await gateway.propose({ remove: bob });
    const replies = await alice.receive({ kind: "commit", sequence: 0, transitionId: 8, commit });
    expect(replies.map(({ kind }) => kind)).toEqual(["invalidCommitWelcome", "keyPackage"]);
    expect(refusals()).toEqual(["commit wrong-epoch"]);
  });

  test("the commit of a group that others create is none of ours", async () => {
    gateway.leaves = [bob];
    const replies = await propose(bob, await gateway.add(alice));
    const commit = replies.flatMap((reply) => (reply.kind === "commitWelcome" ? [reply.commit] : []))[0]!;
    expect(await alice.receive({ kind: "commit", sequence: 0, transitionId: 3, commit })).toEqual([]);
  });

  test("whoever can't follow a commit comes back", async () => {
    await gateway.create(alice, [bob]);
    const carol = await CopseClient.create({ userId: carolId });
    await gateway.connect(carol);
    const replies = await propose(alice, await gateway.add(carol)); // bob is told nothing of it
    const commit = replies.flatMap((reply) => (reply.kind === "commitWelcome" ? [reply.commit] : []))[0]!;
    const answer = await bob.receive({ kind: "commit", sequence: 0, transitionId: 5, commit });
    expect(answer[0]).toEqual({ kind: "invalidCommitWelcome", transitionId: 5 });
    gateway.keep(bob, answer);
    await alice.receive({ kind: "commit", sequence: 0, transitionId: 5, commit });
    gateway.epoch++;
    const welcome = replies.flatMap((reply) => (reply.kind === "commitWelcome" ? [reply.welcome!] : []))[0]!;
    await carol.receive({ kind: "welcome", sequence: 0, transitionId: 5, welcome });
    gateway.leaves = [alice, bob, carol];
    const proposals = [await gateway.propose({ remove: bob }), await gateway.add(bob)];
    await propose(carol, ...proposals);
    const chosen = await propose(alice, ...proposals);
    gateway.leaves = [alice, undefined, carol];
    await gateway.choose(alice, chosen, { added: [bob], removed: [] });
    expect(bob.authenticator).toEqual(carol.authenticator);
    expect(bob.authenticator).toEqual(alice.authenticator);
  });
});
