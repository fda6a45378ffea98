import { describe, expect, it } from "vitest";
import { hex, utf8, utf8Decode } from "../../src/bytes/text.ts";
import { CopseError } from "../../src/errors.ts";
import { Group } from "../../src/group/group.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import { restoreKeyPackage } from "../../src/group/joining/key-package-bundle.ts";
import type { GroupOptions } from "../../src/public-group/options/settings.ts";
import { LiveSecrets } from "../schedule/live-secrets.ts";
import { agree, talk } from "./agreement.ts";
import { generationOf } from "./insider.ts";
import { failure, refusal } from "./refusal.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, suiteOf, trusting } from "./world.ts";

async function pair(options: Partial<GroupOptions> = {}): Promise<[alice: Group, bob: Group]> {
  return (await groupOf([await client("alice"), await client("bob")], options)) as [Group, Group];
}

describe("calls that do not wait for each other", () => {
  it("are carried out in the order in which they were made, and never share a generation", async () => {
    const [alice, bob] = await pair();
    const before = alice.epoch;
    const sealed = Array.from({ length: 20 }, (_, i) => alice.seal(utf8(String(i))));
    const committing = alice.commit();
    const refused = alice.commit().catch((error: unknown) => error);
    const late = alice.seal(utf8("still the first epoch"));
    const applied = committing.then((pending) => alice.apply(pending));
    const messages = await Promise.all([...sealed, late]);
    expect(messages.map((message) => generationOf(bob, message))).toEqual(messages.map((_, i) => i));
    expect(await refused).toMatchObject({ code: "pending-own-commit" });
    await applied;
    expect(alice.epoch).toBe(before + 1n);
    // All at once, and in the wrong order.
    const events = await Promise.all([...messages].reverse().map((message) => bob.receive(message)));
    const texts = events.map((event) => (event.kind === "message" ? utf8Decode(event.plaintext) : event.kind));
    expect(texts.reverse()).toEqual([...Array.from({ length: 20 }, (_, i) => String(i)), "still the first epoch"]);
    await bob.receive((await committing).commit);
    agree([alice, bob]);
  });

  it("go on after one that was refused", async () => {
    const [alice, bob] = await pair();
    const forged = bob.receive(utf8("nonsense")).catch((error: unknown) => error);
    const next = bob.seal(utf8("hello"));
    expect(await forged).toBeInstanceOf(CopseError);
    expect((await alice.receive(await next)).kind).toBe("message");
  });

  it("take in proposals, a commit and messages of both epochs as they come", async () => {
    const groups = await groupOf(await Promise.all(["alice", "bob", "carol"].map((name) => client(name))));
    const [alice, bob, carol] = groups as [Group, Group, Group];
    const old = await alice.seal(utf8("old"));
    const update = await carol.propose({ update: {} });
    await alice.receive(update);
    const { commit } = await commitTo([alice], alice);
    const fresh = await alice.seal(utf8("new"));
    const events = await Promise.all([update, commit, fresh, old].map((message) => bob.receive(message)));
    expect(events.map(({ kind }) => kind)).toEqual(["proposal", "commit", "message", "message"]);
    expect(events.map((event) => ("epoch" in event ? event.epoch : 0n))).toEqual([0n, 2n, 2n, 1n]);
  });

  it("apply in their turn: the promise says when", async () => {
    const [alice] = await pair();
    const pending = await alice.commit();
    const sealing = alice.seal(utf8("before"));
    const applying = alice.apply(pending);
    expect(applying).toBeInstanceOf(Promise);
    expect(alice.epoch).toBe(1n);
    await applying;
    expect(alice.epoch).toBe(2n);
    const info = alice.inspect(await sealing);
    expect(info).toMatchObject({ epoch: 1n, relation: "past", own: true });
  });
});

describe("what goes in", () => {
  it("is copied at once: the caller may use the memory again", async () => {
    const [alice, bob] = await pair();
    const plaintext = Buffer.from("the same buffer each time");
    const busy = alice.seal(utf8("first in the queue"));
    const sealing = alice.seal(plaintext);
    plaintext.fill(0);
    await busy;
    const network = Buffer.from(await sealing);
    const waiting = bob.seal(utf8("first in the queue"));
    const receiving = bob.receive(network);
    network.fill(0);
    await waiting;
    const event = await receiving;
    expect(event.kind === "message" && utf8Decode(event.plaintext)).toBe("the same buffer each time");
  });

  it("may be Buffers, and is not overwritten", async () => {
    const suite = suiteOf();
    const { privateKey } = await createIdentity({ suite, credential: basic("x") });
    const key = privateKey.use((bytes) => Buffer.from(bytes));
    const text = key.toString("hex");
    const identity = await createIdentity({ suite, credential: basic(Buffer.from("alice")), privateKey: key });
    const psk = Buffer.from("a PSK of the application");
    const options: GroupOptions = { ...trusting, psks: () => psk };
    const groupId = Buffer.from("the group");
    const alice = await Group.create({
      ...options,
      identity: { ...identity, signatureKey: Buffer.from(identity.signatureKey) },
      groupId,
    });
    groupId.fill(0);
    expect(utf8Decode(alice.id)).toBe("the group");
    const bob = await client("bob");
    const bundle = await keyPackageOf(bob);
    const stored = Buffer.from(bundle.toBytes());
    const restored = restoreKeyPackage(suite, stored);
    const pskId = Buffer.from("id");
    const pending = await alice.commit({
      add: [Buffer.from(bundle.keyPackage)],
      psks: [{ type: "external", pskId }],
      authenticatedData: Buffer.from("data"),
    });
    await alice.apply(pending);
    const joined = await Group.join({
      ...options,
      identity: bob.identity,
      welcome: Buffer.from(pending.welcome!),
      keyPackages: [restored],
    });
    void restored.wipe();
    expect(psk.toString()).toBe("a PSK of the application");
    expect(pskId.toString()).toBe("id");
    expect(stored.equals(bundle.toBytes())).toBe(true);
    await commitTo([alice, joined], joined, { psks: [{ type: "external", pskId }] });
    agree([alice, joined]);
    identity.privateKey.wipe();
    expect(key.toString("hex")).toBe(text);
    const snapshot = Buffer.from(joined.snapshot());
    const again = await Group.restore({ ...options, identity: bob.identity, snapshot });
    snapshot.fill(0);
    agree([alice, again]);
  });

  it("is refused as a TypeError where it is of the wrong type", async () => {
    const [alice] = await pair();
    const wrong = "text" as unknown as Uint8Array;
    const calls: (() => unknown)[] = [
      () => alice.seal(wrong),
      () => alice.receive(wrong),
      () => alice.inspect(wrong),
      () => alice.propose({} as never),
      () => alice.propose({ add: wrong }),
      () => alice.propose({ psk: { type: "external", pskId: wrong } }),
      () => alice.commit({ add: [wrong] }),
      () => alice.seal(utf8("x"), { authenticatedData: wrong }),
      () => alice.seal(utf8("x"), { padding: { kind: "multiple", of: 0 } }),
      () => alice.seal(utf8("x"), { padding: { kind: "other" } as never }),
      () => alice.exportSecret(3 as never, utf8("x"), 1),
      () => alice.exportSecret("x", wrong, 1),
      () => alice.exportSecret("x", utf8("x"), -1),
      () => alice.exportSecret("x", utf8("x"), 255 * 32 + 1),
      () => Group.create({ identity: alice.identity } as never),
      () => Group.create({ ...trusting, identity: alice.identity, random: 3 as never }),
      () => Group.restore({ ...trusting, identity: alice.identity, snapshot: wrong }),
      () => Group.restore({ ...trusting, identity: alice.identity, snapshot: alice.snapshot(), skip: -1 }),
      () => Group.join({ ...trusting, identity: alice.identity, welcome: wrong, keyPackages: [] }),
      () => Group.joinExternally({ ...trusting, identity: alice.identity, groupInfo: wrong }),
    ];
    const before = hex(alice.snapshot());
    for (const [i, call] of calls.entries()) expect(await failure(call), String(i)).toBeInstanceOf(TypeError);
    expect(hex(alice.snapshot())).toBe(before);
  });
});

describe("what comes out", () => {
  it("is a copy: the group does not change with it", async () => {
    const [alice, bob] = await pair();
    const views = (): string => hex(alice.snapshot());
    const before = views();
    alice.id.fill(0);
    alice.epochAuthenticator.fill(0);
    alice.self.signatureKey.fill(0);
    alice.member(1)!.encryptionKey.fill(0);
    for (const { credential } of alice.members) if (credential.type === "basic") credential.identity.fill(0);
    alice.exportSecret("x", utf8("x"), 16).fill(0);
    alice.ratchetTree().fill(0);
    alice.snapshot().fill(0);
    (await alice.groupInfo()).fill(0);
    expect(views()).toBe(before);
    const message = await bob.seal(utf8("x"));
    const kept = message.slice();
    const event = await alice.receive(message);
    message.fill(0);
    if (event.kind === "message") event.plaintext.fill(0);
    expect(await bob.receive(kept)).toMatchObject({ kind: "own" });
    const pending = await alice.commit({ add: [(await keyPackageOf(await client("carol"))).keyPackage] });
    const stored = views();
    pending.commit.fill(0);
    pending.welcome!.fill(0);
    expect(views()).toBe(stored);
  });

  it("says who is there", async () => {
    const [alice, bob] = await pair();
    expect(alice.size).toBe(2);
    expect(alice.treeWidth).toBe(2);
    expect([...alice.members]).toEqual([alice.self, bob.self]);
    expect(alice.member(1)).toEqual(bob.self);
    for (const nobody of [2, 3, 0xffff_ffff]) expect(alice.member(nobody)).toBeUndefined();
    expect(alice.suite.id).toBe(1);
    expect(alice.groupContext.groupId).toEqual(alice.id);
    expect(alice.isGone).toBe(false);
    expect(alice.isReinitialized).toBe(false);
    expect(JSON.stringify(alice)).toBe('{"epoch":"1","size":2}');
  });

  it("shows pending proposals, and not the key of an own Update among them", async () => {
    const [alice] = await pair();
    await alice.propose({ update: {} });
    await alice.propose({ remove: 1 });
    const [update, remove] = alice.pendingProposals;
    expect(Object.keys(update!).sort()).toEqual(["proposal", "ref", "sender"]);
    expect(update).toMatchObject({ proposal: { type: "update" }, sender: { type: "member", leafIndex: 0 } });
    expect(remove).toMatchObject({ proposal: { type: "remove", removed: 1 } });
    const pending = await alice.commit();
    expect(pending.leftOut).toEqual([update]);
  });
});

describe("wiping a group", () => {
  it("ends it, whatever is under way", async () => {
    const live = new LiveSecrets();
    try {
      const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
      const base = live.count;
      let verdict: Promise<boolean> | boolean = true;
      const authentication = { validate: (): Promise<boolean> | boolean => verdict };
      const underWay: ((alice: Group, bob: Group) => Promise<unknown>)[] = [
        (alice) => alice.seal(utf8("x")),
        (alice) => alice.commit(),
        (alice) => alice.propose({ update: {} }),
        (alice) => alice.groupInfo(),
        async (alice, bob) => alice.receive(await bob.seal(utf8("x"))),
        async (alice, bob) => alice.receive(await bob.propose({ update: {} })),
        async (alice, bob) => alice.receive((await bob.commit()).commit),
        async (alice, bob) => alice.receive((await bob.commit({ path: true })).commit),
      ];
      for (const handshake of ["private", "public"] as const) {
        for (const [i, begin] of underWay.entries()) {
          const [alice, bob] = (await groupOf(clients, { handshake, authentication })) as [Group, Group];
          const operation = begin(alice, bob).catch((error: unknown) => error);
          // Let it begin, for some steps of its way.
          for (let steps = 0; steps < 2 * i; steps++) await Promise.resolve();
          alice.wipe();
          await operation;
          expect(alice.isGone).toBe(true);
          expect(await refusal(() => alice.snapshot())).toBe("group-gone");
          bob.wipe();
          // The joined member's key package was wiped by its join.
          expect(live.count, `${handshake} ${String(i)}`).toBe(base);
        }
      }
      // In the middle of a question to the application.
      for (const handshake of ["private", "public"] as const) {
        const [alice, bob] = (await groupOf(clients, { handshake, authentication })) as [Group, Group];
        const dave = await client("dave");
        const bundle = await keyPackageOf(dave);
        const { commit } = await bob.commit({ add: [bundle.keyPackage] });
        let decide: (accepted: boolean) => void = () => {};
        verdict = new Promise((resolve) => {
          decide = resolve;
        });
        const answer = alice.receive(commit).catch((error: unknown) => error);
        for (let steps = 0; steps < 50; steps++) await Promise.resolve();
        alice.wipe();
        decide(true);
        expect(await answer).toBeInstanceOf(CopseError);
        verdict = true;
        bob.wipe();
        void bundle.wipe();
        dave.identity.privateKey.wipe();
        expect(live.count).toBe(base);
      }
    } finally {
      live.stop();
    }
  });

  it("by the application's own review of a commit is final", async () => {
    for (const handshake of ["private", "public"] as const) {
      const wiped: Group[] = [];
      const review = (): boolean => {
        for (const group of wiped) group.wipe();
        return true;
      };
      const [alice, bob] = await pair({ handshake, review });
      const { commit } = await bob.commit();
      const live = new LiveSecrets();
      wiped.push(alice);
      expect(await refusal(() => alice.receive(commit))).toBe("group-gone");
      expect(alice.epoch).toBe(1n);
      expect(live.names()).toEqual([]);
      live.stop();
    }
  });

  it("twice is wiping it once", async () => {
    const [alice, bob] = await pair();
    alice.wipe();
    alice.wipe();
    alice.expire();
    expect(alice.isGone).toBe(true);
    await talk([bob]);
    await deliver(await bob.seal(utf8("x")), [alice]);
  });
});
