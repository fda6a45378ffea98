/**
 * What who has stolen a key can do, how it is noticed, and what helps: the table of docs/accounts.md, in real groups.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { attestationFor, checkLeaf } from "../../src/accounts/attestation.ts";
import { accountComponentId } from "../../src/accounts/component.ts";
import { checkStatement } from "../../src/accounts/check-statement.ts";
import { createAccountKey, readAccountKey, rootKeyOf, writeAccountKey } from "../../src/accounts/keys.ts";
import { readRecoveryCode } from "../../src/accounts/recovery-code.ts";
import { isSameSafetyNumber, safetyNumber } from "../../src/accounts/safety-number.ts";
import { signDeviceList } from "../../src/accounts/statement.ts";
import type { AccountView } from "../../src/accounts/view.ts";
import { Group } from "../../src/group/group.ts";
import { suiteOf } from "../group/world.ts";
import { add, appData, create, leafOf, options, reviewed } from "./groups.ts";
import { day, device, makerOf, person, refused, start, type Person, type TestDevice } from "./world.ts";

/** Alice with a phone and a laptop, Bob with a phone, and the room of the three devices. */
async function room(): Promise<{
  readonly alice: Person;
  readonly phone: TestDevice;
  readonly laptop: TestDevice;
  readonly bob: Person;
  readonly groups: readonly [Group, Group, Group];
}> {
  const alice = await person("alice", ["phone", "laptop"]);
  const bob = await person("bob");
  const [phone, laptop] = alice.devices as [TestDevice, TestDevice];
  const groups: Group[] = [];
  groups.push(
    await create(
      phone,
      await leafOf(alice, phone),
      reviewed(() => groups[0]!),
    ),
  );
  await add(
    groups,
    laptop,
    await leafOf(alice, laptop),
    reviewed(() => groups[1]!),
  );
  await add(
    groups,
    bob.devices[0]!,
    await leafOf(bob, bob.devices[0]!),
    reviewed(() => groups[2]!),
  );
  return { alice, phone, laptop, bob, groups: groups as unknown as [Group, Group, Group] };
}

function outside(
  group: Uint8Array,
  { identity }: TestDevice,
  extensions: Parameters<typeof create>[1],
): ReturnType<typeof Group.joinExternally> {
  return Group.joinExternally({ ...options(), identity, groupInfo: group, leaf: { extensions } });
}

describe("a stolen signature key of a device", () => {
  it("makes no list, adds no device and attests no other key", async () => {
    const { alice, laptop } = await room();
    const evil = await device(alice.user, "evil");
    const own = await person("alice"); // a root of the thief's own
    const maker = makerOf(laptop);
    await refused(signDeviceList({ view: alice.view, accountKey: own.accountKey, maker }), "statement-root");
    const statement = await alice.list({
      accountKey: own.accountKey,
      maker,
      newRoot: true,
      changes: { add: [evil.entry] },
    });
    const error = await refused(checkStatement(alice.view, statement), "statement-root");
    expect(error.alarm?.kind).toBe("root");
    await refused(
      attestationFor({ accountKey: own.accountKey, view: alice.view, identity: laptop.identity }),
      "account-key",
    );
  });

  it("is the client of its device: the list without the device, and taking it out, end it everywhere", async () => {
    const { alice, laptop, groups } = await room();
    const [alices, laptops, bobs] = groups;
    const view = await alice.next({ changes: { remove: [laptop.uri] } });
    const leaf = bobs.member(1)!;
    const { findings } = await checkLeaf(leaf, view, { now: start });
    expect(findings).toEqual(["not-listed"]);
    const pending = await bobs.commit({ remove: [1] });
    await bobs.apply(pending);
    await alices.receive(pending.commit);
    await laptops.receive(pending.commit);
    expect(laptops.isGone).toBe(true);
    // It can't attest a leaf of the list that it is not on; an older attestation is noticed each time.
    const { accountKey } = alice;
    await refused(attestationFor({ accountKey, view, identity: laptop.identity }), "device-unknown");
    const extensions = await leafOf(alice, laptop);
    const join = await outside(await bobs.groupInfo(), laptop, extensions);
    expect(await bobs.receive(join.commit)).toMatchObject({ kind: "commit" }); // valid for all, and taken out again
    expect((await checkLeaf(bobs.member(1)!, view, { now: start })).findings).toEqual(["not-listed"]);
  });
});

describe("a stolen account key, with a device", () => {
  it("puts devices on the list and others off it; every contact sees it, and the root ends it", async () => {
    const { alice, phone, laptop, bob, groups } = await room();
    const [alices, , bobs] = groups;
    const evil = await device(alice.user, "evil");
    // The thief has the laptop: it takes the phone off, and a device of its own on.
    const hostile = await alice.next({ maker: makerOf(laptop), changes: { add: [evil.entry], remove: [phone.uri] } });
    expect(hostile.maker).toBe(laptop.uri);
    const join = await outside(await bobs.groupInfo(), evil, await leafOf(alice, evil, hostile));
    for (const each of groups) await each.receive(join.commit);
    // The phone notices: its list is not the last one. With the recovery code it makes the next account key.
    const { seed } = readRecoveryCode(alice.recovery.code.toLowerCase());
    const root = await rootKeyOf(suiteOf(), seed);
    const accountKey = await createAccountKey({ root, user: alice.user, after: hostile.keyNumber });
    const changes = { remove: [laptop.uri, evil.uri], add: [phone.entry] };
    const view = await checkStatement(hostile, await alice.list({ view: hostile, accountKey, changes }));
    expect(view.devices.map(({ uri }) => uri)).toEqual([phone.uri]);
    // In the room: the phone attests its leaf anew and takes the others out.
    const commit = await alices.commit({
      remove: [1, 3],
      leaf: { extensions: await leafOf({ accountKey, view }, phone) },
    });
    await alices.apply(commit);
    await bobs.receive(commit.commit);
    expect(bobs.size).toBe(2);
    // The thief's devices do not come back: the old key makes no list, and no leaf beside the new one.
    await refused(alice.list({ view, maker: makerOf(laptop) }), "statement-key");
    for (const [thief, list] of [
      [laptop, alice.view],
      [evil, hostile],
    ] as const) {
      const again = await outside(await bobs.groupInfo(), thief, await leafOf(alice, thief, list));
      await expect(bobs.receive(again.commit)).rejects.toMatchObject({ code: "commit-refused" });
    }
    // And the safety number is what it was.
    const ours = { ours: bob.view, theirs: alice.view };
    expect(safetyNumber({ ...ours, theirs: view }).digits).toBe(safetyNumber(ours).digits);
    expect(isSameSafetyNumber(safetyNumber(ours), safetyNumber({ ours: view, theirs: bob.view }).payload)).toBe(true);
    const event = await bobs.receive(await alices.seal(utf8("it was the laptop")));
    expect(event).toMatchObject({ kind: "message" });
  });

  it("handed to a device that stays is handed on as bytes, and works there", async () => {
    const { alice, phone, laptop } = await room();
    const accountKey = await createAccountKey({ root: alice.root, user: alice.user, after: 1 });
    const view = await alice.next({ accountKey });
    const handed = await readAccountKey(writeAccountKey(accountKey).use((bytes) => bytes.slice()));
    expect(await leafOf({ accountKey: handed, view }, laptop)).toHaveLength(1);
    expect((await alice.next({ view, accountKey: handed, maker: makerOf(laptop) })).number).toBe(2n);
    expect(phone.uri).toContain("phone");
  });

  it("that shows two people two lists of one number is proved to both", async () => {
    const { alice, laptop } = await room();
    const evil = await device(alice.user, "evil");
    const toBob = await alice.next({ maker: makerOf(laptop), changes: { add: [evil.entry] } });
    const toCarol = await alice.next({ clock: () => start + day });
    const error = await refused(checkStatement(toBob, toCarol.statement), "statement-number");
    expect(error.alarm).toMatchObject({ kind: "fork", known: toBob.statement, other: toCarol.statement });
    // Where only leaves meet, they show it, too.
    const leaf = { ...laptop.identity, extensions: await leafOf(alice, laptop, toCarol) };
    expect((await checkLeaf(leaf, toBob, { now: start })).findings).toEqual(["list-conflict"]);
  });
});

describe("a stolen root key", () => {
  it("makes an account key that all follow: the owner sees it in the list, and only a new root ends it", async () => {
    const { alice, phone, groups } = await room();
    const [alices, , bobs] = groups;
    const evil = await device(alice.user, "evil");
    const theirs = await createAccountKey({ root: alice.root, user: alice.user, after: 1 });
    const changes = { remove: alice.devices.map(({ uri }) => uri), add: [evil.entry] };
    const hostile = await alice.next({ accountKey: theirs, maker: makerOf(evil), changes });
    // Nothing tells it from the owner's doing but the owner: the devices are gone from the list, and the phone sees it.
    expect(hostile.devices.map(({ uri }) => uri)).toEqual([evil.uri]);
    expect((await checkLeaf(alices.self, hostile, { now: start })).findings).toEqual(["key-retired", "not-listed"]);
    // A new root: an alarm for everybody, and another safety number to compare.
    const next = await person("alice", ["phone"]);
    const statement = await alice.list({
      view: hostile,
      accountKey: next.accountKey,
      newRoot: true,
      changes: { remove: [evil.uri], add: [phone.entry] },
    });
    const error = await refused(checkStatement(hostile, statement), "statement-root");
    expect(error.alarm?.kind).toBe("root");
    const view: AccountView = await checkStatement(hostile, statement, { newRoot: true });
    // In a room where leaves of the old root are, the new one comes in when they go.
    const extensions = [
      appData.dictionary({
        [accountComponentId]: await attestationFor({ accountKey: next.accountKey, view, identity: phone.identity }),
      }),
    ];
    await expect(alices.commit({ leaf: { extensions } })).rejects.toMatchObject({ code: "commit-refused" });
    const commit = await alices.commit({ remove: [1], leaf: { extensions } });
    await alices.apply(commit);
    expect(await bobs.receive(commit.commit)).toMatchObject({ kind: "commit" });
    expect((await checkLeaf(bobs.member(0)!, view, { now: start })).findings).toEqual([]);
  });

  it("signs nothing but account keys: no list, no leaf", async () => {
    const { alice, phone } = await room();
    const asKey = { ...alice.accountKey, privateKey: alice.root.privateKey as never };
    const list = await alice.list({ accountKey: asKey, changes: {} });
    await refused(checkStatement(alice.view, list), "statement-signature");
    const extensions = await leafOf({ accountKey: asKey, view: alice.view }, phone);
    await refused(checkLeaf({ ...phone.identity, extensions }, alice.view, { now: start }), "attestation-invalid");
  });
});
