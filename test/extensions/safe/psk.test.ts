/**
 * Pre-shared keys of components: in proposals, commits and Welcomes, from outside, and in the key schedule.
 * draft-ietf-mls-extensions section 4.5.
 */

import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/bytes/secret.ts";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import { decode, encode } from "../../../src/codec/codec.ts";
import { createAppData, type AppData } from "../../../src/extensions/app-data/app-data.ts";
import { Group } from "../../../src/group/group.ts";
import { Observer } from "../../../src/public-group/observer/observer.ts";
import { proposeAsExternalSender } from "../../../src/public-group/proposals/external-proposal.ts";
import { externalSenders } from "../../../src/public-group/extensions.ts";
import type { GroupOptions } from "../../../src/public-group/options/settings.ts";
import { pskSecret } from "../../../src/schedule/psk.ts";
import { PreSharedKeyId } from "../../../src/wire/pre-shared-key.ts";
import { agree } from "../../group/agreement.ts";
import { refuses } from "../../group/refusal.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, suiteOf, trusting, type Client } from "../../group/world.ts";
import { pskId } from "../../../src/public-group/proposals/changes.ts";

const vault = 0x8001;
const door = 0x8002;

/** Two components that have keys of the same ids, and one that has none. */
function appDataWith(passwords: Readonly<Record<string, string>>): AppData {
  const psk =
    (component: string) =>
    (id: Uint8Array): Uint8Array | undefined => {
      const password = passwords[`${component} ${Buffer.from(id).toString()}`];
      return password === undefined ? undefined : utf8(password);
    };
  return createAppData({
    components: [{ id: vault, psk: psk("vault") }, { id: door, psk: psk("door") }, { id: 0x8003 }],
  });
}

const shared = { "vault a": "swordfish", "door a": "open sesame", "vault b": "xyzzy" };
const appData = appDataWith(shared);
const options = (own: AppData = appData): GroupOptions => ({ ...trusting, registry: own.registry, psks: own.psks() });
const a = utf8("a");

async function clients(): Promise<readonly [Client, Client, Client]> {
  return [await client("alice"), await client("bob"), await client("carol")];
}

async function three(): Promise<Group[]> {
  const everybody = await clients();
  const first = await Group.create({ ...options(), identity: everybody[0].identity, extensions: appData.context() });
  const groups = [first];
  for (const each of everybody.slice(1)) {
    const bundle = await keyPackageOf(each, { registry: appData.registry });
    const { welcome } = await commitTo(groups, first, { add: [bundle.keyPackage] });
    groups.push(await Group.join({ ...options(), identity: each.identity, welcome: welcome!, keyPackages: [bundle] }));
  }
  return groups;
}

describe("a pre-shared key of a component (section 4.5)", () => {
  it("extensions 4.5 (1): is of PSKType application(3), with the component's id before its own", () => {
    const id = { type: "application", componentId: 0x8001, pskId: utf8("ab"), pskNonce: Uint8Array.of(7) } as const;
    expect(hex(encode(PreSharedKeyId, id))).toBe("03" + "8001" + "026162" + "0107");
    expect(decode(PreSharedKeyId, encode(PreSharedKeyId, id))).toEqual(id);
    for (const bad of ["00", "04", "ff"]) {
      expect(() => decode(PreSharedKeyId, Buffer.from(`${bad}8001026162` + "0107", "hex"))).toThrow(
        expect.objectContaining({ code: "decode-value" }),
      );
    }
    expect(() => decode(PreSharedKeyId, Buffer.from("0380", "hex"))).toThrow();
  });

  it("extensions 4.5 (2): is told apart from another component's, and from an external one of the same id", async () => {
    const suite = suiteOf();
    const pskNonce = new Uint8Array(32);
    const psk = utf8("the same key");
    const ids: readonly PreSharedKeyId[] = [
      { type: "application", componentId: vault, pskId: a, pskNonce },
      { type: "application", componentId: door, pskId: a, pskNonce },
      { type: "external", pskId: a, pskNonce },
    ];
    const secrets = ids.map((id) => pskSecret(suite, [{ id, psk }]).use(hex));
    expect(new Set(secrets).size).toBe(3);
    // Each component is asked for its own keys only.
    const asked: string[] = [];
    const own = createAppData({
      components: [vault, door].map((id) => ({
        id,
        psk: (pskIdOf: Uint8Array) => {
          asked.push(`${String(id)} ${hex(pskIdOf)}`);
          return undefined;
        },
      })),
    });
    const lookUp = own.psks((id) => {
      asked.push(id.type);
      return Secret.of("external", utf8("other"));
    });
    for (const id of ids) await lookUp(id);
    expect(asked).toEqual([`${String(vault)} 61`, `${String(door)} 61`, "external"]);
    expect(await lookUp({ type: "application", componentId: 5, pskId: a, pskNonce })).toBeUndefined();
    expect(await own.psks()(ids[2]!)).toBeUndefined();
  });

  it("enters the key schedule by value and by reference, with all other kinds, and all agree", async () => {
    const groups = await three();
    const [alice, bob] = groups as [Group, Group, Group];
    await commitTo(groups, alice, { psks: [appData.psk(vault, a), appData.psk(door, a)] });
    agree(groups);
    const proposal = await bob.propose({ psk: appData.psk(vault, utf8("b")) });
    await deliver(proposal, groups, bob);
    const resumption = { type: "resumption", groupId: alice.id, epoch: alice.epoch } as const;
    const pending = await commitTo(groups, alice, { psks: [resumption, appData.psk(vault, a)] });
    // Pending ones first, then the committer's own.
    expect(pending.change.psks.map((id) => ("pskId" in id ? [id.type, hex(id.pskId)] : [id.type]))).toEqual([
      ["application", "62"],
      ["resumption"],
      ["application", "61"],
    ]);
    agree(groups);
  });

  it("is needed by those who join: a Welcome names it, and require can insist on it", async () => {
    const groups = await three();
    const [alice] = groups as [Group];
    const dave = await client("dave");
    const bundle = await keyPackageOf(dave, { registry: appData.registry });
    const add = [bundle.keyPackage];
    const { welcome } = await commitTo(groups, alice, { add, psks: [appData.psk(vault, a)] });
    const join = { identity: dave.identity, welcome: welcome!, keyPackages: [bundle] };
    const without = Group.join({ ...options(appDataWith({ "door a": "swordfish" })), ...join });
    await expect(without).rejects.toMatchObject({ code: "psk-not-found" });
    const wrong = Group.join({ ...options(appDataWith({ ...shared, "vault a": "guess" })), ...join });
    await expect(wrong).rejects.toMatchObject({ code: "welcome-open" });
    for (const psks of [
      [{ type: "application", componentId: door, pskId: a }],
      [{ type: "application", componentId: vault, pskId: utf8("b") }],
      [{ type: "external", pskId: a }],
    ] as const) {
      await expect(Group.join({ ...options(), ...join, require: { psks } })).rejects.toMatchObject({
        code: "join-requirement",
      });
    }
    for (const bad of [{ componentId: "7", pskId: a }, { componentId: vault, pskId: "a" }, { componentId: vault }]) {
      const psks = [{ type: "application", ...bad }] as never;
      await expect(Group.join({ ...options(), ...join, require: { psks } })).rejects.toThrow(TypeError);
    }
    const require = { psks: [{ type: "application", componentId: vault, pskId: a }] } as const;
    const joined = await Group.join({ ...options(), ...join, require });
    agree([...groups, joined]);
  });

  it("extensions 4.5 (3): of a component or an id that is not known is not available, and the commit is refused", async () => {
    const groups = await three();
    const [alice, bob] = groups as [Group, Group];
    const snapshot = bob.snapshot();
    for (const known of [appDataWith({ "door a": "swordfish" }), createAppData({ components: [] })]) {
      const other = await Group.restore({ ...options(known), identity: bob.identity, snapshot });
      const pending = await alice.commit({ psks: [appData.psk(vault, a)] });
      await refuses(other, () => other.receive(pending.commit), "psk-not-found");
      pending.drop();
    }
    const wrong = await Group.restore({
      ...options(appDataWith({ "vault a": "guess" })),
      identity: bob.identity,
      snapshot,
    });
    const pending = await alice.commit({ psks: [appData.psk(vault, a)] });
    await refuses(wrong, () => wrong.receive(pending.commit), "confirmation-tag");
    expect((await bob.receive(pending.commit)).kind).toBe("commit");
  });

  it("is left out of a commit of who doesn't have it, and refused where it is asked for", async () => {
    const groups = await three();
    const [alice, bob] = groups as [Group, Group];
    const proposal = await bob.propose({ psk: appData.psk(vault, a) });
    const { identity } = alice;
    const without = await Group.restore({
      ...options(appDataWith({})),
      identity,
      snapshot: alice.snapshot(),
    });
    await without.receive(proposal);
    const pending = await without.commit();
    expect(pending.leftOut.map((each) => each.proposal.type)).toEqual(["psk"]);
    expect(pending.change.psks).toEqual([]);
    pending.drop();
    await expect(without.commit({ psks: [appData.psk(door, a)], pending: "none" })).rejects.toMatchObject({
      code: "psk-not-found",
    });
  });

  it("has a nonce of KDF.Nh, and stands once in a commit", async () => {
    const groups = await three();
    const [alice] = groups as [Group];
    expect(pskId(appData.psk(vault, a), suiteOf(), (length) => new Uint8Array(length).fill(9))).toEqual({
      type: "application",
      componentId: vault,
      pskId: a,
      pskNonce: new Uint8Array(32).fill(9),
    });
    const same = { ...options(), random: (length: number) => new Uint8Array(length).fill(9) };
    const again = await Group.restore({ ...same, identity: alice.identity, snapshot: alice.snapshot() });
    const twice = again.commit({ psks: [appData.psk(vault, a), appData.psk(vault, a)] });
    await expect(twice).rejects.toMatchObject({ code: "commit-duplicate-psk" });
  });

  it("comes from outside: with an external commit, by an external sender, and an observer follows", async () => {
    const [one, two, newcomer] = await clients();
    const server = await client("server");
    const extensions = [
      ...appData.context(),
      externalSenders([{ credential: server.identity.credential, signatureKey: server.identity.signatureKey }]),
    ];
    const all = { ...options(), handshake: "public" } as const;
    const groups = await groupOf([one, two], { ...all, extensions });
    const [alice] = groups as [Group, Group];
    const observer = await Observer.follow({ ...all, suite: suiteOf(), groupInfo: await alice.groupInfo() });
    const proposal = await proposeAsExternalSender({
      identity: server.identity,
      groupId: alice.id,
      epoch: alice.epoch,
      senderIndex: 0,
      change: { psk: appData.psk(vault, a) },
      registry: appData.registry,
    });
    for (const each of [...groups, observer]) await each.receive(proposal);
    const pending = await commitTo(groups, alice);
    await observer.receive(pending.commit);
    expect(pending.change.psks).toMatchObject([{ type: "application", componentId: vault }]);
    agree(groups);

    const groupInfo = await alice.groupInfo();
    const inject = [appData.psk(door, a)];
    const join = await Group.joinExternally({ ...all, identity: newcomer.identity, groupInfo, inject });
    await deliver(join.commit, groups);
    await observer.receive(join.commit);
    agree([...groups, await join.complete()]);
    expect(observer.epoch).toBe(alice.epoch);
  });

  it("is stored with a proposal and a pending commit, and goes on from there", async () => {
    const groups = await three();
    const [alice, bob] = groups as [Group, Group];
    await deliver(await bob.propose({ psk: appData.psk(vault, a) }), groups, bob);
    const pending = await alice.commit();
    const { identity } = alice;
    const again = await Group.restore({ ...options(), identity, snapshot: alice.snapshot() });
    await again.apply(again.pendingCommit!);
    for (const group of groups.slice(1)) await group.receive(pending.commit);
    agree([again, ...groups.slice(1)]);
  });

  it("is asked for with the component's id: what is no component or has no keys is a TypeError", async () => {
    expect(() => appData.psk(0x8003, a)).toThrow(TypeError);
    expect(() => appData.psk(7, a)).toThrow(TypeError);
    expect(() => appData.psk(vault, "a" as unknown as Uint8Array)).toThrow(TypeError);
    const [alice] = (await three()) as [Group];
    for (const componentId of [-1, 0x1_0000, "1", undefined]) {
      const psk = { type: "application", componentId, pskId: a } as never;
      await expect(alice.propose({ psk })).rejects.toThrow(TypeError);
    }
  });
});
