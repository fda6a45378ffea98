/**
 * The registry of live secrets after the operations that epoch.test.ts does not tell: restoring, receiving proposals,
 * growing old, groups that come from others, and the end. Exactly what section 9.2 and the key schedule allow, each time.
 */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { Group } from "../../src/group/group.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import { LiveSecrets } from "../schedule/live-secrets.ts";
import { counts, epochWith, sum, watched } from "./epoch-secrets.ts";
import { client, groupOf, keyPackageOf, setClock, trusting, type Client } from "./world.ts";

let live: LiveSecrets;
beforeEach(() => {
  live = new LiveSecrets();
});
afterEach(() => {
  live.stop();
});

/** An epoch in which nobody has spoken, as it is kept for late messages. */
const silent = { encryption_secret: 1, sender_data_secret: 1, resumption_psk: 1 };
/** The epoch in which the creator was alone, after a private commit: her ratchets have begun. */
const alone = { ratchet_secret: 2, sender_data_secret: 1, resumption_psk: 1 };
/** The epoch of two members who have not spoken: Alice's leaf, and the root. */
const ofTwo = epochWith({ encryption_secret: 1, node_private_key: 2 });

describe("the secrets that are alive (section 9.2)", () => {
  it("of a restored group: those of the group that was stored, byte for byte, with what it has pending", async () => {
    const [alice, bob] = (await watched(live, ["alice", "bob"])) as [Group, Group];
    await alice.receive(await live.aside(() => bob.seal(utf8("x"))));
    await alice.seal(utf8("y"));
    await alice.propose({ update: {} });
    await alice.commit();
    const [snapshot, before] = [alice.snapshot(), live.bytes()];
    const { identity } = alice;
    const again = await Group.restore({ ...trusting, identity, snapshot });
    expect(live.count).toBe(2 * before.length);
    alice.wipe();
    expect(live.bytes()).toEqual(before);
    again.pendingCommit!.drop();
    // Its two ratchets and Bob's are begun; one more private key is the proposed leaf's.
    expect(counts(live)).toEqual(sum(epochWith({ ratchet_secret: 4, node_private_key: 3 }), alone));
    again.wipe();
    expect(live.count).toBe(0);
  });

  it.each(["private", "public"] as const)("of a received proposal: none of its own (%s)", async (handshake) => {
    const [alice, bob] = (await watched(live, ["alice", "bob"], { handshake })) as [Group, Group];
    const past = handshake === "private" ? alone : silent;
    expect(counts(live)).toEqual(sum(ofTwo, past));
    for (const change of [{ update: {} }, { remove: 0 }, { extensions: [] }]) {
      await alice.receive(await live.aside(() => bob.propose(change)));
      // A private one has begun Bob's ratchets, and each has used a key up.
      const used = handshake === "private" ? { tree_node_secret: 1, ratchet_secret: 2 } : { encryption_secret: 1 };
      expect(counts(live)).toEqual(sum(epochWith({ ...used, node_private_key: 2 }), past));
    }
  });

  it("of a commit with PSKs: none of them, applied or received", async () => {
    const psks = () => utf8("a key that both have");
    const [alice, bob] = (await watched(live, ["alice", "bob"], { psks, handshake: "public" })) as [Group, Group];
    const both = [
      { type: "external", pskId: utf8("id") },
      { type: "resumption", groupId: alice.id, epoch: 1n },
    ] as const;
    const pending = await alice.commit({ psks: both });
    // There is no path, so the private keys stay the same ones.
    expect(counts(live)).toEqual(sum(ofTwo, epochWith({ encryption_secret: 1 }), silent));
    await alice.apply(pending);
    expect(counts(live)).toEqual(sum(ofTwo, silent, silent));
    await live.aside(() => bob.receive(pending.commit));
    const { commit } = await live.aside(() => bob.commit({ psks: both }));
    await alice.receive(commit);
    // Two past epochs are kept: the one of Alice alone is gone, but for its resumption PSK.
    expect(counts(live)).toEqual(sum(ofTwo, silent, silent, { resumption_psk: 1 }));
  });

  it("of what has grown too old: none, once the window has passed", async () => {
    const clock = setClock(1_800_000_000_000);
    const options = { clock, window: { pastEpochAge: 1_000, outOfOrderAge: 500 } };
    const [alice, bob] = (await watched(live, ["alice", "bob"], options)) as [Group, Group];
    const second = await live.aside(async () => {
      await bob.seal(utf8("lost"));
      return bob.seal(utf8("second"));
    });
    await alice.receive(second);
    const begun = { tree_node_secret: 1, ratchet_secret: 2, node_private_key: 2 };
    expect(counts(live)).toEqual(sum(epochWith(begun), alone, { ratchet_key_and_nonce: 1 }));
    clock.now += 501;
    alice.expire();
    expect(counts(live)).toEqual(sum(epochWith(begun), alone));
    clock.now += 500;
    alice.expire();
    // The past epoch is gone; its resumption PSK has a window of its own, which counts epochs.
    expect(counts(live)).toEqual(sum(epochWith(begun), { resumption_psk: 1 }));
  });

  it("of a proposal to leave: none more, and none at all once it is committed", async () => {
    const [alice, bob] = (await watched(live, ["alice", "bob", "carol"], { handshake: "public" })) as [Group, Group];
    const before = live.bytes();
    const leaving = await alice.propose({ remove: 0 });
    expect(live.bytes()).toEqual(before);
    const { commit } = await live.aside(async () => {
      await bob.receive(leaving);
      return bob.commit();
    });
    expect((await alice.receive(commit)).kind).toBe("removed");
    expect(live.count).toBe(0);
  });

  it("of an observer: none", async () => {
    const [alice] = (await live.aside(async () => groupOf([await client("alice")]))) as [Group];
    const groupInfo = await live.aside(() => alice.groupInfo());
    const observer = await Observer.follow({ ...trusting, suite: alice.suite, groupInfo });
    await observer.receive(await live.aside(async () => (await alice.commit()).commit)).catch(() => undefined);
    expect(live.count).toBe(0);
  });

  it.each(["branch", "reinit"] as const)(
    "of a group that comes from another: its own, and the old one's (%s)",
    async (usage) => {
      const { old, make, identity } = await linkable(usage);
      const before = counts(live);
      const { keyPackage } = await live.aside(() => keyPackageOf(old[1].client));
      const { group, pending } = await make([keyPackage]);
      // Beside the old group: epoch 0 of the new one, and the epoch of its first commit, whose path is one node.
      const first = epochWith({ ratchet_secret: 2, node_private_key: 1 });
      expect(counts(live)).toEqual(sum(before, first, ofTwo));
      await group.apply(pending);
      expect(counts(live)).toEqual(sum(before, ofTwo, alone));
      group.wipe();
      expect(counts(live)).toEqual(before);

      // Who follows has the same, without an epoch before.
      const bundle = await keyPackageOf({ name: "alice", identity });
      const theirs = await live.aside(() => link(usage, old[1].group, [bundle.keyPackage]));
      const { welcome } = theirs.pending;
      const previous = old[0];
      const joined = await Group.join({ ...trusting, identity, welcome: welcome!, keyPackages: [bundle], previous });
      expect(counts(live)).toEqual(sum(before, ofTwo));
      old[0].wipe();
      expect(counts(live)).toEqual(ofTwo);
      joined.wipe();
      expect(live.count).toBe(0);
    },
  );

  it.each(["branch", "reinit"] as const)(
    "of a group that can't come from another: the old one's (%s)",
    async (usage) => {
      const { make } = await linkable(usage);
      const before = live.bytes();
      const { keyPackage } = await live.aside(async () => keyPackageOf(await client("a stranger")));
      const code = usage === "branch" ? "welcome-branch" : "welcome-reinit";
      await expect(make([keyPackage])).rejects.toMatchObject({ code });
      expect(live.bytes()).toEqual(before);
    },
  );
});

type Keys = readonly Uint8Array[];

function link(usage: "branch" | "reinit", group: Group, keyPackages: Keys): ReturnType<Group["branch"]> {
  return usage === "branch" ? group.branch({ keyPackages }) : group.reinitialize({ keyPackages });
}

/** Alice, who is watched, and Bob in a group that can be branched, or has ended with a ReInit. */
async function linkable(usage: "branch" | "reinit"): Promise<{
  readonly old: readonly [alice: Group, bob: { readonly group: Group; readonly client: Client }];
  readonly make: (keyPackages: Keys) => ReturnType<Group["branch"]>;
  readonly identity: Client["identity"];
}> {
  const clients = [await live.aside(() => client("alice")), await live.aside(() => client("bob"))] as const;
  const { identity } = clients[0];
  const [first, bob] = (await live.aside(() => groupOf(clients, { path: true }))) as [Group, Group];
  const alice = await Group.restore({ ...trusting, identity, snapshot: first.snapshot() });
  if (usage === "reinit") {
    const pending = await alice.commit({ reinit: { groupId: utf8("the next"), cipherSuite: 1 } });
    await live.aside(() => bob.receive(pending.commit));
    await alice.apply(pending);
  }
  return { old: [alice, { group: bob, client: clients[1] }], make: (keys) => link(usage, alice, keys), identity };
}
