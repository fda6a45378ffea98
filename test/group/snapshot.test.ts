import { Packr } from "#msgpack";
import { describe, expect, it } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { hex, utf8, utf8Decode } from "../../src/bytes/text.ts";
import type { Random } from "../../src/crypto/provider.ts";
import { hash } from "../../src/crypto/symmetric-node.ts";
import { Group } from "../../src/group/group.ts";
import type { Identity } from "../../src/public-group/identity.ts";
import type { GroupOptions } from "../../src/public-group/options/settings.ts";
import { pack } from "../../src/public-group/records/msgpack.ts";
import { unwrap, wrap } from "../../src/public-group/records/envelope.ts";
import { snapshotVersion } from "../../src/group/restoring/snapshot.ts";
import { agree, talk, viewOf } from "./agreement.ts";
import { generationOf } from "./insider.ts";
import { refusal } from "./refusal.ts";
import {
  client,
  commitTo,
  deliver,
  groupOf,
  keyPackageOf,
  keyPackageOptions,
  seeded,
  setClock,
  suiteOf,
  trusting,
} from "./world.ts";

async function trio(options: Partial<GroupOptions> = {}): Promise<[alice: Group, bob: Group, carol: Group]> {
  const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
  return (await groupOf(clients, options)) as [Group, Group, Group];
}

/** Everything that a group can have under way: proposals, an own Update, a pending commit, past epochs, skipped keys. */
async function busy(options: Partial<GroupOptions> = {}): Promise<{
  readonly groups: [Group, Group, Group];
  /** Of three epochs, not yet received by Alice. */
  readonly late: readonly Uint8Array[];
}> {
  const groups = await trio(options);
  const [alice, bob, carol] = groups;
  const late: Uint8Array[] = [];
  for (let epoch = 0; epoch < 3; epoch++) {
    const skipped = await bob.seal(utf8(`late ${String(epoch)}`));
    late.push(skipped);
    await alice.receive(await bob.seal(utf8("in time")));
    if (epoch < 2) await commitTo(groups, epoch === 0 ? carol : alice);
  }
  await deliver(await alice.propose({ update: {} }), groups, alice);
  await deliver(await bob.propose({ remove: 2 }), groups, bob);
  await deliver(await bob.propose({ update: {} }), groups, bob);
  await alice.commit();
  return { groups, late };
}

function restore(group: Group, options: Partial<GroupOptions> & { readonly skip?: number } = {}): Promise<Group> {
  return Group.restore({ ...trusting, identity: group.identity, snapshot: group.snapshot(), ...options });
}

describe.each([1, 2, 3])("a group restored from a snapshot (suite %i)", (id) => {
  it("has everything that was under way, and gives the same snapshot", async () => {
    const suite = suiteOf(id);
    const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name, suite)));
    const groups = (await groupOf(clients)) as [Group, Group, Group];
    for (const group of groups) {
      const again = await restore(group);
      expect(hex(again.snapshot())).toBe(hex(group.snapshot()));
      expect(viewOf(again)).toEqual(viewOf(group));
      expect([...again.members]).toEqual([...group.members]);
    }
    await talk(groups);
    const update = await groups[1].propose({ update: {} });
    await deliver(update, groups, groups[1]);
    const restored = await Promise.all(groups.map((group) => restore(group)));
    await commitTo(restored, restored[0]!);
    agree(restored);
    await talk(restored);
    await commitTo(restored, restored[1]!, { remove: [2] });
    agree(restored.slice(0, 2));
  });
});

describe("a snapshot", () => {
  it("holds pending proposals, an own Update, a pending commit, past epochs and skipped keys", async () => {
    const { groups, late } = await busy();
    const [alice, bob, carol] = groups;
    const restored = await restore(alice);
    expect(hex(restored.snapshot())).toBe(hex(alice.snapshot()));
    const twice = await restore(restored);
    expect(hex(twice.snapshot())).toBe(hex(alice.snapshot()));
    expect(twice.pendingProposals).toEqual(alice.pendingProposals);
    for (const message of late) expect((await twice.receive(message)).kind).toBe("message");

    // Another commits: the own Update is followed with its key, and the pending commit is given up.
    const { commit } = await carol.commit({ pending: "all", psks: [] }).catch(() => bob.commit());
    for (const group of [alice, restored, twice, ...(carol.pendingCommit === undefined ? [carol] : [bob])]) {
      await group.receive(commit);
    }
    await (carol.pendingCommit === undefined ? bob.apply(bob.pendingCommit!) : carol.apply(carol.pendingCommit));
    agree(groups.filter((group) => !group.isGone).concat(restored, twice));
    expect(twice.pendingCommit).toBeUndefined();
  });

  it("in a Buffer is left as it was, and nothing of the group is a view of it", async () => {
    const { groups } = await busy();
    const [{ identity }] = groups;
    const snapshot = groups[0].snapshot();
    const buffer = Buffer.from(snapshot);
    const restored = await Group.restore({ ...trusting, identity, snapshot: buffer });
    expect(hex(buffer)).toBe(hex(snapshot));
    buffer.fill(0);
    expect(hex(restored.snapshot())).toBe(hex(snapshot));
  });

  it("holds a commit that can be applied, with its proposals by reference", async () => {
    const { groups } = await busy();
    const [alice, bob, carol] = groups;
    const restored = await restore(alice);
    const pending = restored.pendingCommit!;
    expect(pending.change.removed.map(({ leafIndex }) => leafIndex)).toEqual([2]);
    expect(await bob.receive(pending.commit)).toEqual(pending.change);
    expect(await carol.receive(pending.commit)).toMatchObject({ kind: "removed" });
    await restored.apply(pending);
    agree([restored, bob]);
    await talk([restored, bob]);
  });

  it("is all there is: with the same randomness and time the same bytes come out", async () => {
    const clock = setClock(1_700_000_000_000);
    let random: Random = seeded("before");
    const options: GroupOptions = { ...trusting, clock, random: (length) => random(length) };
    const { groups, late } = await busy(options);
    const [alice, bob] = groups;
    const restored = await restore(alice, { ...options, random: seeded("after") });
    const dave = await client("dave");
    const bundle = await keyPackageOf(dave, keyPackageOptions(options));
    const message = await bob.seal(utf8("current")).catch(() => undefined);
    expect(message).toBeUndefined(); // proposals are pending
    const history = async (group: Group): Promise<string[]> => {
      const out: string[] = [];
      for (const bytes of late) out.push((await group.receive(bytes)).kind);
      group.pendingCommit!.drop();
      out.push(hex(await group.propose({ update: {} })));
      const pending = await group.commit({ add: [bundle.keyPackage], groupInfo: true });
      out.push(...[pending.commit, pending.welcome!, pending.groupInfo!, pending.toBytes()].map(hex));
      await group.apply(pending);
      for (let i = 0; i < 3; i++) out.push(hex(await group.seal(utf8(String(i)), { padding: { kind: "padme" } })));
      out.push(hex(await group.propose({ remove: 1 })), hex(await group.groupInfo()), hex(group.snapshot()));
      return out;
    };
    random = seeded("after");
    const expected = await history(alice);
    expect(expected.length).toBe(3 + 1 + 4 + 3 + 3);
    expect(await history(restored)).toEqual(expected);
  });

  it("does not depend on the options of the group: tighter limits come later", async () => {
    const { groups } = await busy();
    const [alice] = groups;
    const restored = await restore(alice, { limits: { leaves: 1, proposals: 1, capabilities: 1, messageBytes: 10 } });
    expect(hex(restored.snapshot())).toBe(hex(alice.snapshot()));
  });

  it("is of one identity and suite", async () => {
    const [alice, bob] = await trio();
    const other = await client("alice");
    const suite3 = await client("alice", suiteOf(3));
    for (const identity of [other.identity, bob.identity, suite3.identity]) {
      expect(await refusal(() => Group.restore({ ...trusting, identity, snapshot: alice.snapshot() }))).toBe(
        "snapshot-identity",
      );
    }
  });

  it("asks for the identity of a change that is under way", async () => {
    for (const change of ["propose", "commit"] as const) {
      const groups = await trio();
      const [alice, bob] = groups;
      const next: Identity = (await client("alice")).identity;
      if (change === "propose") await deliver(await alice.propose({ update: { identity: next } }), groups, alice);
      else await alice.commit({ identity: next });
      const { identity } = alice;
      const snapshot = alice.snapshot();
      expect(await refusal(() => Group.restore({ ...trusting, identity, snapshot }))).toBe("snapshot-identity");
      const restored = await Group.restore({ ...trusting, identity, snapshot, nextIdentity: next });
      expect(hex(restored.snapshot())).toBe(hex(snapshot));
      if (change === "propose") {
        const { commit } = await commitTo([bob], bob);
        await restored.receive(commit);
      } else {
        await bob.receive(restored.pendingCommit!.commit);
        await restored.apply(restored.pendingCommit!);
      }
      agree([restored, bob]);
      await talk([restored, bob]);
      expect(restored.self.signatureKey).toEqual(next.signatureKey);
      expect(restored.identity).toBe(next);
      // From now on the snapshots are of the new identity.
      const after = restored.snapshot();
      expect(await refusal(() => Group.restore({ ...trusting, identity, snapshot: after }))).toBe("snapshot-identity");
      await Group.restore({ ...trusting, identity: next, snapshot: after });
    }
  });

  it("is restored with generations to spare, where it may not be the newest", async () => {
    const [alice, bob] = await trio();
    const snapshot = alice.snapshot();
    const lost = [await alice.seal(utf8("0")), await alice.seal(utf8("1"))];
    const restored = await Group.restore({ ...trusting, identity: alice.identity, snapshot, skip: 5 });
    const message = await restored.seal(utf8("after"));
    const proposal = await restored.propose({ update: {} });
    expect(lost.map((bytes) => generationOf(bob, bytes))).toEqual([0, 1]);
    expect(generationOf(bob, message)).toBe(5);
    expect(generationOf(bob, proposal)).toBe(5);
    for (const bytes of [message, ...lost]) expect((await bob.receive(bytes)).kind).toBe("message");
    expect((await bob.receive(proposal)).kind).toBe("proposal");
  });

  it("is restored with generations to spare in the epoch of its pending commit, too", async () => {
    const [alice, bob] = await trio();
    const pending = await alice.commit();
    const snapshot = alice.snapshot();
    await alice.apply(pending);
    await bob.receive(pending.commit);
    const lost = await alice.seal(utf8("after the snapshot, and lost with the process"));
    const restored = await Group.restore({ ...trusting, identity: alice.identity, snapshot, skip: 3 });
    await restored.apply(restored.pendingCommit!);
    const message = await restored.seal(utf8("after"));
    expect(generationOf(bob, lost)).toBe(0);
    expect(generationOf(bob, message)).toBe(3);
    expect(utf8Decode(((await bob.receive(message)) as { plaintext: Uint8Array }).plaintext)).toBe("after");
  });
});

describe("a snapshot that is not what was written", () => {
  it("is found out, whichever byte is damaged and wherever it ends", async () => {
    const group = await Group.create({ ...trusting, identity: (await client("alice")).identity });
    const snapshot = group.snapshot();
    const { identity } = group;
    for (let at = 0; at < snapshot.length; at++) {
      const damaged = snapshot.slice();
      damaged[at]! ^= 1 << (at % 8);
      expect(await refusal(() => Group.restore({ ...trusting, identity, snapshot: damaged })), String(at)).toBe(
        "snapshot-damaged",
      );
    }
    for (let length = 0; length < snapshot.length; length += 7) {
      const cut = snapshot.subarray(0, length);
      expect(await refusal(() => Group.restore({ ...trusting, identity, snapshot: cut }))).toBe("snapshot-damaged");
    }
    const longer = concat(snapshot, new Uint8Array(1));
    expect(await refusal(() => Group.restore({ ...trusting, identity, snapshot: longer }))).toBe("snapshot-damaged");
  });

  it("is of a newer version", async () => {
    const [alice] = await trio();
    const { identity } = alice;
    const snapshot = wrap("group", snapshotVersion + 1, { anything: "at all" });
    expect(await refusal(() => Group.restore({ ...trusting, identity, snapshot }))).toBe("snapshot-version");
    const pending = wrap("pending", snapshotVersion + 1, {});
    expect(await refusal(() => Group.restore({ ...trusting, identity, snapshot: alice.snapshot(), pending }))).toBe(
      "snapshot-version",
    );
  });

  it("has a checksum that fits, and contents that don't", async () => {
    const { groups } = await busy();
    const [alice] = groups;
    const { identity } = alice;
    const stored = unwrap("group", snapshotVersion, alice.snapshot()).value as {
      readonly tree: Uint8Array;
      readonly records: Readonly<Record<string, Uint8Array>>;
    };
    const packr = new Packr({ useRecords: false });
    const sealed = (packed: Uint8Array): Uint8Array => {
      const body = concat(utf8("copse-group"), new Uint8Array([snapshotVersion]), packed);
      return concat(body, hash("sha256", body));
    };
    expect(hex(sealed(pack(stored)))).toBe(hex(alice.snapshot()));
    const spoiled: unknown[] = [null, 7, "text", [], {}, { ...stored, extra: 1, tree: undefined }];
    const others = [undefined, -1, 1.5, "text", [], {}, [[]], new Uint8Array(3), true];
    for (const key of ["tree", "records"]) for (const value of others) spoiled.push({ ...stored, [key]: value });
    for (const [name, record] of Object.entries(stored.records)) {
      const versioned = (fields: unknown): Uint8Array => concat(record.subarray(0, 1), packr.pack(fields));
      const put = (value: unknown): void =>
        void spoiled.push({ ...stored, records: { ...stored.records, [name]: value } });
      for (const value of others) put(value);
      for (const value of others) put(versioned(value));
      if (name.startsWith("pending/")) continue; // messages
      const fields = packr.unpack(record.subarray(1)) as Readonly<Record<string, unknown>>;
      for (const key of Object.keys(fields)) for (const value of others) put(versioned({ ...fields, [key]: value }));
    }
    for (const value of spoiled) {
      const snapshot = sealed(packr.pack(value));
      const outcome = await Group.restore({ ...trusting, identity, snapshot }).then(
        () => "restored",
        (error: unknown) => (error as { code?: string }).code,
      );
      // Some contents are as good as others: a list may be empty, and nothing says how long a hash is.
      expect(["restored", "snapshot-damaged", "snapshot-identity", "wrong-group"], outcome).toContain(outcome);
    }
    // Bytes that are no msgpack, or a bomb of it.
    const bombs = [
      "c1",
      "dd7fffffff",
      "df7fffffff",
      "c6ffffffff00",
      "91".repeat(20_000),
      "d4".repeat(64),
      "dfffffffff",
    ];
    for (const bomb of bombs) {
      const snapshot = sealed(new Uint8Array(Buffer.from(bomb, "hex")));
      expect(await refusal(() => Group.restore({ ...trusting, identity, snapshot })), bomb.slice(0, 12)).toBe(
        "snapshot-damaged",
      );
    }
  });
});

describe("generations to give up", () => {
  it("end at what others follow: the window's gap, whatever that is", async () => {
    const [alice, bob] = (await groupOf([await client("alice"), await client("bob")])) as [Group, Group];
    const { identity } = alice;
    const snapshot = alice.snapshot();
    const restored = (skip: number, window: object = {}): Promise<Group> =>
      Group.restore({ ...trusting, identity, snapshot, skip, window });
    for (const skip of [1_001, 2 ** 32, 2 ** 53]) await expect(restored(skip)).rejects.toThrow(TypeError);
    await expect(restored(11, { generationGap: 10 })).rejects.toThrow(TypeError);
    await expect(restored(65_537, { generationGap: Infinity })).rejects.toThrow(TypeError);
    const back = await restored(1_000);
    const event = await bob.receive(await back.seal(new Uint8Array([7])));
    expect(event).toMatchObject({ kind: "message", plaintext: new Uint8Array([7]) });
  });
});
