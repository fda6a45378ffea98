/**
 * Accounts in real groups: who comes in, who does not, and what is noticed.
 */

import { describe, expect, it } from "vitest";
import { copyBytes } from "../../src/bytes/copy.ts";
import { utf8 } from "../../src/bytes/text.ts";
import { accountsAgree } from "../../src/accounts/agreement.ts";
import {
  accountComponent,
  attestationFor,
  checkLeaf,
  isStale,
  readAttestation,
  statedFindings,
} from "../../src/accounts/attestation.ts";
import { accountAuthentication, type LeafFound } from "../../src/accounts/authentication.ts";
import { accountComponentId } from "../../src/accounts/component.ts";
import { createAccountKey, rootKeyOf, type AccountKey } from "../../src/accounts/keys.ts";
import { createRecoveryCode } from "../../src/accounts/recovery-code.ts";
import { checkStatement } from "../../src/accounts/check-statement.ts";
import { signDeviceList } from "../../src/accounts/statement.ts";
import { staleAfter, type AccountView } from "../../src/accounts/view.ts";
import { createAppData } from "../../src/extensions/index.ts";
import type { CopseError } from "../../src/errors.ts";
import { Group } from "../../src/group/group.ts";
import { createKeyPackage } from "../../src/group/joining/key-package-bundle.ts";
import type { Member } from "../../src/public-group/events.ts";
import {
  trustAnyCredential,
  type AuthenticationService,
  type Candidate,
} from "../../src/public-group/options/settings.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import type { Extension } from "../../src/wire/extension.ts";
import { suiteOf } from "../group/world.ts";
import { add, appData, create, keyPackage, leafOf, options, reviewed } from "./groups.ts";
import { day, device, makerOf, person, refused, start, type TestDevice } from "./world.ts";

const alice = await person("alice", ["phone", "laptop"]);
const bob = await person("bob");
const [phone, laptop] = alice.devices as [TestDevice, TestDevice];
const bobs = bob.devices[0]!;
const now = start;

const carol = await person("carol");
const dora = await person("dora");
/** A client that knows no accounts. */
const plain = createAppData({ components: [] });

/** The three devices in one group. */
async function three(given: ReturnType<typeof options> = options()): Promise<[Group, Group, Group]> {
  const groups = [await create(phone, await leafOf(alice, phone), given)];
  await add(groups, laptop, await leafOf(alice, laptop), given);
  await add(groups, bobs, await leafOf(bob, bobs), given);
  return groups as [Group, Group, Group];
}

/** A leaf of Alice's phone that states what it is told to: nothing of it is signed. */
async function stating(stated: Partial<AccountKey["certificate"]>): Promise<Member> {
  const certificate = { ...alice.accountKey.certificate, ...stated };
  const { cipherSuite, rootKey, accountKey } = certificate;
  const view = { ...alice.view, cipherSuite, rootKey: copyBytes(rootKey), accountKey: copyBytes(accountKey) };
  const extensions = await leafOf({ accountKey: { ...alice.accountKey, certificate }, view }, phone);
  const { self } = await create(phone, await leafOf(alice, phone));
  return { ...self, extensions };
}

/** An account that somebody makes up for Alice's name, with a root of their own. */
async function impostor(name = "tablet"): Promise<{
  readonly accountKey: AccountKey;
  readonly view: AccountView;
  readonly device: TestDevice;
}> {
  const root = await rootKeyOf(suiteOf(), createRecoveryCode().seed);
  const accountKey = await createAccountKey({ root, user: alice.user });
  const own = await device(alice.user, name);
  const statement = await signDeviceList({
    accountKey,
    maker: makerOf(own),
    changes: { add: [own.entry] },
    clock: () => start,
  });
  return { accountKey, view: await checkStatement(undefined, statement), device: own };
}

describe("devices with attested leaves", () => {
  it("make a group, which a service follows, and talk", async () => {
    const [alices, alices2, bobsGroup] = await three();
    const given = { ...options(), suite: suiteOf() };
    const observer = await Observer.follow({ ...given, groupInfo: await alices.groupInfo() });
    expect(observer.size).toBe(3);
    const event = await bobsGroup.receive(await alices2.seal(utf8("hello")));
    expect(event).toMatchObject({ kind: "message", sender: { credential: basic(laptop.uri) } });
    const pending = await bobsGroup.commit({});
    await observer.receive(pending.commit);
    await bobsGroup.apply(pending);
    expect(observer.epoch).toBe(bobsGroup.epoch);
    for (const { credential, signatureKey, extensions } of alices.members) {
      const checked = await readAttestation({ credential, signatureKey, extensions });
      expect(credential).toEqual(basic(checked.device));
    }
  });

  it("come in from outside, and again in the place of an old leaf, with a new key too", async () => {
    const [alices] = await three();
    const tablet = await device(alice.user, "tablet");
    const view = await alice.next({ changes: { add: [tablet.entry] } });
    const join = await Group.joinExternally({
      ...options(),
      identity: tablet.identity,
      groupInfo: await alices.groupInfo(),
      leaf: { extensions: await leafOf(alice, tablet, view) },
    });
    expect(await alices.receive(join.commit)).toMatchObject({ kind: "commit", external: true });
    // The tablet was restored from a backup: it has another key now.
    const again = await device(alice.user, "tablet");
    const next = await alice.next({ view, changes: { remove: [tablet.uri], add: [again.entry] } });
    const groupInfo = await alices.groupInfo();
    const extensions = await leafOf(alice, again, next);
    const rejoining = { ...options(), identity: again.identity, groupInfo, leaf: { extensions } };
    // It is the same client: its old leaf goes, or it does not come in.
    await expect(Group.joinExternally(rejoining)).rejects.toMatchObject({ code: "duplicate-client" });
    const rejoin = await Group.joinExternally({ ...rejoining, replace: 3 });
    expect(await alices.receive(rejoin.commit)).toMatchObject({ kind: "commit" });
    expect(alices.size).toBe(4);
  });

  it.each([
    ["without an attestation", () => Promise.resolve([])],
    ["with another device's", () => leafOf(alice, phone)],
    ["with another user's", () => leafOf(carol, carol.devices[0]!)],
    ["with one that can't be read", () => Promise.resolve([appData.dictionary({ [accountComponentId]: utf8("x") })])],
  ] as const)("are refused %s, on every way in", async (_, extensionsOf) => {
    const extensions: readonly Extension[] = await extensionsOf();
    // Who sends it knows no accounts, and believes everybody.
    const careless = { ...options(), registry: plain.registry, authentication: trustAnyCredential };
    const groups = [await create(phone, await leafOf(alice, phone), careless)];
    await add(groups, laptop, await leafOf(alice, laptop));
    await add(groups, bobs, await leafOf(bob, bobs), careless);
    const [alices, laptops, bobsGroup] = groups as [Group, Group, Group];
    const tablet = await device(alice.user, "tablet");
    const outcome = async (message: Uint8Array): Promise<unknown> =>
      laptops.receive(message).then(
        () => "accepted",
        (error: unknown) => (error as CopseError).code,
      );
    const refusals = ["credential-invalid", "component-refused"]; // the latter from the component, where it can't be read

    const outside = await Group.joinExternally({
      ...careless,
      identity: tablet.identity,
      groupInfo: await alices.groupInfo(),
      leaf: { extensions },
    });
    expect(refusals).toContain(await outcome(outside.commit));
    expect(refusals).toContain(await outcome(await bobsGroup.propose({ update: { extensions } })));
    const path = await bobsGroup.commit({ leaf: { extensions } });
    expect(refusals).toContain(await outcome(path.commit));
    const bundle = await createKeyPackage({ identity: tablet.identity, registry: plain.registry, extensions });
    const pending = await alices.commit({ add: [bundle.keyPackage] });
    expect(refusals).toContain(await outcome(pending.commit));
    expect(laptops.epoch).toBe(2n);
    // And nobody joins where such a leaf is.
    await alices.apply(pending);
    const newcomer = await keyPackage(dora.devices[0]!, await leafOf(dora, dora.devices[0]!));
    const adding = await alices.commit({ add: [newcomer.keyPackage] });
    await alices.apply(adding);
    const joining = { ...options(), identity: dora.devices[0]!.identity, keyPackages: [newcomer] };
    const error: unknown = await Group.join({ ...joining, welcome: adding.welcome! }).catch(
      (reason: unknown) => reason,
    );
    expect(refusals).toContain((error as CopseError).code);
  });
});

describe("an authentication of accounts", async () => {
  const attested = await leafOf(alice, phone);
  const { credential, signatureKey } = phone.identity;
  const candidate: Candidate = {
    credential,
    signatureKey,
    groupId: utf8("g"),
    reason: "add",
    leafExtensions: attested,
  };
  const { validate } = accountAuthentication();

  it("accepts a leaf for what it says, and for nothing that it does not say", async () => {
    expect(await validate(candidate)).toBe(true);
    const other = await createIdentity({ suite: suiteOf(), credential });
    const root = (await impostor()).accountKey.certificate.rootKey;
    const bytes = appData.attached(attested, accountComponentId)!;
    const at = bytes.findIndex((_, i) => bytes.subarray(i, i + 32).every((byte, k) => byte === alice.view.rootKey[k]));
    const withRoot = bytes.slice();
    withRoot.set(root, at);
    const withBytes = (changed: Uint8Array): Candidate => ({
      ...candidate,
      leafExtensions: [appData.dictionary({ [accountComponentId]: changed })],
    });
    const refusals: Candidate[] = [
      { ...candidate, credential: basic(laptop.uri) },
      { ...candidate, credential: basic(alice.user) },
      { ...candidate, credential: basic(bobs.uri) },
      { ...candidate, credential: basic("alice") },
      { ...candidate, credential: { type: "x509", certificates: [] } },
      { ...candidate, credential: { type: 0xf000, data: utf8(phone.uri) } },
      { ...candidate, signatureKey: other.signatureKey },
      { ...candidate, leafExtensions: [] },
      { ...candidate, leafExtensions: [{ type: 0x0006, data: utf8("x") }] },
      { ...candidate, previous: basic(laptop.uri) },
      { ...candidate, previous: basic("alice") },
      withBytes(withRoot),
      withBytes(bytes.with(0, 2)),
      withBytes(bytes.slice(1)),
      withBytes(bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1)),
      withBytes(new Uint8Array(40_000)),
    ];
    for (const refused of refusals) expect(await validate(refused)).toBe(false);
    const leafless: Candidate = { credential, signatureKey, groupId: utf8("g"), reason: "add" };
    expect(await validate(leafless)).toBe(false);
    expect(await validate({ ...candidate, previous: credential })).toBe(true);
    // Every byte is signed.
    for (let i = 0; i < bytes.length; i += 3)
      expect(await validate(withBytes(bytes.with(i, bytes[i]! ^ 1)))).toBe(false);
  });

  it("is of suites that it has, and throws what is no refusal", async () => {
    const none = accountAuthentication({
      suites: () => {
        throw new Error("none");
      },
    });
    expect(await none.validate(candidate)).toBe(false);
    const hardware = accountAuthentication({
      suites: () => ({
        ...suiteOf(),
        verify: () => {
          throw new Error("no hardware");
        },
      }),
    });
    await expect(async () => hardware.validate(candidate)).rejects.toThrow("no hardware");
    const broken = accountAuthentication({ accountOf: () => Promise.reject(new Error("the store is closed")) });
    await expect(async () => broken.validate(candidate)).rejects.toThrow("the store is closed");
    expect(() => accountAuthentication({ onFindings: () => undefined } as never)).toThrow(TypeError);
    expect(() => accountAuthentication({ schemes: [{}] } as never)).toThrow("schemes[0] must be an IdentityScheme");
  });

  it("looks where the group's numbers say", async () => {
    const other = accountAuthentication({ appDataDictionary: 0xf006 });
    expect(await other.validate(candidate)).toBe(false);
    const moved = attested.map(({ data }) => ({ type: 0xf006, data }));
    expect(await other.validate({ ...candidate, leafExtensions: moved })).toBe(true);
  });

  it("lets servers propose as the application says, and no other", async () => {
    const asked: Candidate = {
      credential: basic("mimi://example.org"),
      signatureKey,
      groupId: utf8("g"),
      reason: "external_sender",
    };
    expect(await validate(asked)).toBe(false);
    const hub = accountAuthentication({ externalSender: ({ signatureKey: key }) => key === signatureKey });
    expect(await hub.validate(asked)).toBe(true);
    expect(await hub.validate({ ...asked, signatureKey: bobs.identity.signatureKey })).toBe(false);
    // A member's leaf is not an external sender, whatever it says.
    expect(await hub.validate({ ...candidate, leafExtensions: [] })).toBe(false);
    const vague = accountAuthentication({ externalSender: () => undefined as never });
    await expect(async () => vague.validate(asked)).rejects.toThrow(TypeError);
  });

  it("knows a client by its device, and a member by its user", () => {
    const { clientKey, memberKey } = accountAuthentication() as Required<AuthenticationService>;
    expect(clientKey(credential, signatureKey)).toEqual(utf8(phone.uri));
    expect(clientKey(credential, bobs.identity.signatureKey)).toEqual(utf8(phone.uri));
    expect(memberKey(credential)).toEqual(utf8(alice.user));
    expect(memberKey(laptop.identity.credential)).toEqual(utf8(alice.user));
    expect(clientKey(basic("alice"), signatureKey)).toEqual(signatureKey);
    expect(memberKey(basic("alice"))).not.toEqual(memberKey(basic("bob")));
  });
});

describe("an attestation", () => {
  it("is made for a device on the list, with the account's key, and for no other", async () => {
    const { accountKey, view } = alice;
    const tablet = await device(alice.user, "tablet");
    await refused(attestationFor({ accountKey, view, identity: tablet.identity }), "device-unknown");
    const newKey = { credential: phone.identity.credential, signatureKey: tablet.identity.signatureKey };
    await refused(attestationFor({ accountKey, view, identity: newKey }), "device-unknown");
    const nobody = { credential: basic("alice"), signatureKey: phone.identity.signatureKey };
    await refused(attestationFor({ accountKey, view, identity: nobody }), "device-unknown");
    const suspended = await alice.next({ changes: { suspend: [laptop.uri] } });
    await refused(attestationFor({ accountKey, view: suspended, identity: laptop.identity }), "device-unknown");
    const { identity } = phone;
    await refused(attestationFor({ accountKey: bob.accountKey, view, identity }), "account-key");
    await refused(attestationFor({ accountKey: (await impostor()).accountKey, view, identity }), "account-key");
    const next = await createAccountKey({ root: alice.root, user: alice.user, after: 1 });
    await refused(attestationFor({ accountKey: next, view, identity }), "account-key");
    const certificate = { ...accountKey.certificate, rootKey: bob.view.rootKey };
    await refused(attestationFor({ accountKey: { ...accountKey, certificate }, view, identity }), "account-key");
    await expect(attestationFor({ accountKey, view } as never)).rejects.toThrow(TypeError);
  });

  it("is read by anybody, of a member or of a candidate", async () => {
    const { credential, signatureKey } = phone.identity;
    const extensions = await leafOf(alice, phone);
    expect(await readAttestation({ credential, signatureKey, extensions })).toEqual({
      user: alice.user,
      device: phone.uri,
      cipherSuite: 1,
      rootKey: alice.view.rootKey,
      accountKey: alice.view.accountKey,
      keyNumber: 1,
      listNumber: 0n,
      listHash: alice.view.hash,
    });
    await refused(readAttestation({ credential, signatureKey, extensions: [] }), "attestation-missing");
    const unreadable = [{ type: 6, data: utf8("x") }];
    await refused(readAttestation({ credential, signatureKey, extensions: unreadable }), "attestation-invalid");
    await expect(readAttestation({ credential, signatureKey } as never)).rejects.toThrow(TypeError);
  });
});

describe("the component of accounts", () => {
  it("reads what stands in a leaf, and is no judge of what stands elsewhere", async () => {
    const bytes = appData.attached(await leafOf(alice, phone), accountComponentId)!;
    const isValid = accountComponent.isValid!;
    expect(isValid(bytes, "leaf_node")).toBe(true);
    expect(isValid(utf8("x"), "leaf_node")).toBe(false);
    expect(isValid(utf8("x"), "group_context")).toBe(true);
    expect(isValid(bytes.with(0, 2), "leaf_node")).toBe(false);
    const long = await stating({ accountKey: new Uint8Array(40_000) });
    expect(isValid(appData.attached(long.extensions, accountComponentId)!, "leaf_node")).toBe(false);
  });

  it("is not believed where the account is another user's, whoever signs", async () => {
    const devices = alice.view.devices; // Bob says that Alice's phone is his
    const extensions = await leafOf({ accountKey: bob.accountKey, view: { ...bob.view, devices } }, phone);
    await refused(readAttestation({ ...phone.identity, extensions }), "attestation-invalid");
  });
});

describe("what is known beyond a leaf", async () => {
  const { credential, signatureKey } = laptop.identity;
  const leaf = { credential, signatureKey, extensions: await leafOf(alice, laptop) };
  const found = async (view: AccountView, at = now, of = leaf): Promise<readonly string[]> => {
    const { findings, rootKey } = await checkLeaf(of, view, { now: at });
    // The same of a leaf that was verified when it came in.
    expect(statedFindings(of, view, { now: at })).toEqual({ findings, rootKey });
    return findings;
  };

  it("is nothing where the list is the one that the leaf names", async () => {
    const checked = await checkLeaf(leaf, alice.view, { now });
    expect(checked).toMatchObject({ findings: [], listed: { uri: laptop.uri }, user: alice.user });
    // Nor where the list has been signed again.
    expect(await found(await alice.next({ clock: () => start + day }))).toEqual([]);
  });

  it("is that the device was taken off, suspended, or has another key", async () => {
    expect(await found(await alice.next({ changes: { remove: [laptop.uri] } }))).toEqual(["not-listed"]);
    expect(await found(await alice.next({ changes: { suspend: [laptop.uri] } }))).toEqual(["suspended"]);
    const again = await device(alice.user, "laptop");
    const view = await alice.next({ changes: { remove: [laptop.uri], add: [again.entry] } });
    expect(await found(view)).toEqual(["not-listed"]);
  });

  it("is that the leaf is of a list, or a key, that is not known yet", async () => {
    const view = await alice.next({ clock: () => start + day });
    const newer = { ...leaf, extensions: await leafOf(alice, laptop, view) };
    expect(await found(alice.view, now, newer)).toEqual(["list-newer"]);
    // A device that is not on the known list may be on the newer one.
    const tablet = await device(alice.user, "tablet");
    const added = await alice.next({ changes: { add: [tablet.entry] } });
    const tablets = { ...tablet.identity, extensions: await leafOf(alice, tablet, added) };
    expect(await found(alice.view, now, tablets)).toEqual(["list-newer"]);
    const accountKey = await createAccountKey({ root: alice.root, user: alice.user, after: 1 });
    const rotated = await alice.next({ accountKey });
    const second = { ...leaf, extensions: await leafOf({ accountKey, view: rotated }, laptop) };
    expect(await found(alice.view, now, second)).toEqual(["key-newer"]);
    expect(await found(rotated)).toEqual(["key-retired"]);
  });

  it("is a contradiction: another root, another key or another list of one number", async () => {
    const fake = await impostor("laptop");
    const faked = { ...fake.device.identity, extensions: await leafOf(fake, fake.device) };
    expect(await found(alice.view, now, faked)).toEqual(["root"]);
    const same = await createAccountKey({ root: alice.root, user: alice.user });
    const statement = await signDeviceList({
      accountKey: same,
      maker: makerOf(phone),
      changes: { add: [phone.entry, laptop.entry] },
      clock: () => start,
    });
    const twin = await checkStatement(undefined, statement);
    const twins = { ...leaf, extensions: await leafOf({ accountKey: same, view: twin }, laptop) };
    expect(await found(alice.view, now, twins)).toEqual(["key-conflict", "list-conflict"]);
    const fork = await alice.next({ clock: () => start + day });
    const known = await alice.next({ clock: () => start + 2 * day });
    expect(await found(known, now, { ...leaf, extensions: await leafOf(alice, laptop, fork) })).toEqual([
      "list-conflict",
    ]);
  });

  it("is that the list is old", async () => {
    expect(await found(alice.view, start + staleAfter)).toEqual([]);
    expect(await found(alice.view, start + staleAfter + 1)).toEqual(["stale"]);
    expect(isStale(alice.view, start + staleAfter + 1)).toBe(true);
  });

  it("is of the leaf's user, and nothing holds of a leaf that proves nothing", async () => {
    await expect(checkLeaf(leaf, bob.view, { now })).rejects.toThrow("another user");
    await expect(checkLeaf(leaf, alice.view, { now: NaN })).rejects.toThrow(TypeError);
    await expect(checkLeaf(leaf, {} as never, { now })).rejects.toThrow(TypeError);
    await refused(checkLeaf({ ...leaf, extensions: [] }, alice.view, { now }), "attestation-missing");
    expect(statedFindings({ ...leaf, extensions: [] }, alice.view, { now })).toBe(undefined);
    expect(statedFindings({ ...leaf, credential: basic("a name that is no device") }, alice.view, { now })).toBe(
      undefined,
    );
  });
});

describe("findings in a group", () => {
  it("are told and refuse nothing: a device off the list is noticed, and taken out", async () => {
    const found: LeafFound[] = [];
    const removed = await alice.next({ changes: { remove: [laptop.uri] } });
    const accountOf = (user: string): AccountView | undefined => (user === alice.user ? removed : undefined);
    const groups = [await create(phone, await leafOf(alice, phone))];
    const noticing = { accountOf, onFinding: (each: LeafFound) => found.push(each), clock: () => start + 0.5 };
    await add(groups, bobs, await leafOf(bob, bobs), options(noticing));
    const [alices, bobsGroup] = groups as [Group, Group];
    // Alice's phone has not heard of it yet, and adds the laptop.
    await add(groups, laptop, await leafOf(alice, laptop));
    expect(bobsGroup.epoch).toBe(alices.epoch);
    expect(found.map(({ device: uri, findings, candidate }) => [uri, findings, candidate.reason])).toEqual([
      [laptop.uri, ["not-listed"], "add"],
    ]);
    const pending = await bobsGroup.commit({ remove: [2] });
    expect(await alices.receive(pending.commit)).toMatchObject({ kind: "commit", removed: [{ leafIndex: 2 }] });
    // Without anything to tell, or to whom, nothing is looked up.
    await accountAuthentication({ accountOf }).validate({
      ...laptop.identity,
      groupId: alices.id,
      reason: "add",
      leafExtensions: await leafOf(alice, laptop),
    });
    expect(found).toHaveLength(1);
  });
});

describe("leaves of one user in one group", () => {
  const group = async (): Promise<[Group, Group]> => {
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
      bobs,
      await leafOf(bob, bobs),
      reviewed(() => groups[1]!),
    );
    return groups as [Group, Group];
  };
  const enter = async (alices: Group, { identity }: TestDevice, extensions: readonly Extension[], replace?: number) =>
    Group.joinExternally({
      ...options(),
      identity,
      groupInfo: await alices.groupInfo(),
      leaf: { extensions },
      ...(replace === undefined ? {} : { replace }),
    });

  it("have one root: who makes up an account in a user's name is refused by all, where the user is there", async () => {
    const [alices, bobsGroup] = await group();
    const fake = await impostor();
    const { commit } = await enter(alices, fake.device, await leafOf(fake, fake.device));
    for (const each of [alices, bobsGroup]) {
      await expect(each.receive(commit)).rejects.toMatchObject({ code: "commit-refused" });
    }
    // Without the review it is a valid leaf: that is what the finding "root" is for.
    expect(
      await options().authentication.validate({
        ...fake.device.identity,
        groupId: alices.id,
        reason: "commit",
        leafExtensions: await leafOf(fake, fake.device),
      }),
    ).toBe(true);
    const bundle = await keyPackage(fake.device, await leafOf(fake, fake.device));
    await expect(alices.commit({ add: [bundle.keyPackage] })).rejects.toMatchObject({ code: "commit-refused" });
  });

  it("may all get another root in one commit", async () => {
    const [alices, bobsGroup] = await group();
    const fake = await impostor("phone");
    const join = await enter(alices, fake.device, await leafOf(fake, fake.device), 0);
    expect(await bobsGroup.receive(join.commit)).toMatchObject({ kind: "commit" });
  });

  it("do not come in under an account key that another has left behind, nor go back to it", async () => {
    const [alices, bobsGroup] = await group();
    const accountKey = await createAccountKey({ root: alice.root, user: alice.user, after: 1 });
    const view = await alice.next({ accountKey });
    // Beside a leaf of the old key one of the new may come in, and the old one may stay as it is, and renew its keys.
    const { commit } = await enter(alices, laptop, await leafOf({ accountKey, view }, laptop));
    for (const each of [alices, bobsGroup]) await each.receive(commit);
    const renewed = await alices.commit({});
    await alices.apply(renewed);
    await bobsGroup.receive(renewed.commit);
    // The hostile tablet has a key package and an attestation of the time before, and the old account key.
    const tablet = await device(alice.user, "tablet");
    const old = await alice.next({ changes: { add: [tablet.entry] } });
    const again = await enter(bobsGroup, tablet, await leafOf(alice, tablet, old));
    await expect(bobsGroup.receive(again.commit)).rejects.toMatchObject({ code: "commit-refused" });
    // The phone attests its leaf anew, and does not go back.
    const anew = await alices.commit({ leaf: { extensions: await leafOf({ accountKey, view }, phone) } });
    await alices.apply(anew);
    await bobsGroup.receive(anew.commit);
    await expect(alices.commit({ leaf: { extensions: await leafOf(alice, phone) } })).rejects.toMatchObject({
      code: "commit-refused",
    });
  });

  it("have one account key a number", async () => {
    const [alices, bobsGroup] = await group();
    const accountKey = await createAccountKey({ root: alice.root, user: alice.user });
    const statement = await signDeviceList({
      accountKey,
      maker: makerOf(laptop),
      changes: { add: [laptop.entry] },
      clock: () => start,
    });
    const view = await checkStatement(undefined, statement);
    const { commit } = await enter(alices, laptop, await leafOf({ accountKey, view }, laptop));
    await expect(bobsGroup.receive(commit)).rejects.toMatchObject({ code: "commit-refused" });
  });

  it("are another account's in each part of what they state", async () => {
    const one = await stating({});
    const change = { added: [], removed: [], updated: [] };
    const { number } = alice.accountKey.certificate;
    for (const [stated, agrees] of [
      [{}, true],
      [{ cipherSuite: 3 }, false],
      [{ rootKey: bob.view.rootKey }, false],
      [{ accountKey: bob.view.accountKey }, false],
      [{ number: number - 1 }, false],
      [{ number: number + 1 }, true],
      [{ number: number + 1, accountKey: bob.view.accountKey }, true],
    ] as const) {
      const other = { ...(await stating(stated)), leafIndex: 1 };
      expect(accountsAgree([one], { ...change, added: [other] })).toBe(agrees);
      // A member that changes its own is held to the others, and not to what it was.
      const updated = [{ before: { ...one, leafIndex: 1 }, after: other }];
      expect(accountsAgree([one, { ...one, leafIndex: 1 }], { ...change, updated })).toBe(agrees);
      expect(accountsAgree([{ ...one, leafIndex: 1 }], { ...change, updated })).toBe(true);
    }
    // Who changes nothing of it is not looked at again.
    const retired = { ...(await stating({ number: number - 1 })), leafIndex: 1 };
    expect(accountsAgree([one, retired], { ...change, updated: [{ before: retired, after: retired }] })).toBe(true);
    const bare = { ...one, leafIndex: 1, extensions: [] };
    expect(accountsAgree([one, bare], { ...change, updated: [{ before: bare, after: bare }] })).toBe(true);
    expect(accountsAgree([one, bare], { ...change, updated: [{ before: bare, after: retired }] })).toBe(false);
  });

  it("are judged together where they come together, in whichever order", async () => {
    const fake = await impostor();
    const memberOf = async (of: TestDevice, extensions: readonly Extension[]): Promise<Member> => {
      const made = await create(of, extensions);
      return made.self;
    };
    const [one, two] = [
      await memberOf(phone, await leafOf(alice, phone)),
      await memberOf(fake.device, await leafOf(fake, fake.device)),
    ];
    const change = { added: [one, two], removed: [], updated: [] };
    expect(accountsAgree([], change)).toBe(false);
    expect(accountsAgree([], { ...change, added: [two, one] })).toBe(false);
    expect(accountsAgree([], { ...change, added: [one] })).toBe(true);
    const accountKey = await createAccountKey({ root: alice.root, user: alice.user, after: 1 });
    const view = await alice.next({ accountKey });
    const newer = await memberOf(laptop, await leafOf({ accountKey, view }, laptop));
    expect(accountsAgree([], { ...change, added: [one, newer] })).toBe(false);
    expect(accountsAgree([], { ...change, added: [newer, one] })).toBe(false);
    // Those of other users, of no user, or with another proof, are no concern of it.
    const bobLeaf = await memberOf(bobs, await leafOf(bob, bobs));
    expect(accountsAgree([bobLeaf], { ...change, added: [one] })).toBe(true);
    const bare = { ...one, leafIndex: 1, extensions: [] };
    expect(accountsAgree([bare], { ...change, added: [one] })).toBe(true);
    expect(accountsAgree([one], { ...change, added: [bare] })).toBe(true);
    expect(accountsAgree([one], { ...change, added: [{ ...two, credential: basic("x") }] })).toBe(true);
    expect(() => accountsAgree([], change, { numbers: 1 } as never)).toThrow(TypeError);
  });
});
