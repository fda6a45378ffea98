import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { Group } from "../../../src/group/group.ts";
import type { GroupOptions } from "../../../src/public-group/options/settings.ts";
import { LiveSecrets } from "../../schedule/live-secrets.ts";
import { counts, epochWith, sum, watched } from "../epoch-secrets.ts";
import { client, groupOf, keyPackageOf, trusting, type Client } from "../world.ts";

let live: LiveSecrets;
beforeEach(() => {
  live = new LiveSecrets();
});
afterEach(() => {
  live.stop();
});

describe("the secrets that are alive (section 9.2)", () => {
  it("of a new group: those of its epoch, and the key of its creator's leaf", async () => {
    const { identity } = await live.aside(() => client("alice"));
    const group = await Group.create({ ...trusting, identity });
    expect(counts(live)).toEqual(epochWith({ encryption_secret: 1, node_private_key: 1 }));
    // Sealing consumes the encryption secret: both ratchets are there, the application's one step on.
    await group.seal(utf8("x"));
    expect(counts(live)).toEqual(epochWith({ ratchet_secret: 2, node_private_key: 1 }));
    const before = live.bytes();
    await group.seal(utf8("y"));
    expect(live.bytes().filter((secret) => !before.includes(secret)).length).toBe(1);
    expect(counts(live)).toEqual(epochWith({ ratchet_secret: 2, node_private_key: 1 }));
    group.wipe();
    expect(live.count).toBe(0);
  });

  it("of a pending commit: another epoch's, and they go with it", async () => {
    const [alice, bob, carol] = (await watched(live, ["alice", "bob", "carol"])) as [Group, Group, Group];
    // Of three members Alice's path has two nodes: her keys are of her leaf and these.
    const present = epochWith({ tree_node_secret: 2, ratchet_secret: 2, node_private_key: 3 });
    await alice.seal(utf8("x"));
    // The epoch in which Alice was alone is past: what opens its messages, and its resumption PSK.
    const past = { ratchet_secret: 2, sender_data_secret: 1, resumption_psk: 1 };
    const now = counts(live);
    expect(now).toEqual(sum(present, past));
    const pending = await alice.commit();
    const next = epochWith({ encryption_secret: 1, node_private_key: 3 });
    expect(counts(live)).toEqual(sum(present, past, next));
    pending.drop();
    expect(counts(live)).toEqual(now);

    // Without a path the private keys are the same ones.
    const { keyPackage } = await live.aside(async () => keyPackageOf(await client("dave")));
    const adding = await alice.commit({ add: [keyPackage], groupInfo: true });
    expect(counts(live)).toEqual(sum(present, past, epochWith({ encryption_secret: 1 })));
    adding.drop();
    expect(counts(live)).toEqual(now);

    const losing = await alice.commit();
    const { commit } = await live.aside(() => bob.commit());
    expect(await alice.receive(commit)).toMatchObject({ kind: "commit" });
    expect(losing.change.epoch).toBe(alice.epoch);
    const entered = epochWith({ encryption_secret: 1, node_private_key: 3 });
    // Of the epoch that ended, the ratchets of Alice and Bob and the half of the tree that nobody has used.
    const late = { sender_data_secret: 1, tree_node_secret: 1, ratchet_secret: 4, resumption_psk: 1 };
    expect(counts(live)).toEqual(sum(entered, late, past));
    await live.aside(() => carol.receive(commit));
    alice.wipe();
    expect(live.count).toBe(0);
  });

  it("of an epoch that has ended: what opens late messages, and the resumption PSK", async () => {
    const [alice, bob] = (await watched(live, ["alice", "bob"], { window: { pastEpochs: 0, resumptionPsks: 0 } })) as [
      Group,
      Group,
    ];
    const before = live.bytes();
    expect(counts(live)).toEqual(epochWith({ encryption_secret: 1, node_private_key: 2 }));
    await alice.apply(await alice.commit());
    // Nothing of the epoch before is left.
    expect(counts(live)).toEqual(epochWith({ encryption_secret: 1, node_private_key: 2 }));
    expect(live.bytes().filter((secret) => before.includes(secret))).toEqual([]);
    // A member that only leaves changes the keys above it: ours stay.
    const keys = live.bytes();
    const { keyPackage } = await live.aside(async () => keyPackageOf(await client("carol")));
    await alice.apply(await alice.commit({ add: [keyPackage] }));
    expect(live.bytes().filter((secret) => keys.includes(secret)).length).toBe(2);
    expect(bob.epoch).toBe(1n);
  });

  it("of a received message: its key is gone with it, and skipped ones are kept", async () => {
    const [alice, bob] = (await watched(live, ["alice", "bob"])) as [Group, Group];
    const messages = await live.aside(async () => {
      const sealed: Uint8Array[] = [];
      for (let i = 0; i < 3; i++) sealed.push(await bob.seal(utf8(String(i))));
      return sealed;
    });
    const past = { ratchet_secret: 2, sender_data_secret: 1, resumption_psk: 1 };
    const ratchets = { tree_node_secret: 1, ratchet_secret: 2, node_private_key: 2 };
    await alice.receive(messages[2]!);
    expect(counts(live)).toEqual(sum(epochWith(ratchets), past, { ratchet_key_and_nonce: 2 }));
    await alice.receive(messages[0]!);
    expect(counts(live)).toEqual(sum(epochWith(ratchets), past, { ratchet_key_and_nonce: 1 }));
    await alice.receive(messages[1]!);
    expect(counts(live)).toEqual(sum(epochWith(ratchets), past));
  });

  it("of an own Update: its key, until a commit decides", async () => {
    const [alice, bob, carol] = (await watched(live, ["alice", "bob", "carol"])) as [Group, Group, Group];
    const before = counts(live)["node_private_key"]!;
    const first = await alice.propose({ update: {} });
    const second = await alice.propose({ update: {} });
    expect(counts(live)["node_private_key"]).toBe(before + 2);
    const { commit } = await live.aside(async () => {
      for (const group of [bob, carol]) for (const update of [first, second]) await group.receive(update);
      return bob.commit();
    });
    await alice.receive(commit);
    // Bob's path goes through the root alone on Alice's side, and her Update blanked what was below it.
    expect(counts(live)["node_private_key"]).toBe(3);
    const { updated } = bob.pendingCommit!.change;
    expect(alice.self).toEqual(updated.find(({ after }) => after.leafIndex === 0)!.after);
    await live.aside(() => carol.receive(commit));
    await live.aside(async () => bob.apply(bob.pendingCommit!));
    expect(alice.epochAuthenticator).toEqual(carol.epochAuthenticator);
    // One that nobody commits goes with its epoch.
    await alice.propose({ update: {} });
    await alice.apply(await alice.commit());
    expect(counts(live)["node_private_key"]).toBe(3);
  });

  it("of a removed member: none", async () => {
    for (const handshake of ["private", "public"] as const) {
      const [alice, bob] = (await watched(live, ["alice", "bob", "carol"], { handshake })) as [Group, Group];
      await alice.seal(utf8("x"));
      await alice.propose({ update: {} });
      await alice.commit();
      const { commit } = await live.aside(() => bob.commit({ remove: [0] }));
      expect(await alice.receive(commit)).toMatchObject({ kind: "removed" });
      expect(live.names()).toEqual([]);
    }
  });

  it("of a join: those of the epoch, and the key package is gone", async () => {
    const [alice] = (await live.aside(async () => groupOf([await client("alice"), await client("bob")]))) as [Group];
    const carol = await live.aside(() => client("carol"));
    for (const lastResort of [false, true]) {
      const bundle = await keyPackageOf(carol, { lastResort });
      expect(counts(live)).toEqual({ init_private_key: 1, node_private_key: 1 });
      const welcome = await live.aside(() => welcomeTo(alice, bundle.keyPackage));
      const group = await Group.join({ ...trusting, identity: carol.identity, welcome, keyPackages: [bundle] });
      // Leaf 2 has the root above it, and a blank node between that is no part of the path.
      const joined = epochWith({ encryption_secret: 1, node_private_key: 2 });
      expect(counts(live)).toEqual(lastResort ? sum(joined, { init_private_key: 1, node_private_key: 1 }) : joined);
      group.wipe();
      void bundle.wipe();
      expect(live.count).toBe(0);
    }
  });

  it("of a join that is refused: the key package's, as before", async () => {
    const [alice] = (await live.aside(async () => groupOf([await client("alice")]))) as [Group];
    const carol = await live.aside(() => client("carol"));
    const bundle = await keyPackageOf(carol);
    const before = live.bytes();
    const welcome = await live.aside(() => welcomeTo(alice, bundle.keyPackage));
    const refusing: readonly Partial<GroupOptions>[] = [
      { authentication: { validate: () => false } },
      { hasGroup: () => true },
      {
        hasGroup: () => {
          throw new RangeError("the application's own");
        },
      },
      { limits: { leaves: 1 } },
    ];
    for (const options of refusing) {
      const joining = Group.join({
        ...trusting,
        ...options,
        identity: carol.identity,
        welcome,
        keyPackages: [bundle],
      });
      await expect(joining).rejects.toThrow();
      expect(live.bytes()).toEqual(before);
    }
    const group = await Group.join({ ...trusting, identity: carol.identity, welcome, keyPackages: [bundle] });
    expect(group.epoch).toBe(1n);
  });

  it("of an external join: those of the epoch, or none when it is dropped", async () => {
    const [alice] = (await live.aside(async () => groupOf([await client("alice")]))) as [Group];
    const carol: Client = await live.aside(() => client("carol"));
    const groupInfo = await live.aside(() => alice.groupInfo());
    const join = await Group.joinExternally({ ...trusting, identity: carol.identity, groupInfo });
    expect(counts(live)).toEqual(epochWith({ encryption_secret: 1, node_private_key: 2 }));
    join.drop();
    join.drop();
    expect(live.count).toBe(0);
    expect(() => join.complete()).toThrow(expect.objectContaining({ code: "group-gone" }));

    const second = await Group.joinExternally({ ...trusting, identity: carol.identity, groupInfo });
    const group = await second.complete();
    second.drop();
    expect(await second.complete()).toBe(group);
    expect(counts(live)).toEqual(epochWith({ encryption_secret: 1, node_private_key: 2 }));
    await live.aside(() => alice.receive(second.commit));
    expect(group.epochAuthenticator).toEqual(alice.epochAuthenticator);
    group.wipe();
    expect(live.count).toBe(0);
  });

  it("of a snapshot that can't be restored: none", async () => {
    const clients = await live.aside(async () => [await client("alice"), await client("bob")]);
    const [alice] = (await live.aside(() => groupOf(clients))) as [Group];
    const next = await live.aside(async () => (await client("alice")).identity);
    await live.aside(() => alice.propose({ update: { identity: next } }));
    const snapshot = alice.snapshot();
    const { identity } = alice;
    const restoring = Group.restore({ ...trusting, identity, snapshot });
    await expect(restoring).rejects.toMatchObject({ code: "snapshot-identity" });
    const pending = await live.aside(async () => (await alice.commit()).toBytes());
    await live.aside(async () => alice.apply(alice.pendingCommit!));
    const later = alice.snapshot();
    await expect(Group.restore({ ...trusting, identity, snapshot: later, pending })).rejects.toMatchObject({
      code: "pending-stale",
    });
    expect(live.count).toBe(0);
  });
});

/** A Welcome of a commit that is not applied. */
async function welcomeTo(group: Group, keyPackage: Uint8Array): Promise<Uint8Array> {
  const pending = await group.commit({ add: [keyPackage], path: true });
  pending.drop();
  return pending.welcome!;
}
