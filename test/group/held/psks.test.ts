import { describe, expect, it } from "vitest";
import type { Secret } from "../../../src/bytes/secret.ts";
import { utf8, utf8Decode } from "../../../src/bytes/text.ts";
import { Group } from "../../../src/group/group.ts";
import type { GroupOptions } from "../../../src/public-group/options/settings.ts";
import type { PreSharedKeyId } from "../../../src/wire/pre-shared-key.ts";
import { agree, talk } from "../agreement.ts";
import { forge } from "../insider.ts";
import { refuses, refusal } from "../refusal.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, trusting } from "../world.ts";

/** A store of external PSKs that a test can change, and what was asked of it. */
function store(known: Readonly<Record<string, string>>): {
  readonly options: Pick<GroupOptions, "psks">;
  readonly asked: PreSharedKeyId[];
  readonly keys: Map<string, string>;
} {
  const keys = new Map(Object.entries(known));
  const asked: PreSharedKeyId[] = [];
  const psks = async (id: PreSharedKeyId): Promise<Uint8Array | undefined> => {
    await Promise.resolve();
    asked.push(id);
    const key = id.type === "external" ? keys.get(utf8Decode(id.pskId) ?? "") : undefined;
    return key === undefined ? undefined : utf8(key);
  };
  return { options: { psks }, asked, keys };
}

const external = (id: string) => ({ type: "external", pskId: utf8(id) }) as const;

describe("a pre-shared key", () => {
  it("binds an epoch to who has it, by value and by reference, in the order of the commit", async () => {
    const { options, asked } = store({ a: "key a", b: "key b" });
    const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
    const groups = (await groupOf(clients, options)) as [Group, Group, Group];
    const [alice, bob] = groups;
    await deliver(await bob.propose({ psk: external("b") }), groups, bob);
    asked.length = 0;
    const pending = await commitTo(groups, alice, { psks: [external("a")] });
    agree(groups);
    await talk(groups);
    // The one by reference comes first, as it stands in the commit.
    const ids = pending.change.psks.map((id) => id.type === "external" && utf8Decode(id.pskId));
    expect(ids).toEqual(["b", "a"]);
    expect(pending.change.psks.every(({ pskNonce }) => pskNonce.length === 32)).toBe(true);
  });

  it("is another one for who has another", async () => {
    const right = store({ a: "key a" });
    const wrong = store({ a: "another key" });
    const [alice, bob] = (await groupOf([await client("alice"), await client("bob")], right.options)) as [Group, Group];
    const other = await Group.restore({
      ...trusting,
      ...wrong.options,
      identity: bob.identity,
      snapshot: bob.snapshot(),
    });
    const { commit } = await alice.commit({ psks: [external("a")] });
    await refuses(other, () => other.receive(commit), "confirmation-tag");
    await bob.receive(commit);
  });

  it("is asked of a joiner, with the Welcome's own list (valn1401)", async () => {
    const { options, keys, asked } = store({ a: "key a", b: "key b" });
    const [alice] = (await groupOf([await client("alice")], options)) as [Group];
    const bob = await client("bob");
    const bundle = await keyPackageOf(bob);
    const { welcome } = await commitTo([alice], alice, {
      add: [bundle.keyPackage],
      psks: [external("b"), external("a")],
    });
    const join = (): Promise<Group> =>
      Group.join({ ...trusting, ...options, identity: bob.identity, welcome: welcome!, keyPackages: [bundle] });
    keys.delete("a");
    expect(await refusal(join)).toBe("psk-not-found");
    keys.set("a", "another key");
    expect(await refusal(join)).toBe("welcome-open");
    keys.set("a", "key a");
    asked.length = 0;
    const joined = await join();
    expect(asked.map((id) => id.type === "external" && utf8Decode(id.pskId))).toEqual(["b", "a"]);
    agree([alice, joined]);
  });

  it("is the resumption PSK of a past epoch of the group, which a later joiner does not have", async () => {
    const clients = [await client("alice"), await client("bob")];
    const [alice, bob] = (await groupOf(clients)) as [Group, Group];
    await commitTo([alice, bob], alice);
    const psk = (epoch: bigint) => ({ type: "resumption", groupId: alice.id, epoch }) as const;
    await commitTo([alice, bob], bob, { psks: [psk(1n), psk(2n)] });
    agree([alice, bob]);
    const carol = await client("carol");
    const bundle = await keyPackageOf(carol);
    const { welcome } = await commitTo([alice, bob], bob, { add: [bundle.keyPackage] });
    const keyPackages = [bundle];
    const joined = await Group.join({ ...trusting, identity: carol.identity, welcome: welcome!, keyPackages });
    const { commit } = await alice.commit({ psks: [psk(2n)] });
    await refuses(joined, () => joined.receive(commit), "psk-not-found");
    await bob.receive(commit);
    // The current epoch's is everybody's.
    const [own, others] = [await joined.commit({ psks: [psk(4n)] }), joined];
    expect(own.change.psks.length).toBe(1);
    expect(others.epoch).toBe(4n);
  });

  it("of another group comes from the application", async () => {
    const otherGroup = { type: "resumption", groupId: utf8("another group"), epoch: 7n } as const;
    const psks = (id: PreSharedKeyId): Uint8Array | undefined =>
      id.type === "resumption" && id.usage === "application" && id.pskEpoch === 7n ? utf8("from there") : undefined;
    const [alice, bob] = (await groupOf([await client("alice"), await client("bob")], { psks })) as [Group, Group];
    await commitTo([alice, bob], alice, { psks: [otherGroup] });
    agree([alice, bob]);
  });

  it("has a nonce of KDF.Nh bytes, and no usage but application (valn0801, valn0802, valn0803)", async () => {
    const psks = (): Uint8Array => utf8("any");
    const [alice, bob] = (await groupOf([await client("alice"), await client("bob")], { psks })) as [Group, Group];
    const pskNonce = new Uint8Array(32);
    const resumption = { type: "resumption", pskGroupId: alice.id, pskEpoch: 1n, pskNonce } as const;
    const cases: readonly (readonly [PreSharedKeyId, "psk-nonce-length" | "psk-usage-reinit" | "psk-usage-branch"])[] =
      [
        [{ type: "external", pskId: utf8("a"), pskNonce: new Uint8Array(31) }, "psk-nonce-length"],
        [{ ...resumption, usage: "application", pskNonce: new Uint8Array(33) }, "psk-nonce-length"],
        [{ ...resumption, usage: "reinit" }, "psk-usage-reinit"],
        [{ ...resumption, usage: "branch" }, "psk-usage-branch"],
      ];
    for (const [psk, code] of cases) {
      const proposal = { type: "psk", psk } as const;
      const message = await forge(alice, { type: "proposal", proposal });
      await refuses(bob, () => bob.receive(message), code);
      const content = {
        type: "commit",
        commit: { proposals: [{ type: "proposal", proposal }], path: undefined },
      } as const;
      const commit = await forge(alice, content, { confirmationTag: new Uint8Array(32) });
      await refuses(bob, () => bob.receive(commit), code);
    }
  });

  it("is joined with from outside", async () => {
    const { options, keys } = store({ a: "key a" });
    const groups = (await groupOf([await client("alice"), await client("bob")], options)) as [Group, Group];
    const carol = await client("carol");
    const groupInfo = await groups[0].groupInfo();
    const joining = { ...trusting, ...options, identity: carol.identity, groupInfo, inject: [external("a")] };
    keys.delete("a");
    expect(await refusal(() => Group.joinExternally(joining))).toBe("psk-not-found");
    keys.set("a", "key a");
    const join = await Group.joinExternally(joining);
    keys.set("a", "another key");
    await refuses(groups[0], () => groups[0].receive(join.commit), "confirmation-tag");
    keys.set("a", "key a");
    for (const group of groups) {
      expect(await group.receive(join.commit)).toMatchObject({ kind: "commit", psks: [{ type: "external" }] });
    }
    agree([...groups, await join.complete()]);
  });

  it("is one of a bounded number in a commit: each is a question to the application", async () => {
    const limits = { psks: 3 };
    const { options, asked } = store({ a: "key a" });
    const clients = [await client("alice"), await client("bob")];
    const [alice, bob] = (await groupOf(clients, { ...options, limits })) as [Group, Group];
    const four = [1, 2, 3, 4].map(() => external("a"));
    await refuses(alice, () => alice.commit({ psks: four }), "limit-exceeded");
    const generous = await Group.restore({
      ...trusting,
      ...options,
      identity: alice.identity,
      snapshot: alice.snapshot(),
    });
    const { commit } = await generous.commit({ psks: four });
    asked.length = 0;
    await refuses(bob, () => bob.receive(commit), "limit-exceeded");
    expect(asked).toEqual([]);
    const stored = generous.snapshot();
    const restored = await Group.restore({
      ...trusting,
      ...options,
      limits,
      identity: alice.identity,
      snapshot: stored,
    });
    expect(restored.pendingCommit?.change.psks.length).toBe(4);
  });
});

describe("the resumption PSKs that a group lends another", () => {
  const id = (group: Group, epoch: bigint, usage: "application" | "branch" = "application"): PreSharedKeyId => ({
    type: "resumption",
    usage,
    pskGroupId: group.id,
    pskEpoch: epoch,
    pskNonce: new Uint8Array(32),
  });

  it("keep out of a group who is not in the other one", async () => {
    const [alice, bob] = await Promise.all([client("alice"), client("bob")]);
    const chats = (await groupOf([alice, bob])) as [Group, Group];
    const call = await Group.create({ ...trusting, identity: alice.identity, psks: chats[0].psks() });
    const bundle = await keyPackageOf(bob);
    const psk = { type: "resumption", groupId: chats[0].id, epoch: chats[0].epoch } as const;
    const { welcome } = await commitTo([call], call, { add: [bundle.keyPackage], psks: [psk] });
    const join = { identity: bob.identity, welcome: welcome!, keyPackages: [bundle] };
    expect(await refusal(() => Group.join({ ...trusting, ...join }))).toBe("psk-not-found");
    agree([call, await Group.join({ ...trusting, ...join, psks: chats[1].psks() })]);
  });

  it("are those of the epochs that its window holds, for the usage application, while it lasts", async () => {
    const groups = await groupOf([await client("alice"), await client("bob")], { window: { resumptionPsks: 1 } });
    const [alice] = groups as [Group];
    const lend = alice.psks();
    for (let i = 0; i < 2; i++) await commitTo(groups, alice, { path: true });
    expect([1n, 2n, 3n, 4n].map((epoch) => lend(id(alice, epoch)) !== undefined)).toEqual([false, true, true, false]);
    expect(lend(id(alice, 3n, "branch"))).toBeUndefined();
    expect(lend({ ...id(alice, 3n), pskGroupId: utf8("another") } as PreSharedKeyId)).toBeUndefined();
    expect(lend({ type: "external", pskId: alice.id, pskNonce: new Uint8Array(32) })).toBeUndefined();
    alice.wipe();
    expect(lend(id(alice, 3n))).toBeUndefined();
  });

  it("are copies, which the engine wipes", async () => {
    const [chat] = (await groupOf([await client("alice")])) as [Group];
    const lent: Secret<"resumption_psk">[] = [];
    const psks = (wanted: PreSharedKeyId): Secret<"resumption_psk"> | undefined => {
      const psk = chat.psks()(wanted);
      if (psk !== undefined) lent.push(psk);
      return psk;
    };
    const [call] = (await groupOf([await client("alice")], { psks })) as [Group];
    await commitTo([call], call, { psks: [{ type: "resumption", groupId: chat.id, epoch: chat.epoch }] });
    expect(lent.map(({ isWiped }) => isWiped)).toEqual([true]);
    expect(chat.psks()(id(chat, chat.epoch))?.isWiped).toBe(false);
  });
});
