/**
 * Groups that come from another: reinitialized and branched ones. RFC 9420 sections 11.2, 11.3, 12.4.3.1.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { Group, type LinkedGroup } from "../../src/group/group.ts";
import type { KeyPackageBundle } from "../../src/group/joining/key-package-bundle.ts";
import type { NamedPsk } from "../../src/schedule/psk.ts";
import { agree } from "../group/agreement.ts";
import { storedOf } from "../group/insider.ts";
import { client, commitTo, groupOf, keyPackageOf, trusting, type Client } from "../group/world.ts";
import { brokenBy, refuses, refusesWelcome, type Broken } from "./breaking.ts";
import { openWelcome, resealed, type WelcomeChange } from "./sealing.ts";

type Usage = "reinit" | "branch";

interface Old {
  readonly clients: readonly [Client, Client];
  readonly old: readonly [Group, Group];
}

const newId = utf8("the new group");

/** Alice and Bob, whose group has ended with a ReInit, or not. */
async function oldGroup(usage: Usage): Promise<Old> {
  const clients = [await client("alice"), await client("bob")] as const;
  const old = (await groupOf(clients, { handshake: "public" })) as [Group, Group];
  if (usage === "reinit") {
    await commitTo(old, old[0], { reinit: { groupId: newId, cipherSuite: 1 } });
  }
  return { clients, old };
}

/** The PSK that links to an epoch of the old group, as its members hold it. */
function link(usage: Usage, old: Group, change: object = {}): NamedPsk {
  const id = {
    type: "resumption",
    usage,
    pskGroupId: old.id,
    pskEpoch: old.epoch,
    pskNonce: new Uint8Array(32),
    ...change,
  } as const;
  const { resumptionPsk, resumption } = storedOf(old);
  const past = resumption.find(([epoch]) => epoch === String(id.pskEpoch))?.[1];
  return { id, psk: past ?? resumptionPsk };
}

/** Bob refuses to follow Alice into a new group whose Welcome names the old one, for this reason. */
async function refusesLink(
  usage: Usage,
  { clients, old }: Old,
  given: {
    readonly change?: WelcomeChange;
    readonly create?: Partial<Parameters<typeof Group.create>[0]>;
    readonly others?: readonly Client[];
    readonly psk?: object;
  },
  broken: Broken,
): Promise<void> {
  const [alice, bob] = clients;
  const group = await Group.create({ ...trusting, groupId: newId, identity: alice.identity, ...given.create });
  const bundle = await keyPackageOf(bob);
  const others = await Promise.all((given.others ?? []).map((other) => keyPackageOf(other)));
  const pending = await group.commit({ add: [bundle, ...others].map(({ keyPackage }) => keyPackage) });
  await group.apply(pending);
  const welcome = pending.welcome!;
  const psks = [link(usage, old[0], given.psk)];
  const forged = await resealed(group, bundle, welcome, { psks, ...given.change });
  const psk = psks[0]!.psk;
  await refusesWelcome({ joiner: bob, bundle, genuine: welcome }, forged, broken, {
    previous: old[1],
    psks: () => psk,
  });
}

/** A new group that its members may follow Alice into. */
async function genuineLink(
  usage: Usage,
  { clients, old }: Old,
): Promise<{ readonly linked: LinkedGroup; readonly bundle: KeyPackageBundle; readonly bob: Group }> {
  const bundle = await keyPackageOf(clients[1]);
  const options = { keyPackages: [bundle.keyPackage], groupId: newId };
  const linked = usage === "reinit" ? await old[0].reinitialize(options) : await old[0].branch(options);
  await linked.group.apply(linked.pending);
  const { identity } = clients[1];
  const secrets = await openWelcome(linked.group.suite, bundle, linked.pending.welcome!, [
    linkOf(usage, old[0], linked),
  ]);
  expect(secrets.groupInfo.groupContext.epoch).toBe(1n);
  const welcome = linked.pending.welcome!;
  const bob = await Group.join({ ...trusting, identity, welcome, keyPackages: [bundle], previous: old[1] });
  return { linked, bundle, bob };
}

function linkOf(usage: Usage, old: Group, { pending }: LinkedGroup): NamedPsk {
  const [id] = pending.change.psks;
  if (id?.type !== "resumption" || id.usage !== usage) throw new TypeError("a linking PSK was expected");
  return { id, psk: storedOf(old).resumptionPsk };
}

describe("a Welcome that names another group is refused", () => {
  it.each(["reinit", "branch"] as const)("valn1412: whose epoch is not 1 (%s)", async (usage) => {
    const change: WelcomeChange = { context: () => ({ epoch: 2n }) };
    await refusesLink(usage, await oldGroup(usage), { change }, ["welcome-epoch", "valn1412"]);
  });

  it("valn1413: where the old group has not ended with a ReInit", async () => {
    await refusesLink("reinit", await oldGroup("branch"), {}, ["welcome-reinit", "valn1413"]);
  });

  it("valn1413: whose group id, cipher suite or extensions are not those of the ReInit", async () => {
    const broken: Broken = ["welcome-reinit", "valn1413"];
    await refusesLink("reinit", await oldGroup("reinit"), { create: { groupId: utf8("other") } }, broken);
    const required = { type: 3, data: new Uint8Array([0, 0, 0]) };
    await refusesLink("reinit", await oldGroup("reinit"), { create: { extensions: [required] } }, broken);
    const clients = [await client("alice"), await client("bob")] as const;
    const old = (await groupOf(clients, { handshake: "public" })) as [Group, Group];
    await commitTo(old, old[0], { reinit: { groupId: newId, cipherSuite: 2 } });
    await refusesLink("reinit", { clients, old }, {}, broken);
  });

  it("valn1413: where a member of the old group is missing", async () => {
    const clients = [await client("alice"), await client("bob"), await client("carol")] as const;
    const groups = (await groupOf(clients, { handshake: "public" })) as [Group, Group, Group];
    await commitTo(groups, groups[0], { reinit: { groupId: newId, cipherSuite: 1 } });
    const old: Old = { clients: [clients[0], clients[1]], old: [groups[0], groups[1]] };
    await refusesLink("reinit", old, {}, ["welcome-reinit", "valn1413"]);
    // And who would make such a group is told so.
    const { keyPackage } = await keyPackageOf(clients[1]);
    expect(await brokenBy(() => groups[0].reinitialize({ keyPackages: [keyPackage] }))).toEqual([
      "welcome-reinit",
      "section 11.2",
    ]);
  });

  it("valn1414: where a member is none of the old group", async () => {
    const old = await oldGroup("branch");
    const stranger = await client("mallory");
    await refusesLink("branch", old, { others: [stranger] }, ["welcome-branch", "valn1414"]);
    const { keyPackage } = await keyPackageOf(stranger);
    await refuses(old.old[0], () => old.old[0].branch({ keyPackages: [keyPackage] }), [
      "welcome-branch",
      "section 11.3",
    ]);
  });

  it("section 12.4.3.1 (4): where that group is not at hand, or is another", async () => {
    const pskGroupId = utf8("another group");
    await refusesLink("branch", await oldGroup("branch"), { psk: { pskGroupId } }, ["welcome-branch"]);
    await refusesLink("reinit", await oldGroup("reinit"), { psk: { pskGroupId } }, ["welcome-reinit"]);
  });

  it("section 11.2 (1): whose PSK is not of the epoch that the ReInit began", async () => {
    await refusesLink("reinit", await oldGroup("reinit"), { psk: { pskEpoch: 1n } }, [
      "welcome-reinit",
      "section 11.2",
    ]);
  });
});

describe("a new group in place of another", () => {
  it("section 11.2 (2): has the ReInit's parameters, epoch 1, and a PSK of the old group's last epoch", async () => {
    const old = await oldGroup("reinit");
    const { linked, bob } = await genuineLink("reinit", old);
    expect(linked.group.epoch).toBe(1n);
    expect(linked.group.id).toEqual(newId);
    expect(linked.group.groupContext).toMatchObject({ version: 1, cipherSuite: 1, extensions: [] });
    expect(linked.pending.change.psks).toMatchObject([
      { type: "resumption", usage: "reinit", pskGroupId: old.old[0].id, pskEpoch: old.old[0].epoch },
    ]);
    agree([linked.group, bob]);
  });

  it("section 11.3 (1): has epoch 1, the old group's suite, and a PSK with a fresh nonce of length KDF.Nh", async () => {
    const old = await oldGroup("branch");
    const nonces = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const { linked, bob } = await genuineLink("branch", old);
      const [psk] = linked.pending.change.psks;
      expect(psk).toMatchObject({ type: "resumption", usage: "branch", pskGroupId: old.old[0].id });
      expect(psk!.pskNonce).toHaveLength(32);
      nonces.add(String(psk!.pskNonce));
      agree([linked.group, bob]);
    }
    expect(nonces.size).toBe(3);
  });

  it("section 12.4.2 (2): is waited for: the old one sends nothing more", async () => {
    const { old } = await oldGroup("reinit");
    const [alice, bob] = old;
    for (const group of old) {
      const calls: (() => unknown)[] = [
        () => group.seal(utf8("x")),
        () => group.propose({ update: {} }),
        () => group.commit(),
      ];
      for (const call of calls) await refuses(group, call, ["group-reinitialized", "section 12.4.2"]);
    }
    expect([alice.isReinitialized, bob.isReinitialized]).toEqual([true, true]);
  });
});
