/**
 * Room for proposals belongs to an origin: nobody outside takes a member's place, and no sender takes everybody's.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { encode } from "../../src/codec/codec.ts";
import { CopseError } from "../../src/errors.ts";
import { proposeAsExternalSender } from "../../src/public-group/proposals/external-proposal.ts";
import { proposeToJoin } from "../../src/group/joining/propose-to-join.ts";
import { Group } from "../../src/group/group.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import { ExternalSenders } from "../../src/wire/extension.ts";
import { encodeMessage } from "../../src/wire/message.ts";
import { extensionTypes } from "../../src/wire/registries.ts";
import { agree } from "./agreement.ts";
import { refusal } from "./refusal.ts";
import { client, groupOf, keyPackageOf, suiteOf, trusting, type Client } from "./world.ts";

const limits = { proposals: 8, proposalBytes: 8_192 };
const most = 40;

async function world(): Promise<{ groups: [Group, Group, Group]; observer: Observer; servers: readonly Client[] }> {
  const servers = await Promise.all(["first", "second"].map((name) => client(name)));
  const data = encode(
    ExternalSenders,
    servers.map(({ identity: { signatureKey, credential } }) => ({ signatureKey, credential })),
  );
  const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
  const groups = (await groupOf(clients, {
    limits,
    handshake: "public",
    extensions: [{ type: extensionTypes.external_senders, data }],
  })) as [Group, Group, Group];
  const groupInfo = await groups[0].groupInfo();
  const observer = await Observer.follow({ ...trusting, limits, suite: suiteOf(), groupInfo });
  return { groups, observer, servers };
}

type Sender = (i: number) => Promise<Uint8Array>;

function newcomer(group: Group): Sender {
  return async (i) => {
    const asking = await client(`stranger ${String(i)}`);
    const keyPackage = await keyPackageOf(asking, { grease: false });
    return proposeToJoin({ identity: asking.identity, keyPackage, groupId: group.id, epoch: group.epoch });
  };
}

function external(group: Group, server: Client, senderIndex: number): Sender {
  return (i) =>
    proposeAsExternalSender({
      identity: server.identity,
      senderIndex,
      groupId: group.id,
      epoch: group.epoch,
      authenticatedData: utf8(String(i)),
      change: { psk: { type: "external", pskId: utf8("nobody has it") } },
    });
}

/** Another epoch's worth of a member's proposals, without its own limits: each time from a copy of its state. */
function member(group: Group): Sender {
  const snapshot = group.snapshot();
  return async (i) => {
    const copy = await Group.restore({ ...trusting, handshake: "public", identity: group.identity, snapshot });
    return copy.propose(
      { psk: { type: "external", pskId: utf8("nobody has it") } },
      { authenticatedData: utf8(String(i)) },
    );
  };
}

/** Send until it is refused; gives how many were taken. */
async function fill(receivers: readonly (Group | Observer)[], send: Sender): Promise<number> {
  for (let i = 0; i < most; i++) {
    const message = await send(i);
    const codes = new Set<string>();
    for (const receiver of receivers) {
      try {
        codes.add((await receiver.receive(message)).kind);
      } catch (error) {
        codes.add(error instanceof CopseError ? error.code : "?");
      }
    }
    // All of them have seen the same, and decide the same.
    expect(codes.size).toBe(1);
    if (codes.has("limit-exceeded")) return i;
  }
  throw new Error("nothing is bounded");
}

describe("proposals that wait", () => {
  it("of newcomers and external senders leave all room to members", async () => {
    const { groups, observer, servers } = await world();
    const [alice, bob, carol] = groups;
    const receivers = [...groups, observer];
    const newcomers = await fill(receivers, newcomer(alice));
    expect(newcomers).toBeGreaterThan(1);
    expect(newcomers).toBeLessThanOrEqual(limits.proposals);
    const first = await fill(receivers, external(alice, servers[0]!, 0));
    expect(first).toBe(limits.proposals / 2);
    // The other server has room of its own.
    expect(await fill(receivers, external(alice, servers[1]!, 1))).toBeGreaterThanOrEqual(2);
    const messages = [
      await bob.propose({ update: {} }),
      await bob.propose({ extensions: alice.groupContext.extensions }),
    ];
    for (const message of messages) {
      for (const receiver of [alice, carol, observer]) expect((await receiver.receive(message)).kind).toBe("proposal");
    }
    const pending = await alice.commit();
    expect(pending.change.updated.map(({ after }) => after.leafIndex)).toContain(1);
    for (const receiver of [bob, carol, observer]) await receiver.receive(pending.commit);
    await alice.apply(pending);
    agree(groups);
    await bob.receive(await alice.seal(utf8("and on it goes")));
  });

  it("of one member leave half of the room to the others", async () => {
    const { groups, observer } = await world();
    const [alice, bob, carol] = groups;
    const sent = await fill([alice, carol, observer], member(bob));
    expect(sent).toBe(limits.proposals / 2);
    for (const message of [await carol.propose({ update: {} }), await carol.propose({ remove: 1 })]) {
      expect((await alice.receive(message)).kind).toBe("proposal");
      expect((await observer.receive(message)).kind).toBe("proposal");
    }
    await alice.propose({ update: {} });
  });

  it("are bounded in bytes for each origin, too", async () => {
    const { groups } = await world();
    const [alice, bob] = groups;
    const large = { authenticatedData: new Uint8Array(limits.proposalBytes / 2) };
    const change = { psk: { type: "external", pskId: utf8("psk") } } as const;
    const unbounded = await Group.restore({ ...trusting, identity: bob.identity, snapshot: bob.snapshot() });
    const message = await unbounded.propose(change, large);
    expect(await refusal(() => alice.receive(message))).toBe("limit-exceeded");
    // Who has the same limits refuses to make it.
    expect(await refusal(() => bob.propose(change, large))).toBe("limit-exceeded");
    expect(bob.pendingProposals).toEqual([]);
    await alice.receive(await bob.propose(change, { authenticatedData: new Uint8Array(limits.proposalBytes / 4) }));
  });
});

describe("a proposal that is made again", () => {
  it("with the same bytes is the same one, takes its room once, and is the same in what is restored", async () => {
    const {
      groups: [alice, bob, carol],
      observer,
    } = await world();
    for (let i = 0; i < most; i++) {
      const again = await alice.propose({ remove: bob.self.leafIndex }); // Ed25519 signs the same in the same way
      for (const each of [alice, carol, observer]) await each.receive(again);
    }
    for (const group of [alice, carol]) {
      expect(group.pendingProposals).toHaveLength(1);
      const { identity } = group;
      const restored = await Group.restore({ ...trusting, handshake: "public", identity, snapshot: group.snapshot() });
      expect(restored.snapshot()).toEqual(group.snapshot());
    }
  });
});

describe("a commit in the midst of what does not fit", () => {
  it("takes what does: strangers can't stop it, and hide nothing of a member", async () => {
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
    const groups = (await groupOf(clients, { limits: { leaves: 4 } })) as [Group, Group];
    const [alice, bob] = groups;
    const send = newcomer(alice);
    for (let i = 0; i < 30; i++) {
      const message = await send(i);
      for (const group of groups) await group.receive(message);
    }
    const dave = await keyPackageOf(await client("dave"));
    const named = (await client("dave")).identity.credential;
    await alice.receive(await bob.propose({ add: dave.keyPackage }));
    const pending = await alice.commit();
    // Room for two: the member's Add first, though it came last, and one newcomer.
    expect(pending.change.added.map(({ credential }) => credential)).toContainEqual(named);
    expect(pending.change.added).toHaveLength(2);
    expect(pending.leftOut).toHaveLength(29);
    await bob.receive(pending.commit);
    await alice.apply(pending);
    agree(groups);
  });

  it("asks the application for as many PSKs as a commit may hold", async () => {
    const { groups, servers } = await world();
    let lookups = 0;
    const bounded = await Group.restore({
      ...trusting,
      limits: { psks: 3 },
      psks: () => {
        lookups++;
        return undefined;
      },
      identity: groups[0].identity,
      snapshot: groups[0].snapshot(),
    });
    const send = external(bounded, servers[0]!, 0);
    for (let i = 0; i < 20; i++) await bounded.receive(await send(i));
    const { leftOut } = await bounded.commit();
    expect({ lookups, leftOut: leftOut.length }).toEqual({ lookups: 3, leftOut: 20 });
  });

  it("leaves all of it out for a ReInit that is committed by value, which is alone", async () => {
    const { groups } = await world();
    const [alice, bob, carol] = groups;
    const message = await newcomer(alice)(0);
    for (const group of groups) await group.receive(message);
    const pending = await alice.commit({ reinit: { groupId: utf8("next"), cipherSuite: 1 } });
    expect(pending.leftOut).toHaveLength(1);
    for (const group of [bob, carol]) await group.receive(pending.commit);
    expect(bob.isReinitialized).toBe(true);
  });
});

describe("a Welcome", () => {
  const none = new Uint8Array(0);
  const welcomeOf = (refs: readonly Uint8Array[]): Uint8Array =>
    encodeMessage({
      wireFormat: "mls_welcome",
      welcome: {
        cipherSuite: 1,
        secrets: refs.map((newMember) => ({ newMember, encryptedGroupSecrets: { kemOutput: none, ciphertext: none } })),
        encryptedGroupInfo: none,
      },
    });
  const ref = (i: number, length = 32): Uint8Array => new Uint8Array(length).fill(i);

  it.each<[string, readonly Uint8Array[], number, string]>([
    [
      "no ref of another length than the suite's",
      [ref(1, 0), ref(2, 31), ref(3, 33), ref(4, 64)],
      0,
      "welcome-not-for-us",
    ],
    ["each ref once", [ref(1), ref(1), ref(2), ref(1), ref(2)], 2, "welcome-not-for-us"],
    ["no more refs than a commit adds", Array.from({ length: 20 }, (_, i) => ref(i)), 8, "limit-exceeded"],
  ])("asks for %s", async (_, refs, expected, code) => {
    const { identity } = await client("carol");
    let lookups = 0;
    const keyPackages = (): undefined => {
      lookups++;
    };
    const join = (): unknown =>
      Group.join({ ...trusting, limits: { proposals: 8 }, identity, welcome: welcomeOf(refs), keyPackages });
    expect(await refusal(join)).toBe(code);
    expect(lookups).toBe(expected);
  });
});

it("an external sender that is listed many times is authenticated once", async () => {
  const { identity } = await client("server");
  const sender = { signatureKey: identity.signatureKey, credential: identity.credential };
  const data = encode(ExternalSenders, new Array<typeof sender>(64).fill(sender));
  let asked = 0;
  const authentication = {
    validate: () => {
      asked++;
      return true;
    },
  };
  const extensions = [{ type: extensionTypes.external_senders, data }];
  await Group.create({ authentication, identity: (await client("alice")).identity, extensions });
  expect(asked).toBe(1);
});
