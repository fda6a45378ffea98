import { describe, expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { CallGroup } from "../../../src/call/group/call-group.ts";
import type { CallGroupEvent } from "../../../src/call/group/options.ts";
import { selfRemoval, selfRemoveRequired, withSelfRemove } from "../../../src/extensions/self-remove.ts";
import type { Outgoing } from "../../../src/call/group/transport.ts";
import { createEpoch } from "../../../src/group/joining/create.ts";
import { externalSenders, requiredCapabilities } from "../../../src/public-group/extensions.ts";
import { Group } from "../../../src/group/group.ts";
import type { Identity } from "../../../src/public-group/identity.ts";
import { applyPending } from "../../../src/group/receiving/receive.ts";
import { makePending } from "../../../src/group/sending/send.ts";
import type { AuthenticationService, GroupOptions, PskLookup } from "../../../src/public-group/options/settings.ts";
import { settingsOf } from "../../../src/public-group/options/settings-of.ts";
import { newState } from "../../../src/group/state.ts";
import type { Extension } from "../../../src/wire/extension.ts";
import { decodeMessage, encodeMessage } from "../../../src/wire/message.ts";
import type { PreSharedKeyId } from "../../../src/wire/pre-shared-key.ts";
import { forge, storedOf } from "../../group/insider.ts";
import { refusal } from "../../group/refusal.ts";
import { client, commitTo, groupOf, keyPackageOf, trusting, type Client } from "../../group/world.ts";
import { VirtualClock } from "../virtual-clock.ts";

const callId = utf8("call");
const registry = withSelfRemove();
const options: GroupOptions = { ...trusting, registry, handshake: "public" };
const everybody = (await Promise.all(["alice", "bob", "carol", "dave"].map((name) => client(name)))) as [
  Client,
  Client,
  Client,
  Client,
];
const mallory = await client("mallory");
/** Alice's name, under another key. */
const namesake = await client("alice");
const server = await client("server");

interface World {
  /** Alice's and Bob's view of the chat, in epoch 3, from which Dave was removed in epoch 2. */
  readonly chats: readonly [alice: Group, bob: Group];
  /** What Dave has of epoch 1. */
  readonly former: PskLookup;
  /** Bob, who knocks. */
  readonly call: CallGroup;
  readonly sent: Outgoing[];
  readonly events: CallGroupEvent[];
  readonly clock: VirtualClock;
  /** The key package of his knock. */
  readonly keyPackage: Uint8Array;
}

async function world(more: { readonly knocks?: number; readonly authentication?: AuthenticationService } = {}) {
  const { knocks = 3, authentication = trusting.authentication } = more;
  const groups = await groupOf(everybody, { groupId: utf8("chat") });
  const [alice, bob, carol, dave] = groups as [Group, Group, Group, Group];
  const old = storedOf(dave).resumptionPsk;
  await commitTo([alice, bob, carol], alice, { remove: [3] });
  await commitTo([alice, bob, carol], alice, { path: true });
  const sent: Outgoing[] = [];
  const events: CallGroupEvent[] = [];
  const clock = new VirtualClock();
  const call = CallGroup.join({
    authentication,
    chat: bob,
    callId,
    transport: { send: (message) => sent.push(message) },
    timing: { knocks, knock: 1_000, patience: 4_000 },
    scheduler: clock,
    onEvent: (event) => events.push(event),
  });
  await call.receive({ kind: "epoch", epoch: 5n });
  return { chats: [alice, bob], former: () => old, call, sent, events, clock, keyPackage: knockOf(sent) } as World;
}

/** The key package of the last knock. */
function knockOf(sent: readonly Outgoing[]): Uint8Array {
  const knock = sent.findLast(({ kind }) => kind === "proposal");
  const decoded = knock?.kind === "proposal" ? decodeMessage(knock.message) : undefined;
  const content = decoded?.wireFormat === "mls_public_message" ? decoded.publicMessage.content.content : undefined;
  if (content?.type !== "proposal" || content.proposal.type !== "add") throw new TypeError("a knock was expected");
  return encodeMessage({ wireFormat: "mls_key_package", keyPackage: content.proposal.keyPackage });
}

/** What a Welcome is made of. Whatever is not said is as an honest member of the call does it. */
interface Lie {
  readonly groupId?: Uint8Array;
  readonly identity?: Identity;
  readonly extensions?: readonly Extension[];
  /** Who else is added. */
  readonly beside?: readonly Client[];
  readonly ids?: readonly PreSharedKeyId[];
  readonly psks?: PskLookup;
  readonly purpose?: "ordinary" | "branch" | "reinit";
  readonly epochs?: number;
  readonly keyPackage?: Uint8Array;
}

function psk(world: World, more: Partial<Extract<PreSharedKeyId, { type: "resumption" }>> = {}): PreSharedKeyId {
  const [alice] = world.chats;
  const pskNonce = new Uint8Array(32).fill(Number(more.pskEpoch ?? 0n));
  return { type: "resumption", usage: "application", pskGroupId: alice.id, pskEpoch: alice.epoch, pskNonce, ...more };
}

async function welcomeOf(at: World, lie: Lie = {}): Promise<Uint8Array> {
  const [alice] = at.chats;
  const { groupId = callId, identity = alice.identity, extensions = [selfRemoveRequired], beside = [] } = lie;
  const { ids = [psk(at)], purpose = "ordinary", epochs = 0, keyPackage = at.keyPackage } = lie;
  const current = storedOf(alice).resumptionPsk;
  const settings = settingsOf({ ...options, psks: lie.psks ?? (() => current) });
  const epoch = await createEpoch({ identity, groupId, extensions, leaf: {}, settings });
  const state = newState(settings, identity, epoch);
  for (let i = 0; i < epochs; i++) {
    const { pending } = await makePending(state, {}, { purpose: "ordinary", psks: [], sources: [] });
    void applyPending(state, pending); // nothing is stored: at once
  }
  const others = await Promise.all(beside.map((each) => keyPackageOf(each, { registry })));
  const add = [keyPackage, ...others.map((bundle) => bundle.keyPackage)];
  const { pending } = await makePending(state, { add, path: true }, { purpose, psks: ids, sources: [] });
  return pending.welcome!;
}

const zeros: PskLookup = () => new Uint8Array(32);
const external: PreSharedKeyId = { type: "external", pskId: utf8("x"), pskNonce: new Uint8Array(32) };
const sender = { credential: server.identity.credential, signatureKey: server.identity.signatureKey };

/** Every Welcome that Bob must not take: who could make it, what it is, and what he says. */
const welcomes: Readonly<Record<string, readonly [lie: (at: World) => Lie, code: string]>> = {
  "a thief's, without a PSK": [() => ({ ids: [] }), "join-requirement"],
  "a thief's, with a PSK that is made up": [() => ({ psks: zeros }), "welcome-open"],
  "a thief's, with a branch that is made up": [
    (at) => ({ psks: zeros, purpose: "branch", ids: [psk(at, { usage: "branch" })] }),
    "welcome-open",
  ],
  "a thief's, with a PSK of his own": [() => ({ ids: [external], psks: zeros }), "join-requirement"],
  "a thief's, with another group's PSK": [
    (at) => ({ ids: [psk(at, { pskGroupId: utf8("another") })], psks: zeros }),
    "join-requirement",
  ],
  "a former member's, with the PSK of his time": [
    (at) => ({ ids: [psk(at, { pskEpoch: 1n })], psks: at.former }),
    "join-requirement",
  ],
  "a former member's branch": [
    (at) => ({ ids: [psk(at, { pskEpoch: 1n, usage: "branch" })], psks: at.former, purpose: "branch" }),
    "join-requirement",
  ],
  "a former member's branch, with a PSK of his time as well": [
    (at) => ({
      ids: [psk(at, { pskEpoch: 1n, usage: "branch" }), psk(at, { pskEpoch: 1n })],
      psks: at.former,
      purpose: "branch",
    }),
    "join-requirement",
  ],
  "a reinitialization of the chat": [
    (at) => ({ ids: [psk(at, { usage: "reinit" })], purpose: "reinit" }),
    "welcome-reinit",
  ],
  "a branch that is not at its beginning": [
    (at) => ({ ids: [psk(at, { usage: "branch" })], purpose: "branch", epochs: 1 }),
    "welcome-epoch",
  ],
  "a branch of another group": [
    (at) => ({ ids: [psk(at, { usage: "branch", pskGroupId: utf8("another") })], purpose: "branch" }),
    "welcome-branch",
  ],
  "another call's": [() => ({ groupId: utf8("another call") }), "join-requirement"],
  "another call's branch": [
    (at) => ({ groupId: utf8("another call"), ids: [psk(at, { usage: "branch" })], purpose: "branch" }),
    "join-requirement",
  ],
  "one that brings somebody along": [() => ({ beside: [mallory] }), "join-requirement"],
  "a branch that brings somebody along under a name of the chat": [
    (at) => ({
      identity: everybody[2].identity,
      beside: [namesake],
      ids: [psk(at, { usage: "branch" })],
      purpose: "branch",
    }),
    "join-requirement",
  ],
  "one by somebody outside with the chat's PSK": [() => ({ identity: mallory.identity }), "join-requirement"],
  "one where nobody can ask to leave": [() => ({ extensions: [] }), "join-requirement"],
  "one that asks for more": [
    () => ({ extensions: [requiredCapabilities({ proposalTypes: [10], credentialTypes: [1] })] }),
    "join-requirement",
  ],
  "one that agrees on something else": [() => ({ extensions: [externalSenders([sender])] }), "join-requirement"],
};

describe("a device that knocks", () => {
  it.each(Object.entries(welcomes))("takes no Welcome but a call's of its chat: not %s", async (_, [lie, code]) => {
    const at = await world();
    const { call, events, chats } = at;
    const welcome = await welcomeOf(at, lie(at));
    await call.receive({ kind: "welcome", message: welcome });
    expect({ state: call.state, events }).toEqual({ state: "entering", events: [{ kind: "refused", code }] });
    expect(() => call.exportSecret("x", new Uint8Array(0), 16)).toThrow("group-gone");
    // Nothing is used up: the honest one lets it in.
    await call.receive({ kind: "welcome", message: await welcomeOf(at) });
    expect(call.state).toBe("in");
    expect(Array.from(call.members, ({ leafIndex }) => leafIndex)).toEqual([0, 1]);
    expect(chats[1].isGone).toBe(false);
  });

  it("takes an honest Welcome: with the chat's PSK, or as a branch, with an external sender that it knows", async () => {
    const honest: readonly ((at: World) => Lie)[] = [
      () => ({}),
      () => ({ epochs: 3 }),
      () => ({ beside: [everybody[2]] }),
      (at) => ({ ids: [psk(at, { usage: "branch" })], purpose: "branch" }),
      () => ({ extensions: [selfRemoveRequired, externalSenders([sender])] }),
    ];
    for (const lie of honest) {
      const at = await world();
      await at.call.receive({ kind: "welcome", message: await welcomeOf(at, lie(at)) });
      expect(at.events).toEqual([{ kind: "in" }]);
    }
  });

  it("asks the application about those who may propose from outside, and about each member", async () => {
    const asked: string[] = [];
    const validate: AuthenticationService["validate"] = ({ reason }) => asked.push(reason) > 0 && reason === "join";
    const at = await world({ authentication: { validate } });
    asked.length = 0;
    const welcome = await welcomeOf(at, { extensions: [selfRemoveRequired, externalSenders([sender])] });
    await at.call.receive({ kind: "welcome", message: welcome });
    expect(at.events).toEqual([{ kind: "refused", code: "credential-invalid" }]);
    expect(asked).toEqual(["join", "join", "external_sender"]);
  });

  it("takes a Welcome once, and none for an earlier knock", async () => {
    const at = await world();
    const { call, events } = at;
    const welcome = await welcomeOf(at);
    const older = await welcomeOf(at, { keyPackage: (await keyPackageOf(everybody[1], { registry })).keyPackage });
    await call.receive({ kind: "welcome", message: older });
    expect(events).toEqual([{ kind: "refused", code: "welcome-not-for-us" }]);
    await Promise.all([
      call.receive({ kind: "welcome", message: welcome }),
      call.receive({ kind: "welcome", message: welcome }),
    ]);
    const { group } = call;
    await call.receive({ kind: "welcome", message: welcome });
    expect(call.group).toBe(group);
    expect(events.slice(1)).toEqual([{ kind: "in" }]);
  });

  it("keeps Welcomes that are ahead of its chat, and forged ones keep no other out", async () => {
    const at = await world();
    const [alice, bob] = at.chats;
    const later = await alice.commit({ path: true });
    await alice.apply(later);
    const honest = await welcomeOf(at);
    const forged = await Promise.all([1, 2].map(() => welcomeOf(at, { psks: zeros })));
    const useless = await welcomeOf(at, { ids: [] });
    for (const welcome of [forged[0]!, honest, forged[1]!, useless]) {
      await at.call.receive({ kind: "welcome", message: welcome });
    }
    const early = { kind: "refused", code: "psk-not-found" };
    expect(at.events).toEqual([early, early, early, { kind: "refused", code: "join-requirement" }]);
    await bob.receive(later.commit);
    await at.call.idle();
    expect(at.call.state).toBe("in");
  });
});

describe("a device that comes in from outside", () => {
  async function callOf(at: World, more: Partial<Parameters<typeof Group.create>[0]> = {}, epochs = 5): Promise<Group> {
    const [alice] = at.chats;
    const extensions = [selfRemoveRequired];
    const psks = alice.psks();
    const group = await Group.create({
      ...options,
      psks,
      identity: alice.identity,
      groupId: callId,
      extensions,
      ...more,
    });
    for (let i = 0; i < epochs; i++) await group.apply(await group.commit({ path: true }));
    return group;
  }

  const lies: Readonly<Record<string, readonly [make: (at: World) => Promise<Uint8Array>, code: string]>> = {
    "of another call": [
      async (at) => (await callOf(at, { groupId: utf8("another") })).groupInfo({ externalPub: true }),
      "join-requirement",
    ],
    "of an older epoch": [async (at) => (await callOf(at, {}, 4)).groupInfo({ externalPub: true }), "join-requirement"],
    "of a later epoch": [async (at) => (await callOf(at, {}, 6)).groupInfo({ externalPub: true }), "join-requirement"],
    "of no call": [
      async (at) => (await callOf(at, { extensions: [] })).groupInfo({ externalPub: true }),
      "join-requirement",
    ],
    "that nobody can join with": [
      async (at) => (await callOf(at)).groupInfo({ externalPub: false }),
      "group-info-external-pub",
    ],
    "that a member has not signed": [
      async (at) => {
        const bytes = await (await callOf(at)).groupInfo({ externalPub: true });
        bytes[bytes.length - 1]! ^= 1;
        return bytes;
      },
      "group-info-signature",
    ],
  };

  it.each(Object.entries(lies))("takes no GroupInfo %s", async (_, [make, code]) => {
    const at = await world({ knocks: 0 });
    const { call, sent, events } = at;
    await call.receive({ kind: "epoch", epoch: 5n, groupInfo: await make(at) });
    expect({ state: call.state, events }).toEqual({ state: "entering", events: [{ kind: "refused", code }] });
    expect(sent.some(({ kind }) => kind === "commit")).toBe(false);
    // and goes on to the honest one
    const group = await callOf(at);
    await call.receive({ kind: "epoch", epoch: 5n, groupInfo: await group.groupInfo({ externalPub: true }) });
    const commit = sent.find((message) => message.kind === "commit")!;
    await group.receive(commit.message);
    await call.receive({ kind: "commit", message: commit.message });
    expect(call.epochAuthenticator).toEqual(group.epochAuthenticator);
  });

  it("sends its commit again as long as it waits for the service's choice", async () => {
    const at = await world({ knocks: 0 });
    const { call, sent } = at;
    const groupInfo = await (await callOf(at)).groupInfo({ externalPub: true });
    for (let times = 0; times < 3; times++) await call.receive({ kind: "epoch", epoch: 5n, groupInfo });
    const commits = sent.filter(({ kind }) => kind === "commit");
    expect(commits).toHaveLength(3);
    expect(
      new Set(commits.map((commit) => Buffer.from("message" in commit ? commit.message : []).toString("hex"))).size,
    ).toBe(1);
  });

  it("takes along who has asked to leave, each once, and nobody who only seems to", async () => {
    const at = await world({ knocks: 0 });
    const { call, sent } = at;
    // A call of epoch 5 with Carol, Dave, and an old leaf of Bob's.
    const alice = await callOf(at, {}, 4);
    const bundles = await Promise.all(everybody.slice(1).map((who) => keyPackageOf(who, { registry })));
    const pending = await alice.commit({ add: bundles.map(({ keyPackage }) => keyPackage), path: true });
    await alice.apply(pending);
    const join = (place: number): Promise<Group> => {
      const { identity } = everybody[place]!;
      return Group.join({ ...options, identity, welcome: pending.welcome!, keyPackages: [bundles[place - 1]!] });
    };
    const [old, carol, dave] = [await join(1), await join(2), await join(3)];
    const custom = selfRemoval;
    const asks = await carol.propose({ custom });
    const again = await forge(
      carol,
      { type: "proposal", proposal: { type: "custom", ...custom } },
      { format: "mls_public_message", authenticatedData: utf8("again") },
    );
    const forged = (await dave.propose({ custom })).slice();
    // the last bytes are the membership tag; before it stands the signature
    forged[forged.length - 40]! ^= 1;
    const own = await old.propose({ custom });
    for (const message of [forged, asks, again, own]) {
      await call.receive({ kind: "proposal", message });
      if (message !== forged) await alice.receive(message);
    }
    await call.receive({ kind: "epoch", epoch: 5n, groupInfo: await alice.groupInfo({ externalPub: true }) });
    const commit = sent.find((message) => message.kind === "commit")!;
    expect(await alice.receive(commit.message)).toMatchObject({
      kind: "commit",
      removed: [{ leafIndex: 2 }, { leafIndex: 1 }],
      left: [{ leafIndex: 2 }, { leafIndex: 1 }],
    });
    await call.receive({ kind: "commit", message: commit.message });
    expect(call.epochAuthenticator).toEqual(alice.epochAuthenticator);
  });

  it("is alone in a group that a thief has made up, shares its keys with nobody, and comes back to the call", async () => {
    const at = await world({ knocks: 0 });
    const { call, sent, events, clock } = at;
    // Alice's signature key, the call's id, and nothing of the chat.
    const fake = await callOf(at, { psks: zeros });
    await call.receive({ kind: "epoch", epoch: 5n, groupInfo: await fake.groupInfo({ externalPub: true }) });
    const commit = sent.find((message) => message.kind === "commit")!;
    await call.receive({ kind: "commit", message: commit.message });
    expect(call.state).toBe("in");
    expect(await refusal(() => fake.receive(commit.message))).toBe("confirmation-tag");
    // Nothing that the thief sends from there is taken.
    const next = await fake.commit({ path: true });
    await call.receive({ kind: "commit", message: next.commit });
    expect(call.epoch).toBe(6n);
    expect(events.slice(1)).toEqual([]);
    // The call is elsewhere, as an honest service says.
    await call.receive({ kind: "epoch", epoch: 9n });
    clock.advance(4_000);
    await call.idle();
    expect(events.at(-1)).toEqual({ kind: "behind" });
    await call.receive({ kind: "epoch", epoch: 9n });
    const welcome = await welcomeOf({ ...at, keyPackage: knockOf(sent) }, { beside: [everybody[2]], epochs: 8 });
    await call.receive({ kind: "welcome", message: welcome });
    expect(events.at(-1)).toEqual({ kind: "in" });
    expect(call.epoch).toBe(9n);
  });
});
